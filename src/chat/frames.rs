//! The frames of the service, and the schemas of all.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CONTENT_MAX, WRITE_BUFFER_MAX};
use crate::explorer::enrichment::{CanvasTrigger, Enrichment, Metrics};
use crate::explorer::{Answer, Mode, Trouble};
use crate::runs::rfc3339;

/// The longest frame that is sent but for its number and its time, in bytes. The rest of what may be
/// written at once is for those, and for an answer to a ping.
pub(super) const SENT_MAX: usize = WRITE_BUFFER_MAX - 4096;

/// Why a frame of a client is not answered as a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It begins like JSON and is none, or none of an object.
    BadJson,
    /// The object has no `content` that is a text.
    NoContent,
    /// There is nothing in it.
    Empty,
    /// It is longer than [`CONTENT_MAX`].
    TooLong,
    /// As many questions of the session wait as may.
    Busy,
    /// Too many in a short time; seconds until the next is accepted.
    RateLimited(u64),
    /// The service cannot keep another session.
    Full,
    /// There is a token in it that opens the service: it would be shown, and remembered.
    HoldsToken,
    /// The answer was stopped by the client.
    Cancelled,
    /// The service stops before it is answered.
    Stopping,
    /// There is an answer, too long for a frame.
    AnswerTooLong,
}

impl Refusal {
    fn code(self) -> ErrorCode {
        match self {
            Self::BadJson => ErrorCode::BadJson,
            Self::NoContent => ErrorCode::MissingContent,
            Self::Empty => ErrorCode::EmptyMessage,
            Self::TooLong => ErrorCode::TooLong,
            Self::Busy => ErrorCode::Busy,
            Self::RateLimited(_) => ErrorCode::RateLimited,
            Self::Full => ErrorCode::Full,
            Self::HoldsToken => ErrorCode::HoldsToken,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Stopping => ErrorCode::Stopping,
            Self::AnswerTooLong => ErrorCode::AnswerTooLong,
        }
    }

    fn words(self) -> String {
        match self {
            Self::BadJson => {
                "This looks like JSON, and is no object. Send {\"content\": \"…\"}, or plain text."
                    .to_owned()
            }
            Self::NoContent => {
                "The message has no \"content\" text. Send {\"content\": \"…\"}.".to_owned()
            }
            Self::Empty => "The message is empty.".to_owned(),
            Self::TooLong => format!("The message is longer than {CONTENT_MAX} bytes."),
            Self::Busy => {
                "Earlier messages of this session are still being answered. Wait for an answer, or cancel it."
                    .to_owned()
            }
            Self::RateLimited(seconds) => {
                format!("Too many messages in a short time. Try again in {seconds} s.")
            }
            Self::Full => "The service is full. Try again shortly.".to_owned(),
            Self::HoldsToken => {
                "The message holds an access token. It is not answered, and not kept.".to_owned()
            }
            Self::Cancelled => "The answer was cancelled.".to_owned(),
            Self::Stopping => "The service is stopping. Connect again and ask anew.".to_owned(),
            Self::AnswerTooLong => "The answer is too long to be sent. Ask for less.".to_owned(),
        }
    }
}

/// Why there is no answer, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FrameErrorCode, example = "busy")]
pub enum ErrorCode {
    /// The frame begins like JSON and is none, or none of an object.
    BadJson,
    /// The object has no `content` that is a text.
    MissingContent,
    /// There is nothing in the message.
    EmptyMessage,
    /// The message is too long.
    TooLong,
    /// As many messages of the session wait as may.
    Busy,
    /// Too many messages in a short time.
    RateLimited,
    /// The service cannot keep another session.
    Full,
    /// There is an access token in the message.
    HoldsToken,
    /// The client stopped the answer.
    Cancelled,
    /// The service stops.
    Stopping,
    /// The answer is too long for a frame.
    AnswerTooLong,
    /// The model's endpoint refuses the settings of the service.
    ModelMisconfigured,
    /// The model broke off after a part of the answer was shown.
    Interrupted,
    /// The model's content filter refused.
    Filtered,
    /// The conversation is longer than the model can read.
    ConversationTooLong,
    /// The tokens that the model may read and write in one day are spent.
    BudgetSpent,
    /// The program failed.
    Internal,
}

impl From<Trouble> for ErrorCode {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::ModelMisconfigured => Self::ModelMisconfigured,
            Trouble::Interrupted => Self::Interrupted,
            Trouble::Filtered => Self::Filtered,
            Trouble::TooLong => Self::ConversationTooLong,
            Trouble::BudgetSpent => Self::BudgetSpent,
            Trouble::Internal => Self::Internal,
        }
    }
}

