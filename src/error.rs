//! Every failure that a client can see, and its status, decided in one place.
//!
//! Bodies have the shape of `FastAPI`'s: `{"detail": …}`, a sentence or, for a body that does not
//! fit, a list of problems. Causes go to the log and never to the client.

use std::convert::Infallible;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use warp::Rejection;
use warp::reply::{Reply, Response};

use crate::artifacts;
use crate::explorer::Trouble;

/// What our own code refuses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 404: no such session, or it has expired; start a new run.
    #[error("Session not found")]
    NoSession,
    /// 404: the run has no diagram (yet); poll its status.
    #[error("No diagram available")]
    NoDiagram,
    /// 404: the session only chats; start a run.
    #[error("This session has no run")]
    NoRun,
    /// 406: the answer cannot be written in any of the media types asked for.
    #[error("Not acceptable: this answer can be had as {}", offered.join(", "))]
    NotAcceptable {
        /// The media types it can be had in.
        offered: Vec<&'static str>,
    },
    /// 409: what is to be forgotten is in use; wait for its end.
    #[error("The session's run or an answer of it is under way. Try again when it has ended.")]
    SessionInUse,
    /// 400: the run has no result (yet), or failed.
    #[error("Pipeline status: {status}")]
    NotCompleted {
        /// The status in force.
        status: &'static str,
        /// Why a failed run failed.
        error: Option<String>,
    },
    /// 404: no such table; close names are offered.
    #[error("Table '{name}' not found")]
    NoTable {
        /// The name asked for.
        name: String,
        /// Full names like it, best first.
        suggestions: Vec<String>,
    },
    /// 404: there is no document of that name; those that there are stand beside.
    #[error("Artifact '{name}' not found")]
    NoArtifact {
        /// The name asked for.
        name: String,
    },
    /// 400: a model's wording was asked for and the service has none; ask without it.
    #[error("No language model is configured, so there is no wording but that of the rules")]
    NoModel,
    /// 413: more than the service accepts; make it smaller.
    #[error("{what} is larger than {limit} bytes, the most that is accepted")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The most that is accepted, in bytes.
        limit: usize,
    },
    /// 415: the body declares another media type; send `application/json`.
    #[error("Unsupported media type: send the body as application/json")]
    NotJson,
    /// 422: the body does not fit; every problem is listed.
    #[error("the body does not fit")]
    Invalid(Vec<Problem>),
    /// 408: the body did not arrive in time; send it again.
    #[error("The body did not arrive within {} s", .0.as_secs())]
    BodyTimeout(Duration),
    /// 400: the body broke off or its framing is wrong; send it again.
    #[error("The body could not be read to its end")]
    BodyBroken,
    /// 403: pages of an origin that is not listed may neither open sockets nor send bodies
    /// that browsers do not ask leave for.
    #[error("Pages of this origin may not call this service")]
    ForeignOrigin,
    /// 400: the endpoint is a WebSocket, and the call is no upgrade to one.
    #[error(
        "This is a WebSocket: connect with a client for it (RFC 6455, version 13), for example wscat"
    )]
    NotAnUpgrade,
    /// 429: earlier messages of the session are still being answered; wait for an answer.
    #[error("Earlier messages of this session are still being answered. Try again shortly.")]
    SessionBusy,
    /// 503: as many sockets are open as the service holds; try again.
    #[error("The service is full: too many sockets are open. Try again shortly.")]
    TooManySockets,
    /// 502: the model behind the Explorer failed; the log says how.
    #[error("{}", .0.words())]
    Model(Trouble),
    /// 500: the Explorer failed; the log says how.
    #[error("{}", Trouble::Internal.words())]
    Internal,
    /// 500: a document could not be made; the log says why.
    #[error("The document could not be made. The failure was logged; please report it.")]
    BrokenDocument,
    /// 503: as many runs are under way and waiting as the service holds; try again.
    #[error("The service is busy: too many pipeline runs are waiting. Try again shortly.")]
    Busy,
    /// 503: as many sessions are running as the service holds; try again.
    #[error("The service is full: too many sessions are running. Try again shortly.")]
    Full,
    /// 503: the service is going down; another instance will answer.
    #[error("The service is shutting down. Try again shortly.")]
    Stopping,
}

