//! The frames of the chat, in and out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::explorer::enrichment::{CanvasTrigger, Enrichment, Metrics};
use crate::explorer::{Answer, Mode, Trouble};
use crate::runs::rfc3339;

/// The longest message of a person, in bytes.
pub const CONTENT_MAX: usize = 32 * 1024;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FromClient {
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
    fn code(self) -> &'static str {
        match self {
            Self::BadJson => "bad_json",
            Self::NoContent => "missing_content",
            Self::Empty => "empty_message",
            Self::TooLong => "too_long",
            Self::Busy => "busy",
            Self::RateLimited(_) => "rate_limited",
            Self::Full => "full",
            Self::Cancelled => "cancelled",
            Self::Stopping => "stopping",
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
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
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

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Kind {
    User,
    Tool,
    AgentPartial,
    Agent,
    Error,
}

/// A frame to the client; what does not belong to its kind is left out.
#[derive(Serialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: Kind,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagram: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canvas_trigger: Option<&'a CanvasTrigger>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<&'a Metrics>,
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

impl<'a> Frame<'a> {
    fn new(kind: Kind, content: &'a str) -> Self {
        Self {
            kind,
            content,
            tool_name: None,
            code: None,
            retry_after: None,
            mode: None,
            diagram: None,
            canvas_trigger: None,
            metrics: None,
        }
    }

    fn written(&self) -> Unstamped {
        // Texts, numbers and no maps: writing them cannot fail.
        Unstamped(serde_json::to_string(self).unwrap_or_default())
    }
}

/// The message, echoed.
pub(super) fn user(content: &str) -> Unstamped {
    Frame::new(Kind::User, content).written()
}

/// A look-up begins, or failed.
pub(super) fn tool(name: &str, words: &str) -> Unstamped {
    let mut frame = Frame::new(Kind::Tool, words);
    frame.tool_name = Some(name);
    frame.written()
}

/// The answer so far, or its next piece.
pub(super) fn agent_partial(content: &str) -> Unstamped {
    Frame::new(Kind::AgentPartial, content).written()
}

/// The final answer.
pub(super) fn agent(answer: &Answer) -> Unstamped {
    let Enrichment {
        diagram,
        canvas_trigger,
        metrics,
    } = &answer.enrichment;
    let mut frame = Frame::new(Kind::Agent, &answer.text);
    frame.mode = Some(answer.mode);
    frame.diagram = diagram.as_deref();
    frame.canvas_trigger = canvas_trigger.as_ref();
    frame.metrics = metrics.as_ref();
    frame.written()
}

/// Instead of an answer: the client's own doing.
pub(super) fn refused(refusal: Refusal) -> Unstamped {
    let words = refusal.words();
    let mut frame = Frame::new(Kind::Error, &words);
    frame.code = Some(refusal.code());
    if let Refusal::RateLimited(seconds) = refusal {
        frame.retry_after = Some(seconds);
    }
    frame.written()
}

/// Instead of an answer: ours.
pub(super) fn failed(trouble: Trouble) -> Unstamped {
    let mut frame = Frame::new(Kind::Error, trouble.words());
    frame.code = Some(trouble.code());
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
}
