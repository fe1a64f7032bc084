//! The handlers of the API's own documentation: the OpenAPI document, and the pages that show it.

use std::sync::Arc;

use async_compression::tokio::bufread::GzipDecoder;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use once_cell::sync::Lazy;
use tokio::io::AsyncReadExt;
use utoipa_swagger_ui::{Config, SwaggerFile};
use warp::path::FullPath;
use warp::reply::{Reply, Response};

use crate::compression::takes_gzip;
use crate::conditional::{self, Prepared};
use crate::error::{self, Error};
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

static SWAGGER_UI: Lazy<Arc<Config<'static>>> = Lazy::new(|| {
    let config = Config::from("/openapi.json")
        // The other layout has a bar that loads any address.
        .use_base_layout()
        .query_config_enabled(false)
        .validator_url("none")
        .deep_linking(true)
        .display_request_duration(true)
        .default_models_expand_depth(0)
        .doc_expansion("list");
    Arc::new(config)
});

/// The first page. Its links are relative, so its address has to end in a slash.
pub async fn page(path: FullPath, headers: HeaderMap) -> Result<Response, Error> {
    if path.as_str().ends_with('/') {
        return file(&headers, "index.html").await;
    }
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    // Relative: behind a proxy the service may not be at the root.
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static("docs/"));
    Ok(response)
}

/// What the page loads.
pub async fn asset(name: Segment, headers: HeaderMap) -> Result<Response, Error> {
    file(&headers, &name.0).await
}

async fn file(headers: &HeaderMap, name: &str) -> Result<Response, Error> {
    let found = utoipa_swagger_ui::serve(name, Arc::clone(&SWAGGER_UI)).map_err(|problem| {
        log::error!("{name} of the documentation cannot be written: {problem}");
        Error::Internal
    })?;
    let Some(found) = found else {
        return Ok(error::not_found());
    };
    let media_type = HeaderValue::from_str(&found.content_type).map_err(|_| Error::Internal)?;
    let as_stored = !found.gzpipped || takes_gzip(headers);
    let is_compressed = found.gzpipped && as_stored;
    let body = if as_stored {
        Bytes::from(found.bytes.into_owned())
    } else {
        decompressed(found).await?
    };
    let mut response = conditional::bytes(headers, body, media_type);
    let is_sent = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    if is_compressed && is_sent {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        // `compression` says so of all others.
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    Ok(response)
}

async fn decompressed(file: SwaggerFile<'_>) -> Result<Bytes, Error> {
    let mut plain = Vec::new();
    let mut decoder = GzipDecoder::new(&*file.bytes);
    match decoder.read_to_end(&mut plain).await {
        Ok(_) => Ok(plain.into()),
        Err(problem) => {
            log::error!("the documentation cannot be decompressed: {problem}");
            Err(Error::Internal)
        }
    }
}
