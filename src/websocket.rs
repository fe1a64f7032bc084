//! The upgrade of a call to a WebSocket (RFC 6455), as a filter of the shape that `warp::ws` has.
//!
//! `warp::ws` reads through a buffer of 128 KiB for each socket, and lets nobody choose another. An
//! idle socket here holds 4 KiB for reading, and offers are answered that `warp::ws` passes over
//! (`Sec-WebSocket-Protocol`).
//!
//! The messages are those of `warp::ws`: what is written against a sink of them works with either
//! socket. To make one of the protocol's own frames of such a message costs a look at each byte of its
//! text, and no copy.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Utf8Bytes};
use tokio_tungstenite::tungstenite::protocol::{self, Role, WebSocketConfig};
use warp::reply::{Reply, Response};
use warp::ws::Message;
use warp::{Filter, Rejection};

pub use tokio_tungstenite::tungstenite::Error;

/// What is read at once, in bytes, and kept for it by a socket: people's messages are short, and longer
/// ones are read in pieces.
const READ_BUFFER: usize = 4096;
/// Bytes that wait to be written together with what comes next, where it comes at once.
const WRITE_BUFFER: usize = 4096;

/// The headers ask for no WebSocket of this protocol's version.
#[derive(Debug)]
pub struct NotAnUpgrade;

impl warp::reject::Reject for NotAnUpgrade {}

/// Takes a call that asks for a WebSocket: a `GET` with `Connection: upgrade`, `Upgrade: websocket`,
/// `Sec-WebSocket-Version: 13` and a `Sec-WebSocket-Key` of 16 bytes. Others are rejected with
/// [`NotAnUpgrade`].
pub fn upgrade() -> impl Filter<Extract = (Upgrade,), Error = Rejection> + Clone {
    warp::get()
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<OnUpgrade>())
        .and_then(|headers: HeaderMap, connection| {
            let upgrade = Upgrade::of(&headers, connection);
            std::future::ready(upgrade.ok_or_else(|| warp::reject::custom(NotAnUpgrade)))
        })
}

/// A call that may become a socket.
pub struct Upgrade {
    connection: OnUpgrade,
    config: WebSocketConfig,
    accept: HeaderValue,
    offered: Vec<String>,
    selected: Option<HeaderValue>,
}

impl Upgrade {
    fn of(headers: &HeaderMap, connection: Option<OnUpgrade>) -> Option<Self> {
        let key = headers.get(SEC_WEBSOCKET_KEY)?.as_bytes();
        let named = |name, wanted: &str| {
            tokens(headers, &name).any(|token| token.eq_ignore_ascii_case(wanted))
        };
        let asks = named(CONNECTION, "upgrade")
            && named(UPGRADE, "websocket")
            && headers.get(SEC_WEBSOCKET_VERSION)? == "13"
            && is_key(key);
        // There is none to take over where the protocol knows no upgrade, as HTTP/1.0.
        let connection = connection.filter(|_| asks)?;
        Some(Self {
            connection,
            config: WebSocketConfig::default()
                .read_buffer_size(READ_BUFFER)
                .write_buffer_size(WRITE_BUFFER),
            accept: HeaderValue::try_from(derive_accept_key(key)).ok()?,
            offered: tokens(headers, &SEC_WEBSOCKET_PROTOCOL)
                .map(str::to_owned)
                .collect(),
            selected: None,
        })
    }

    /// The subprotocols that the client offers, those it likes best first.
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().map(String::as_str)
    }

    /// Selects a subprotocol if it is offered: browsers close a socket that takes none of theirs.
    #[must_use]
    pub fn select(mut self, protocol: &'static str) -> Self {
        if self.offered.iter().any(|offered| offered == protocol) {
            self.selected = Some(HeaderValue::from_static(protocol));
        }
        self
    }

    /// The largest frame that is read, in bytes.
    #[must_use]
    pub fn max_frame_size(mut self, max: usize) -> Self {
        self.config.max_frame_size = Some(max);
        self
    }

    /// The largest message that is read, in bytes.
    #[must_use]
    pub fn max_message_size(mut self, max: usize) -> Self {
        self.config.max_message_size = Some(max);
        self
    }

    /// The largest frame that is written, in bytes; more than 4 KiB.
    #[must_use]
    pub fn max_write_buffer_size(mut self, max: usize) -> Self {
        self.config.max_write_buffer_size = max;
        self
    }

    /// Answers with 101, and gives the socket to `serve` in a task of its own.
    ///
    /// Whoever waits for that task puts what it waits for into `serve`: it is dropped with it, also where
    /// the connection breaks before it is a socket.
    pub fn on_upgrade<F, S>(self, serve: F) -> impl Reply
    where
        F: FnOnce(WebSocket) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let (connection, config) = (self.connection, self.config);
        tokio::spawn(async move {
            match connection.await {
                Ok(upgraded) => {
                    let upgraded = TokioIo::new(upgraded);
                    let stream =
                        WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config));
                    let socket = WebSocket {
                        stream: stream.await,
                    };
                    // Its own size, and not that of the wait for it as well.
                    Box::pin(serve(socket)).await;
                }
                Err(error) => log::debug!("a connection broke before it was a socket: {error}"),
            }
        });
        let mut response = Response::default();
        *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        if let Some(selected) = self.selected {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, selected);
        }
        response
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is offered may be a token.
        f.debug_struct("Upgrade").finish_non_exhaustive()
    }
}

/// The elements of all headers of this name, each of which is a list with commas.
fn tokens<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

/// Sixteen bytes in base64 (RFC 6455, section 4.1): 22 digits and two signs of equality.
fn is_key(key: &[u8]) -> bool {
    let digit = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/');
    key.len() == 24 && key.ends_with(b"==") && key.iter().take(22).all(digit)
}

/// A WebSocket: a stream and a sink of messages. Pings are answered while it is read.
#[derive(Debug)]
pub struct WebSocket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
}

impl Stream for WebSocket {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = ready!(Pin::new(&mut self.stream).poll_next(cx));
        Poll::Ready(read.map(|read| read.map(received)))
    }
}

impl Sink<Message> for WebSocket {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        Pin::new(&mut self.stream).start_send(to_send(message)?)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

fn received(message: protocol::Message) -> Message {
    match message {
        protocol::Message::Text(text) => Message::text(text.as_str()),
        protocol::Message::Binary(bytes) => Message::binary(bytes),
        protocol::Message::Ping(bytes) => Message::ping(bytes),
        protocol::Message::Pong(bytes) => Message::pong(bytes),
        protocol::Message::Close(Some(CloseFrame { code, reason })) => {
            Message::close_with(code, reason.as_str().to_owned())
        }
        protocol::Message::Close(None) => Message::close(),
        // Frames are only ever written as such.
        protocol::Message::Frame(frame) => Message::binary(frame.into_payload()),
    }
}

/// # Errors
/// None that can be: a text of warp's is UTF-8.
fn to_send(message: Message) -> Result<protocol::Message, Error> {
    Ok(if message.is_close() {
        let frame = message.close_frame().map(|(code, reason)| CloseFrame {
            code: code.into(),
            reason: reason.into(),
        });
        protocol::Message::Close(frame)
    } else if message.is_text() {
        let text = Utf8Bytes::try_from(message.into_bytes());
        protocol::Message::Text(text.map_err(|error| Error::Utf8(error.to_string()))?)
    } else if message.is_ping() {
        protocol::Message::Ping(message.into_bytes())
    } else if message.is_pong() {
        protocol::Message::Pong(message.into_bytes())
    } else {
        protocol::Message::Binary(message.into_bytes())
    })
}
