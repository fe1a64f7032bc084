//! Answers in gzip, for clients that take it and where it pays (RFC 9110, sections 8.4 and 12.5.3).
//!
//! A body is compressed as it is sent, a chunk at a time: nothing is collected, a client that
//! leaves ends the work, and for `HEAD`, whose body nobody asks for, nothing is done at all.
//! What is said here is public or behind an id that nobody can guess; no answer puts a secret
//! beside words of a stranger's choice, which compression would give away by its length.

use std::io;

use async_compression::Level;
use async_compression::tokio::bufread::GzipEncoder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::header::{self, HeaderMap, HeaderValue};
use http::response::Parts;
use http::{Response as HttpResponse, StatusCode};
use http_body_util::BodyExt;
use tokio_util::io::{ReaderStream, StreamReader};
use warp::reply::{Reply, Response};

/// The least body that is compressed, in bytes. With its headers a smaller one is a single
/// packet (1,460 bytes), and a compressed one is not less.
const LEAST: u64 = 1024;
/// How hard it tries, 1 to 9. On a list of 10,000 tables (2.1 MB) level 1 leaves 12.6 % in 3 ms, 3 leaves
/// 8.2 % in 7 ms, 6 leaves 6.9 % in 20 ms: the last step costs more of a small machine than it saves
/// of any but a slow line.
const LEVEL: i32 = 3;
/// What is compressed at once, in compressed bytes. Other tasks get their turn in between.
const CHUNK: usize = 8 * 1024;

/// The answer as it goes to a client that takes gzip ([`takes_gzip`]), or to one that does not.
#[must_use]
pub fn compressed(takes_gzip: bool, response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let compressible = is_compressible(&head);
    if compressible || head.status == StatusCode::NOT_MODIFIED {
        // Also where it stays as it is: the next client may take another form of it.
        let accept = HeaderValue::from_static("accept-encoding");
        head.headers.append(header::VARY, accept);
    }
    // A stream says no length; it is there because it is long.
    let pays = body_size(&body).is_none_or(|bytes| bytes >= LEAST);
    if !(compressible && pays && takes_gzip) {
        return HttpResponse::from_parts(head, body);
    }
    let gzip = HeaderValue::from_static("gzip");
    head.headers.insert(header::CONTENT_ENCODING, gzip);
    head.headers.remove(header::CONTENT_LENGTH);
    weaken_etag(&mut head.headers);
    let body = warp::reply::stream(gzipped(body))
        .into_response()
        .into_body();
    HttpResponse::from_parts(head, body)
}

/// Bytes of a body whose size is known before it is sent.
pub fn body_size(body: &impl BodyExt) -> Option<u64> {
    body.size_hint().exact()
}

/// Whether an answer may come in another form, and would be smaller in it.
fn is_compressible(head: &Parts) -> bool {
    // A part of a compressed form cannot be cut from the plain one.
    let whole = head.status != StatusCode::PARTIAL_CONTENT
        && head.status != StatusCode::NO_CONTENT
        && head.status != StatusCode::NOT_MODIFIED
        && !head.status.is_informational();
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let fixed = text(header::CACHE_CONTROL).is_some_and(|control| {
        let mut directives = control.split(',').map(str::trim);
        directives.any(|directive| directive.eq_ignore_ascii_case("no-transform"))
    });
    whole
        && !fixed
        && !head.headers.contains_key(header::CONTENT_ENCODING)
        && text(header::CONTENT_TYPE).is_some_and(is_compressible_type)
}

/// Subtypes of `application` that are text; those that end in `+json` or `+xml` are, too.
const COMPRESSIBLE: [&str; 5] = ["json", "javascript", "xml", "openmetrics-text", "sql"];

