//! The five steps of a run on a terminal.

use indicatif::{ProgressDrawTarget, ProgressStyle};

use crate::pipeline::{Progress, Step};

const STEPS: u64 = 5;
const TEMPLATE: &str = "{bar:20} {pos}/{len} {msg}";

/// A bar on standard error; it goes away with this.
pub(super) struct ProgressBar(indicatif::ProgressBar);

impl ProgressBar {
    pub(super) fn new() -> Self {
        let target = ProgressDrawTarget::stderr();
        let bar = indicatif::ProgressBar::with_draw_target(Some(STEPS), target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Shows how far the run is.
    pub(super) fn show(&self, progress: &Progress) {
        match progress {
            Progress::Begun(step) => self.0.set_message(words(*step)),
            Progress::Ended(..) => self.0.inc(1),
        }
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn words(step: Step) -> &'static str {
    match step {
        Step::Tool0 => "reading the request",
        Step::Tool1 => "mapping its entities",
        Step::Tool2 => "analysing the structure",
        Step::Tool3 => "auditing the documentation",
        Step::Diagram => "drawing the diagram",
    }
}
