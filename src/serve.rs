//! The serve loop: connections in, answers out, and an end in bounded time.
//!
//! Own code instead of `warp::serve`, which holds half a head for ever, takes any number of
//! connections, lets a panic end a connection without an answer, and waits at its end for every
//! client. The routes are warp's filters all the same; under them is hyper's HTTP/1 server.

mod framing;
mod stream;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use http::StatusCode;
use http::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use crate::metrics::Metrics;
use crate::service::Service;
use crate::{App, routes};
use framing::Unfinished;
use stream::Watched;

/// How long answers and runs that are under way may take after the signal to stop.
/// Platforms kill after 10 s or so.
pub const GRACE: Duration = Duration::from_secs(8);
/// How much of that is left for the last words: a run that is interrupted says so to those who
/// watch it.
const LAST_WORDS: Duration = Duration::from_millis(250);
/// How long the last changes of sessions may take to be written at least: they also have what is left
/// of the grace. What is not written then is lost; all but the last two seconds was written before.
const LAST_WRITE: Duration = Duration::from_millis(300);
/// How long what is cut off may take to let go.
const LETTING_GO: Duration = Duration::from_millis(50);

/// What the kernel keeps for a client that does not read, in bytes: enough for a distant
/// reader, too little for thousands of silent ones to fill the memory.
const SEND_BUFFER: u32 = 64 * 1024;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// The largest head of a request, and the most of a body that is read ahead, in bytes. Of headers
/// there are at most 100, hyper's default.
const HEAD_MAX: usize = 64 * 1024;
/// After how long connections are accepted again where the system refuses one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(250);
/// For how long such refusals are one trouble, of which the log has one line.
const ONE_TROUBLE: Duration = Duration::from_secs(10);
/// How long requests that are on their way at the signal to stop may take to arrive.
const LATE_ARRIVAL: Duration = Duration::from_millis(50);

/// How long clients may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeTimes {
    /// For the head of a request, from the end of the answer before it: also how long a connection
    /// may be idle.
    pub head: Duration,
    /// To take any of what they are sent.
    pub stall: Duration,
    /// To end a request that was answered before its end, or to close.
    pub linger: Duration,
    /// For all that is under way at the signal to stop.
    pub grace: Duration,
}

impl Default for ServeTimes {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            linger: Duration::from_secs(2),
            grace: GRACE,
        }
    }
}

/// The connections: how many may be open, how many are, and whether they are coming to their end.
/// An upgraded connection is no longer one of them.
#[derive(Debug, Clone)]
pub struct Connections {
    places: Arc<Semaphore>,
    open: TaskTracker,
    is_stopping: Arc<AtomicBool>,
}

impl Connections {
    /// Room for so many.
    #[must_use]
    pub fn new(most: NonZeroUsize) -> Self {
        let most = most.get().min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(most)),
            open: TaskTracker::new(),
            is_stopping: Arc::default(),
        }
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether the service is coming to its end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}

/// Binds a listener whose connections send without delay and with a bounded buffer; on
/// Linux they inherit both from it.
///
/// # Errors
/// What the system says.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restart must not wait for the connections of the last run to fade.
    socket.set_reuseaddr(true)?;
    // Tokens are small frames: Nagle's algorithm would hold each for the last one's receipt.
    socket.set_nodelay(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Lets the process open as many files as the system grants it, each connection being one: shells
/// and containers start programs with 1,024, for the sake of those that use `select`.
pub fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(most) => log::info!("up to {most} files and connections may be open"),
        Err(cause) => log::warn!("the limit of open files stays as it is: {cause}"),
    }
}

/// Serves the application on a bound listener until `stop`, then lets what is under way end, for at
/// most [`GRACE`].
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) {
    let routes = routes::routes(app.clone());
    serve_routes(listener, app, routes, ServeTimes::default(), stop).await;
}

/// Serves these routes of the application, with these times.
pub async fn serve_routes(
    listener: TcpListener,
    app: App,
    routes: BoxedFilter<(Response,)>,
    times: ServeTimes,
    stop: CancellationToken,
) {
    let server = Server::new(&app, routes, times);
    let learning = {
        let (knowledge, stop) = (Arc::clone(&app.knowledge), stop.clone());
        tokio::task::spawn_blocking(move || knowledge.learn(|| !stop.is_cancelled()))
    };
    let serving = async {
        tokio::select! {
            () = stop.cancelled() => {}
            never = server.accept_all(&listener) => match never {},
        }
        let grace = Instant::now() + times.grace;
        server.end(listener, &app, grace).await;
        // It ends with the table it is at; what a panic of it left undone, runs do.
        let _ = tokio::time::timeout(LETTING_GO, learning).await;
        grace
    };
    let grace = tokio::select! {
        grace = serving => grace,
        never = app.sessions.keep_swept() => match never {},
        never = app.state.keep_written() => match never {},
    };
    // A disk may be slow: what clients have left of the grace is its.
    let latest = grace.max(Instant::now() + LAST_WRITE);
    let written = tokio::time::timeout_at(latest, app.state.close()).await;
    if written.is_err() {
        log::warn!("the last changes of sessions could not be written in time");
    }
}

