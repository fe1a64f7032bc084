//! The explorer that needs no model: it reads a question by its words, looks things up
//! with the tools, and answers in the asker's language.
//!
//! Everything here is a pure function of the catalog, the thread and the question. A
//! question is taken apart (`tokens`), its words are looked up as cues (`cues`) and its
//! names in the catalog (`slots`, `terms`); the cues are weighed into a goal (`goals`),
//! which with the names is the intent (`reading`, `intent`). The intent says which
//! look-ups are needed, and their outcomes are put into words (`wording`), which hold
//! nothing but what the tools and the catalog say.

mod cues;
mod goals;
mod intent;
mod language;
mod nearest;
mod of_run;
mod reading;
mod slots;
mod spelling;
mod terms;
mod tokens;
mod wording;

pub use language::language_of;

use super::tools::{Call, Outcome, ToolFailure};
use super::{Focus, Language, RunFindings, Topic};
use crate::pipeline::Knowledge;
use crate::wording::phrases;
use intent::Intent;
use reading::{Note, Reading};

/// The most pieces that a text is streamed in.
const PIECES_MAX: usize = 40;

/// What a question asks for, read against the catalog and what was spoken of before.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The language of the question.
    pub language: Language,
    /// What it is about; `None` where it was not understood.
    pub topic: Option<Topic>,
    intent: Intent,
    notes: Vec<Note>,
}

impl Understood {
    /// The look-ups to carry out, in order; there may be none.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.intent.calls()
    }
}

/// Reads a question. `focus` is what the last answer was about, `run` what the run of the
/// session has found.
#[must_use]
pub fn understand(
    knowledge: &Knowledge,
    focus: Option<&Focus>,
    run: Option<&RunFindings>,
    question: &str,
) -> Understood {
    let before = focus.map(|focus| focus.language);
    if reading::is_document(question) {
        return Understood {
            language: language_of(question, before),
            topic: Intent::Analysis.topic(),
            intent: Intent::Analysis,
            notes: Vec::new(),
        };
    }
    let mut reading = Reading::new(knowledge, focus, run, question);
    let intent = reading.intent();
    let language = language_of(&reading.spelt(&intent), before);
    Understood {
        language,
        topic: intent.topic(),
        intent,
        notes: reading.notes,
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worded {
    /// Markdown that can be read as it stands.
    pub text: String,
    /// What the answer is about.
    pub focus: Focus,
}

/// The answer in words. `outcomes` match [`Understood::calls`] one to one.
#[must_use]
pub fn word(
    knowledge: &Knowledge,
    run: Option<&RunFindings>,
    understood: &Understood,
    outcomes: &[Result<Outcome, ToolFailure>],
) -> Worded {
    wording::word(knowledge, run, understood, outcomes)
}

/// The pieces in which a finished text is streamed: a word or a few each, and together
/// the text.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let least = text.len().div_ceil(PIECES_MAX).max(1);
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .char_indices()
            .map(|(place, c)| (place + c.len_utf8(), c))
            .find(|(end, c)| *end >= least && c.is_whitespace())
            .map_or(rest.len(), |(end, _)| end);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests;
