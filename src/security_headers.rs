//! What every answer tells a browser, beyond what it is an answer to.
//!
//! `Strict-Transport-Security` is left to whatever speaks TLS in front: the service speaks plain HTTP and
//! cannot know that its host does so nowhere.

use http::header::{self, HeaderName, HeaderValue};
use warp::reply::Response;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// Paths hold ids of sessions, which are all that keeps them from others.
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// No page of another origin may embed an answer without asking (`<img>`, `<script>`). Those in
/// `CORS_ORIGINS` ask: to CORS requests this header does not apply (Fetch, "cross-origin resource policy
/// check").
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// For what is no page: it may do nothing, and no page may frame it.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// The same for browsers that know no policies.
const NO_FRAME: HeaderValue = HeaderValue::from_static("DENY");
/// Not even the browser's own disk may keep what belongs to a session. Who wants to be spared sending the same
/// again keeps it by its own means, and names its tag as ever.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Headers that most answers are given here and around.
const ADDED: usize = 8;
/// All headers of most answers: a map that is made for so many never grows.
pub const USUAL: usize = 12;

/// What belongs to a session: its routes begin like this.
const OF_SESSIONS: [&str; 4] = [
    "/api/pipeline/",
    "/api/diagram/",
    "/api/sessions/",
    "/api/chat",
];

/// Adds them to the answer of a route (`metrics::route::template`).
pub fn protect(route: &str, response: &mut Response) {
    let headers = response.headers_mut();
    headers.reserve(ADDED);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(header::X_FRAME_OPTIONS, NO_FRAME);
    headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(NO_PAGE);
    if OF_SESSIONS.iter().any(|path| route.starts_with(path)) {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    } else {
        // What does not say that it may be kept may not.
        headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    }
}
