//! The console: one page and what it is made of, held in the binary.
//!
//! The page may load nothing but these files and call nothing but this service; that is what
//! the headers here say to the browser.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::filters::header::headers_cloned;
use warp::reply::{Reply, Response};

use crate::error;
use crate::filters::{READ, Segment, methods};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// The page; `{document_bytes}` stands for the most bytes of a document.
const PAGE: &str = include_str!("../assets/console/index.html");

/// The name of a file, its media type and its content.
type Part = (&'static str, &'static str, &'static str);

/// A file of `assets/console` under its own name.
macro_rules! asset {
    ($name:literal, $media_type:expr) => {
        (
            $name,
            $media_type,
            include_str!(concat!("../assets/console/", $name)),
        )
    };
}

/// The files under `/assets/`.
const ASSETS: &[Part] = &[
    asset!("api.js", SCRIPT),
    asset!("catalog.js", SCRIPT),
    asset!("chat.js", SCRIPT),
    asset!("console.css", CSS),
    asset!("diagram.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("drawing.js", SCRIPT),
    asset!("findings.js", SCRIPT),
    asset!("format.js", SCRIPT),
    asset!("icon.svg", SVG),
    asset!("listing.js", SCRIPT),
    asset!("main.js", SCRIPT),
    asset!("markdown.js", SCRIPT),
    asset!("picture.js", SCRIPT),
    asset!("place.js", SCRIPT),
    asset!("report.js", SCRIPT),
    asset!("request.js", SCRIPT),
    asset!("run.js", SCRIPT),
    asset!("runs.js", SCRIPT),
    asset!("security.js", SCRIPT),
    asset!("socket.js", SCRIPT),
    asset!("table.js", SCRIPT),
    asset!("theme.js", SCRIPT),
];

/// The files under `/samples/`.
const SAMPLES: &[Part] = &[
    ("cs.md", MARKDOWN, include_str!("../data/requests/cs.md")),
    ("en.md", MARKDOWN, include_str!("../data/requests/en.md")),
    ("sk.md", MARKDOWN, include_str!("../data/requests/sk.md")),
];

/// What every file of the console is sent with.
///
/// Nothing inline, nothing from elsewhere, and no text becomes markup: `require-trusted-types-for`
/// has the browser refuse it but for the one policy by which a diagram is read. `blob:` and
/// `data:` images are what a browser shows of a diagram that is saved or printed.
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types diagram",
        ),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    // All that a browser would ask the person about. Writing to the clipboard stays: "Copy" does.
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), \
             display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
             gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
             microphone=(), midi=(), payment=(), picture-in-picture=(), \
             publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
             usb=(), window-management=(), xr-spatial-tracking=()",
        ),
    ),
    // Asked for anew each time, and answered by 304: after an update no old part meets a new one.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// A file as it is sent.
#[derive(Debug)]
struct File {
    media_type: HeaderValue,
    etag: HeaderValue,
    content: Cow<'static, str>,
}

impl File {
    fn new(media_type: &'static str, content: Cow<'static, str>) -> Self {
        Self {
            media_type: HeaderValue::from_static(media_type),
            etag: etag(&content),
            content,
        }
    }

    /// The file, or 304 for a client that has it.
    fn answer(&self, request: &HeaderMap) -> Response {
        let mut response = if is_known(request, &self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = self.content.clone().into_response();
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, self.media_type.clone());
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.extend(HEADERS);
        response
    }
}

/// A strong validator: it differs where the bytes do.
fn etag(content: &str) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    hasher.write(content.as_bytes());
    let tag = format!("\"{:x}-{:016x}\"", content.len(), hasher.finish());
    // Hexadecimal digits in quotes are a header value.
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` holds the tag, compared weakly (RFC 9110, section 13.1.2): a proxy
/// that compresses makes tags weak.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| {
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
        })
}

/// `GET` of `/`, `/assets/{file}` and `/samples/{file}`; the page is told the most bytes that a
/// request document may have.
#[must_use]
pub fn console(document_bytes: usize) -> BoxedFilter<(Response,)> {
    let page = PAGE.replace("{document_bytes}", &document_bytes.to_string());
    let page = Arc::new(File::new(HTML, Cow::Owned(page)));
    let root = warp::path::end()
        .and(methods(READ))
        .and(headers_cloned())
        .map(move |headers: HeaderMap| page.answer(&headers));
    let asset = warp::path!("assets" / Segment)
        .and(methods(READ))
        .and(headers_cloned())
        .map(one_of(ASSETS));
    let sample = warp::path!("samples" / Segment)
        .and(methods(READ))
        .and(headers_cloned())
        .map(one_of(SAMPLES));
    root.or(asset).unify().or(sample).unify().boxed()
}

/// The file of these that a request names, or 404.
fn one_of(list: &[Part]) -> impl Fn(Segment, HeaderMap) -> Response + Clone + use<> {
    let mut files = BTreeMap::new();
    for (name, media_type, content) in list {
        files.insert(*name, File::new(media_type, Cow::Borrowed(content)));
    }
    let files = Arc::new(files);
    move |name, request| match files.get(&*name.0) {
        Some(file) => file.answer(&request),
        None => error::respond(StatusCode::NOT_FOUND, &error::detail("Not Found")),
    }
}
