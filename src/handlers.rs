//! The handlers: parsed values in, `Result<impl Reply, Error>` out.

mod chat;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use warp::reply::{Reply, Response};

use crate::catalog::{Catalog, Found, TableId};
use crate::error::{Error, Problem};
use crate::filters::Segment;
use crate::pipeline::structure::{Analysis, ColumnRole, Join, TableType};
use crate::pipeline::{Knowledge, RunRequest, rounded};
use crate::runs::{Runs, rfc3339};
use crate::sessions::{Session, SessionId, Sessions, Status};
use crate::text;

pub use chat::{ChatCall, SocketCall, SocketQuery, chat, chat_socket};

/// The version of the service.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Answers at any load: touches no lock and no catalog.
#[must_use]
pub fn health() -> impl Reply {
    warp::reply::json(
        &json!({ "status": "healthy", "version": VERSION, "timestamp": rfc3339(Timestamp::now()) }),
    )
}

/// A call to start a run, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCall(RunRequest);

/// Columns per table in a diagram where the call does not say.
const DEFAULT_MAX_COLUMNS: usize = 5;
/// The most columns per table that a diagram shows.
const MAX_COLUMNS_MAX: u64 = 1000;
/// How many unknown fields and options are listed by name.
const UNKNOWN_NAMES_MAX: usize = 20;
/// The longest scope, in characters.
const SCOPE_MAX: usize = 256;
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
        Ok(Self(RunRequest {
            document,
            scope,
            max_columns,
            warnings,
        }))
    }
}