/// One thing that is wrong with a body, in pydantic's terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Machine-readable kind, such as `missing`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: `body`, then field names and places.
    pub loc: Vec<Value>,
    /// What is wrong, in words.
    pub msg: String,
    /// More about it, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Value>,
}

/// When to try again after a refusal for want of room.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

impl Error {
    /// The status of each failure.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoSession
            | Self::NoDiagram
            | Self::NoRun
            | Self::NoTable { .. }
            | Self::NoArtifact { .. } => StatusCode::NOT_FOUND,
            Self::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            Self::SessionInUse => StatusCode::CONFLICT,
            Self::NotCompleted { .. } | Self::NoModel | Self::BodyBroken | Self::NotAnUpgrade => {
                StatusCode::BAD_REQUEST
            }
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::SessionBusy => StatusCode::TOO_MANY_REQUESTS,
            Self::Model(_) => StatusCode::BAD_GATEWAY,
            Self::Internal | Self::BrokenDocument => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BodyTimeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::Full | Self::TooManySockets | Self::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Invalid(problems) => json!({ "detail": problems }),
            Self::NoTable { suggestions, .. } => {
                json!({ "detail": self.to_string(), "suggestions": suggestions })
            }
            Self::NoArtifact { .. } => {
                json!({ "detail": self.to_string(), "available": artifacts::file_names() })
            }
            Self::NotCompleted {
                error: Some(error), ..
            } => json!({ "detail": self.to_string(), "error": error }),
            Self::Model(trouble) => json!({ "detail": self.to_string(), "code": trouble.code() }),
            _ => detail(&self.to_string()),
        }
    }
}

impl Reply for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = respond(status, &self.body());
        if [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ]
        .contains(&status)
        {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response
    }
}

/// The body of an error that a sentence says.
#[must_use]
pub fn detail(sentence: &str) -> Value {
    json!({ "detail": sentence })
}

/// A JSON answer.
#[must_use]
pub fn respond(status: StatusCode, body: &Value) -> Response {
    warp::reply::with_status(warp::reply::json(body), status).into_response()
}

/// A known path was called with a method it does not serve.
#[derive(Debug)]
pub struct WrongMethod {
    /// The methods it serves.
    pub allowed: &'static [Method],
}

impl warp::reject::Reject for WrongMethod {}

/// Answers what no route took. A rejection holds what every route had to say: a wrong
/// method means that one of them knew the path, anything else that none did.
///
/// # Errors
/// None; the signature is warp's.
pub async fn recover(rejection: Rejection) -> Result<Response, Infallible> {
    if let Some(WrongMethod { allowed }) = rejection.find() {
        let mut response = respond(
            StatusCode::METHOD_NOT_ALLOWED,
            &detail("Method Not Allowed"),
        );
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
            response.headers_mut().insert(header::ALLOW, names);
        }
        return Ok(response);
    }
    if let Some(unreadable) = rejection.find::<warp::reject::InvalidQuery>() {
        log::debug!("refused a query: {unreadable}");
        let problem = Problem {
            kind: "query_invalid",
            loc: vec!["query".into()],
            msg: "The query string cannot be read: give each parameter once, percent-encoded as UTF-8".to_owned(),
            ctx: None,
        };
        return Ok(Error::Invalid(vec![problem]).into_response());
    }
    if !rejection.is_not_found() {
        // All our filters are covered above; this is a filter added without its case here.
        log::error!("no answer is decided for {rejection:?}");
        return Ok(respond(
            StatusCode::INTERNAL_SERVER_ERROR,
            &detail("Internal Server Error"),
        ));
    }
    Ok(respond(StatusCode::NOT_FOUND, &detail("Not Found")))
}
