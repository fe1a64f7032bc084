//! Faults of the network on both sides of the service: each ends in one defined way, in
//! time, and leaves nothing behind.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future;
use mcop_api::App;
use mcop_api::config::Config;
use mcop_api::explorer::agent::AgentLimits;
use mcop_api::explorer::enrichment::Freshness;
use mcop_api::explorer::tools::Tools;
use mcop_api::explorer::{EMBEDDED_PACE, Explorer};
use mcop_api::model::Model;
use mcop_api::pipeline::Knowledge;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use crate::fault_proxy::{End, FaultProxy, Toxic};
use crate::socket_client::{Client, Received};
use crate::support::{Server, chat_config, http_client, sample, until};
use crate::upstream::{Answer, KEY, Then, Upstream};

/// Where the fault is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Between {
    ClientAndService,
    ServiceAndModel,
}
use Between::{ClientAndService, ServiceAndModel};

/// How the question is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Call,
    Socket,
}
use By::{Call, Socket};

/// What becomes of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// It comes, whole.
    Whole,
    /// The rules answer in place of the model.
    Embedded,
    /// It fails, in words and with a code (REST: 502).
    Interrupted,
    /// The connection ends without an answer.
    Lost,
}
use Outcome::{Embedded, Interrupted, Lost, Whole};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const LATENCY: Toxic = Toxic::Latency(ms(10), ms(20), 7);
/// The answer takes a second, and the next to nothing that a question is.
const BANDWIDTH: Toxic = Toxic::Bandwidth(4_000);
/// Longer than any cell may take: only those that do not wait for it come out.
const SLOW_CLOSE: Toxic = Toxic::SlowClose(SLOWEST);
/// Behind the heads, and before the end of any answer.
const CUT: Toxic = Toxic::LimitData(600, End::Fin);
const CUT_BY_RESET: Toxic = Toxic::LimitData(600, End::Rst);
/// A hole that the service has to get out of by itself.
const BLACK_HOLE: Toxic = Toxic::Timeout(SLOWEST);
/// One that the other side gets out of first. Who neither reads nor leaves is a matter of the
/// serve loop's own deadlines, which cannot be set.
const SHORT_HOLE: Toxic = Toxic::Timeout(ms(400));
const RESET_AT_ONCE: Toxic = Toxic::ResetPeer(Duration::ZERO);
const RESET: Toxic = Toxic::ResetPeer(ms(200));

/// In production the service's own deadlines allow for 65 s: 60 s to the model's first
/// event, 20 s to a ping and 20 s to its answer, 10 s to a frame taken. Here they are short.
const SLOWEST: Duration = ms(10_000);
/// To the model's first event, to a ping, and to its answer, where they have to run out.
const DEADLINE: Duration = ms(500);

/// Toxic, place, way, outcome, and the least time that it takes.
type Row = (Toxic, Between, By, Outcome, Duration);

const CELLS: [Row; 28] = [
    (LATENCY, ClientAndService, Call, Whole, ms(40)),
    (LATENCY, ClientAndService, Socket, Whole, ms(40)),
    (LATENCY, ServiceAndModel, Call, Whole, ms(100)),
    (LATENCY, ServiceAndModel, Socket, Whole, ms(100)),
    (BANDWIDTH, ClientAndService, Call, Whole, ms(250)),
    (BANDWIDTH, ClientAndService, Socket, Whole, ms(250)),
    (BANDWIDTH, ServiceAndModel, Call, Whole, ms(500)),
    (BANDWIDTH, ServiceAndModel, Socket, Whole, ms(500)),
    (Toxic::Slicer, ClientAndService, Call, Whole, ms(0)),
    (Toxic::Slicer, ClientAndService, Socket, Whole, ms(0)),
    (Toxic::Slicer, ServiceAndModel, Call, Whole, ms(0)),
    (Toxic::Slicer, ServiceAndModel, Socket, Whole, ms(0)),
    (CUT, ClientAndService, Call, Lost, ms(0)),
    (CUT_BY_RESET, ClientAndService, Socket, Lost, ms(0)),
    (CUT, ServiceAndModel, Call, Interrupted, ms(0)),
    (CUT_BY_RESET, ServiceAndModel, Socket, Interrupted, ms(0)),
    (SHORT_HOLE, ClientAndService, Call, Lost, ms(400)),
    // By pings that are not answered.
    (BLACK_HOLE, ClientAndService, Socket, Lost, DEADLINE),
    // By the first event that does not come.
    (BLACK_HOLE, ServiceAndModel, Call, Embedded, DEADLINE),
    (BLACK_HOLE, ServiceAndModel, Socket, Embedded, DEADLINE),
    (RESET, ClientAndService, Call, Lost, ms(200)),
    (RESET, ClientAndService, Socket, Lost, ms(200)),
    // Asked again twice, and then given up.
    (RESET_AT_ONCE, ServiceAndModel, Call, Embedded, ms(0)),
    (RESET_AT_ONCE, ServiceAndModel, Socket, Embedded, ms(0)),
    (SLOW_CLOSE, ClientAndService, Call, Whole, ms(0)),
    (SLOW_CLOSE, ClientAndService, Socket, Whole, ms(0)),
    (SLOW_CLOSE, ServiceAndModel, Call, Whole, ms(0)),
    (SLOW_CLOSE, ServiceAndModel, Socket, Whole, ms(0)),
];