/// A frame to the client, but for its time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = ServerFrameContent)]
pub enum Frame<'a> {
    /// The message, echoed at once.
    #[schema(title = "User")]
    User {
        /// The message.
        #[schema(example = "Which facts are in dm_bs_logistics?")]
        content: &'a str,
    },
    /// Something is looked up, or a look-up failed.
    #[schema(title = "Tool")]
    Tool {
        /// What is done, in words.
        #[schema(example = "Calling list_tables with schema=dm_bs_logistics, type=FACT")]
        content: &'a str,
        /// With which tool.
        #[schema(example = "list_tables")]
        tool_name: &'a str,
    },
    /// A part of the answer.
    #[schema(title = "AgentPartial")]
    AgentPartial {
        /// The whole answer so far; with `partials=delta` the next piece of it.
        #[schema(example = "Schema `dm_bs_logistics`: ")]
        content: &'a str,
    },
    /// The answer: exactly one a message, and the last of its frames.
    #[schema(title = "Agent")]
    Agent {
        /// The answer, in Markdown.
        #[schema(example = "Schema `dm_bs_logistics`: 4 facts: …")]
        content: &'a str,
        /// Which explorer gave it.
        mode: Mode,
        /// Mermaid text of the tables that the answer is about; where a diagram says more than
        /// the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(
            nullable = false,
            example = "erDiagram\n    dimv_carrier ||--o{ factv_shipment : \"dim_carrier_key\"\n"
        )]
        diagram: Option<&'a str>,
        /// Which view would suit; where one would.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        canvas_trigger: Option<&'a CanvasTrigger>,
        /// Figures of the schema in question; where one is.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        metrics: Option<&'a Metrics>,
    },
    /// Instead of an answer. The socket stays usable.
    #[schema(title = "Error")]
    Error {
        /// What went wrong, in words that can be shown to a person.
        #[schema(example = "Too many messages in a short time. Try again in 3 s.")]
        content: &'a str,
        /// The same for programs.
        code: ErrorCode,
        /// In how many seconds the next message is taken; with `rate_limited`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = 3)]
        retry_after: Option<u64>,
    },
    /// The first frame to a client that comes back, where frames that it misses are no longer kept. It
    /// takes the place of what came before; all that follows is new.
    #[schema(title = "Resync")]
    Resync {
        /// The answer in progress so far, or the last one of the session. Empty where there is none.
        #[schema(example = "Schema `dm_bs_logistics`: ")]
        content: &'a str,
        /// Whether the answer came to its end.
        #[schema(example = false)]
        complete: bool,
        /// Whether it goes on: more frames follow. An answer that neither is complete nor goes on broke off.
        #[schema(example = true)]
        in_progress: bool,
        /// What was asked; where anything was.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = "Which facts are in dm_bs_logistics?")]
        question: Option<&'a str>,
    },
}

/// A frame to the client, told by `type`, with its number and the time of its sending.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerFrame<'a> {
    /// What it says.
    #[serde(flatten)]
    pub frame: Frame<'a>,
    /// Its number in the conversation: each is one more than the last. The first is the time of the
    /// beginning in microseconds since 1970, so that no later conversation repeats one.
    #[schema(minimum = 0, example = 1_769_855_405_120_034_u64)]
    pub seq: u64,
    /// When it was sent, in UTC.
    #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
    pub timestamp: String,
}

/// A frame to the service. A text that does not begin with `{` or `[` is taken as the message
/// itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ClientFrame {
    /// A message to be answered.
    #[schema(title = "Message")]
    Message {
        /// The message: at most 32 KiB of UTF-8, and not blank.
        #[schema(
            min_length = 1,
            pattern = r"\S",
            example = "Which facts are in dm_bs_logistics?"
        )]
        content: String,
    },
    /// Stops the answer in progress; passed over where there is none.
    #[schema(title = "Cancel")]
    Cancel {
        /// `cancel`.
        #[serde(rename = "type")]
        #[schema(pattern = "^cancel$", example = "cancel")]
        kind: String,
    },
    /// Presents a token: the first frame, where tokens are asked for and the handshake had none. Passed
    /// over at any other time.
    #[schema(title = "Auth")]
    Auth {
        /// `auth`.
        #[serde(rename = "type")]
        #[schema(pattern = "^auth$", example = "auth")]
        kind: String,
        /// The token.
        #[schema(write_only, example = "0123456789abcdef")]
        token: String,
    },
}

/// A frame but for its number and its time, which are those of sending: what waits would else be
/// older than what it waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unstamped(String);

impl Unstamped {
    /// Bytes that are held.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The frame as it is sent now.
    pub(super) fn stamped(mut self, seq: u64) -> String {
        let now = rfc3339(Timestamp::now());
        // The object is not empty: every frame has a type.
        self.0.truncate(self.0.len().saturating_sub(1));
        // Writing to a text cannot fail.
        let _ = write!(self.0, ",\"seq\":{seq},\"timestamp\":\"{now}\"}}");
        self.0
    }

