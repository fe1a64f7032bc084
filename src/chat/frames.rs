//! The frames of the chat, in and out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::explorer::enrichment::{CanvasTrigger, Enrichment, Metrics};
use crate::explorer::{Answer, Mode, Trouble};
use crate::runs::rfc3339;

/// The longest message of a person, in bytes.
pub const CONTENT_MAX: usize = 32 * 1024;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromClient {
    /// A message to be answered.
    Message(String),
    /// Stop the answer in progress.
    Cancel,
}

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
    /// The answer was stopped by the client.
    Cancelled,
    /// The service stops before it is answered.
    Stopping,
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
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Stopping => ErrorCode::Stopping,
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
            Self::Cancelled => "The answer was cancelled.".to_owned(),
            Self::Stopping => "The service is stopping. Connect again and ask anew.".to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type", default)]
    kind: Option<serde_json::Value>,
    #[serde(default)]
    content: Option<serde_json::Value>,
}

impl FromClient {
    /// Reads a text frame: an object with `content`, or plain text, as people type it.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let content = if text.starts_with(['{', '[']) {
            // The reader of objects would take an array for one, field by field.
            let object = Some(text).filter(|text| text.starts_with('{'));
            let envelope: Envelope = object
                .and_then(|text| serde_json::from_str(text).ok())
                .ok_or(Refusal::BadJson)?;
            if envelope.kind.as_ref().and_then(|kind| kind.as_str()) == Some("cancel") {
                return Ok(Self::Cancel);
            }
            match envelope.content {
                Some(serde_json::Value::String(content)) => content,
                _ => return Err(Refusal::NoContent),
            }
        } else {
            text.to_owned()
        };
        checked(content).map(Self::Message)
    }
}

/// A message with something in it, and not too much.
///
/// # Errors
/// [`Refusal::Empty`] and [`Refusal::TooLong`].
pub fn checked(content: String) -> Result<String, Refusal> {
    if content.trim().is_empty() {
        Err(Refusal::Empty)
    } else if content.len() > CONTENT_MAX {
        Err(Refusal::TooLong)
    } else {
        Ok(content)
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
    /// The client stopped the answer.
    Cancelled,
    /// The service stops.
    Stopping,
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
}

/// A frame to the client, told by `type`, with the time of its sending.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerFrame<'a> {
    /// What it says.
    #[serde(flatten)]
    pub frame: Frame<'a>,
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
}

/// A frame but for its time, which is that of sending: what waits would else be older than
/// what it waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unstamped(String);

impl Unstamped {
    /// Bytes that are held.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The frame as it is sent now.
    pub(super) fn stamped(mut self) -> String {
        let now = rfc3339(Timestamp::now());
        // The object is not empty: every frame has a type.
        self.0.truncate(self.0.len().saturating_sub(1));
        self.0.push_str(",\"timestamp\":\"");
        self.0.push_str(&now);
        self.0.push_str("\"}");
        self.0
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

/// The final answer.
pub(super) fn agent(answer: &Answer) -> Unstamped {
    let Enrichment {
        diagram,
        canvas_trigger,
        metrics,
    } = &answer.enrichment;
    let frame = Frame::Agent {
        content: &answer.text,
        mode: answer.mode,
        diagram: diagram.as_deref(),
        canvas_trigger: canvas_trigger.as_ref(),
        metrics: metrics.as_ref(),
    };
    frame.written()
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
    fn a_message_is_an_object_with_content_or_plain_text() {
        let message = |text: &str| Ok(FromClient::Message(text.to_owned()));
        let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        let nested = format!("{{\"content\": {deep}}}");
        let long = "x".repeat(CONTENT_MAX + 1);
        let long_object = format!("{{\"content\": \"{long}\"}}");
        let cases = [
            (
                r#"{"content": "List all tables"}"#,
                message("List all tables"),
            ),
            (r#"{"content": "a", "type": "user", "x": 1}"#, message("a")),
            (r#"{"type": "cancel"}"#, Ok(FromClient::Cancel)),
            ("List all tables", message("List all tables")),
            ("  vypíš tabuľky \r\n", message("vypíš tabuľky")),
            ("42", message("42")),
            ("\"quoted\"", message("\"quoted\"")),
            ("null", message("null")),
            (r#"{"content": "a""#, Err(Refusal::BadJson)),
            ("{tables", Err(Refusal::BadJson)),
            ("[1, 2]", Err(Refusal::BadJson)),
            ("[tables", Err(Refusal::BadJson)),
            (&deep, Err(Refusal::BadJson)),
            (&nested, Err(Refusal::BadJson)),
            ("{}", Err(Refusal::NoContent)),
            (r#"{"content": 1}"#, Err(Refusal::NoContent)),
            (r#"{"content": null}"#, Err(Refusal::NoContent)),
            (r#"{"content": "  "}"#, Err(Refusal::Empty)),
            ("", Err(Refusal::Empty)),
            (" \n", Err(Refusal::Empty)),
            (&long, Err(Refusal::TooLong)),
            (&long_object, Err(Refusal::TooLong)),
        ];
        for (text, wanted) in cases {
            assert_eq!(
                FromClient::read(text),
                wanted,
                "{}",
                crate::text::shorten(text, 60)
            );
        }
    }

    #[test]
    fn what_is_sent_is_what_the_document_calls_a_frame_of_the_server() {
        let sent = refused(Refusal::RateLimited(3)).stamped();
        let timestamp = sent.rsplit('"').nth(1).unwrap().to_owned();
        assert_eq!(rfc3339(timestamp.parse().unwrap()), timestamp);
        let documented = ServerFrame {
            frame: Frame::Error {
                content: &Refusal::RateLimited(3).words(),
                code: ErrorCode::RateLimited,
                retry_after: Some(3),
            },
            timestamp,
        };
        assert_eq!(sent, serde_json::to_string(&documented).unwrap());
    }
}
