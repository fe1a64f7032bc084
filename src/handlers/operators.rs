//! The handler of what operators ask for.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use warp::reply::{Reply, Response};

use crate::error::Error;
use crate::metrics::{Gauges, MEDIA_TYPE, Metrics};

/// All figures, as Prometheus reads them.
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