fn problem(kind: &'static str, path: &[&str], msg: &str) -> Problem {
    let loc = std::iter::once("body")
        .chain(path.iter().copied())
        .map(Value::from)
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

fn optional_text(
    value: Option<&Value>,
    path: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<String> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() > SCOPE_MAX => {
            let msg = format!("String should have at most {SCOPE_MAX} characters");
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

fn max_columns(value: Option<&Value>, problems: &mut Vec<Problem>) -> usize {
    let path = &["options", "max_columns"];
    match value {
        None | Some(Value::Null) => return DEFAULT_MAX_COLUMNS,
        Some(Value::Number(number)) => match number
            .as_u64()
            .filter(|columns| *columns <= MAX_COLUMNS_MAX)
        {
            Some(columns) => return usize::try_from(columns).unwrap_or(DEFAULT_MAX_COLUMNS),
            None if number.is_f64() => {
                problems.push(problem("int_type", path, "Input should be a valid integer"));
            }
            None => {
                let msg = format!("Input should be between 0 and {MAX_COLUMNS_MAX}");
                problems.push(problem("value_error", path, &msg));
            }
        },
        Some(_) => problems.push(problem("int_type", path, "Input should be a valid integer")),
    }
    DEFAULT_MAX_COLUMNS
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

/// Starts a run; it goes on after this answer.
pub async fn run_pipeline(call: Result<RunCall, Error>, runs: Runs) -> Result<impl Reply, Error> {
    let session_id = runs.start(call?.0)?;
    Ok(warp::reply::json(&json!({
        "session_id": session_id,
        "status": "started",
        "message": format!("Pipeline started. Poll /api/pipeline/{session_id}/status for updates."),
    })))
}

/// An id that cannot exist is answered like one that does not.
fn find(id: &Segment, sessions: &Sessions) -> Result<(SessionId, Session), Error> {
    let id: SessionId = id.0.parse().map_err(|_| Error::NoSession)?;
    let session = sessions.get(&id)?;
    Ok((id, session))
}

/// Where a run is.
pub async fn pipeline_status(id: Segment, sessions: Sessions) -> Result<impl Reply, Error> {
    let (session_id, session) = find(&id, &sessions)?;
    let progress = match (session.status, session.step) {
        (Status::Completed, _) => 1.0,
        (_, step) => step.map_or(0.0, super::pipeline::Step::progress),
    };
    Ok(warp::reply::json(&json!({
        "session_id": session_id,
        "status": session.status,
        "current_step": session.step,
        "progress": progress,
        "has_result": session.result.is_some(),
        "has_diagram": session.diagram.is_some(),
        "error": session.error,
    })))
}

/// What a run has found.
pub async fn pipeline_result(id: Segment, sessions: Sessions) -> Result<impl Reply, Error> {
    let (_, session) = find(&id, &sessions)?;
    match session.result {
        Some(body) => Ok(json_bytes(&body)),
        None => Err(Error::NotCompleted {
            status: session.status.name(),
            error: session.error,
        }),
    }
}

/// JSON that was written before.
fn json_bytes(body: &Bytes) -> Response {
    let reply = warp::reply::with_status(body.to_vec(), StatusCode::OK);
    warp::reply::with_header(
        reply,
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )
    .into_response()
}

/// The diagram of a run.
pub async fn diagram(id: Segment, sessions: Sessions) -> Result<impl Reply, Error> {
    let (_, session) = find(&id, &sessions)?;
    let diagram = session.diagram.ok_or(Error::NoDiagram)?;
    Ok(warp::reply::json(
        &json!({ "diagram": &*diagram, "format": "mermaid" }),
    ))
}

/// The query of `GET /api/tables`.
#[derive(Debug, Deserialize)]
pub struct TablesQuery {
    schema: Option<String>,
}

#[derive(Serialize)]
struct TableLine<'a> {
    name: &'a str,
    full_name: String,
    table_type: TableType,
    schema: &'a str,
    description: Option<&'a str>,
    column_count: usize,
    confidence: f64,
}

/// All tables, by name and schema; those of one schema where the query names it.
pub async fn list_tables(query: TablesQuery, knowledge: Arc<Knowledge>) -> impl Reply {
    let catalog = &knowledge.catalog;
    let schema = query
        .schema
        .as_deref()
        .map(str::trim)
        .filter(|schema| !schema.is_empty());
    let lines: Vec<TableLine<'_>> = catalog
        .list(schema)
        .into_iter()
        .map(|id| table_line(catalog, &knowledge.structure, id))
        .collect();
    warp::reply::json(&lines)
}

fn table_line<'a>(catalog: &'a Catalog, structure: &Analysis, id: TableId) -> TableLine<'a> {
    let table = catalog.table(id);
    let found = structure.of(id);
    TableLine {
        name: &table.name,
        full_name: catalog.full_name(id),
        table_type: structure.table_type(id),
        schema: catalog.schema_name(id),
        description: table.documentation.best_description(),
        column_count: table.columns.len(),
        confidence: rounded(found.map_or(0.0, |found| found.confidence)),
    }
}

#[derive(Serialize)]
struct TableDetails<'a> {
    #[serde(flatten)]
    line: TableLine<'a>,
    columns: Vec<ColumnLine<'a>>,
    business_key: Vec<&'a str>,
    primary_key: Vec<&'a str>,
    grain: Option<&'a str>,
    measures: Vec<&'a str>,
    attributes: Vec<&'a str>,
    date_columns: Vec<&'a str>,
    rationale: &'a str,
    owner: Option<&'a str>,
    security_classification: Option<&'a str>,
    status: Option<&'a str>,
    articulation_score: Option<f64>,
    validated: Option<bool>,
    lineage: Lineage,
    /// The tables of the same name in other schemas.
    also_in: Vec<String>,
}

#[derive(Serialize)]
struct ColumnLine<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    data_type: Option<&'a str>,
    nullable: Option<bool>,
    is_primary_key: bool,
    is_foreign_key: bool,
    target: Option<Target<'a>>,
    is_measure: bool,
    description: Option<&'a str>,
}

/// What a foreign key points at.
#[derive(Serialize)]
struct Target<'a> {
    table: String,
    column: &'a str,
    confidence: f64,
}

/// Where a table's data comes from and goes to; `unknown` where the catalog says nothing.
#[derive(Serialize)]
struct Lineage {
    upstream_status: &'static str,
    upstream: Vec<Value>,
    downstream_status: &'static str,
    downstream: Vec<String>,
}

/// One table, in all details.
pub async fn table(name: Segment, knowledge: Arc<Knowledge>) -> Result<impl Reply, Error> {
    let catalog = &knowledge.catalog;
    let (id, also_in) = match catalog.find(&name.0) {
        Found::Table { table, also_in } => (table, also_in),
        Found::Nothing { suggestions } => {
            return Err(Error::NoTable {
                name: text::shorten(&name.0, 100),
                suggestions,
            });
        }
    };
    let details = table_details(&knowledge, id, &also_in).ok_or(Error::NoTable {
        name: name.0,
        suggestions: vec![],
    })?;
    Ok(warp::reply::json(&details))
}

