//! Clients of the chat: one as programs have it, and one that writes the bytes by hand.

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::support::{Server, within};

/// What comes over a socket.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// A text frame, its timestamp and number checked and taken off.
    Frame(Value),
    /// A close frame with its code and reason.
    Close(u16, String),
    /// The end of the connection, without a close frame.
    End,
}

/// An answer to an upgrade that is none.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The subprotocol that the service has selected.
    pub protocol: Option<String>,
    /// The number of the last frame; 0 before the first.
    pub last_seq: u64,
    /// Whether numbers may be missing: those of partials that later ones have taken the place of.
    resumes: bool,
}

impl Client {
    /// Opens the socket of a session.
    pub async fn open(server: &Server, session: &str) -> Self {
        Self::try_open(server, &format!("/ws/{session}"), &[])
            .await
            .expect("the upgrade should be accepted")
    }

    /// Opens a socket with these headers besides the usual ones.
    pub async fn try_open(
        server: &Server,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Refused> {
        Self::open_at(&server.address, path, headers).await
    }

    /// The same, wherever the service is.
    pub async fn open_at(
        address: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Refused> {
        let url = format!("ws://{address}{path}");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match within(tokio_tungstenite::connect_async(request)).await {
            Ok((socket, answer)) => {
                let protocol = answer.headers().get("sec-websocket-protocol");
                Ok(Self {
                    socket,
                    protocol: protocol.map(|name| name.to_str().unwrap().to_owned()),
                    last_seq: 0,
                    resumes: path.contains("last_seq="),
                })
            }
            Err(Error::Http(answer)) => {
                let (parts, body) = answer.into_parts();
                Err(Refused {
                    status: parts.status.as_u16(),
                    headers: parts.headers,
                    body: serde_json::from_slice(&body.unwrap_or_default()).unwrap(),
                })
            }
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Opens the socket of a session again, or for the first time, as a client that wants to resume.
    pub async fn resume(server: &Server, session: &str, last_seq: u64) -> Self {
        let path = format!("/ws/{session}?last_seq={last_seq}");
        Self::try_open(server, &path, &[])
            .await
            .expect("the upgrade should be accepted")
    }

    /// Sends a text frame.
    pub async fn send(&mut self, text: impl Into<String>) {
        self.send_message(Message::text(text.into())).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        within(self.socket.send(message)).await.unwrap();
    }

    /// Sends these at once.
    pub async fn send_all(&mut self, messages: impl IntoIterator<Item = Message>) {
        let mut messages = futures_util::stream::iter(messages).map(Ok);
        within(self.socket.send_all(&mut messages)).await.unwrap();
    }

    /// Sends a message as the React client does.
    pub async fn say(&mut self, content: &str) {
        self.send(json!({ "content": content }).to_string()).await;
    }

    pub async fn cancel(&mut self) {
        self.send(r#"{"type":"cancel"}"#).await;
    }

    /// What comes next but for pings, which the socket itself answers.
    pub async fn next(&mut self) -> Received {
        loop {
            return match within(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    let (seq, frame) = checked(&text);
                    let next = self.last_seq + 1;
                    let follows = seq == next || (self.resumes && seq > next);
                    assert!(self.last_seq == 0 || follows, "{seq}: {frame}");
                    self.last_seq = seq;
                    Received::Frame(frame)
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    Received::Close(frame.code.into(), frame.reason.to_string())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(_)) | None => Received::End,
            };
        }
    }

    /// The next frame, which is there to come.
    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Received::Frame(frame) => frame,
            other => panic!("a frame should come, not {other:?}"),
        }
    }

    /// The frames up to the first of a type, that one included.
    pub async fn frames_until(&mut self, kind: &str) -> Vec<Value> {
        let mut frames = vec![self.frame().await];
        while frames.last().unwrap()["type"] != kind {
            frames.push(self.frame().await);
        }
        frames
    }

    /// Expects the socket to be closed next, and the connection with it.
    pub async fn closed(&mut self, code: u16, reason: &str) {
        assert_eq!(
            self.next().await,
            Received::Close(code, reason.to_owned()),
            "the close frame"
        );
        assert_eq!(self.next().await, Received::End, "nothing comes after it");
    }

    /// Expects that nothing waits to be read: the refusal of an empty message comes after
    /// whatever came before it.
    pub async fn is_silent(&mut self) {
        self.say("").await;
        let refusal = error("empty_message", "The message is empty.");
        assert_eq!(self.frame().await, refusal, "nothing else should come");
    }

    /// Closes as browsers do, and expects the service to answer in kind.
    pub async fn close(mut self) {
        within(self.socket.close(None)).await.unwrap();
        while let Some(received) = within(self.socket.next()).await {
            received.unwrap();
        }
    }
}

/// The number of a frame and its JSON without number and timestamp, which is one.
pub fn checked(text: &str) -> (u64, Value) {
    let mut frame: Value = serde_json::from_str(text).unwrap();
    let fields = frame.as_object_mut().unwrap();
    let seq = fields.remove("seq").unwrap().as_u64().unwrap();
    let timestamp = fields.remove("timestamp").unwrap();
    let timestamp = timestamp.as_str().unwrap();
    timestamp.parse::<jiff::Timestamp>().unwrap();
    assert!(timestamp.ends_with('Z'), "{timestamp} is in UTC");
    (seq, frame)
}

/// The frame that echoes a message.
pub fn user(content: &str) -> Value {
    json!({ "type": "user", "content": content })
}

/// A frame of the answer so far.
pub fn partial(content: &str) -> Value {
    json!({ "type": "agent_partial", "content": content })
}

/// The frame of a final answer with nothing beside it.
pub fn agent(content: &str) -> Value {
    json!({ "type": "agent", "content": content, "mode": "embedded" })
}

/// The frame of a refusal or a failure.
pub fn error(code: &str, content: &str) -> Value {
    json!({ "type": "error", "content": content, "code": code })
}

/// The frame in the place of those that a client missed.
pub fn resync(question: &str, content: &str, complete: bool, in_progress: bool) -> Value {
    json!({
        "type": "resync", "content": content, "complete": complete, "in_progress": in_progress, "question": question,
    })
}

/// A frame as it is on the wire (RFC 6455, section 5.2), masked with zeros.
pub fn masked(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(first_byte, 0x80, payload.len());
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// The same as a client must not send it.
pub fn unmasked(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(first_byte, 0, payload.len());
    bytes.extend(payload);
    bytes
}

fn head(first_byte: u8, mask: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first_byte];
    if let Ok(short) = u8::try_from(length).map_err(drop)
        && short < 126
    {
        bytes.push(mask | short);
    } else if let Ok(medium) = u16::try_from(length) {
        bytes.push(mask | 0x7e);
        bytes.extend(medium.to_be_bytes());
    } else {
        bytes.push(mask | 0x7f);
        bytes.extend((length as u64).to_be_bytes());
    }
    bytes
}

/// A connection whose every byte is the test's own.
pub struct Raw {
    pub stream: TcpStream,
}

/// A handshake as clients send it (RFC 6455, section 1.3), but for the headers given.
pub fn handshake(path: &str, headers: &[(&str, &str)]) -> String {
    use std::fmt::Write;
    let mut usual = vec![
        ("Host", "mcop.test"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (name, value) in headers {
        usual.retain(|(known, _)| known != name);
        usual.push((name, value));
    }
    usual.retain(|(_, value)| !value.is_empty());
    let mut text = format!("GET {path} HTTP/1.1\r\n");
    for (name, value) in usual {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    text + "\r\n"
}

impl Raw {
    /// Opens a socket by hand.
    pub async fn open(server: &Server, session: &str) -> Self {
        let stream = within(TcpStream::connect(&server.address)).await.unwrap();
        Self::over(stream, session).await
    }

    /// Opens a socket over a connection.
    pub async fn over(mut stream: TcpStream, session: &str) -> Self {
        let request = handshake(&format!("/ws/{session}"), &[]);
        within(stream.write_all(request.as_bytes())).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(within(stream.read_u8()).await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap().to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 101 "), "{answer}");
        // The key of RFC 6455, section 1.3, and what it says must come back for it.
        assert!(
            answer.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
            "{answer}"
        );
        Self { stream }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        within(self.stream.write_all(bytes)).await.unwrap();
    }

    /// The next frame: its first byte and its payload.
    pub async fn frame(&mut self) -> (u8, Vec<u8>) {
        within(async {
            let first_byte = self.stream.read_u8().await.unwrap();
            let length = match self.stream.read_u8().await.unwrap() {
                126 => self.stream.read_u16().await.unwrap().into(),
                127 => self.stream.read_u64().await.unwrap(),
                short => short.into(),
            };
            let mut payload = vec![0; usize::try_from(length).unwrap()];
            self.stream.read_exact(&mut payload).await.unwrap();
            (first_byte, payload)
        })
        .await
    }
}
