//! A model's server that says exactly what a test wants, byte by byte.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcop_api::model::endpoint::Endpoint;
use mcop_api::model::{Model, ModelSettings};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::PATIENCE;

/// One answer on the wire.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status line and headers; empty for an answer that never begins.
    head: String,
    body: Vec<u8>,
    framing: Framing,
    is_cut: bool,
    then: Then,
}

/// How the body's end is marked.
#[derive(Debug, Clone, Copy)]
pub enum Framing {
    /// It ends with the connection.
    UntilClose,
    /// In chunks of so many bytes, which the client gets one by one.
    Chunks(usize),
}

/// What follows the body.
#[derive(Debug, Clone)]
pub enum Then {
    Close,
    /// Nothing, until the client goes.
    Hold,
    /// The same again and again, until the client goes.
    Repeat(&'static [u8], Duration),
}

impl Answer {
    /// A response as a fixture holds it: head, empty line, body.
    pub fn http(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").expect("head, empty line, body");
        Self {
            head: head.replace('\n', "\r\n"),
            body: body.as_bytes().to_vec(),
            framing: Framing::UntilClose,
            is_cut: false,
            then: Then::Close,
        }
    }

    /// An event stream of these data.
    pub fn events(data: &[&str]) -> Self {
        let body: String = data
            .iter()
            .flat_map(|data| ["data: ", data, "\n\n"])
            .collect();
        Self::http(&format!(
            "HTTP/1.1 200 OK\ncontent-type: text/event-stream\n\n{body}"
        ))
    }

    /// A text, said to its end.
    pub fn text(text: &str) -> Self {
        let chunk = serde_json::json!({"choices": [
            {"index": 0, "delta": {"content": text}, "finish_reason": "stop"},
        ]});
        Self::events(&[&chunk.to_string(), "[DONE]"])
    }

    pub fn status(status: u16, headers: &str, body: &str) -> Self {
        Self::http(&format!("HTTP/1.1 {status} Said\n{headers}\n\n{body}"))
    }

    /// The request is read and that is all.
    pub fn silence() -> Self {
        Self {
            head: String::new(),
            body: Vec::new(),
            framing: Framing::UntilClose,
            is_cut: false,
            then: Then::Hold,
        }
    }

    pub fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    pub fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }

    /// Only the first bytes of the body.
    pub fn cut(mut self, bytes: usize) -> Self {
        self.body.truncate(bytes);
        self.is_cut = true;
        self
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Sends all up to what follows.
    async fn send(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        if self.head.is_empty() {
            return Ok(());
        }
        let framing = match self.framing {
            Framing::UntilClose => "",
            Framing::Chunks(_) => "transfer-encoding: chunked\r\n",
        };
        let mut wire = format!("{}\r\nconnection: close\r\n{framing}\r\n", self.head).into_bytes();
        match self.framing {
            Framing::UntilClose => wire.extend(&self.body),
            Framing::Chunks(size) => {
                for chunk in self.body.chunks(size) {
                    wire.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                    wire.extend(chunk);
                    wire.extend(b"\r\n");
                }
                if !self.is_cut && matches!(self.then, Then::Close) {
                    wire.extend(b"0\r\n\r\n");
                }
            }
        }
        stream.write_all(&wire).await
    }
}

/// What the client asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    /// By names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Value,
}

pub struct Upstream {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    arrived: watch::Receiver<usize>,
    left: watch::Receiver<usize>,
    serving: JoinHandle<()>,
}

impl Upstream {
    /// Gives these answers, one a request, and fails what asks for more.
    pub async fn scripted(answers: Vec<Answer>) -> Self {
        Self::answering(move |nth, _| {
            let unexpected = || Answer::status(418, "x-should-retry: false", "not in the script");
            answers.get(nth).cloned().unwrap_or_else(unexpected)
        })
        .await
    }

