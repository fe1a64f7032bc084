//! The handlers of sessions: what one holds, and forgetting it.

use http::{Method, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::{Reply, Response};

use super::find;
use crate::error::Error;
use crate::filters::Segment;
use crate::openapi::errors::{Conflict, Forbidden, NotFound};
use crate::openapi::parameters::SessionPath;
use crate::pipeline::Step;
use crate::sessions::{Deletion, SessionId, Sessions, Status};

/// What a session holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionAnswer<'a> {
    /// Its id.
    session_id: &'a SessionId,
    /// Where it is in its life.
    status: Status,
    /// The step its run is in, or ended in; null where it has none.
    #[schema(required)]
    current_step: Option<Step>,
    /// Whether there is a result to fetch.
    #[schema(example = true)]
    has_result: bool,
    /// Whether there is a diagram to fetch.
    #[schema(example = true)]
    has_diagram: bool,
    /// Why its run failed, in words; null where it did not.
    #[schema(required, example = json!(null))]
    error: Option<&'a str>,
    /// How many messages it has seen, questions and answers counted, forgotten ones included.
    #[schema(example = 2)]
    message_count: usize,
    /// The questions and answers that are remembered, oldest first.
    messages: Vec<Message<'a>>,
    /// In how many seconds it is forgotten unless somebody uses it.
    #[schema(example = 86400)]
    expires_in_seconds: u64,
}

/// A question and its answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionMessage)]
pub struct Message<'a> {
    /// As the person wrote it.
    #[schema(example = "Which facts are in dm_bs_logistics?")]
    question: &'a str,
    /// The answer; where it broke off, as far as it came.
    #[schema(example = "Schema `dm_bs_logistics`: 4 facts: …")]
    answer: &'a str,
    /// Whether the answer came to its end.
    #[schema(example = true)]
    is_finished: bool,
}

/// Shows what a session holds, which counts as use, or forgets it.
pub async fn session(id: Segment, method: Method, sessions: Sessions) -> Result<Response, Error> {
    if method == Method::DELETE {
        delete(&id, &sessions)
    } else {
        show(&id, &sessions)
    }
}

/// Shows what a session holds
///
/// The state of its run and the conversation. Looking counts as use.
#[utoipa::path(
    get,
    path = "/api/sessions/{session_id}",
    operation_id = "getSession",
    tag = "Pipeline",
    params(SessionPath),
    responses(
        (status = 200, description = "The session.", body = SessionAnswer),
        NotFound,
    ),
)]
pub fn show(id: &Segment, sessions: &Sessions) -> Result<Response, Error> {
    let (session_id, session) = find(id, sessions)?;
    let messages = session.thread.turns().map(|turn| Message {
        question: &turn.question,
        answer: &turn.answer,
        is_finished: turn.complete,
    });
    let answer = SessionAnswer {
        session_id: &session_id,
        status: session.status,
        current_step: session.step,
        has_result: session.result.is_some(),
        has_diagram: session.diagram.is_some(),
        error: session.error.as_deref(),
        message_count: session.thread.message_count(),
        messages: messages.collect(),
        expires_in_seconds: sessions.time_to_live().as_secs(),
    };
    Ok(warp::reply::json(&answer).into_response())
}

/// Forgets a session
///
/// With all it holds, unless its run or an answer is under way.
#[utoipa::path(
    delete,
    path = "/api/sessions/{session_id}",
    operation_id = "deleteSession",
    tag = "Pipeline",
    params(SessionPath),
    responses(
        (status = 204, description = "It is forgotten."),
        Forbidden,
        NotFound,
        Conflict,
    ),
)]
pub fn delete(id: &Segment, sessions: &Sessions) -> Result<Response, Error> {
    let id: SessionId = id.0.parse().map_err(|_| Error::NoSession)?;
    match sessions.delete(&id) {
        Deletion::Done => Ok(StatusCode::NO_CONTENT.into_response()),
        Deletion::UnderWay => Err(Error::SessionInUse),
        Deletion::NoSession => Err(Error::NoSession),
    }
}
