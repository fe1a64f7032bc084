//! Answers that a client may keep: entity tags and the calls that name one (RFC 9110, sections
//! 8.8.3 and 13.1.2).

use std::hash::{DefaultHasher, Hasher};

use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use serde::Serialize;
use warp::reply::{Reply, Response};

use crate::error::Error;
use crate::security_headers;

/// JSON that the client may ask for again by its tag: it is kept, and asked about each time.
///
/// The tag is weak, because a compressed answer has the same one.
///
/// # Errors
/// 500 where the answer cannot be written, which is in the log.
pub fn json(asked: &HeaderMap, answer: &impl Serialize) -> Result<Response, Error> {
    Ok(Prepared::json(answer)?.answer(asked))
}

/// The same for a body that is there already.
#[must_use]
pub fn bytes(asked: &HeaderMap, body: Bytes, media_type: HeaderValue) -> Response {
    Prepared::bytes(body, media_type).answer(asked)
}

/// The same for a file that is sent as it is, byte by byte: its tag is strong.
#[must_use]
pub fn file(asked: &HeaderMap, body: Bytes, media_type: HeaderValue) -> Response {
    let tag = tag(&body);
    tagged(asked, body, media_type, tag.trim_start_matches("W/"))
}

/// The same for a body whose tag is known: to make it anew, a large one is read through.
#[must_use]
pub fn tagged(asked: &HeaderMap, body: Bytes, media_type: HeaderValue, tag: &str) -> Response {
    Prepared::tagged(body, media_type, tag).answer(asked)
}

/// An answer with its tag, to be given as often as it is asked for: a copy shares the bytes.
#[derive(Debug, Clone)]
pub struct Prepared {
    body: Bytes,
    media_type: HeaderValue,
    tag: HeaderValue,
}

impl Prepared {
    /// As [`json`] answers.
    ///
    /// # Errors
    /// 500 where it cannot be written, which is in the log.
    pub fn json(answer: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(answer).map_err(|error| {
            log::error!("an answer cannot be written: {error}");
            Error::Internal
        })?;
        let json = HeaderValue::from_static("application/json");
        Ok(Self::bytes(body.into(), json))
    }

    /// As [`bytes()`] answers.
    #[must_use]
    pub fn bytes(body: Bytes, media_type: HeaderValue) -> Self {
        let tag = tag(&body);
        Self::tagged(body, media_type, &tag)
    }

    fn tagged(body: Bytes, media_type: HeaderValue, tag: &str) -> Self {
        Self {
            body,
            media_type,
            // A tag is hexadecimal digits between quotes: nothing that a header could not hold.
            tag: HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("\"\"")),
        }
    }

    /// Bytes of its body.
    #[must_use]
    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// What a client is answered that may have it already.
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = if names(asked, &self.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(self.body.clone().into());
            let headers = response.headers_mut();
            headers.reserve(security_headers::USUAL);
            headers.insert(header::CONTENT_TYPE, self.media_type.clone());
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
        response
    }
}

/// A weak tag of a body; 64 bits, against chance and not against malice.
#[must_use]
pub fn tag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Whether `If-None-Match` holds the tag, by weak comparison; what is no list of tags holds
/// none.
fn names(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let wanted = || tag.to_str().map(opaque).unwrap_or_default();
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|given| given.trim() == "*" || opaque(given) == wanted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_compared_weakly_and_garbage_matches_nothing() {
        let body = Bytes::from_static(b"[1,2]");
        let plain = HeaderValue::from_static("application/json");
        let answer = |given: &'static [u8]| {
            let mut asked = HeaderMap::new();
            asked.insert(
                header::IF_NONE_MATCH,
                HeaderValue::from_bytes(given).unwrap(),
            );
            bytes(&asked, body.clone(), plain.clone())
        };
        let tag = tag(&body);
        let fresh = answer(b"\"other\"");
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers()["etag"], *tag);
        let strong = tag.trim_start_matches("W/").to_owned();
        for same in [
            tag.clone(),
            strong.clone(),
            format!("\"a\", {tag}"),
            "*".to_owned(),
        ] {
            let given: &'static str = same.leak();
            assert_eq!(
                answer(given.as_bytes()).status(),
                StatusCode::NOT_MODIFIED,
                "{given}"
            );
        }
        for other in ["", "W/", ",,,", "\"", "\u{7f}"] {
            let given = HeaderValue::from_bytes(other.as_bytes());
            if given.is_ok() {
                assert_eq!(answer(other.as_bytes()).status(), StatusCode::OK, "{other}");
            }
        }
        assert_eq!(answer(b"\xff\xfe").status(), StatusCode::OK);
    }
}