/// Text in all its forms. Event streams are sent line by line, and images and archives are
/// compressed already.
fn is_compressible_type(declared: &str) -> bool {
    let essence = declared.split(';').next().unwrap_or_default().trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return false;
    };
    let is = |name: &str| subtype.eq_ignore_ascii_case(name);
    let structured = || {
        let suffix = subtype.rsplit_once('+').map(|(_, suffix)| suffix);
        suffix.is_some_and(|suffix| {
            suffix.eq_ignore_ascii_case("json") || suffix.eq_ignore_ascii_case("xml")
        })
    };
    if kind.eq_ignore_ascii_case("text") {
        !is("event-stream")
    } else if kind.eq_ignore_ascii_case("application") {
        COMPRESSIBLE.iter().any(|name| is(name)) || structured()
    } else {
        kind.eq_ignore_ascii_case("image") && is("svg+xml")
    }
}

/// The same bytes as before are a promise that a compressed form cannot keep; that they mean
/// the same it can.
fn weaken_etag(headers: &mut HeaderMap) {
    let Some(strong) = headers.get(header::ETAG) else {
        return;
    };
    if strong.as_bytes().starts_with(b"W/") {
        return;
    }
    let weak = [b"W/", strong.as_bytes()].concat();
    if let Ok(weak) = HeaderValue::from_bytes(&weak) {
        headers.insert(header::ETAG, weak);
    }
}

fn gzipped<B>(body: B) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static
where
    B: BodyExt<Data = Bytes, Error = warp::Error> + Send + Sync + Unpin + 'static,
{
    let plain = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    let encoder = GzipEncoder::with_quality(plain, Level::Precise(LEVEL));
    ReaderStream::with_capacity(encoder, CHUNK).then(|chunk| async {
        // All of the body is there already: without this the connection's task compressed 14 MB
        // in one go and held its worker for 32 ms; with it nobody else waits longer than 1 ms.
        tokio::task::yield_now().await;
        chunk
    })
}

/// Whether a client takes gzip and likes it no less than the plain form.
pub fn takes_gzip(request: &HeaderMap) -> bool {
    let mut asked = Asked::default();
    for line in request.get_all(header::ACCEPT_ENCODING) {
        // What cannot be read asks for nothing.
        for coding in line.to_str().unwrap_or_default().split(',') {
            asked.note(coding);
        }
    }
    let gzip = asked.gzip.or(asked.any).unwrap_or(0);
    // A plain form that is not named is acceptable, and last.
    let plain = asked.identity.unwrap_or(0);
    gzip > 0 && gzip >= plain
}

/// How much a client wants each form, in thousandths; `None` where it does not say.
#[derive(Debug, Default)]
struct Asked {
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Asked {
    /// Notes one element of the header's list; what does not keep to its grammar is left out.
    fn note(&mut self, coding: &str) {
        let (name, weight) = match coding.split_once(';') {
            None => (coding, Some(1000)),
            Some((name, weight)) => (name, thousandths(weight)),
        };
        let Some(weight) = weight else {
            return;
        };
        let name = name.trim();
        let noted = if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            &mut self.gzip
        } else if name.eq_ignore_ascii_case("identity") {
            &mut self.identity
        } else if name == "*" {
            &mut self.any
        } else {
            return;
        };
        *noted = Some(noted.map_or(weight, |before| before.max(weight)));
    }
}

