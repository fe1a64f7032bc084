//! Every failure that a client can see, and its status, decided in one place.
//!
//! Bodies have the shape of `FastAPI`'s: `{"detail": …}`, a sentence or, for a body that does not
//! fit, a list of problems. Causes go to the log and never to the client.

use std::convert::Infallible;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use warp::Rejection;
use warp::reply::{Reply, Response};

use crate::artifacts;
use crate::authorization::Presented;
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
    /// 401: callers need a token; send one that is among the service's.
    #[error("{}", .0.words())]
    Unauthorized(Presented),
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
    /// 429: the client asks more often than one may; wait as long as `Retry-After` says.
    #[error("Too many calls in a short time. Try again in {seconds} s.")]
    RateLimited {
        /// Until the next is admitted, at least 1.
        seconds: u64,
    },
    /// 429: the client watches as many runs as one may; end some of its streams.
    #[error("Too many event streams of this client are open. Close some, or try again shortly.")]
    TooManyStreamsOfClient,
    /// 429: the day's tokens of the model are spent; ask again after midnight UTC.
    #[error("{}", Trouble::BudgetSpent.words())]
    BudgetSpent {
        /// Until midnight, at least 1.
        seconds: u64,
    },
    /// 503: as many event streams are open as the service holds; try again, or poll the status.
    #[error("The service is full: too many event streams are open. Try again shortly.")]
    TooManyStreams,
    /// 429: the client has as many sockets as one may; close some.
    #[error("Too many sockets of this client are open. Close some, or try again shortly.")]
    TooManySocketsOfClient,
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
    /// 500: a handler panicked; the log has its request id.
    #[error(
        "The service failed. The failure was logged under the id in the header x-request-id; please report it."
    )]
    Panicked,
    /// 503: as many runs are under way and waiting as the service holds; try again.
    #[error("The service is busy: too many pipeline runs are waiting. Try again shortly.")]
    Busy,
    /// 503: as many calls for documents are under way and waiting as the service holds; try again.
    #[error("The service is busy: too many documents are being made. Try again shortly.")]
    TooManyDocuments,
    /// 503: as many sessions are running as the service holds; try again.
    #[error("The service is full: too many sessions are running. Try again shortly.")]
    Full,
    /// 503: the service is going down; another instance will answer.
    #[error("The service is shutting down. Try again shortly.")]
    Stopping,
}

/// One thing that is wrong with a call, in pydantic's terms.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// Machine-readable kind, such as `missing`.
    #[serde(rename = "type")]
    #[schema(example = "less_than_equal")]
    pub kind: &'static str,
    /// Where: `body`, `query`, `path` or `header`, then field names and places.
    #[schema(example = json!(["query", "limit"]))]
    pub loc: Vec<Place>,
    /// What is wrong, in words.
    #[schema(example = "Input should be less than or equal to 1000")]
    pub msg: String,
    /// More about it, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>, required = false, example = json!({ "le": 1000 }))]
    pub ctx: Option<Value>,
}

/// One step on the way to what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ProblemPlace, example = "limit")]
pub enum Place {
    /// The part of the call, or the name of a field.
    Name(String),
    /// How many bytes of the body come before it.
    Byte(usize),
}

impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for Place {
    fn from(byte: usize) -> Self {
        Self::Byte(byte)
    }
}

/// The body of an error that a sentence says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct SentenceBody {
    /// What was wrong, in words that a client's developer can act on.
    #[schema(
        example = "The service is busy: too many pipeline runs are waiting. Try again shortly."
    )]
    detail: String,
}

/// The body of an error where there is no such thing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotFoundError)]
pub struct NotFoundBody<'a> {
    /// What there is not.
    #[schema(example = "Table 'dimv_suplier' not found")]
    detail: String,
    /// Full names of tables like the one asked for, the most similar first; where a table was
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["dm_bs_purchase.dimv_supplier"]))]
    suggestions: Option<&'a [String]>,
    /// The documents that there are; where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["governance_report.md", "artifacts.zip"]))]
    available: Option<Vec<&'static str>>,
}

/// The body of an error where a run has no result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotCompletedError)]
pub struct NotCompletedBody<'a> {
    /// Where the run is.
    #[schema(example = "Pipeline status: failed")]
    detail: String,
    /// Why the run failed; where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "The run ended in an internal error. It was logged; try again or report the session id."
    )]
    error: Option<&'a str>,
}