    /// Answers the nth request, counted from 0.
    pub async fn answering(
        answer: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (arrivals, arrived) = watch::channel(0);
        let (leavings, left) = watch::channel(0);
        let (answer, arrivals, leavings) =
            (Arc::new(answer), Arc::new(arrivals), Arc::new(leavings));
        let record = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (answer, record) = (Arc::clone(&answer), Arc::clone(&record));
                let (arrivals, leavings) = (Arc::clone(&arrivals), Arc::clone(&leavings));
                tokio::spawn(async move {
                    let Some(request) = read_request(&mut stream).await else {
                        return;
                    };
                    let answer = {
                        let mut record = record.lock().unwrap();
                        record.push(request.clone());
                        answer(record.len() - 1, &request)
                    };
                    arrivals.send_modify(|count| *count += 1);
                    if converse(&mut stream, &answer).await {
                        leavings.send_modify(|count| *count += 1);
                    }
                });
            }
        });
        Self {
            address,
            asked,
            arrived,
            left,
            serving,
        }
    }

    /// Where a program that reads the environment finds it.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits for the nth request, counted from 1.
    pub async fn arrival(&self, nth: usize) {
        reaches(&self.arrived, nth).await;
    }

    /// Waits until a client has closed a connection on which it was not told to.
    pub async fn client_left(&self) {
        reaches(&self.left, 1).await;
    }

    /// A model here, known as any OpenAI-compatible server is, changed as a test wants.
    pub fn model(&self, change: impl FnOnce(&mut ModelSettings)) -> Model {
        self.model_of(
            &[("OPENAI_BASE_URL", "/v1"), ("OPENAI_API_KEY", KEY)],
            change,
        )
    }

    /// A model here that these variables describe; paths are completed.
    pub fn model_of(
        &self,
        vars: &[(&'static str, &str)],
        change: impl FnOnce(&mut ModelSettings),
    ) -> Model {
        let endpoint = Endpoint::from_vars(|name| {
            let (_, value) = vars.iter().find(|(known, _)| *known == name)?;
            Some(match value.strip_prefix('/') {
                Some(path) => format!("http://{}/{path}", self.address),
                None => (*value).to_owned(),
            })
        });
        let mut settings = ModelSettings::new(endpoint.unwrap().expect("an endpoint"));
        // Tests that time retries say so.
        settings.retries.first_wait = Duration::from_millis(1);
        change(&mut settings);
        Model::new(&settings).unwrap()
    }
}

/// Must show up nowhere but in requests.
pub const KEY: &str = "sk-canary-5f0c2a";

impl Drop for Upstream {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn reaches(count: &watch::Receiver<usize>, wanted: usize) {
    let mut count = count.clone();
    tokio::time::timeout(PATIENCE, count.wait_for(|count| *count >= wanted))
        .await
        .expect("it should happen")
        .unwrap();
}

/// Answers, and says whether the client went before it was told to.
async fn converse(stream: &mut TcpStream, answer: &Answer) -> bool {
    let sent = answer.send(stream).await;
    match answer.then {
        Then::Close => {
            let _closed = stream.shutdown().await;
            return false;
        }
        Then::Hold => {}
        Then::Repeat(bytes, every) => {
            let (mut reading, mut writing) = stream.split();
            let repeated = async {
                let mut ticks = tokio::time::interval(every);
                while writing.write_all(bytes).await.is_ok() {
                    ticks.tick().await;
                }
            };
            let mut byte = [0];
            tokio::select! {
                () = repeated => {}
                _ = reading.read(&mut byte) => {}
            }
            return true;
        }
    }
    let mut byte = [0];
    sent.is_err() || !matches!(stream.read(&mut byte).await, Ok(1..))
}

/// `None` where the client goes before it has asked.
async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let headers: HashMap<String, String> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let body_end = head_end + 4 + headers["content-length"].parse::<usize>().unwrap();
    while bytes.len() < body_end {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = serde_json::from_slice(&bytes[head_end + 4..body_end]).unwrap();
    Some(Asked {
        path,
        headers,
        body,
    })
}
