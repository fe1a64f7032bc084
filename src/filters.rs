//! Small filters that the routes are composed of.

mod accept;
mod parameters;

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::Method;
use http::header::{self, HeaderMap};
use percent_encoding::percent_decode_str;
use warp::{Filter, Rejection};

use crate::error::{Error, WrongMethod};

pub use accept::{accepts_by_name, preferred};
pub use parameters::{Paging, Parameters};

/// Hands a handler what it needs of the application.
pub fn with<T: Clone + Send + Sync>(
    handle: T,
) -> impl Filter<Extract = (T,), Error = Infallible> + Clone {
    warp::any().map(move || handle.clone())
}

/// `GET`, and `HEAD`, whose body hyper leaves out (RFC 9110, section 9.3.2).
pub const READ: &[Method] = &[Method::GET, Method::HEAD];
/// `GET`, of which an upgrade is one; `HEAD` is none.
pub const GET: &[Method] = &[Method::GET];
/// `POST`.
pub const POST: &[Method] = &[Method::POST];
/// `GET`, `HEAD` and `DELETE`.
pub const READ_DELETE: &[Method] = &[Method::GET, Method::HEAD, Method::DELETE];

/// Lets the given methods pass. Stands after the path, so that its rejection knows what
/// an `Allow` header has to say.
pub fn methods(allowed: &'static [Method]) -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::method()
        .and_then(move |method: Method| async move {
            if allowed.contains(&method) {
                Ok(())
            } else {
                Err(warp::reject::custom(WrongMethod { allowed }))
            }
        })
        .untuple_one()
}

/// The query of a call, to be read by its handler.
pub fn query() -> impl Filter<Extract = (Parameters,), Error = Rejection> + Clone {
    warp::method()
        .and(warp::query::<Vec<(String, String)>>())
        .map(|method, pairs| Parameters::new(pairs).of(&method))
}

/// One segment of a path, percent-decoded; warp hands segments over as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment(pub String);

impl FromStr for Segment {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(
            percent_decode_str(text).decode_utf8_lossy().into_owned(),
        ))
    }
}

/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// The body of a JSON call, at most `limit` bytes of it, once the call is `admitted`. Never rejects:
/// a body that is refused is an answer of its route, not a reason to try the next.
pub fn json_body(
    limit: usize,
    admitted: impl Filter<Extract = (Result<(), Error>,), Error = Infallible> + Clone + Send + Sync,
) -> impl Filter<Extract = (Result<Bytes, Error>,), Error = Rejection> + Clone {
    admitted
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |admitted, headers: HeaderMap, body| async move {
            // Before a byte of the body is read: what is refused is to cost nothing.
            let () = admitted?;
            expect_json(&headers)?;
            // Refused before it is read, where it says its length.
            if content_length(&headers).is_some_and(|length| length > limit) {
                return Err(Error::TooLarge {
                    what: "The body",
                    limit,
                });
            }
            tokio::time::timeout(BODY_DEADLINE, collect(body, limit))
                .await
                .map_err(|_| Error::BodyTimeout(BODY_DEADLINE))?
        })
}

/// A declared media type must be JSON; none declared is taken for JSON.
fn expect_json(headers: &HeaderMap) -> Result<(), Error> {
    if headers.contains_key(header::CONTENT_TYPE) && !declares_json(headers) {
        return Err(Error::NotJson);
    }
    Ok(())
}

/// Whether a body is declared to be JSON. No browser sends such a body to another origin without asking
/// for leave first.
pub fn declares_json(headers: &HeaderMap) -> bool {
    let Some(declared) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let media_type = declared
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Collects a body, counting as it comes: a chunked one says no length beforehand.
async fn collect(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
    limit: usize,
) -> Result<Bytes, Error> {
    let mut body = std::pin::pin!(body);
    let mut collected = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else {
            return Err(Error::BodyBroken);
        };
        if collected.len() + chunk.remaining() > limit {
            return Err(Error::TooLarge {
                what: "The body",
                limit,
            });
        }
        bytes::BufMut::put(&mut collected, chunk);
    }
    Ok(collected.freeze())
}