/// The body of an error of the model behind the Explorer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelError)]
pub struct ModelFailedBody {
    /// What was wrong, in words that can be shown to a person.
    #[schema(
        example = "The language model refuses the settings of this service. Its operator finds the reason in the log."
    )]
    detail: String,
    /// The same for programs.
    code: Trouble,
}

/// The body of an error where one caller, or the model's budget, has had its share.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TooManyError)]
pub struct TooManyBody {
    /// What there was too much of, and when to go on.
    #[schema(example = "Too many calls in a short time. Try again in 3 s.")]
    detail: String,
    /// `budget_spent` where the day's tokens of the language model are spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<Trouble>,
}

/// The body of an error that lists all that is wrong with a call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvalidCallError)]
pub struct InvalidBody<'a> {
    /// Everything that is wrong.
    #[schema(min_items = 1)]
    detail: &'a [Problem],
}

/// When to try again after a refusal for want of room, in seconds.
const ROOM_SECONDS: u64 = 1;

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
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::SessionBusy
            | Self::RateLimited { .. }
            | Self::TooManyStreamsOfClient
            | Self::TooManySocketsOfClient
            | Self::BudgetSpent { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Model(_) => StatusCode::BAD_GATEWAY,
            Self::Internal | Self::BrokenDocument | Self::Panicked => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BodyTimeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Busy
            | Self::TooManyDocuments
            | Self::Full
            | Self::TooManySockets
            | Self::TooManyStreams
            | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// In how many seconds to try again, where that helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { seconds } | Self::BudgetSpent { seconds } => Some(*seconds),
            other => [
                StatusCode::SERVICE_UNAVAILABLE,
                StatusCode::TOO_MANY_REQUESTS,
            ]
            .contains(&other.status())
            .then_some(ROOM_SECONDS),
        }
    }

    /// What the client reads.
    #[must_use]
    pub fn body(&self) -> Body<'_> {
        let detail = || self.to_string();
        match self {
            Self::Invalid(problems) => Body::Invalid(InvalidBody { detail: problems }),
            Self::NoTable { suggestions, .. } => Body::NotFound(NotFoundBody {
                detail: detail(),
                suggestions: Some(suggestions),
                available: None,
            }),
            Self::NoArtifact { .. } => Body::NotFound(NotFoundBody {
                detail: detail(),
                suggestions: None,
                available: Some(artifacts::file_names()),
            }),
            Self::NotCompleted { error, .. } => Body::NotCompleted(NotCompletedBody {
                detail: detail(),
                error: error.as_deref(),
            }),
            Self::Model(trouble) => Body::ModelFailed(ModelFailedBody {
                detail: detail(),
                code: *trouble,
            }),
            Self::BudgetSpent { .. } => Body::TooMany(TooManyBody {
                detail: detail(),
                code: Some(Trouble::BudgetSpent),
            }),
            _ => Body::Sentence(SentenceBody { detail: detail() }),
        }
    }
}

/// The body of an error, in any of its shapes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Body<'a> {
    /// Where a sentence says it all.
    Sentence(SentenceBody),
    /// Where there is no such thing.
    NotFound(NotFoundBody<'a>),
    /// Where a run has no result.
    NotCompleted(NotCompletedBody<'a>),
    /// Where the model failed.
    ModelFailed(ModelFailedBody),
    /// Where it is too much for now.
    TooMany(TooManyBody),
    /// Where the call does not fit.
    Invalid(InvalidBody<'a>),
}

impl Reply for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = respond(status, &self.body());
        if let Self::Unauthorized(presented) = &self {
            let challenge = presented.challenge();
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The body of an error that a sentence says.
#[must_use]
pub fn detail(sentence: &str) -> SentenceBody {
    SentenceBody {
        detail: sentence.to_owned(),
    }
}

/// A JSON answer.
#[must_use]
pub fn respond(status: StatusCode, body: &impl Serialize) -> Response {
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
    Ok(not_found())
}

/// 404: there is nothing at this address.
#[must_use]
pub fn not_found() -> Response {
    respond(StatusCode::NOT_FOUND, &detail("Not Found"))
}
