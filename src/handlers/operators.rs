//! The handler of what operators ask for.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use warp::reply::{Reply, Response};

use crate::error::Error;
use crate::metrics::{Gauges, MEDIA_TYPE, Metrics};
use crate::openapi::errors::InternalError;

/// Hands out all figures
///
/// Counters, gauges and histograms of the service, in the text format of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "Service",
    responses(
        (status = 200, description = "The figures.", body = String, content_type = "application/openmetrics-text", example = "# HELP …\n# TYPE …\n# EOF\n"),
        InternalError,
    ),
)]
pub async fn metrics(metrics: Metrics, gauges: Gauges) -> Result<Response, Error> {
    let text = metrics.exposition(&gauges).map_err(|error| {
        log::error!("the metrics cannot be written: {error}");
        Error::Internal
    })?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
