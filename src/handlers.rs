//! The handlers: parsed values in, `Result<impl Reply, Error>` out.

pub mod artifacts;
pub mod catalog;
pub mod chat;
pub mod console;
pub mod diagrams;
pub mod docs;
pub mod operators;
pub mod runs;
pub mod sessions;
pub mod shelf;
pub mod table;

use std::collections::BTreeMap;

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use warp::reply::Reply;

use crate::App;
use crate::error::{Error, Place, Problem};
use crate::filters::Segment;
use crate::runs::rfc3339;
use crate::serve::Connections;
use crate::sessions::{Session, SessionId, Sessions};
use crate::state::{Condition, State};

/// The longest short text of a body, such as a scope, in characters.
const SHORT_TEXT_MAX: usize = 256;
/// The version of the service.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// That the service is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `healthy`, or `stopping`.
    #[schema(pattern = "^(healthy|stopping)$", example = "healthy")]
    status: &'static str,
    /// Version of the service.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Now, in UTC.
    #[schema(example = "2026-01-31T10:30:05.123Z", format = DateTime)]
    timestamp: String,
    /// Whether sessions are kept over a restart.
    state: Condition,
}

/// Says that the service is there
///
/// Answers at any load: touches no lock and no catalog. A service that is about to stop says so with
/// 503, so that nothing more is sent to it.
#[must_use]
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "getHealth",
    tag = "Service",
    responses(
        (status = 200, description = "It is.", body = Health),
        (status = 503, description = "It is about to stop: ask another instance.", body = Health),
    ),
)]
pub fn health(connections: &Connections, state: &State) -> impl Reply + use<> {
    let (status, code) = if connections.is_stopping() {
        ("stopping", StatusCode::SERVICE_UNAVAILABLE)
    } else {
        ("healthy", StatusCode::OK)
    };
    let health = warp::reply::json(&Health {
        status,
        version: VERSION,
        timestamp: rfc3339(Timestamp::now()),
        state: state.condition(),
    });
    warp::reply::with_status(health, code)
}

/// Counts of what the service holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stats {
    /// Sessions that are kept.
    #[schema(example = 3)]
    active_sessions: usize,
    /// Tables of the catalog.
    #[schema(example = 45)]
    total_tables: usize,
    /// Their columns.
    #[schema(example = 612)]
    total_columns: usize,
    /// How many tables there are of each class.
    #[schema(example = json!({ "BRIDGE": 1, "DIMENSION": 27, "FACT": 14, "VIEW": 3 }))]
    tables_by_type: BTreeMap<&'static str, usize>,
    /// Sockets of chats that are open.
    #[schema(example = 1)]
    open_sockets: usize,
    /// Runs that are under way.
    #[schema(example = 0)]
    runs_under_way: usize,
    /// Runs that wait for a place.
    #[schema(example = 0)]
    runs_waiting: usize,
    /// Version of the service.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// When the catalog was loaded, which is when the service started; UTC.
    #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
    catalog_loaded_at: String,
    /// How long the service has been up.
    #[schema(example = 86400)]
    uptime_seconds: u64,
}

/// Counts what the service holds
#[utoipa::path(
    get,
    path = "/api/stats",
    operation_id = "getStats",
    tag = "Service",
    responses((status = 200, description = "The counts.", body = Stats)),
)]
pub async fn stats(app: App) -> impl Reply {
    let catalog = &app.knowledge.catalog;
    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, _) in catalog.tables() {
        let table_type = app.knowledge.structure.table_type(id);
        *by_type.entry(table_type.name()).or_default() += 1;
    }
    warp::reply::json(&Stats {
        active_sessions: app.sessions.count(),
        total_tables: catalog.tables().len(),
        total_columns: catalog.column_count(),
        tables_by_type: by_type,
        open_sockets: app.admission.open(),
        runs_under_way: app.runs.under_way(),
        runs_waiting: app.runs.waiting(),
        version: VERSION,
        catalog_loaded_at: rfc3339(app.started.at),
        uptime_seconds: app.started.monotonic.elapsed().as_secs(),
    })
}

/// An id that cannot exist is answered like one that does not.
fn find(id: &Segment, sessions: &Sessions) -> Result<(SessionId, Session), Error> {
    let id: SessionId = id.0.parse().map_err(|_| Error::NoSession)?;
    let session = sessions.get(&id)?;
    Ok((id, session))
}

fn problem(kind: &'static str, path: &[&str], msg: &str) -> Problem {
    let loc = std::iter::once("body")
        .chain(path.iter().copied())
        .map(Place::from)
        .collect();
    Problem {
        kind,
        loc,
        msg: msg.to_owned(),
        ctx: None,
    }
}

/// The body as a JSON object; of repeated keys the last counts, as in Python.
fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Invalid(vec![problem(
            "missing",
            &[],
            "Field required",
        )]));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Null) => Err(Error::Invalid(vec![problem(
            "missing",
            &[],
            "Field required",
        )])),
        Ok(_) => {
            let msg = "Input should be a valid dictionary or object to extract fields from";
            Err(Error::Invalid(vec![problem(
                "model_attributes_type",
                &[],
                msg,
            )]))
        }
        Err(error) => Err(Error::Invalid(vec![Problem {
            kind: "json_invalid",
            loc: vec!["body".into(), byte_offset(body, &error).into()],
            msg: "JSON decode error".to_owned(),
            ctx: Some(json!({ "error": json_problem(body, &error) })),
        }])),
    }
}

/// Where in the body the error is, in bytes from its start.
fn byte_offset(body: &[u8], error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return body.len();
    }
    let lines_before = body
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1));
    lines_before.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1)
}

fn json_problem(body: &[u8], error: &serde_json::Error) -> String {
    if std::str::from_utf8(body).is_err() {
        return "The body is not valid UTF-8".to_owned();
    }
    if error.is_eof() {
        "The body ends in the middle of a value".to_owned()
    } else {
        error.to_string()
    }
}

fn optional_text(
    value: Option<&Value>,
    path: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<String> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() > SHORT_TEXT_MAX => {
            let msg = format!("String should have at most {SHORT_TEXT_MAX} characters");
            problems.push(problem("string_too_long", path, &msg));
            None
        }
        Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Some(_) => {
            problems.push(problem(
                "string_type",
                path,
                "Input should be a valid string",
            ));
            None
        }
    }
}
