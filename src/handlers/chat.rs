//! The handlers of the chat: the upgrade to a socket, and the single call.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderMap};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use warp::reply::{Reply, Response};

use super::{object, optional_text, problem};
use crate::authorization::bearer;
use crate::chat::{
    Access, Admission, CONTENT_MAX, Chat, FRAME_MAX, NoAnswer, Partials, Refusal, Visit,
    WRITE_BUFFER_MAX, checked,
};
use crate::client::ClientAddress;
use crate::correlation::Correlation;
use crate::cors::{Caller, Cors};
use crate::error::{Error, Problem};
use crate::explorer::enrichment::Enrichment;
use crate::explorer::{Mode, Trouble};
use crate::filters::Segment;
use crate::model::budget::seconds_left_of_day;
use crate::openapi::errors::{
    BadGateway, BadRequest, Forbidden, InternalError, RequestTimeout, TooLarge, TooManyRequests,
    Unavailable, Unprocessable, UnsupportedMediaType,
};
use crate::openapi::parameters;
use crate::sessions::{BadSessionId, SessionId};
use crate::websocket::Upgrade;

/// The subprotocol of the chat. Browsers cannot send headers with a handshake, but the names of protocols: one
/// that presents a token offers this one, and `bearer.` with the token.
const SUBPROTOCOL: &str = "mcop";
/// The largest number that JavaScript counts up to.
const SEQ_MAX: u64 = (1 << 53) - 1;

/// The query of `WS /ws/{session_id}`.
#[derive(Debug, Deserialize)]
pub struct SocketQuery {
    partials: Option<String>,
    last_seq: Option<String>,
}

impl SocketQuery {
    fn partials(&self) -> Result<Partials, Error> {
        match self.partials.as_deref() {
            None | Some("" | "cumulative") => Ok(Partials::Cumulative),
            Some("delta") => Ok(Partials::Delta),
            Some(_) => Err(Error::Invalid(vec![Problem {
                kind: "enum",
                loc: vec!["query".into(), "partials".into()],
                msg: "Input should be 'cumulative' or 'delta'".to_owned(),
                ctx: None,
            }])),
        }
    }

    fn last_seq(&self) -> Result<Option<u64>, Error> {
        let Some(given) = self.last_seq.as_deref() else {
            return Ok(None);
        };
        match given.parse().ok().filter(|seq| *seq <= SEQ_MAX) {
            Some(seq) => Ok(Some(seq)),
            None => Err(Error::Invalid(vec![Problem {
                kind: "int_parsing",
                loc: vec!["query".into(), "last_seq".into()],
                msg: "Input should be the seq of a frame, or 0".to_owned(),
                ctx: None,
            }])),
        }
    }
}

/// A call to open a socket. Its headers may hold a token, so nothing prints it.
pub struct SocketCall {
    session: Segment,
    query: SocketQuery,
    headers: HeaderMap,
    client: Option<ClientAddress>,
    /// What the call is known by, and all that is asked over the socket.
    known: Correlation,
    /// `None` where the headers ask for no socket.
    upgrade: Option<Upgrade>,
}

impl SocketCall {
    /// A call, nothing about it checked.
    #[must_use]
    pub fn new(
        session: Segment,
        query: SocketQuery,
        headers: HeaderMap,
        client: Option<ClientAddress>,
        known: Correlation,
        upgrade: Option<Upgrade>,
    ) -> Self {
        Self {
            session,
            query,
            headers,
            client,
            known,
            upgrade,
        }
    }
}

