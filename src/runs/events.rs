//! What a run tells those who watch it: kept from its first moment, so that whoever comes late, or
//! comes back, misses nothing.

use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::rfc3339;
use crate::pipeline::{Counts, Step};
use crate::sessions::{SessionId, Status};

/// One thing that happened in a run, as the `data` of its server-sent event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum RunEvent {
    /// `started`: the run was accepted.
    Started {
        /// The run's session.
        session_id: SessionId,
        /// When, in UTC.
        #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
        timestamp: String,
    },
    /// `step_started`: a step begins.
    StepStarted {
        /// The step.
        step: Step,
        /// How much of the run lies behind, 0–1.
        #[schema(minimum = 0, maximum = 1, example = 0.2)]
        progress: f64,
        /// When, in UTC.
        #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
        timestamp: String,
    },
    /// `step_completed`: a step has ended.
    StepCompleted {
        /// The step.
        step: Step,
        /// How much of the run lies behind, 0–1.
        #[schema(minimum = 0, maximum = 1, example = 0.2)]
        progress: f64,
        /// How long the step took.
        #[schema(minimum = 0, example = 0.25)]
        duration_seconds: f64,
        /// What it found.
        counts: Counts,
        /// When, in UTC.
        #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
        timestamp: String,
    },
    /// `completed`: the result is there. The last event.
    Completed {
        /// The run's session.
        session_id: SessionId,
        /// `completed`.
        status: Status,
        /// How long the run took, without its wait for a place.
        #[schema(minimum = 0, example = 1.5)]
        total_duration_seconds: f64,
        /// When, in UTC.
        #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
        timestamp: String,
    },
    /// `failed`: there will be no result. The last event.
    Failed {
        /// The run's session.
        session_id: SessionId,
        /// `failed`.
        status: Status,
        /// Why, in words.
        #[schema(
            example = "The run ended in an internal error. It was logged; try again or report the session id."
        )]
        error: String,
        /// When, in UTC.
        #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
        timestamp: String,
    },
}

/// A server-sent event of a run.
#[derive(Debug, ToSchema)]
pub struct RunStreamEvent {
    /// The number of the event in its run, from 1: for `Last-Event-ID`.
    #[schema(pattern = "^[1-9][0-9]*$", example = "2")]
    pub id: String,
    /// What happened.
    #[schema(
        pattern = "^(started|step_started|step_completed|completed|failed)$",
        example = "step_started"
    )]
    pub event: String,
    /// More about it: JSON of the schema `RunEvent`, on one line.
    #[schema(
        content_media_type = "application/json",
        example = r#"{"step":"tool0","progress":0.0,"timestamp":"2026-01-31T10:30:05.123Z"}"#,
        extensions(("x-content-schema" = json!({ "$ref": "#/components/schemas/RunEvent" })))
    )]
    pub data: String,
    /// After how many milliseconds to come back where the stream breaks; with the first event.
    #[schema(nullable = false, example = 1000)]
    pub retry: Option<u32>,
}

impl RunEvent {
    /// The name of the server-sent event.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::StepStarted { .. } => "step_started",
            Self::StepCompleted { .. } => "step_completed",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
        }
    }

    /// Whether nothing comes after it.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Failed { .. })
    }

    pub(crate) fn started(session_id: &SessionId) -> Self {
        Self::Started {
            session_id: session_id.clone(),
            timestamp: rfc3339(Timestamp::now()),
        }
    }

    pub(super) fn step_started(step: Step) -> Self {
        Self::StepStarted {
            step,
            progress: step.progress(),
            timestamp: rfc3339(Timestamp::now()),
        }
    }

    pub(super) fn step_completed(step: Step, duration_seconds: f64, counts: Counts) -> Self {
        Self::StepCompleted {
            step,
            progress: step.progress_after(),
            duration_seconds,
            counts,
            timestamp: rfc3339(Timestamp::now()),
        }
    }

    pub(crate) fn completed(session_id: &SessionId, total_duration_seconds: f64) -> Self {
        Self::Completed {
            session_id: session_id.clone(),
            status: Status::Completed,
            total_duration_seconds,
            timestamp: rfc3339(Timestamp::now()),
        }
    }

    pub(crate) fn failed(session_id: &SessionId, error: String) -> Self {
        Self::Failed {
            session_id: session_id.clone(),
            status: Status::Failed,
            error,
            timestamp: rfc3339(Timestamp::now()),
        }
    }
}

/// All that a run has told so far: two events a step and two around them, never more.
#[derive(Debug, Default)]
pub struct RunEvents {
    told: watch::Sender<Vec<RunEvent>>,
}

impl RunEvents {
    /// Those that were told before.
    pub(crate) fn told_before(told: Vec<RunEvent>) -> Self {
        Self {
            told: watch::Sender::new(told),
        }
    }

    /// All that was told so far.
    pub(crate) fn told(&self) -> Vec<RunEvent> {
        self.told.borrow().clone()
    }

    pub(crate) fn tell(&self, event: RunEvent) {
        self.told.send_modify(|told| told.push(event));
    }

    /// Whether the run has ended and told nothing after its first `seen` events.
    #[must_use]
    pub fn all_seen(&self, seen: usize) -> bool {
        let told = self.told.borrow();
        told.len() <= seen && told.last().is_some_and(RunEvent::is_last)
    }

    /// The events after the first `seen`, each with its number from 1, as they come; ends with
    /// the run.
    pub fn after(&self, seen: usize) -> impl Stream<Item = (usize, RunEvent)> + Send + use<> {
        let watching = Some((self.told.subscribe(), seen));
        stream::unfold(watching, async |watching| {
            let (mut told, seen) = watching?;
            loop {
                let (next, is_over) = {
                    let told = told.borrow_and_update();
                    (
                        told.get(seen).cloned(),
                        told.last().is_some_and(RunEvent::is_last),
                    )
                };
                if let Some(event) = next {
                    let number = seen + 1;
                    let goes_on = !event.is_last();
                    return Some(((number, event), goes_on.then_some((told, number))));
                }
                if is_over {
                    return None;
                }
                // An error: the session was forgotten before its run ended.
                told.changed().await.ok()?;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_late_or_comes_back_misses_nothing_and_the_stream_ends_with_the_run() {
        let id = SessionId::random();
        let events = RunEvents::default();
        events.tell(RunEvent::started(&id));
        events.tell(RunEvent::step_started(Step::Tool0));
        let early = events.after(0);
        let back = events.after(2);
        let none_yet = events.after(9);
        assert!(!events.all_seen(2));
        events.tell(RunEvent::failed(&id, "words".to_owned()));
        let names = |seen: Vec<(usize, RunEvent)>| -> Vec<(usize, &'static str)> {
            seen.iter()
                .map(|(number, event)| (*number, event.name()))
                .collect()
        };
        assert_eq!(
            names(early.collect().await),
            [(1, "started"), (2, "step_started"), (3, "failed")]
        );
        assert_eq!(names(back.collect().await), [(3, "failed")]);
        assert!(events.all_seen(3) && events.all_seen(9) && !events.all_seen(2));
        // Whoever claims to have seen more than there is waits for nothing.
        assert_eq!(names(none_yet.collect().await), []);
    }
}
