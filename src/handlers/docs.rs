//! The handlers of the API's own documentation: the OpenAPI document, and the pages that show it.

use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use once_cell::sync::Lazy;
use warp::path::FullPath;
use warp::reply::{Reply, Response};

use super::console::{CSS, HTML, SCRIPT};
use crate::conditional::Prepared;
use crate::embedded::{Files, embedded};
use crate::error;
use crate::filters::Segment;
use crate::openapi;
use crate::openapi::parameters::Held;

/// The OpenAPI document
///
/// This document: OpenAPI 3.1, in JSON. `/docs/` shows it in a browser.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "getOpenApi",
    tag = "Service",
    params(Held),
    responses(
        (status = 200, description = "The document.", body = Object, example = json!({ "openapi": "3.1.0" })),
        (status = 304, description = "It is as it was."),
    ),
)]
pub async fn document(headers: HeaderMap) -> Response {
    static DOCUMENT: Lazy<Prepared> = Lazy::new(|| {
        let json = HeaderValue::from_static("application/json");
        Prepared::bytes(openapi::document(), json)
    });
    DOCUMENT.answer(&headers)
}

/// What the pages may do: run and load what they brought along, and call this service.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// A file of Swagger UI under its own name.
macro_rules! swagger_ui {
    ($name:literal, $media_type:expr) => {
        ($name, $media_type, embedded!(concat!("swagger-ui/", $name)))
    };
}

/// What the pages are made of: our own, and what they load of Swagger UI.
static FILES: Lazy<Files> = Lazy::new(|| {
    Files::new(&[
        (INDEX, HTML, embedded!("assets/docs/index.html")),
        (
            "swagger-initializer.js",
            SCRIPT,
            embedded!("assets/docs/swagger-initializer.js"),
        ),
        swagger_ui!("index.css", CSS),
        swagger_ui!("swagger-ui-bundle.js", SCRIPT),
        swagger_ui!("swagger-ui.css", CSS),
    ])
});

/// The first page.
const INDEX: &str = "index.html";

/// The first page. Its links are relative, so its address has to end in a slash.
pub async fn page(path: FullPath, headers: HeaderMap) -> Response {
    if path.as_str().ends_with('/') {
        return file(INDEX, &headers);
    }
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    // Relative: behind a proxy the service may not be at the root.
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static("docs/"));
    response
}

/// What the page loads.
pub async fn asset(name: Segment, headers: HeaderMap) -> Response {
    file(&name.0, &headers)
}

fn file(name: &str, asked: &HeaderMap) -> Response {
    let Some(mut response) = FILES.answer(name, asked) else {
        return error::not_found();
    };
    let policy = (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    response.headers_mut().extend([policy]);
    response
}
