//! The handlers of runs: started, watched, their results handed out.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::StreamExt;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;
use warp::reply::{Reply, Response};
use warp::sse;

use super::{find, object, optional_text, problem};
use crate::access::StartedRun;
use crate::client::ClientAddress;
use crate::conditional;
use crate::error::{Error, Problem};
use crate::filters::Segment;
use crate::metrics::{Metrics, Refused};
use crate::openapi::errors::{
    BadRequest, Forbidden, NotFound, RequestTimeout, TooLarge, TooManyRequests, Unavailable,
    Unprocessable, UnsupportedMediaType,
};
use crate::openapi::parameters::{Held, IdempotencyKey, LastEvent, SessionPath};
use crate::pipeline::{RunRequest, Step};
use crate::places::{Full, Places};
use crate::runs::events::{RunEvent, RunStreamEvent};
use crate::runs::{RunResult, Runs, Start};
use crate::sessions::{RunKey, SessionId, Sessions, Status};
use crate::text;

/// A call to start a run, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCall {
    request: RunRequest,
    /// What the client calls the run by.
    key: Option<RunKey>,
}

/// What a client calls a run by.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The longest key, in characters.
const KEY_LENGTH_MAX: usize = 255;
/// Tells a client that its call has started the run before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Columns per table in a diagram where the call does not say.
const DEFAULT_MAX_COLUMNS: usize = 5;
/// The most columns per table that a diagram shows.
const MAX_COLUMNS_MAX: i64 = 1000;
/// How many unknown fields and options are listed by name.
const UNKNOWN_NAMES_MAX: usize = 20;
/// What the body of a run may hold beside its document, in bytes.
const ENVELOPE_BYTES: usize = 64 * 1024;

/// The most bytes of a body that holds a document of the given size: clients in Python
/// write letters beyond ASCII, of two bytes, as `\u010d`, of six.
#[must_use]
pub fn body_limit(document_bytes: usize) -> usize {
    document_bytes
        .saturating_mul(3)
        .saturating_add(ENVELOPE_BYTES)
}

/// The body of a call that starts a run. Other fields are said in the result's `warnings` and
/// otherwise ignored.
#[derive(Debug, ToSchema)]
pub struct RunBody {
    /// The business request, in Markdown: at most 1 MiB of UTF-8 by default, and not blank. No template
    /// is required.
    #[schema(
        min_length = 1,
        pattern = r"\S",
        example = "# Supplier performance\n\n## Entities\n- Suppliers\n- Purchase orders\n\n## Out of scope\n- Bank accounts"
    )]
    pub document: String,
    /// How it is to be worked on.
    pub options: Option<RunOptions>,
    /// The same as `scope` in `options`, which wins.
    #[schema(max_length = 256, example = "dm_bs_purchase")]
    pub scope: Option<String>,
}

/// How a run is to work. Other options are said in the result's `warnings` and otherwise ignored.
#[derive(Debug, ToSchema)]
pub struct RunOptions {
    /// A schema, or words of schema names (`bs` for all `dm_bs_*`), or several with commas. By default
    /// the schemas that the document names, else all.
    #[schema(max_length = 256, example = "dm_bs")]
    pub scope: Option<String>,
    /// Columns per table in the diagram, keys first; 5 by default.
    #[schema(minimum = 0, maximum = 1000, example = 5)]
    pub max_columns: Option<u16>,
    /// Accepted, and without effect: runs use no model yet.
    #[schema(example = true)]
    pub use_llm: Option<bool>,
}

impl RunCall {
    /// Reads the body of `POST /api/pipeline/run`.
    ///
    /// # Errors
    /// 422 with every problem of the body, 413 for a document above `document_bytes`.
    pub fn parse(body: &[u8], document_bytes: usize) -> Result<Self, Error> {
        let mut fields = object(body)?;
        let mut problems = Vec::new();
        let document = document(fields.get("document"), &mut problems);
        let scope_beside = optional_text(fields.get("scope"), &["scope"], &mut problems);
        let options = match fields.remove("options") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(options)) => options,
            Some(_) => {
                problems.push(problem(
                    "dict_type",
                    &["options"],
                    "Input should be a valid dictionary",
                ));
                Map::new()
            }
        };
        let scope = optional_text(options.get("scope"), &["options", "scope"], &mut problems)
            .or(scope_beside);
        let max_columns = max_columns(options.get("max_columns"), &mut problems);
        // Accepted and without effect: runs ask no model yet.
        if !matches!(
            options.get("use_llm"),
            None | Some(Value::Null | Value::Bool(_))
        ) {
            problems.push(problem(
                "bool_type",
                &["options", "use_llm"],
                "Input should be a valid boolean",
            ));
        }
        let mut warnings = unknown_fields(&fields);
        warnings.extend(unknown_options(&options));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        if document.len() > document_bytes {
            return Err(Error::TooLarge {
                what: "The document",
                limit: document_bytes,
            });
        }
        Ok(Self {
            request: RunRequest {
                document,
                scope,
                max_columns,
                warnings,
            },
            key: None,
        })
    }

    /// The same call under the key that its headers name, if they name one.
    ///
    /// # Errors
    /// 422 for a key that is none.
    pub fn keyed(self, headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            key: run_key(headers, body)?,
            ..self
        })
    }
}

