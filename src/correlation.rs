//! What a call is known by, to its caller, in the log, and to the model that is asked because of it.
//!
//! The service names each request before anything else sees it; here it goes by that name to its
//! end. To the model's client the name comes through the task, not through the arguments of
//! everything between: it belongs to the call that is being answered, and nothing between needs it.

use std::convert::Infallible;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::{HeaderMap, HeaderName, HeaderValue};
use once_cell::{sync, unsync};
use uuid::{Builder, Uuid};
use warp::Filter;

use crate::trace_context::{TraceContext, TraceId};

/// Names a request to its caller and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id that is taken over from a caller.
const REQUEST_ID_MAX: usize = 64;

tokio::task_local! {
    static CURRENT: Correlation;
}

/// What a call is named in its answer and in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestId {
    /// By its caller.
    Given(HeaderValue),
    /// Here; written out where it is asked for.
    Made(Uuid),
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(id) => f.write_str(id.to_str().unwrap_or_default()),
            Self::Made(id) => id.fmt(f),
        }
    }
}

impl From<&RequestId> for HeaderValue {
    fn from(id: &RequestId) -> Self {
        match id {
            RequestId::Given(id) => id.clone(),
            RequestId::Made(id) => {
                let mut text = Uuid::encode_buffer();
                // Hexadecimal digits and hyphens: nothing that a header could not hold.
                HeaderValue::from_str(id.as_hyphenated().encode_lower(&mut text))
                    .unwrap_or(HeaderValue::from_static("unknown"))
            }
        }
    }
}

/// The name of a call, and the trace it is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation {
    request_id: RequestId,
    trace: TraceContext,
}

impl Correlation {
    /// The caller's request id where it is sane, and the caller's trace where it is well-formed; new ones
    /// in place of those that are not.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).filter(|id| is_sane(id)).cloned();
        let trace = TraceContext::of_caller(headers);
        // One number does for both.
        let made = unsync::Lazy::<Uuid>::new(fresh_id);
        Self {
            request_id: given.map_or_else(|| RequestId::Made(*made), RequestId::Given),
            trace: trace.unwrap_or_else(|| TraceContext::beginning(*made)),
        }
    }

    /// That of the call for which this task works; `None` where it is no call.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// What the call is named in its answer and in the log.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The trace it is part of.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace.id()
    }

    /// Does work in the name of this call.
    pub async fn during<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

/// The headers by which another service is told for which call it is asked; none where it is no call.
#[must_use]
pub fn onward() -> HeaderMap {
    let Some(call) = Correlation::current() else {
        return HeaderMap::new();
    };
    let id = (REQUEST_ID, HeaderValue::from(call.request_id()));
    std::iter::once(id).chain(call.trace.onward()).collect()
}

/// Hands a handler what its call is known by.
pub fn correlation() -> impl Filter<Extract = (Correlation,), Error = Infallible> + Clone {
    let unnamed =
        warp::header::headers_cloned().map(|headers: HeaderMap| Correlation::of(&headers));
    warp::ext::get::<Correlation>().or(unnamed).unify()
}

/// An id that no other call has: a count, through a hash with a key of this process. The system's
/// random numbers cost a call of the kernel each, and nobody has to be kept from guessing it.
fn fresh_id() -> Uuid {
    static KEY: sync::Lazy<RandomState> = sync::Lazy::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let half = |side: u8| u128::from(KEY.hash_one((count, side)));
    Builder::from_random_bytes((half(0) << 64 | half(1)).to_be_bytes()).into_uuid()
}

/// Short, and harmless wherever it is printed.
fn is_sane(id: &HeaderValue) -> bool {
    let id = id.as_bytes();
    let plain = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    (1..=REQUEST_ID_MAX).contains(&id.len()) && id.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_task_asks_for_a_call_bears_its_name_and_nothing_else_does() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static("call-1"));
        let call = Correlation::of(&headers);
        let trace = call.trace_id().to_string();
        let told = call.during(async { onward() }).await;
        assert_eq!(told["x-request-id"], "call-1");
        let parent = told["traceparent"].to_str().unwrap();
        assert!(parent.starts_with(&format!("00-{trace}-")), "{parent}");
        assert_eq!(told.len(), 2);
        assert_eq!(onward(), HeaderMap::new());
    }

    #[test]
    fn ids_that_are_made_are_uuids_and_all_different() {
        let ids: Vec<Uuid> = (0..10_000).map(|_| fresh_id()).collect();
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
        let different: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len());
    }

    #[test]
    fn a_call_that_names_neither_is_given_one_number_for_both() {
        let call = Correlation::of(&HeaderMap::new());
        let id: Uuid = call.request_id().to_string().parse().unwrap();
        assert_eq!(HeaderValue::from(call.request_id()), id.to_string());
        assert_eq!(id.as_simple().to_string(), call.trace_id().to_string());
        assert_ne!(Correlation::of(&HeaderMap::new()), call);
    }
}