fn table_details<'k>(
    knowledge: &'k Knowledge,
    id: TableId,
    also_in: &[TableId],
) -> Option<TableDetails<'k>> {
    let Knowledge {
        catalog, structure, ..
    } = knowledge;
    let (table, found) = (catalog.table(id), structure.of(id)?);
    let names = |role| -> Vec<&'k str> {
        found
            .columns_of(table, role)
            .map(|column| &*column.name)
            .collect()
    };
    let at = |places: &[usize]| -> Vec<&'k str> {
        places
            .iter()
            .filter_map(|place| table.columns.get(*place))
            .map(|column| &*column.name)
            .collect()
    };
    let key = found
        .key
        .as_ref()
        .map(|key| key.columns.as_slice())
        .unwrap_or_default();
    let targets = structure.targets_of(id);
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| ColumnLine {
            name: &column.name,
            data_type: column.data_type.as_deref(),
            nullable: column.nullable,
            is_primary_key: key.contains(&place),
            is_foreign_key: targets.contains_key(&place),
            target: targets.get(&place).and_then(|join| target(catalog, join)),
            is_measure: found.roles.get(place) == Some(&ColumnRole::Measure),
            description: column.documentation.best_description(),
        })
        .collect();
    Some(TableDetails {
        line: table_line(catalog, structure, id),
        columns,
        business_key: at(&found.business_key),
        primary_key: at(key),
        grain: found.grain.as_deref(),
        measures: names(ColumnRole::Measure),
        attributes: names(ColumnRole::Attribute),
        date_columns: names(ColumnRole::Date),
        rationale: &found.rationale,
        owner: catalog.owner(id),
        security_classification: catalog.classification(id),
        status: table.documentation.status.as_deref(),
        articulation_score: table.documentation.articulation_score,
        validated: table.documentation.validated,
        lineage: lineage(catalog, id),
        also_in: also_in
            .iter()
            .map(|other| catalog.full_name(*other))
            .collect(),
    })
}

fn target<'a>(catalog: &'a Catalog, join: &Join) -> Option<Target<'a>> {
    let column = catalog.table(join.to).columns.get(join.to_column)?;
    Some(Target {
        table: catalog.full_name(join.to),
        column: &column.name,
        confidence: rounded(join.confidence),
    })
}

fn lineage(catalog: &Catalog, id: TableId) -> Lineage {
    let known = |something: bool| if something { "known" } else { "unknown" };
    let upstream: Vec<Value> = catalog
        .upstream(id)
        .iter()
        .map(|source| {
            json!({
                "name": source.name,
                "table": source.table.map(|table| catalog.full_name(table)),
                "via": source.via,
                "columns": source.columns,
            })
        })
        .collect();
    let downstream: Vec<String> = catalog
        .downstream(id)
        .iter()
        .map(|user| catalog.full_name(*user))
        .collect();
    Lineage {
        upstream_status: known(!upstream.is_empty()),
        upstream,
        downstream_status: known(!downstream.is_empty()),
        downstream,
    }
}

/// All schemas, by name.
pub async fn schemas(knowledge: Arc<Knowledge>) -> impl Reply {
    let catalog = &knowledge.catalog;
    let lines: Vec<Value> = catalog
        .schemas()
        .iter()
        .map(|schema| {
            let columns: usize = schema
                .tables
                .iter()
                .map(|id| catalog.table(*id).columns.len())
                .sum();
            json!({
                "name": schema.name,
                "description": schema.documentation.best_description(),
                "table_count": schema.tables.len(),
                "column_count": columns,
                "owner": schema.documentation.owner,
                "security_classification": schema.documentation.security_classification,
            })
        })
        .collect();
    warp::reply::json(&lines)
}

/// Counts of what the service holds.
pub async fn stats(knowledge: Arc<Knowledge>, sessions: Sessions) -> impl Reply {
    let catalog = &knowledge.catalog;
    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, _) in catalog.tables() {
        *by_type
            .entry(knowledge.structure.table_type(id).name())
            .or_default() += 1;
    }
    warp::reply::json(&json!({
        "active_sessions": sessions.count(),
        "total_tables": catalog.tables().len(),
        "total_columns": catalog.column_count(),
        "tables_by_type": by_type,
    }))
}