/// Keys are those of a caller: of the token it presents, or of all who present none.
fn run_key(headers: &HeaderMap, body: &[u8]) -> Result<Option<RunKey>, Error> {
    let mut keys = headers
        .get_all(IDEMPOTENCY_KEY)
        .iter()
        .map(HeaderValue::as_bytes);
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let fits = (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !fits || keys.next().is_some() {
        let msg =
            format!("Input should be one text of 1 to {KEY_LENGTH_MAX} visible ASCII characters");
        return Err(key_problem("string_pattern_mismatch", &msg));
    }
    let caller = headers
        .get(AUTHORIZATION)
        .map_or(&[][..], HeaderValue::as_bytes);
    Ok(Some(RunKey::new(caller, key, body)))
}

fn key_problem(kind: &'static str, msg: &str) -> Error {
    Error::Invalid(vec![Problem {
        kind,
        loc: vec!["header".into(), IDEMPOTENCY_KEY.into()],
        msg: msg.to_owned(),
        ctx: None,
    }])
}

fn document(value: Option<&Value>, problems: &mut Vec<Problem>) -> String {
    match value {
        Some(Value::String(document)) if document.trim().is_empty() => {
            let msg = "String should have at least 1 character that is not white space";
            problems.push(problem("string_too_short", &["document"], msg));
        }
        Some(Value::String(document)) => return document.clone(),
        None => problems.push(problem("missing", &["document"], "Field required")),
        Some(_) => problems.push(problem(
            "string_type",
            &["document"],
            "Input should be a valid string",
        )),
    }
    String::new()
}

fn max_columns(value: Option<&Value>, problems: &mut Vec<Problem>) -> usize {
    let path = &["options", "max_columns"];
    match value {
        None | Some(Value::Null) => return DEFAULT_MAX_COLUMNS,
        Some(Value::Number(number)) => match whole(number) {
            Some(columns) if (0..=MAX_COLUMNS_MAX).contains(&columns) => {
                return usize::try_from(columns).unwrap_or(DEFAULT_MAX_COLUMNS);
            }
            None if number.is_f64() => {
                problems.push(problem("int_type", path, "Input should be a valid integer"));
            }
            _ => {
                let msg = format!("Input should be between 0 and {MAX_COLUMNS_MAX}");
                problems.push(problem("value_error", path, &msg));
            }
        },
        Some(_) => problems.push(problem("int_type", path, "Input should be a valid integer")),
    }
    DEFAULT_MAX_COLUMNS
}

/// A whole number, which JSON also writes as `5.0`.
fn whole(number: &Number) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "whole, and saturates")]
    let of_decimal = |decimal: f64| (decimal.fract() == 0.0).then_some(decimal as i64);
    number
        .as_i64()
        .or_else(|| number.as_f64().and_then(of_decimal))
}

/// Fields of the body, those that the seed's clients send beside the document included.
const FIELDS: [&str; 5] = [
    "document",
    "options",
    "scope",
    "metadata_path",
    "skip_tool0",
];
const OPTIONS: [&str; 5] = [
    "scope",
    "max_columns",
    "use_llm",
    "metadata_path",
    "skip_tool0",
];

fn unknown_fields(fields: &Map<String, Value>) -> Vec<String> {
    ignored(fields, &FIELDS, "field")
}

fn unknown_options(options: &Map<String, Value>) -> Vec<String> {
    ignored(options, &OPTIONS, "option")
}

/// A remark on each name that is not known, up to a number of them.
fn ignored(given: &Map<String, Value>, known: &[&str], what: &str) -> Vec<String> {
    let unknown: Vec<&String> = given
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    let mut warnings: Vec<String> = unknown
        .iter()
        .take(UNKNOWN_NAMES_MAX)
        .map(|name| {
            format!(
                "Unknown {what} \"{}\" was ignored.",
                text::shorten(name, 60)
            )
        })
        .collect();
    if unknown.len() > UNKNOWN_NAMES_MAX {
        warnings.push(format!(
            "{} more unknown {what}s were ignored.",
            unknown.len() - UNKNOWN_NAMES_MAX
        ));
    }
    warnings
}

