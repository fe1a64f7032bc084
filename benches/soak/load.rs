//! Those who use the service: over sockets, by calls, and one who only asks for its health.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use crate::random::Random;

/// What took longer is stuck: more than the service's own deadlines allow for.
const STUCK: Duration = Duration::from_secs(65);
const REQUEST: &str = include_str!("../../data/requests/en.md");

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Answers of the model, each compared with its pieces.
    pub(crate) answers: AtomicU64,
    /// Answers of the rules in place of a model that was down.
    pub(crate) embedded: AtomicU64,
    /// Answers that broke off and said so.
    pub(crate) interrupted: AtomicU64,
    /// Clients that went amid an answer, without a word.
    pub(crate) left: AtomicU64,
    /// Runs and single calls that came to their end.
    pub(crate) runs: AtomicU64,
    pub(crate) calls: AtomicU64,
    pub(crate) polls: AtomicU64,
    /// Frames that did not come, or not once, or not in order.
    pub(crate) lost: AtomicU64,
    /// Questions, runs and calls without an end in time.
    pub(crate) stuck: AtomicU64,
    /// Everything that should not happen: other errors, sockets that close.
    pub(crate) unexpected: AtomicU64,
}

fn count(of: &AtomicU64) {
    of.fetch_add(1, Ordering::Relaxed);
}

fn unexpected(counts: &Counts, what: &str) {
    eprintln!("unexpected: {what}");
    count(&counts.unexpected);
}

/// A socket of the service.
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A person at a socket, who reads each answer, thinks, and after a few answers takes a new
/// session; one in ten goes amid an answer.
pub(crate) async fn reader(
    address: SocketAddr,
    seed: u64,
    counts: &Counts,
    over: &CancellationToken,
) {
    let mut random = Random::new(1000 + seed);
    while !over.is_cancelled() {
        let url = format!("ws://{address}/ws/{}?partials=delta", random.session());
        let Ok((mut socket, _)) = connect_async(url).await else {
            unexpected(counts, "no socket");
            sleep(Duration::from_secs(1)).await;
            continue;
        };
        let mut conversation = Conversation::default();
        for _ in 0..=random.below(6) {
            let leaves = random.below(10) == 0;
            let asked = conversation.ask(&mut socket, leaves, counts);
            let Ok(goes_on) = timeout(STUCK, asked).await else {
                eprintln!("stuck: a question over a socket");
                count(&counts.stuck);
                break;
            };
            if !goes_on || over.is_cancelled() {
                break;
            }
            sleep(Duration::from_millis(random.below(4_000))).await;
        }
        if random.below(2) == 0 {
            let _ = timeout(STUCK, socket.close(None)).await;
        }
    }
}

/// What one socket has heard.
#[derive(Default)]
struct Conversation {
    /// The number of the last frame, where frames are numbered.
    seq: Option<u64>,
}

impl Conversation {
    /// Asks, and hears the answer, or a part of it; says whether the socket is still of use.
    async fn ask(&mut self, socket: &mut Socket, leaves: bool, counts: &Counts) -> bool {
        if socket.send(Message::text("What is new?")).await.is_err() {
            unexpected(counts, "a socket that takes no question");
            return false;
        }
        let mut pieces = String::new();
        while let Some(message) = socket.next().await {
            let frame: Value = match &message {
                Ok(Message::Text(text)) => serde_json::from_str(text).expect("frames are JSON"),
                Ok(Message::Ping(_) | Message::Pong(_)) => continue,
                other => {
                    unexpected(counts, &format!("{other:?}"));
                    return false;
                }
            };
            self.number(&frame, counts);
            let content = frame["content"].as_str().unwrap_or_default();
            match (frame["type"].as_str(), frame["mode"].as_str()) {
                (Some("agent_partial"), _) => pieces.push_str(content),
                (Some("agent"), mode) => {
                    if content != pieces {
                        eprintln!("lost: {pieces:?} of {content:?}");
                        count(&counts.lost);
                    }
                    count(if mode == Some("model") {
                        &counts.answers
                    } else {
                        &counts.embedded
                    });
                    return true;
                }
                (Some("error"), _) if frame["code"] == "interrupted" => {
                    count(&counts.interrupted);
                    return true;
                }
                (Some("error"), _) => {
                    unexpected(counts, &frame.to_string());
                    return true;
                }
                _ => {}
            }
            if leaves && pieces.len() > 500 {
                count(&counts.left);
                return false;
            }
        }
        unexpected(counts, "a connection that ends");
        false
    }