    /// This, or something shorter where it is too long to be sent.
    fn or_shorter(self, shorter: impl FnOnce() -> Self) -> Self {
        if self.len() <= SENT_MAX {
            self
        } else {
            shorter()
        }
    }
}

impl Frame<'_> {
    fn written(&self) -> Unstamped {
        // Texts, numbers and no maps: writing them cannot fail.
        Unstamped(serde_json::to_string(self).unwrap_or_default())
    }
}

/// The message, echoed.
pub(super) fn user(content: &str) -> Unstamped {
    Frame::User { content }.written()
}

/// A look-up begins, or failed.
pub(super) fn tool(name: &str, words: &str) -> Unstamped {
    let frame = Frame::Tool {
        content: words,
        tool_name: name,
    };
    frame.written()
}

/// The answer so far, or its next piece.
pub(super) fn agent_partial(content: &str) -> Unstamped {
    Frame::AgentPartial { content }.written()
}

/// The final answer; without its diagram where it would be too long with it.
pub(super) fn agent(answer: &Answer) -> Unstamped {
    let Enrichment {
        diagram,
        canvas_trigger,
        metrics,
    } = &answer.enrichment;
    let with = |diagram| {
        let frame = Frame::Agent {
            content: &answer.text,
            mode: answer.mode,
            diagram,
            canvas_trigger: canvas_trigger.as_ref(),
            metrics: metrics.as_ref(),
        };
        frame.written()
    };
    with(diagram.as_deref())
        .or_shorter(|| with(None))
        .or_shorter(|| refused(Refusal::AnswerTooLong))
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// To its end.
    Complete,
    /// It is being given.
    InProgress,
    /// Not to its end, and it never will.
    BrokenOff,
}

/// What a client that comes back needs to know, in place of the frames that it missed.
pub(super) fn resync(question: Option<&str>, content: &str, standing: Standing) -> Unstamped {
    let with = |content, complete| {
        let frame = Frame::Resync {
            content,
            complete,
            in_progress: standing == Standing::InProgress,
            question,
        };
        frame.written()
    };
    with(content, standing == Standing::Complete).or_shorter(|| with("", false))
}

/// Instead of an answer: the client's own doing.
pub(super) fn refused(refusal: Refusal) -> Unstamped {
    let frame = Frame::Error {
        content: &refusal.words(),
        code: refusal.code(),
        retry_after: match refusal {
            Refusal::RateLimited(seconds) => Some(seconds),
            _ => None,
        },
    };
    frame.written()
}

/// Instead of an answer: ours.
pub(super) fn failed(trouble: Trouble) -> Unstamped {
    let frame = Frame::Error {
        content: trouble.words(),
        code: trouble.into(),
        retry_after: None,
    };
    frame.written()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_the_document_calls_a_frame_of_the_server() {
        let sent = refused(Refusal::RateLimited(3)).stamped(1_769_855_405_120_034);
        let timestamp = sent.rsplit('"').nth(1).unwrap().to_owned();
        assert_eq!(rfc3339(timestamp.parse().unwrap()), timestamp);
        let documented = ServerFrame {
            frame: Frame::Error {
                content: &Refusal::RateLimited(3).words(),
                code: ErrorCode::RateLimited,
                retry_after: Some(3),
            },
            seq: 1_769_855_405_120_034,
            timestamp,
        };
        assert_eq!(sent, serde_json::to_string(&documented).unwrap());
    }

    #[test]
    fn an_answer_too_long_for_a_frame_goes_without_its_diagram_or_not_at_all() {
        let field = |frame: &Unstamped, name: &str| {
            let frame: serde_json::Value = serde_json::from_str(&frame.0).unwrap();
            frame.get(name).map(ToString::to_string)
        };
        let mut answer = Answer {
            text: "x".repeat(SENT_MAX / 2),
            mode: Mode::Embedded,
            focus: crate::explorer::Focus::default(),
            enrichment: Enrichment {
                diagram: Some("short".to_owned()),
                ..Enrichment::default()
            },
        };
        assert!(field(&agent(&answer), "diagram").is_some());
        answer.enrichment.diagram = Some("d".repeat(SENT_MAX / 2));
        let shorter = agent(&answer);
        assert!(shorter.len() <= SENT_MAX && field(&shorter, "diagram").is_none());
        assert_eq!(field(&shorter, "type").unwrap(), r#""agent""#);
        answer.text.push_str(&"x".repeat(SENT_MAX / 2));
        let refusal = agent(&answer);
        assert_eq!(refusal, refused(Refusal::AnswerTooLong));
        let resync = resync(Some("q"), &answer.text, Standing::Complete);
        assert_eq!(field(&resync, "content").unwrap(), r#""""#);
        assert_eq!(field(&resync, "complete").unwrap(), "false");
    }
}
