//! Errors as problem details (RFC 9457), for clients that ask for them.

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{self, HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use warp::reply::Response;

use crate::filters::accepts_by_name;

const MEDIA_TYPE: &str = "application/problem+json";

/// Whether a client asks for them: its `Accept` names their media type.
#[must_use]
pub fn are_wanted(headers: &HeaderMap) -> bool {
    accepts_by_name(headers, MEDIA_TYPE)
}

/// An error whose `detail` is a sentence, with `type`, `title` and `status` before it. All else stays as it
/// is, as do lists of problems, since there `detail` is a sentence.
#[must_use]
pub fn in_place_of(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // An error is there as a whole: nothing is waited for.
    let Some(Ok(body)) = body.collect().now_or_never() else {
        return warp::reply::Reply::into_response(crate::error::Error::Internal);
    };
    let body = body.to_bytes();
    let details = with_details(status, &body);
    if details.is_some() {
        let media_type = HeaderValue::from_static(MEDIA_TYPE);
        head.headers.insert(header::CONTENT_TYPE, media_type);
    }
    Response::from_parts(head, details.unwrap_or(body).into())
}

/// `None` for a body that says no sentence.
fn with_details(status: http::StatusCode, body: &[u8]) -> Option<Bytes> {
    let said: Map<String, Value> = serde_json::from_slice(body).ok()?;
    said.get("detail").filter(|detail| detail.is_string())?;
    // Of this type the status says all there is to say (RFC 9457, section 4.2.1).
    let about = [
        ("type", Value::from("about:blank")),
        ("title", Value::from(status.canonical_reason())),
        ("status", Value::from(status.as_u16())),
    ];
    let about = about.map(|(name, value)| (name.to_owned(), value));
    let problem: Map<String, Value> = about.into_iter().chain(said).collect();
    serde_json::to_vec(&problem).ok().map(Bytes::from)
}