/// `q=0.5` as 500: a digit, and up to three after the point (RFC 9110, section 12.4.2).
fn thousandths(weight: &str) -> Option<u16> {
    let (name, value) = weight.trim().split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, decimals) = match value.trim_start().split_once('.') {
        None => (value.trim_start(), ""),
        Some(parts) => parts,
    };
    let digits = decimals.len() <= 3 && decimals.bytes().all(|digit| digit.is_ascii_digit());
    let thousandths = match whole {
        "0" if digits => format!("{decimals:0<3}").parse().ok()?,
        "1" if digits && decimals.bytes().all(|digit| digit == b'0') => 1000,
        _ => return None,
    };
    Some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(lines: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        takes_gzip(&headers)
    }

    #[test]
    fn gzip_is_for_clients_that_take_it_and_like_it_no_less_than_the_plain_form() {
        for lines in [
            &["gzip"][..],
            &["GZip"],
            &["x-gzip"],
            &["*"],
            &["gzip, deflate, br"],
            &["br;q=1.0, gzip;q=0.8, *;q=0.1"],
            &["gzip;q=0.001"],
            &["gzip ; q = 0.5"],
            &["identity;q=0.5, gzip;q=0.5"],
            &["identity;q=0, *"],
            &["deflate", "gzip"],
            &[",, gzip ,"],
            &["gzip;Q=1.000"],
        ] {
            assert!(takes(lines), "{lines:?}");
        }
        for lines in [
            &[][..],
            &[""],
            &["identity"],
            &["br, deflate"],
            &["gzip;q=0"],
            &["gzip;q=0.000"],
            &["gzip;q=0, *"],
            &["*;q=0"],
            &["identity, gzip;q=0.5"],
            &["gzip;q=2"],
            &["gzip;q=0.1234"],
            &["gzip;q=-1"],
            &["gzip;q="],
            &["gzip;level=9"],
            &["gzipped"],
        ] {
            assert!(!takes(lines), "{lines:?}");
        }
    }

    #[test]
    fn text_is_compressible_and_what_is_compressed_or_live_is_not() {
        for yes in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/problem+json",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "text/html",
            "text/css",
            "text/javascript; charset=utf-8",
            "text/markdown",
            "text/vnd.mermaid",
            "image/svg+xml",
        ] {
            assert!(is_compressible_type(yes), "{yes}");
        }
        for no in [
            "text/event-stream",
            "text/event-stream; charset=utf-8",
            "application/zip",
            "application/octet-stream",
            "image/png",
            "font/woff2",
            "",
            "json",
        ] {
            assert!(!is_compressible_type(no), "{no}");
        }
    }

    fn answer(change: impl FnOnce(&mut HeaderMap)) -> Response {
        let mut response = warp::reply::Response::new("x".repeat(2000).into());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        change(response.headers_mut());
        compressed(true, response)
    }

    #[test]
    fn a_compressed_form_has_a_weak_tag_and_no_length() {
        let headers = |name, value| {
            let answer = answer(|headers| {
                headers.insert(name, HeaderValue::from_static(value));
            });
            answer.headers().clone()
        };
        let strong = headers(header::ETAG, "\"a\"");
        assert_eq!(strong[header::ETAG], "W/\"a\"");
        assert_eq!(headers(header::ETAG, "W/\"a\"")[header::ETAG], "W/\"a\"");
        assert_eq!(strong[header::CONTENT_ENCODING], "gzip");
        assert_eq!(strong[header::VARY], "accept-encoding");
        let length = headers(header::CONTENT_LENGTH, "2000");
        assert!(!length.contains_key(header::CONTENT_LENGTH));
    }

    #[test]
    fn what_may_not_be_changed_is_not() {
        for (name, value) in [
            (header::CONTENT_ENCODING, "br"),
            (header::CACHE_CONTROL, "public, No-Transform"),
            (header::CONTENT_TYPE, "application/zip"),
        ] {
            let value = HeaderValue::from_static(value);
            let answer = answer(|headers| {
                headers.insert(name.clone(), value.clone());
            });
            assert_eq!(answer.headers()[&name], value);
            assert!(!answer.headers().contains_key(header::VARY), "{name}");
            assert_ne!(
                answer.headers().get(header::CONTENT_ENCODING),
                Some(&HeaderValue::from_static("gzip"))
            );
            assert_eq!(body_size(answer.body()), Some(2000));
        }
        for status in [101, 204, 206, 304] {
            let mut plain = answer(|headers| {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            });
            plain.headers_mut().remove(header::CONTENT_ENCODING);
            *plain.status_mut() = StatusCode::from_u16(status).unwrap();
            let answer = compressed(true, plain);
            assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
            assert_eq!(answer.headers().contains_key(header::VARY), status == 304);
        }
    }
}