    fn number(&mut self, frame: &Value, counts: &Counts) {
        let seq = frame["seq"].as_u64();
        if let (Some(last), Some(seq)) = (self.seq, seq)
            && seq != last + 1
        {
            eprintln!("lost: frame {seq} after {last}");
            count(&counts.lost);
        }
        self.seq = seq.or(self.seq);
    }
}

/// A program that starts a run, waits for it, reads what it found, asks a single question,
/// and polls a session that there is not.
pub(crate) async fn caller(
    address: SocketAddr,
    seed: u64,
    counts: &Counts,
    over: &CancellationToken,
) {
    let mut random = Random::new(seed);
    let api = Api::new(address);
    while !over.is_cancelled() {
        match timeout(STUCK, api.run(counts)).await {
            Ok(Some(())) => count(&counts.runs),
            Ok(None) => unexpected(counts, "a run that fails"),
            Err(_) => count(&counts.stuck),
        }
        let question =
            json!({ "content": "Which facts are there?", "session_id": random.session() });
        match timeout(STUCK, api.post("/api/chat", &question)).await {
            // The model's connection was cut, and it says so.
            Ok(Some((200 | 502, _))) => count(&counts.calls),
            Ok(other) => unexpected(counts, &format!("a call: {other:?}")),
            Err(_) => count(&counts.stuck),
        }
        let nobody = format!("/api/pipeline/{}/status", random.session());
        match api.get(&nobody).await {
            Some((404, _)) => count(&counts.polls),
            other => unexpected(counts, &format!("a poll: {other:?}")),
        }
        sleep(Duration::from_millis(200 + random.below(400))).await;
    }
}

/// The service as programs call it.
struct Api {
    client: reqwest::Client,
    address: SocketAddr,
}

impl Api {
    fn new(address: SocketAddr) -> Self {
        // The program brings reqwest with a TLS stack that wants to be told its cryptography.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().tls_certs_only([]).build();
        Self {
            client: client.expect("a client without certificates"),
            address,
        }
    }

    /// Starts a run and polls it to its end; `None` where it fails.
    async fn run(&self, counts: &Counts) -> Option<()> {
        let document = json!({ "document": REQUEST });
        let (_, started) = self.post("/api/pipeline/run", &document).await?;
        let session = started["session_id"].as_str()?.to_owned();
        loop {
            let (_, status) = self.get(&format!("/api/pipeline/{session}/status")).await?;
            count(&counts.polls);
            match status["status"].as_str()? {
                "running" => sleep(Duration::from_millis(50)).await,
                "completed" => break,
                _ => return None,
            }
        }
        let (status, _) = self.get(&format!("/api/pipeline/{session}/result")).await?;
        (status == 200).then_some(())
    }

    async fn get(&self, path: &str) -> Option<(u16, Value)> {
        let call = self.client.get(format!("http://{}{path}", self.address));
        Self::answer(call).await
    }

    async fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let call = self.client.post(format!("http://{}{path}", self.address));
        Self::answer(call.json(body)).await
    }

    async fn answer(call: reqwest::RequestBuilder) -> Option<(u16, Value)> {
        let response = call.send().await.ok()?;
        Some((response.status().as_u16(), response.json().await.ok()?))
    }
}

/// How often the health is asked for: a thousand times in a sample.
const PROBE_EVERY: Duration = Duration::from_millis(10);

/// Latencies since they were last taken, in milliseconds.
pub(crate) type Latencies = Arc<Mutex<Vec<f64>>>;

/// Asks for the health over and over, on one connection.
pub(crate) async fn prober(address: SocketAddr, latencies: Latencies, over: CancellationToken) {
    let api = Api::new(address);
    let mut ticks = interval(PROBE_EVERY);
    while !over.is_cancelled() {
        ticks.tick().await;
        let asked = Instant::now();
        let _ = api.get("/health").await;
        let took = asked.elapsed().as_secs_f64() * 1e3;
        let mut latencies = latencies.lock().unwrap_or_else(PoisonError::into_inner);
        latencies.push(took);
    }
}

/// The numbers at the end of a line of Prometheus' text format, by their names.
pub(crate) async fn gauges(address: SocketAddr) -> Vec<(String, f64)> {
    let call = Api::new(address)
        .client
        .get(format!("http://{address}/metrics"));
    let Ok(response) = call.send().await else {
        return Vec::new();
    };
    let text = response.text().await.unwrap_or_default();
    let number = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.trim().parse().ok()?))
    };
    text.lines().filter_map(number).collect()
}