/// Whether it is time that brings the end, and no byte.
fn is_timed(toxic: Toxic) -> bool {
    matches!(toxic, Toxic::Timeout(_) | Toxic::ResetPeer(_))
}

const QUESTION: &str = "Which facts are in dm_bs_logistics?";

/// What the model says: long enough to be cut, in letters of two bytes.
fn told() -> String {
    let parts: Vec<String> = (1..=24)
        .map(|place| format!("Větší část {place}. "))
        .collect();
    parts.concat()
}

/// The model's answer as a stream; where somebody has to go first, without its end.
fn answer(is_held: bool) -> Answer {
    let told = told();
    let chunk = |text: &str, reason: Value| {
        json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]})
            .to_string()
    };
    let mut events: Vec<String> = told
        .split_inclusive(". ")
        .map(|piece| chunk(piece, Value::Null))
        .collect();
    if is_held {
        return Answer::events(&events.iter().map(String::as_str).collect::<Vec<_>>())
            .then(Then::Hold);
    }
    events.extend([chunk("", json!("stop")), "[DONE]".to_owned()]);
    Answer::events(&events.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A row of the matrix, set up.
struct Cell {
    toxic: Toxic,
    by: By,
    /// The model leaves its answer open: only a client that is lost ends it.
    is_held: bool,
    /// That the client is lost only the service can know.
    is_found_out: bool,
    upstream: Upstream,
    /// What the client calls.
    server: Server,
    /// Where the service itself is.
    service: String,
    proxy: FaultProxy,
}

impl Cell {
    async fn set_up(
        runtime: &Runtime,
        knowledge: &Arc<Knowledge>,
        (toxic, between, by, outcome, _): Row,
    ) -> Self {
        let at_client = between == ClientAndService;
        let is_found_out = at_client && toxic == BLACK_HOLE;
        // A call has nothing to cut before its answer is complete.
        let is_held = outcome == Lost && toxic != CUT;
        let upstream = Upstream::answering(move |_, _| answer(is_held)).await;
        let mut base = upstream.base_url();
        let mut proxy = None;
        if !at_client {
            let model = base.trim_start_matches("http://").trim_end_matches("/v1");
            let before = FaultProxy::before(model, Some(toxic)).await;
            base = format!("http://{}/v1", before.address);
            proxy = Some(before);
        }
        let deadline = |runs_out| if runs_out { DEADLINE } else { SLOWEST };
        let vars = [("OPENAI_BASE_URL", base.as_str()), ("OPENAI_API_KEY", KEY)];
        let model = upstream.model_of(&vars, |settings| {
            settings.timeouts.first_event = deadline(!at_client && toxic == BLACK_HOLE);
        });
        let config = chat_config(|limits| {
            limits.ping_interval = deadline(is_found_out);
            limits.pong_timeout = deadline(is_found_out);
        });
        let app = app(&config, knowledge, model);
        let mut server = {
            // Its tasks are to be counted.
            let _inside = runtime.enter();
            Server::of(app).await
        };
        let service = server.address.clone();
        let proxy = if let Some(proxy) = proxy {
            proxy
        } else {
            let from_the_start = by == Call && !is_timed(toxic);
            let before = FaultProxy::before(&service, from_the_start.then_some(toxic)).await;
            server.address = before.address.to_string();
            before
        };
        Self {
            toxic,
            by,
            is_held,
            is_found_out,
            upstream,
            server,
            service,
            proxy,
        }
    }

    /// Asks, sees what becomes of it, and waits until the service is done with it.
    async fn play(&self) -> Outcome {
        let asking = async {
            match self.by {
                Call => self.call().await,
                Socket => self.talk().await,
            }
        };
        let clock_starts = async {
            if self.is_held && is_timed(self.toxic) {
                // Earlier the service would not have begun.
                self.upstream.arrival(1).await;
                self.proxy.spoil(self.toxic);
            }
        };
        let outcome = tokio::select! {
            (outcome, ()) = future::join(asking, clock_starts) => outcome,
            () = self.upstream.client_left(), if self.is_found_out => Lost,
        };
        if self.is_held {
            self.upstream.client_left().await;
        }
        until(|| self.server.admission.open() == 0).await;
        outcome
    }

    async fn call(&self) -> Outcome {
        // A client of its own: its connection ends with it.
        let call = http_client()
            .post(format!("http://{}/api/chat", self.server.address))
            .header("connection", "close")
            .json(&json!({ "content": QUESTION }));
        let Ok(response) = call.send().await else {
            return Lost;
        };
        let status = response.status();
        let Ok(body) = response.json::<Value>().await else {
            return Lost;
        };
        match body["code"].as_str() {
            Some("interrupted") if status == 502 => Interrupted,
            None if status == 200 => answered(&body),
            _ => panic!("{status}: {body}"),
        }
    }

    async fn talk(&self) -> Outcome {
        let mut client = Client::open(&self.server, "faults").await;
        if self.server.address != self.service && !is_timed(self.toxic) {
            self.proxy.spoil(self.toxic);
        }
        client.say(QUESTION).await;
        let mut told_so_far = 0;
        loop {
            let frame = match client.next().await {
                Received::Frame(frame) => frame,
                Received::End => return Lost,
                close @ Received::Close(..) => panic!("{close:?}"),
            };
            match frame["type"].as_str().unwrap() {
                "agent_partial" => {
                    let partial = frame["content"].as_str().unwrap().len();
                    assert!(partial > told_so_far, "an answer only grows");
                    told_so_far = partial;
                }
                "agent" => {
                    client.send_message(Message::Close(None)).await;
                    return answered(&frame);
                }
                "error" => {
                    assert_eq!(frame["code"], "interrupted");
                    assert!(told_so_far > 0, "what was said was shown");
                    client.send_message(Message::Close(None)).await;
                    return Interrupted;
                }
                _ => {}
            }
        }
    }
}

/// An answer, of the model whole or of the rules.
fn answered(answer: &Value) -> Outcome {
    match answer["mode"].as_str() {
        Some("model") => {
            assert_eq!(answer["content"], told());
            Whole
        }
        Some("embedded") => Embedded,
        _ => panic!("{answer}"),
    }
}

/// The service around a model; what it knows of the catalog is shared among the cells.
fn app(config: &Config, knowledge: &Arc<Knowledge>, model: Model) -> App {
    let tools = Tools::new(Arc::clone(knowledge), 2);
    let (limits, freshness) = (AgentLimits::default(), Freshness::now(None));
    let explorer = Explorer::new(tools.clone(), Some(model), limits, freshness, EMBEDDED_PACE);
    let no_run = Arc::new(|_, _: &mut dyn FnMut(_)| panic!("nobody starts a run"));
    App::with_parts(config, tools, no_run, Arc::new(explorer))
}

/// How many sockets processes hold of connections to or from these addresses, as Linux
/// lists them; whoever is not on Linux counts none.
fn open_connections(addresses: &HashSet<String>) -> usize {
    /// `TCP_LISTEN`.
    const LISTENING: &str = "0A";
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let is_open = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_ours = |field: &str| {
            let port = field.rsplit(':').next().unwrap();
            let port = u16::from_str_radix(port, 16).unwrap();
            addresses.contains(&format!("127.0.0.1:{port}"))
        };
        // Without an inode it is the kernel's alone.
        fields[3] != LISTENING && fields[9] != "0" && (is_ours(fields[1]) || is_ours(fields[2]))
    };
    table.lines().skip(1).filter(is_open).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_in_its_one_way_in_time_and_leaves_nothing_behind() {
    let runtime = Runtime::new().unwrap();
    let knowledge = Arc::new(Knowledge::new(sample()));
    let mut cells = Vec::new();
    for row in CELLS {
        cells.push((row, Cell::set_up(&runtime, &knowledge, row).await));
    }
    let services: Vec<String> = cells.iter().map(|(_, cell)| cell.service.clone()).collect();
    let proxies = cells.iter().map(|(_, cell)| cell.proxy.address.to_string());
    let addresses: HashSet<String> = services.iter().cloned().chain(proxies).collect();
    let tasks = runtime.metrics().num_alive_tasks();
    assert_eq!(open_connections(&addresses), 0);

    let playing = cells.into_iter().map(|(row, cell)| async move {
        let (started, (_, _, _, expected, at_least)) = (Instant::now(), row);
        let outcome = tokio::time::timeout(SLOWEST, cell.play()).await;
        let took = started.elapsed();
        let is_as_expected = outcome == Ok(expected) && took >= at_least;
        (!is_as_expected).then(|| format!("{row:?}: {outcome:?} after {took:?}"))
    });
    let played: JoinSet<Option<String>> = playing.collect();
    let wrong: Vec<String> = played.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");

    until(|| open_connections(&addresses) == 0).await;
    until(|| runtime.metrics().num_alive_tasks() == tasks).await;
    for service in services {
        let health = http_client().get(format!("http://{service}/health"));
        assert_eq!(health.send().await.unwrap().status(), 200);
    }
    runtime.shutdown_background();
}
