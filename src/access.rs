//! One line in the log for each request, and its place in the metrics.
//!
//! The line is written when the answer begins: what streams goes on after it, and an upgraded
//! socket has a line of its own when it closes (`chat`). Queries are left out, since they hold what
//! people search for, and so is everything else that a client sends, but for the path.

use std::borrow::Cow;
use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Write;
use std::net::IpAddr;
use std::time::Instant;

use http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use log::Level;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::reply::Response;

use crate::client::{ClientAddresses, Peer};
use crate::correlation::{Correlation, REQUEST_ID};
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
    /// Its headers.
    pub headers: HeaderMap,
    /// The label of its endpoint.
    pub route: &'static str,
    correlation: Correlation,
    method: Method,
    path: String,
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

/// Takes note of a request, whatever it is.
pub fn arrival(metrics: Metrics, clients: ClientAddresses) -> BoxedFilter<(Request,)> {
    warp::method()
        .and(path())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and(warp::ext::optional::<Correlation>())
        .map(
            move |method, path: String, headers: HeaderMap, peer, named: Option<Correlation>| {
                Request {
                    route: template(&path),
                    correlation: named.unwrap_or_else(|| Correlation::of(&headers)),
                    method,
                    path,
                    client: clients.in_full(&headers, peer),
                    headers,
                    arrived: Instant::now(),
                    metrics: metrics.clone(),
                    is_answered: false,
                }
            },
        )
        .boxed()
}

/// The whole path of a request.
pub fn path() -> impl Filter<Extract = (String,), Error = Infallible> + Clone {
    // Before the full path is asked for: in `CONNECT host:80` and `GET host` there is none, and
    // warp 0.4.3 panics. To it such a request is for the root.
    warp::path::end()
        .map(|| "/".to_owned())
        .or(warp::path::full().map(|path: FullPath| path.as_str().to_owned()))
        .unify()
}

impl Request {
    /// What names it to its caller and in the log.
    #[must_use]
    pub fn id(&self) -> &str {
        let id = self.correlation.request_id();
        id.to_str().unwrap_or_default()
    }

    /// Names the request in its answer, counts it and writes its line. `bytes` are those of the
    /// body before it is compressed, where they are known.
    pub fn answered(mut self, response: &mut Response, bytes: Option<u64>) {
        self.is_answered = true;
        let id = self.correlation.request_id().clone();
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
            shown(&self.path),
        );
        if let Some(client) = self.client {
            let _ = write!(line, " client={client}");
        }
        let _ = write!(line, " trace={}", self.correlation.trace_id());
        line
    }
}

thread_local! {
    /// Whether what is dropped on this thread belongs to a handler that has panicked.
    static RECLAIMING: Cell<bool> = const { Cell::new(false) };
    /// The request of such a handler, on its way from its drop to [`reclaimed`].
    static RECLAIMED: Cell<Option<Request>> = const { Cell::new(None) };
}

/// Drops what is left of a handler that has panicked, and hands back its request, which is to be
/// answered all the same. To be called on the thread of the panic, before anything else happens
/// there: what was dropped while the panic went up is handed back, too.
pub fn reclaimed(let_go: impl FnOnce()) -> Option<Request> {
    struct Reclaiming;
    impl Drop for Reclaiming {
        fn drop(&mut self) {
            RECLAIMING.set(false);
        }
    }
    RECLAIMING.set(true);
    let reclaiming = Reclaiming;
    let_go();
    drop(reclaiming);
    RECLAIMED.take()
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        if RECLAIMING.get() || std::thread::panicking() {
            let reclaimed = Self {
                headers: std::mem::take(&mut self.headers),
                correlation: self.correlation.clone(),
                client: self.client,
                method: self.method.clone(),
                path: std::mem::take(&mut self.path),
                route: self.route,
                arrived: self.arrived,
                metrics: self.metrics.clone(),
                is_answered: false,
            };
            if let Some(mut unclaimed) = RECLAIMED.replace(Some(reclaimed)) {
                unclaimed.is_answered = true;
            }
            return;
        }
        self.metrics.left(self.route, &self.method);
        let waited = self.arrived.elapsed().as_secs_f64() * 1000.0;
        let line = self.line(CLIENT_LEFT);
        log::log!(target: TARGET, level(self.route), "{line} ms={waited:.3}");
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
