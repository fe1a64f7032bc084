//! The handlers of the chat: the upgrade to a socket, and the single call.

use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{HeaderMap, SEC_WEBSOCKET_KEY};
use serde::{Deserialize, Serialize};
use warp::reply::{Reply, Response};
use warp::ws::Ws;

use super::{object, optional_text, problem};
use crate::chat::{
    Admission, CONTENT_MAX, Chat, FRAME_MAX, NoAnswer, Partials, Refusal, WRITE_BUFFER_MAX, checked,
};
use crate::cors::{Caller, Cors};
use crate::error::{Error, Problem};
use crate::explorer::enrichment::Enrichment;
use crate::explorer::{Mode, Trouble};
use crate::filters::Segment;
use crate::sessions::{BadSessionId, SessionId};

/// The query of `WS /ws/{session_id}`.
#[derive(Debug, Deserialize)]
pub struct SocketQuery {
    partials: Option<String>,
}

/// A call to open a socket.
#[derive(Debug)]
pub struct SocketCall {
    session: Segment,
    query: SocketQuery,
    headers: HeaderMap,
    address: Option<SocketAddr>,
    /// What warp made of the headers; `None` where they ask for no socket.
    upgrade: Option<Ws>,
}

impl SocketCall {
    /// A call, nothing about it checked.
    #[must_use]
    pub fn new(
        session: Segment,
        query: SocketQuery,
        headers: HeaderMap,
        address: Option<SocketAddr>,
        upgrade: Option<Ws>,
    ) -> Self {
        Self {
            session,
            query,
            headers,
            address,
            upgrade,
        }
    }
}

/// Opens a socket, or says why not before it is one.
pub async fn chat_socket(
    call: SocketCall,
    cors: Arc<Cors>,
    admission: Admission,
    chat: Chat,
) -> Result<impl Reply, Error> {
    // CORS does not protect WebSockets: browsers let any page open one.
    if cors.caller(&call.headers) == Caller::Foreign {
        return Err(Error::ForeignOrigin);
    }
    let upgrade = call
        .upgrade
        .filter(|_| has_valid_key(&call.headers))
        .ok_or(Error::NotAnUpgrade)?;
    let session = session_id(&call.session.0, "path")?;
    let partials = match call.query.partials.as_deref() {
        None | Some("" | "cumulative") => Partials::Cumulative,
        Some("delta") => Partials::Delta,
        Some(_) => {
            return Err(Error::Invalid(vec![Problem {
                kind: "enum",
                loc: vec!["query".into(), "partials".into()],
                msg: "Input should be 'cumulative' or 'delta'".to_owned(),
                ctx: None,
            }]));
        }
    };
    if chat.is_stopping() {
        return Err(Error::Stopping);
    }
    let place = admission
        .place(call.address.map(|address| address.ip()))
        .ok_or(Error::TooManySockets)?;
    chat.open(&session)?;
    let counted = chat.count_socket();
    let socket = upgrade
        .max_frame_size(FRAME_MAX)
        .max_message_size(FRAME_MAX)
        .max_write_buffer_size(WRITE_BUFFER_MAX);
    Ok(socket.on_upgrade(move |socket| chat.serve(socket, session, partials, place, counted)))
}

/// Sixteen bytes in base64 (RFC 6455, section 4.1): 22 digits and two signs of equality.
fn has_valid_key(headers: &HeaderMap) -> bool {
    let digit = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/');
    headers.get(SEC_WEBSOCKET_KEY).is_some_and(|key| {
        let key = key.as_bytes();
        key.len() == 24 && key.ends_with(b"==") && key.iter().take(22).all(digit)
    })
}

fn session_id(text: &str, place: &'static str) -> Result<SessionId, Error> {
    text.parse().map_err(|problem: BadSessionId| {
        Error::Invalid(vec![Problem {
            kind: "string_pattern_mismatch",
            loc: vec![place.into(), "session_id".into()],
            msg: problem.to_string(),
            ctx: None,
        }])
    })
}

/// A message without a socket, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatCall {
    content: String,
    session: Option<SessionId>,
}

impl ChatCall {
    /// Reads the body of `POST /api/chat`.
    ///
    /// # Errors
    /// 422 with every problem of the body, 413 for a message that is too long.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let fields = object(body)?;
        let mut problems = Vec::new();
        let content = match fields.get("content") {
            Some(serde_json::Value::String(content)) => Some(content.clone()),
            Some(_) => {
                problems.push(problem(
                    "string_type",
                    &["content"],
                    "Input should be a valid string",
                ));
                None
            }
            None => {
                problems.push(problem("missing", &["content"], "Field required"));
                None
            }
        };
        let session = optional_text(fields.get("session_id"), &["session_id"], &mut problems);
        let content = match content.map(checked) {
            Some(Ok(content)) => content,
            Some(Err(Refusal::TooLong)) => {
                return Err(Error::TooLarge {
                    what: "The message",
                    limit: CONTENT_MAX,
                });
            }
            Some(Err(_)) => {
                let msg = "String should have at least 1 character that is not white space";
                problems.push(problem("string_too_short", &["content"], msg));
                String::new()
            }
            None => String::new(),
        };
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let session = session.map(|id| session_id(&id, "body")).transpose()?;
        Ok(Self { content, session })
    }
}

/// The body of an answer to `POST /api/chat`.
#[derive(Serialize)]
struct ChatAnswer<'a> {
    content: &'a str,
    session_id: &'a SessionId,
    message_count: usize,
    mode: Mode,
    #[serde(flatten)]
    enrichment: &'a Enrichment,
}

/// Answers one message; without a session id, in a session of its own.
pub async fn chat(call: Result<ChatCall, Error>, chat: Chat) -> Result<Response, Error> {
    let ChatCall { content, session } = call?;
    if chat.is_stopping() {
        return Err(Error::Stopping);
    }
    let session = session.unwrap_or_else(SessionId::random);
    match chat.answer_once(&session, content).await {
        Ok(answered) => Ok(warp::reply::json(&ChatAnswer {
            content: &answered.answer.text,
            session_id: &session,
            message_count: answered.message_count,
            mode: answered.answer.mode,
            enrichment: &answered.answer.enrichment,
        })
        .into_response()),
        Err(NoAnswer::Refused(Refusal::Busy)) => Err(Error::SessionBusy),
        Err(NoAnswer::Refused(_)) => Err(Error::Full),
        Err(NoAnswer::Failed(failure)) => Err(match failure.trouble {
            Trouble::Internal => Error::Internal,
            trouble => Error::Model(trouble),
        }),
    }
}
