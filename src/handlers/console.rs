//! The handlers of the console: one page and what it is made of, held in the binary.
//!
//! The page may load nothing but these files and call nothing but this service; that is what
//! the headers here say to the browser.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use once_cell::sync::Lazy;
use warp::reply::Response;

use crate::conditional::Prepared;
use crate::embedded::{Embedded, Files, Part, embedded};
use crate::error;
use crate::filters::Segment;

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const CSS: &str = "text/css; charset=utf-8";
pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// The page; `{document_bytes}` stands for the most bytes of a document.
const PAGE: Embedded = embedded!("assets/console/index.html");

/// A file of `assets/console` under its own name.
macro_rules! asset {
    ($name:literal, $media_type:expr) => {
        (
            $name,
            $media_type,
            embedded!(concat!("assets/console/", $name)),
        )
    };
}

/// The files under `/assets/`.
static ASSETS: Lazy<Files> = Lazy::new(|| Files::new(PARTS));

const PARTS: &[Part] = &[
    asset!("api.js", SCRIPT),
    asset!("authorization.js", SCRIPT),
    asset!("catalog.js", SCRIPT),
    asset!("chat.js", SCRIPT),
    asset!("console.css", CSS),
    asset!("diagram.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("download.js", SCRIPT),
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
static SAMPLES: Lazy<Files> = Lazy::new(|| Files::new(REQUESTS));

const REQUESTS: &[Part] = &[
    ("cs.md", MARKDOWN, embedded!("data/requests/cs.md")),
    ("en.md", MARKDOWN, embedded!("data/requests/en.md")),
    ("sk.md", MARKDOWN, embedded!("data/requests/sk.md")),
];

/// What every file of the console is sent with, beyond what every answer has (`security_headers`).
///
/// Nothing inline, nothing from elsewhere, and no text becomes markup: `require-trusted-types-for`
/// has the browser refuse it but for the one policy by which a diagram is read. `blob:` and
/// `data:` images are what a browser shows of a diagram that is saved or printed.
const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types diagram",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
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
];

/// The page, which is told the most bytes that a request document may have.
#[derive(Debug, Clone)]
pub struct Page(Prepared);

impl Page {
    /// The page of a service that takes documents of so many bytes.
    #[must_use]
    pub fn new(document_bytes: usize) -> Self {
        let page = String::from_utf8_lossy(&PAGE.bytes())
            .replace("{document_bytes}", &document_bytes.to_string());
        Self(Prepared::bytes(page.into(), HeaderValue::from_static(HTML)))
    }
}

/// The page.
pub async fn page(headers: HeaderMap, page: Page) -> Response {
    protected(page.0.answer(&headers))
}

/// What the page is made of.
pub async fn asset(name: Segment, headers: HeaderMap) -> Response {
    one_of(&ASSETS, &name, &headers)
}

/// A request to try.
pub async fn sample(name: Segment, headers: HeaderMap) -> Response {
    one_of(&SAMPLES, &name, &headers)
}

fn one_of(files: &Files, wanted: &Segment, headers: &HeaderMap) -> Response {
    files
        .answer(&wanted.0, headers)
        .map_or_else(error::not_found, protected)
}

fn protected(mut response: Response) -> Response {
    response.headers_mut().extend(HEADERS);
    response
}