/// The answer to a call that started a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunStarted {
    /// Under which session to find it.
    session_id: SessionId,
    /// `started`.
    #[schema(example = "started")]
    status: &'static str,
    /// What to do next, in words.
    #[schema(
        example = "Pipeline started. Poll /api/pipeline/9b2f1c1e-6f0a-4f8e-9d55-0c5b7f6e2a10/status for updates."
    )]
    message: String,
}

/// Starts a run
///
/// It reads a business request and works on it in the background, after this answer: see its events
/// or its status.
///
/// With an `Idempotency-Key` a call that is sent again, because its answer was lost, starts no second
/// run: it is answered like the first, with `Idempotent-Replayed: true`. A key holds for a day, and for
/// as long as the session of its run is kept.
#[utoipa::path(
    post,
    path = "/api/pipeline/run",
    operation_id = "startRun",
    tag = "Pipeline",
    params(IdempotencyKey),
    request_body(content = RunBody, description = "The business request, and what is wanted of it."),
    responses(
        (status = 200, description = "The run is accepted, or was before under the same key: then with `Idempotent-Replayed: true`.", body = RunStarted, links(
            ("status" = (operation_id = "getRunStatus", parameters(("session_id" = "$response.body#/session_id")), description = "Where the run is.")),
            ("events" = (operation_id = "getRunEvents", parameters(("session_id" = "$response.body#/session_id")), description = "Its steps as they happen.")),
            ("result" = (operation_id = "getRunResult", parameters(("session_id" = "$response.body#/session_id")), description = "What it has found, once it is completed.")),
            ("documents" = (operation_id = "listRunDocuments", parameters(("session_id" = "$response.body#/session_id")), description = "Its documents, once it is completed.")),
            ("diagram" = (operation_id = "getRunDiagram", parameters(("session_id" = "$response.body#/session_id")), description = "Its diagram, once it is completed.")),
            ("session" = (operation_id = "getSession", parameters(("session_id" = "$response.body#/session_id")), description = "The session that holds it.")),
            ("forget" = (operation_id = "deleteSession", parameters(("session_id" = "$response.body#/session_id")), description = "Forgets it, once it has ended.")),
        )),
        BadRequest,
        Forbidden,
        RequestTimeout,
        TooLarge,
        UnsupportedMediaType,
        Unprocessable,
        TooManyRequests,
        Unavailable,
    ),
)]
pub async fn run_pipeline(call: Result<RunCall, Error>, runs: Runs) -> Result<Response, Error> {
    let RunCall { request, key } = call?;
    match runs.start(request, key)? {
        Start::New(id) => Ok(StartedRun(id.clone()).noted_in(accepted(id))),
        Start::Before(id) => {
            let mut response = accepted(id);
            let headers = response.headers_mut();
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Start::OtherCall => Err(key_problem(
            "idempotency_key_reused",
            "This key has started a run with another body: send that body, or another key",
        )),
    }
}

fn accepted(session_id: SessionId) -> Response {
    let started = RunStarted {
        message: format!("Pipeline started. Poll /api/pipeline/{session_id}/status for updates."),
        session_id,
        status: "started",
    };
    warp::reply::json(&started).into_response()
}

/// Where a run is.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunStatus<'a> {
    /// Its session.
    session_id: &'a SessionId,
    /// Where the session is in its life.
    status: Status,
    /// The step the run is in, or ended in; null before the first.
    #[schema(required)]
    current_step: Option<Step>,
    /// How much of the run lies behind, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.4)]
    progress: f64,
    /// Whether there is a result to fetch.
    #[schema(example = false)]
    has_result: bool,
    /// Whether there is a diagram to fetch.
    #[schema(example = false)]
    has_diagram: bool,
    /// Why the run failed, in words; null where it did not.
    #[schema(required, example = json!(null))]
    error: Option<&'a str>,
}