/// What takes connections and serves them.
struct Server {
    http: http1::Builder,
    service: Service,
    metrics: Metrics,
    connections: Connections,
    times: ServeTimes,
    /// Asks connections to end after the answer that is under way.
    stopping: CancellationToken,
    /// Cuts off those that have not.
    over: CancellationToken,
}

impl Server {
    fn new(app: &App, routes: BoxedFilter<(Response,)>, times: ServeTimes) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(times.head)
            .max_header_size(HEAD_MAX)
            .max_buf_size(HEAD_MAX);
        Self {
            http,
            service: Service::new(routes, app),
            metrics: app.metrics.clone(),
            connections: app.connections.clone(),
            times,
            stopping: CancellationToken::new(),
            over: CancellationToken::new(),
        }
    }

    /// Accepts connections where there is room for them; others wait in the backlog.
    async fn accept_all(&self, listener: &TcpListener) -> Infallible {
        let mut trouble = None;
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&self.connections.places).acquire_owned().await else {
                std::future::pending().await
            };
            let (stream, peer) = accept(listener, &mut trouble).await;
            self.take(stream, peer, place);
        }
    }

    /// Serves a connection, in a task of its own.
    fn take(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let unfinished = Unfinished::default();
        let watched = Watched::new(stream, unfinished.clone(), &self.times);
        let service = self.service.clone();
        let requests = AtomicU64::new(0);
        let answers = service_fn(move |request| {
            let number = requests.fetch_add(1, Ordering::Relaxed) + 1;
            let unfinished = unfinished.clone();
            service.answer(request, peer).map(move |mut response| {
                // Where it comes before the request has ended, nothing can follow.
                if unfinished.is(number) && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                Ok::<_, Infallible>(response)
            })
        });
        let stream = TokioIo::new(watched);
        let connection = self.http.serve_connection(stream, answers).with_upgrades();
        let (stopping, over) = (self.stopping.clone(), self.over.clone());
        let served = async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                biased;
                ended = connection.as_mut() => ended,
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    tokio::select! {
                        ended = connection => ended,
                        () = over.cancelled() => Ok(()),
                    }
                }
            };
            if let Err(cause) = ended {
                log::debug!("a connection broke: {cause}");
            }
            drop(place);
        };
        let metrics = self.metrics.clone();
        self.connections.open.spawn(async move {
            if AssertUnwindSafe(served).catch_unwind().await.is_err() {
                log::error!("a connection ended in a panic, in the middle of an answer");
                metrics.panicked();
            }
        });
    }

    /// Lets what is under way end, until the end of its grace.
    async fn end(&self, listener: TcpListener, app: &App, grace: Instant) {
        let signal = Instant::now();
        self.connections.is_stopping.store(true, Ordering::Relaxed);
        app.runs.refuse();
        app.chat.refuse();
        self.take_late(listener);
        // A connection that is asked to end while it is idle does so unread.
        tokio::time::sleep(LATE_ARRIVAL).await;
        self.stopping.cancel();
        self.connections.open.close();
        let mut drained = pin!(async {
            self.connections.open.wait().await;
            // Upgraded sockets and runs are nobody's connection.
            app.chat.drained().await;
            app.runs.drained().await;
            app.tools.drained().await;
        });
        let interruption = grace.checked_sub(LAST_WORDS).unwrap_or(signal);
        let mut in_time = tokio::time::timeout_at(interruption, &mut drained).await;
        if in_time.is_err() {
            app.runs.interrupt();
            app.chat.interrupt();
            app.documents.interrupt();
            in_time = tokio::time::timeout_at(grace, &mut drained).await;
        }
        match in_time {
            Ok(()) => log::info!("stopped: everything under way has ended"),
            Err(_) => log::warn!(
                "stopped after {:.1} s with work under way",
                signal.elapsed().as_secs_f64()
            ),
        }
        self.over.cancel();
        let _ = tokio::time::timeout(LETTING_GO, self.connections.open.wait()).await;
    }

    /// Takes the connections that were made before the signal and not accepted yet: most have sent
    /// their request. Closing a listener resets what waits there, and clients would not know why.
    fn take_late(&self, listener: TcpListener) {
        // Asked directly: the runtime learns of connections only when it looks.
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok(place) = Arc::clone(&self.connections.places).try_acquire_owned() {
            let Ok((stream, peer)) = listener.accept() else {
                return;
            };
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                self.take(stream, peer, place);
            }
        }
    }
}

/// The next connection. What the system refuses, for want of files or memory, is tried again after a
/// pause; without one the loop would take a core for itself.
async fn accept(listener: &TcpListener, trouble: &mut Option<Instant>) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(connection) => return connection,
            // It was over before it was accepted.
            Err(cause) if is_of_the_client(&cause) => {}
            Err(cause) => {
                if trouble.is_none_or(|last| last.elapsed() >= ONE_TROUBLE) {
                    log::error!("no connection can be accepted for now: {cause}");
                }
                *trouble = Some(Instant::now());
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(cause: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        cause.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
