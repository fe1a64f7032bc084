//! Those who read the tokens: straight from the model's server, or from the service.

use std::borrow::Cow;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::clock;

/// What one client has heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Of each token, from its sending to its arrival, in nanoseconds.
    pub(crate) latencies: Vec<u64>,
    /// In how many pieces they came.
    pub(crate) pieces: usize,
    /// When the first was sent and the last arrived.
    pub(crate) first_sent: u64,
    pub(crate) last_arrived: u64,
}

impl Heard {
    fn hear(&mut self, piece: &str) {
        let now = clock::now();
        for stamp in piece.split_ascii_whitespace() {
            let sent: u64 = stamp.parse().expect("tokens are stamps");
            if self.latencies.is_empty() {
                self.first_sent = sent;
            }
            self.latencies.push(now - sent);
        }
        self.pieces += 1;
        self.last_arrived = now;
    }
}

/// Reads the model's stream as it is, bytes over TCP.
pub(crate) async fn read_stream(address: SocketAddr, tokens: u32) -> Heard {
    let mut socket = TcpStream::connect(address)
        .await
        .expect("the stream is open to all");
    let request =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-length: 2\r\n\r\n{}";
    socket
        .write_all(request.as_bytes())
        .await
        .expect("the request is read");
    let mut socket = BufReader::new(socket);
    let mut heard = Heard::default();
    let mut line = String::new();
    while heard.latencies.len() < tokens as usize {
        line.clear();
        let read = socket.read_line(&mut line).await.expect("a line comes");
        assert!(read > 0, "the stream ended early");
        if let Some((_, content)) = line.split_once(r#""content":""#) {
            heard.hear(content.split('"').next().unwrap_or_default());
        }
    }
    heard
}

/// A socket of the service.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

/// Opens a socket that tells of an answer piece by piece.
pub(crate) async fn open_socket(address: SocketAddr, session: &str) -> Socket {
    let url = format!("ws://{address}/ws/{session}?partials=delta");
    // Each wait for a frame begins with zeros all over the buffer: 128 KiB by default.
    let config = WebSocketConfig::default().read_buffer_size(4096);
    let (socket, _) = connect_async_with_config(url, Some(config), true)
        .await
        .expect("a socket can be opened");
    socket
}

/// Asks the service a question, and reads its answer until all tokens are there.
pub(crate) async fn read_socket(address: SocketAddr, session: String, tokens: u32) -> Heard {
    let mut socket = open_socket(address, &session).await;
    socket
        .send(Message::text("What is new?"))
        .await
        .expect("a question can be sent");
    let mut heard = Heard::default();
    while heard.latencies.len() < tokens as usize {
        let message: Result<Message, Error> = socket.next().await.expect("a frame comes");
        let message = message.expect("a frame comes");
        let Ok(text) = message.to_text() else {
            continue;
        };
        if message.is_ping() {
            continue;
        }
        let frame: Frame<'_> = serde_json::from_str(text).expect("frames are objects");
        match frame.kind {
            "agent_partial" => heard.hear(&frame.content),
            "user" | "tool" => {}
            kind => panic!("{kind} before the last token: {}", frame.content),
        }
    }
    heard
}