/// Says where a run is
#[utoipa::path(
    get,
    path = "/api/pipeline/{session_id}/status",
    operation_id = "getRunStatus",
    tag = "Pipeline",
    params(SessionPath),
    responses(
        (status = 200, description = "Where it is.", body = RunStatus),
        NotFound,
    ),
)]
pub async fn pipeline_status(id: Segment, sessions: Sessions) -> Result<impl Reply, Error> {
    let (session_id, session) = find(&id, &sessions)?;
    let progress = match (session.status, session.step) {
        (Status::Completed, _) => 1.0,
        (_, step) => step.map_or(0.0, Step::progress),
    };
    Ok(warp::reply::json(&RunStatus {
        session_id: &session_id,
        status: session.status,
        current_step: session.step,
        progress,
        has_result: session.result.is_some(),
        has_diagram: session.diagram.is_some(),
        error: session.error.as_deref(),
    }))
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// How often those who watch a waiting run hear that the stream lives: below the idle time of
/// the usual proxies.
const ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// After how long a browser is to come back where the stream breaks.
const RETRY: Duration = Duration::from_secs(1);

/// Tells the steps of a run as they happen
///
/// Server-sent events (HTML Living Standard, section 9.2): all from the first, or from the one after
/// `Last-Event-ID`; then the stream ends with the run. Each has an `id` (1, 2, 3 …), the name of what
/// happened as its `event`, and one line of JSON as its `data`, of the schema `RunEvent`. A comment
/// every 15 s tells that the stream lives.
///
/// | `event` | what happened | `data` beside `timestamp` |
/// |---|---|---|
/// | `started` | the run was accepted | `session_id` |
/// | `step_started` | a step begins | `step`, `progress` |
/// | `step_completed` | a step has ended | `step`, `progress`, `duration_seconds`, `counts` |
/// | `completed` | the result is there; the last event | `session_id`, `status`, `total_duration_seconds` |
/// | `failed` | there will be no result; the last event | `session_id`, `status`, `error` |
#[utoipa::path(
    get,
    path = "/api/pipeline/{session_id}/events",
    operation_id = "getRunEvents",
    tag = "Pipeline",
    params(SessionPath, LastEvent),
    responses(
        (
            status = 200,
            description = "The events.",
            body = RunStreamEvent,
            content_type = "text/event-stream",
        ),
        (status = 204, description = "The run has ended and the client has seen all of it: browsers stop coming back."),
        NotFound,
        TooManyRequests,
        Unavailable,
    ),
)]
pub async fn events(
    id: Segment,
    headers: HeaderMap,
    who: Option<ClientAddress>,
    sessions: Sessions,
    streams: Places,
    metrics: Metrics,
) -> Result<Response, Error> {
    let (_, session) = find(&id, &sessions)?;
    let events = session.events.ok_or(Error::NoRun)?;
    let last_seen = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    // What is no number was not ours: such a client has seen nothing.
    let seen: usize = last_seen.and_then(|id| id.parse().ok()).unwrap_or(0);
    if events.all_seen(seen) {
        // Browsers come back after the end of every stream; this tells them not to.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let place = streams.take(who).map_err(|full| {
        metrics.refused(Refused::EventStream);
        match full {
            Full::InAll => Error::TooManyStreams,
            Full::OfClient => Error::TooManyStreamsOfClient,
        }
    })?;
    let stream = events.after(seen).map(move |(number, event)| {
        // The stream has it for as long as it goes on.
        let _held = &place;
        Ok::<_, Infallible>(server_sent(number, &event))
    });
    let stream = sse::keep_alive()
        .interval(ALIVE_INTERVAL)
        .text("alive")
        .stream(stream);
    let mut response = sse::reply(stream).into_response();
    // nginx would gather the events into blocks.
    response
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn server_sent(number: usize, event: &RunEvent) -> sse::Event {
    // Events hold no map with keys that are no strings, the one thing that could fail.
    let data = serde_json::to_string(event).unwrap_or_default();
    let sent = sse::Event::default()
        .id(number.to_string())
        .event(event.name())
        .data(data);
    if number == 1 { sent.retry(RETRY) } else { sent }
}

/// Hands out what a run has found
#[utoipa::path(
    get,
    path = "/api/pipeline/{session_id}/result",
    operation_id = "getRunResult",
    tag = "Pipeline",
    params(SessionPath, Held),
    responses(
        (status = 200, description = "The result.", body = RunResult),
        (status = 304, description = "It is as it was."),
        BadRequest,
        NotFound,
    ),
)]
pub async fn pipeline_result(
    id: Segment,
    headers: HeaderMap,
    sessions: Sessions,
) -> Result<Response, Error> {
    let (_, session) = find(&id, &sessions)?;
    match (session.result, session.result_tag) {
        (Some(body), Some(tag)) => Ok(conditional::tagged(&headers, body, JSON, &tag)),
        _ => Err(Error::NotCompleted {
            status: session.status.name(),
            error: session.error,
        }),
    }
}
