//! The documents of a run over HTTP.

use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::{Reply, Response};

use super::find;
use crate::artifacts::{self, ARCHIVE, Artifact, File};
use crate::conditional;
use crate::documents::Documents;
use crate::error::{Error, Problem};
use crate::filters::{Parameters, Segment};
use crate::openapi::errors::{
    BadRequest, InternalError, NotFound, TooManyRequests, Unavailable, Unprocessable,
};
use crate::openapi::parameters::{DocumentPath, DocumentWording, Held, SessionPath};
use crate::rates::{CallerRates, RateKind};
use crate::sessions::{SessionId, Sessions};
use crate::wording::Language;

/// The documents of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactList {
    /// The session of the run.
    pub session_id: SessionId,
    /// The language they are written in: `cs`, `sk` or `en`.
    #[schema(example = "cs")]
    pub language: &'static str,
    /// The documents, the file with all of them last.
    pub artifacts: Vec<ArtifactLine>,
}

/// One document of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactLine {
    /// The name of its file.
    #[schema(example = "governance_report.md")]
    pub name: &'static str,
    /// What its bytes are.
    #[schema(example = "text/markdown; charset=utf-8")]
    pub media_type: &'static str,
    /// What it is for, in the language of the request.
    #[schema(example = "What was found, for those who decide.")]
    pub description: &'static str,
    /// How many bytes it has.
    #[schema(example = 36174)]
    pub bytes: usize,
    /// Where to get it.
    #[schema(
        example = "/api/pipeline/9b2f1c1e-6f0a-4f8e-9d55-0c5b7f6e2a10/artifacts/governance_report.md"
    )]
    pub url: String,
}

/// Lists the documents of a run
///
/// Reports, queries and the parts of the result, as files to take away; described in the language of the
/// request.
#[utoipa::path(
    get,
    path = "/api/pipeline/{session_id}/artifacts",
    operation_id = "listRunDocuments",
    tag = "Pipeline",
    params(SessionPath),
    responses(
        (status = 200, description = "The documents.", body = ArtifactList),
        BadRequest,
        NotFound,
        InternalError,
        Unavailable,
    ),
)]
pub async fn list(
    id: Segment,
    sessions: Sessions,
    documents: Documents,
) -> Result<impl Reply, Error> {
    let (session_id, result) = result_of(&id, &sessions)?;
    let (outputs, files) = documents.all(result).await?;
    let artifacts = files
        .iter()
        .map(|file| ArtifactLine {
            name: file.name,
            media_type: file.media_type,
            description: file.description,
            bytes: file.bytes.len(),
            url: format!("/api/pipeline/{session_id}/artifacts/{}", file.name),
        })
        .collect();
    Ok(warp::reply::json(&ArtifactList {
        language: Language::from(outputs.tool0_output.language).code(),
        session_id,
        artifacts,
    }))
}

/// Hands out one document of a run
///
/// As a file to be kept. A `HEAD` asks no model: of a summary in a model's words it tells neither length
/// nor tag.
#[utoipa::path(
    get,
    path = "/api/pipeline/{session_id}/artifacts/{file}",
    operation_id = "getRunDocument",
    tag = "Pipeline",
    params(SessionPath, DocumentPath, DocumentWording, Held),
    responses(
        (
            status = 200,
            description = "The document.",
            headers(("Content-Disposition" = String, description = "`attachment`, with the name of the file.")),
            content(
                (String = "text/markdown", example = "# Governance report\n"),
                (Object = "application/json", example = json!({ "scope": "all" })),
                (String = "application/sql", example = "SELECT …"),
                (String = "text/plain", example = "let …"),
                (Vec<u8> = "application/zip", example = json!("PK…")),
            ),
        ),
        (status = 304, description = "It is as it was."),
        BadRequest,
        NotFound,
        Unprocessable,
        TooManyRequests,
        InternalError,
        Unavailable,
    ),
)]
pub async fn file(
    id: Segment,
    name: Segment,
    query: Parameters,
    headers: HeaderMap,
    caller: CallerRates,
    sessions: Sessions,
    documents: Documents,
) -> Result<Response, Error> {
    let (_, result) = result_of(&id, &sessions)?;
    let is_of_head = query.is_of_head();
    let file = if wants_summary(&name.0, query)? {
        if is_of_head {
            documents.can_summarise()?;
            return Ok(unwritten(Artifact::GovernanceReport));
        }
        // It costs a call of the model, as a message does.
        caller.admit(RateKind::Message)?;
        documents.summarised(result).await?
    } else {
        documents.one(result, name.0).await?
    };
    Ok(download(&headers, file))
}

/// The stored result of a run that has completed.
fn result_of(id: &Segment, sessions: &Sessions) -> Result<(SessionId, Bytes), Error> {
    let (id, session) = find(id, sessions)?;
    match session.result {
        Some(result) => Ok((id, result)),
        None => Err(Error::NotCompleted {
            status: session.status.name(),
            error: session.error,
        }),
    }
}

/// Whether a model's wording is asked for, which one document has.
fn wants_summary(name: &str, mut query: Parameters) -> Result<bool, Error> {
    let by_model = query.choice("wording", &[("rules", false), ("model", true)]);
    query.checked()?;
    let report = Artifact::GovernanceReport.file_name();
    if by_model != Some(true) || name == report {
        return Ok(by_model == Some(true));
    }
    // That there is no such document says more.
    if !artifacts::file_names().contains(&name) {
        return Err(Error::NoArtifact {
            name: name.to_owned(),
        });
    }
    Err(Error::Invalid(vec![Problem {
        kind: "value_error",
        loc: vec!["query".into(), "wording".into()],
        msg: format!("Only {report} can have a model's wording"),
        ctx: None,
    }]))
}

/// What a `HEAD` is answered for a document that a model words: no model is asked for a text that is thrown
/// away, so what only the text would tell is left out, its length and its tag (RFC 9110, section 9.3.2).
fn unwritten(artifact: Artifact) -> Response {
    let mut response = Response::default();
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(artifact.media_type());
    headers.insert(header::CONTENT_TYPE, media_type);
    attach(headers, artifact.file_name());
    response
}

/// A file to be kept, or 304 where the client has it.
fn download(headers: &HeaderMap, file: File) -> Response {
    let media_type = HeaderValue::from_static(file.media_type);
    let body = file.bytes.into();
    let mut response = if file.name == ARCHIVE {
        conditional::file(headers, body, media_type)
    } else {
        // Weak: what is no archive may be sent compressed.
        conditional::bytes(headers, body, media_type)
    };
    if response.status() == StatusCode::OK {
        attach(response.headers_mut(), file.name);
    }
    response
}

/// Says that it is to be kept under this name.
fn attach(headers: &mut HeaderMap, name: &str) {
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
}
