//! One line in the log for each request, and its place in the metrics.
//!
//! The line is written when the answer begins: what streams goes on after it, and an upgraded
//! socket has a line of its own when it closes (`chat`). Queries are left out, since they hold what
//! people search for, and so is everything else that a client sends, but for the path.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;
use std::time::Instant;

use http::header::{CONTENT_ENCODING, HeaderValue};
use http::{Method, StatusCode, Uri};
use log::Level;
use warp::reply::Response;

use crate::correlation::{Correlation, REQUEST_ID, RequestId};
use crate::metrics::route::template;
use crate::metrics::{CLIENT_LEFT, Metrics, method_label};
use crate::sessions::SessionId;

/// The part of the log that the lines belong to.
const TARGET: &str = "mcop_api::http";
/// Characters of a path that are shown.
const PATH_MAX: usize = 200;
/// What is asked for every few seconds, by machines: its lines are for debugging only.
const PROBES: [&str; 2] = ["/health", "/metrics"];

/// A request from its arrival until its answer begins. Dropped before that, its client has left.
#[derive(Debug)]
pub struct Request {
    /// The label of its endpoint.
    route: &'static str,
    correlation: Correlation,
    method: Method,
    uri: Uri,
    client: Option<IpAddr>,
    arrived: Instant,
    metrics: Metrics,
    is_answered: bool,
}

/// Put into the answer of a request that has started a run, so that the line of the one names the
/// other, whose own lines follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedRun(pub SessionId);

impl StartedRun {
    /// The answer with this note, which no client sees.
    #[must_use]
    pub fn noted_in(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

impl Request {
    /// Takes note of a request, whatever it is.
    pub fn arrived<B>(
        request: &http::Request<B>,
        correlation: Correlation,
        client: Option<IpAddr>,
        metrics: Metrics,
    ) -> Self {
        Self {
            route: template(request.uri().path()),
            correlation,
            method: request.method().clone(),
            uri: request.uri().clone(),
            client,
            arrived: Instant::now(),
            metrics,
            is_answered: false,
        }
    }

    /// The label of its endpoint.
    #[must_use]
    pub fn route(&self) -> &'static str {
        self.route
    }

    /// What names it to its caller and in the log.
    #[must_use]
    pub fn id(&self) -> &RequestId {
        self.correlation.request_id()
    }

    /// Names the request in its answer, counts it and writes its line. `bytes` are those of the
    /// body before it is compressed, where they are known; of a file that is built in, as it is sent.
    pub fn answered(mut self, response: &mut Response, bytes: Option<u64>) {
        self.is_answered = true;
        let id = HeaderValue::from(self.id());
        response.headers_mut().insert(REQUEST_ID, id);
        let took = self.arrived.elapsed();
        let route = self.route;
        self.metrics
            .answered(route, &self.method, response.status(), took);
        if !log::log_enabled!(target: TARGET, level(route)) {
            return;
        }
        let mut line = self.line(response.status().as_u16());
        // A text takes all that is written to it.
        let _ = write!(line, " ms={:.3}", took.as_secs_f64() * 1000.0);
        if let Some(bytes) = bytes.filter(|_| response.status() != StatusCode::SWITCHING_PROTOCOLS)
        {
            let _ = write!(line, " bytes={bytes}");
        }
        if let Some(Ok(encoding)) = response
            .headers()
            .get(CONTENT_ENCODING)
            .map(HeaderValue::to_str)
        {
            let _ = write!(line, " encoding={encoding}");
        }
        if let Some(StartedRun(session)) = response.extensions().get() {
            let _ = write!(line, " run={session}");
        }
        log::log!(target: TARGET, level(route), "{line}");
    }

    fn line(&self, status: u16) -> String {
        let mut line = format!(
            "id={} method={} route={} path=\"{}\" status={status}",
            self.id(),
            method_label(&self.method),
            self.route,
            shown(path(&self.uri)),
        );
        if let Some(client) = self.client {
            let _ = write!(line, " client={client}");
        }
        let _ = write!(line, " trace={}", self.correlation.trace_id());
        line
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        self.metrics.left(self.route, &self.method);
        let waited = self.arrived.elapsed().as_secs_f64() * 1000.0;
        let line = self.line(CLIENT_LEFT);
        log::log!(target: TARGET, level(self.route), "{line} ms={waited:.3}");
    }
}

/// The path that was asked for. `CONNECT host:80` and `GET host` name none, and are for the root.
fn path(uri: &Uri) -> &str {
    match uri.path() {
        "" => "/",
        path => path,
    }
}

fn level(route: &str) -> Level {
    if PROBES.contains(&route) {
        Level::Debug
    } else {
        Level::Info
    }
}

/// A path as it stands between quotes in the log: bounded, and on one line.
fn shown(path: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    if path.len() <= PATH_MAX && path.chars().all(plain) {
        return Cow::Borrowed(path);
    }
    let mut shown: String = path
        .chars()
        .take(PATH_MAX)
        .flat_map(char::escape_debug)
        .collect();
    if path.chars().nth(PATH_MAX).is_some() {
        shown.push('…');
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_write_lines_of_its_own_nor_fill_the_log() {
        assert_eq!(shown("/api/tables/%0A"), "/api/tables/%0A");
        assert_eq!(shown("/a\"\n\u{1b}[31mž"), "/a\\\"\\n\\u{1b}[31mž");
        assert_eq!(shown(&"x".repeat(200)), "x".repeat(200));
        assert_eq!(shown(&"x".repeat(201)), format!("{}…", "x".repeat(200)));
        assert!(shown(&"\u{1b}".repeat(9000)).len() < 10 * PATH_MAX);
    }
}