/// Opens a socket to chat over
///
/// A WebSocket (RFC 6455): OpenAPI has no words for one, so what goes over it is described here and in the
/// schemas `ClientFrame` and `ServerFrame`. Every frame is a text with one JSON object. The id is chosen by
/// the client; a later socket with the same id goes on where the conversation was, and on the id of a run
/// the Explorer knows what the run found.
///
/// ```text
/// > {"content": "Which facts are in dm_bs_logistics?"}
/// < {"type":"user","content":"Which facts are in dm_bs_logistics?","seq":1769855405120034,"timestamp":"2026-01-31T10:30:05.123Z"}
/// < {"type":"tool","content":"Calling list_tables with schema=dm_bs_logistics, type=FACT","tool_name":"list_tables","seq":1769855405120035,"timestamp":"2026-01-31T10:30:05.130Z"}
/// < {"type":"agent_partial","content":"Schema `dm_bs_logistics`: ","seq":1769855405120036,"timestamp":"2026-01-31T10:30:05.135Z"}
/// < {"type":"agent","content":"Schema `dm_bs_logistics`: 4 facts: …","mode":"embedded","seq":1769855405120037,"timestamp":"2026-01-31T10:30:05.512Z"}
/// > {"type": "cancel"}
/// ```
///
/// Messages of a session are answered one at a time, in order; of those that wait, four are taken. The
/// service pings.
///
/// It closes with 1001 where it stops, 1002, 1003 and 1007 for what is against the protocol, binary or no
/// UTF-8, 1008 after too many messages, for a client too slow for its stream and for one without a right token,
/// 1009 for a frame over 64 KiB, 1011 after an internal error, 1013 where no more sessions can be kept, 4001
/// where a newer socket goes on with the conversation. A client may connect again after 1001, 1006 (no close
/// frame), 1011, 1012 and 1013; after any other code it would only be closed again.
///
/// A socket that closes ends its answer. With `last_seq` a client may lose its connection: for 30 s its answer
/// goes on, and the next socket of the session that says it has seen a frame of it gets the frames after that
/// one and then those that are new. Other sockets of the session are left alone. Numbers are missing where a partial was replaced by a later one. Of what was sent, 256
/// frames and 256 KiB are kept; where a frame is missing, and where the conversation is over, the first frame
/// is `resync`, which takes the place of all that the client has of the answer. A message whose echo never came
/// was not taken. A close frame of the client ends the answer at once.
///
/// Where tokens are asked for, the handshake has one in `Authorization: Bearer`, or among the subprotocols
/// (`mcop` and `bearer.` with the token; the service selects `mcop`), or the first frame is
/// `{"type":"auth","token":"…"}` within 5 s. Nothing else is answered before.
#[utoipa::path(
    get,
    path = "/ws/{session_id}",
    operation_id = "openChatSocket",
    tag = "Chat",
    params(parameters::SocketPath, parameters::Partials, parameters::LastSeq),
    responses(
        (status = 101, description = "The connection is a WebSocket from here on."),
        BadRequest,
        Forbidden,
        Unprocessable,
        TooManyRequests,
        Unavailable,
    ),
)]
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
    let (partials, last_seq) = (call.query.partials()?, call.query.last_seq()?);
    let upgrade = call.upgrade.ok_or(Error::NotAnUpgrade)?;
    let session = session_id(&call.session.0, "path")?;
    if chat.is_stopping() {
        return Err(Error::Stopping);
    }
    let place = admission.place(call.client)?;
    let access = chat.access(token(&call.headers, &upgrade));
    match access {
        Access::Granted => chat.open(&session)?,
        Access::Refused => place.count_guess()?,
        Access::Awaited => {}
    }
    let visit = Visit {
        session,
        partials,
        last_seq,
        access,
        place,
        counted: chat.count_socket(),
    };
    let socket = upgrade
        .select(SUBPROTOCOL)
        .max_frame_size(FRAME_MAX)
        .max_message_size(FRAME_MAX)
        .max_write_buffer_size(WRITE_BUFFER_MAX);
    // The socket's task is another than that of the call.
    Ok(socket.on_upgrade(move |socket| call.known.during(chat.serve(socket, visit))))
}

/// The token that a handshake presents: in its header, else among its subprotocols.
fn token<'h>(headers: &'h HeaderMap, upgrade: &'h Upgrade) -> Option<&'h str> {
    let in_header = headers.get(AUTHORIZATION).and_then(bearer);
    let mut offered = upgrade.protocols();
    in_header.or_else(|| offered.find_map(|protocol| protocol.strip_prefix("bearer.")))
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

/// The body of a call to chat. Other fields are ignored.
#[derive(Debug, ToSchema)]
pub struct ChatBody {
    /// The message: at most 32 KiB of UTF-8, and not blank.
    #[schema(
        min_length = 1,
        pattern = r"\S",
        example = "Which facts are in dm_bs_logistics?"
    )]
    pub content: String,
    /// The session to go on with, or an id for a new one; by default, and for a blank text, a session of
    /// its own.
    #[schema(
        pattern = r"^(\s*|[A-Za-z0-9._~-]{1,128})$",
        max_length = 256,
        example = "my-session"
    )]
    pub session_id: Option<String>,
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

/// The answer to a message.
#[derive(Serialize, ToSchema)]
pub struct ChatAnswer<'a> {
    /// The answer, in Markdown.
    #[schema(example = "Schema `dm_bs_logistics`: 4 facts: …")]
    content: &'a str,
    /// The session it was given in.
    session_id: &'a SessionId,
    /// How many messages the session has seen, questions and answers counted.
    #[schema(example = 2)]
    message_count: usize,
    /// Which explorer gave it.
    mode: Mode,
    #[serde(flatten)]
    enrichment: &'a Enrichment,
}

/// Answers one message
///
/// Without a socket, and as a whole. Messages of a session are answered one at a time.
#[utoipa::path(
    post,
    path = "/api/chat",
    operation_id = "chat",
    tag = "Chat",
    request_body(content = ChatBody, description = "The message."),
    responses(
        (status = 200, description = "The answer.", body = ChatAnswer, links(
            ("session" = (operation_id = "getSession", parameters(("session_id" = "$response.body#/session_id")), description = "The session with its conversation.")),
            ("forget" = (operation_id = "deleteSession", parameters(("session_id" = "$response.body#/session_id")), description = "Forgets it.")),
        )),
        BadRequest,
        Forbidden,
        RequestTimeout,
        TooLarge,
        UnsupportedMediaType,
        Unprocessable,
        TooManyRequests,
        InternalError,
        BadGateway,
        Unavailable,
    ),
)]
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
        Err(NoAnswer::Interrupted) => Err(Error::Stopping),
        Err(NoAnswer::Failed(failure)) => Err(match failure.trouble {
            Trouble::Internal => Error::Internal,
            Trouble::BudgetSpent => Error::BudgetSpent {
                seconds: seconds_left_of_day(Timestamp::now()),
            },
            trouble => Error::Model(trouble),
        }),
    }
}
