//! One measurement each.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::clients::{Heard, open_socket, read_socket, read_stream};
use crate::clock;
use crate::copier;
use crate::process::Process;
use crate::upstream::{Script, Upstream};

/// How long anything may take that is not paced.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the tokens get to their readers.
#[derive(Clone, Copy)]
pub(crate) enum Way<'a> {
    /// From the model.
    Straight,
    /// Through the copier.
    Copied(&'a Process),
    /// Through the service.
    Served(&'a Process),
}

impl<'a> Way<'a> {
    fn relay(self) -> Option<&'a Process> {
        match self {
            Self::Straight => None,
            Self::Copied(relay) | Self::Served(relay) => Some(relay),
        }
    }
}

/// What all clients of a run have heard.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Of all tokens, in order of size, in nanoseconds.
    latencies: Vec<u64>,
    pieces: usize,
    took: Duration,
    processor_time: Duration,
    memory: f64,
}

impl Outcome {
    fn new(heard: Vec<Heard>, processor_time: Duration, memory: f64) -> Self {
        let first_sent = heard.iter().map(|heard| heard.first_sent).min();
        let last_arrived = heard.iter().map(|heard| heard.last_arrived).max();
        let pieces = heard.iter().map(|heard| heard.pieces).sum();
        let mut latencies: Vec<u64> = heard
            .into_iter()
            .flat_map(|heard| heard.latencies)
            .collect();
        latencies.sort_unstable();
        Self {
            latencies,
            pieces,
            took: Duration::from_nanos(
                last_arrived.unwrap_or_default() - first_sent.unwrap_or_default(),
            ),
            processor_time,
            memory,
        }
    }

    /// Several runs as one.
    pub(crate) fn all(runs: Vec<Self>) -> Self {
        let mut all = Self::default();
        for mut run in runs {
            all.latencies.append(&mut run.latencies);
            all.pieces += run.pieces;
            all.took += run.took;
            all.processor_time += run.processor_time;
        }
        all.latencies.sort_unstable();
        all
    }

    /// The latency that this part of the tokens stays below, in microseconds.
    pub(crate) fn latency(&self, part: f64) -> f64 {
        quantile(&self.latencies, part) / 1e3
    }

    /// Tokens in a second, from the first one's sending to the last one's arrival.
    pub(crate) fn speed(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// Microseconds of processor time that the relay has spent on a token.
    pub(crate) fn cost(&self) -> f64 {
        self.processor_time.as_secs_f64() * 1e6 / self.latencies.len() as f64
    }

    /// The part of one core that the relay was busy for.
    pub(crate) fn load(&self) -> f64 {
        self.processor_time.as_secs_f64() / self.took.as_secs_f64()
    }

    /// Tokens that came together.
    pub(crate) fn tokens_a_piece(&self) -> f64 {
        self.latencies.len() as f64 / self.pieces as f64
    }

    /// Kilobytes by which the relay has grown for each stream, halfway through a paced run.
    pub(crate) fn memory(&self) -> f64 {
        self.memory
    }
}

/// What the service is told for all measurements: all clients have one address here, and none of them
/// waits between its questions as a person does.
const UNLIMITED: [(&str, &str); 10] = [
    ("HOST", "127.0.0.1"),
    ("LOG_LEVEL", "ERROR"),
    ("MAX_SOCKETS", "20000"),
    ("MAX_CONNECTIONS", "20000"),
    ("MAX_SESSIONS", "20000"),
    ("MAX_CONCURRENT_MODEL_CALLS", "1000"),
    ("MAX_UPGRADES_PER_MINUTE", "0"),
    ("MAX_CLIENT_MESSAGES_PER_MINUTE", "0"),
    ("MAX_MESSAGES_PER_MINUTE", "1000000"),
    ("MAX_MESSAGE_BURST", "1000000"),
];

/// The service, with the made-up model.
pub(crate) fn service(upstream: &Upstream) -> Process {
    started(&format!("http://{}/v1", upstream.address))
}

/// The service without a model: the embedded explorer answers.
pub(crate) fn service_alone() -> Process {
    started("")
}

fn started(model: &str) -> Process {
    let mut settings = UNLIMITED.to_vec();
    settings.extend([
        ("OPENAI_BASE_URL", model),
        ("OPENAI_MODEL", if model.is_empty() { "" } else { "bench" }),
        // Of another endpoint, if this machine is set up for one.
        ("AZURE_OPENAI_ENDPOINT", ""),
        ("OPENAI_API_BASE", ""),
        ("OPENAI_API_KEY", ""),
    ]);
    Process::start(&[env!("CARGO_BIN_EXE_mcop-api")], &settings)
}

/// The relay that copies bytes.
pub(crate) fn byte_copier(upstream: &Upstream) -> Process {
    let this = std::env::current_exe().expect("this program has a path");
    let this = this.to_str().expect("its path is readable");
    let target = upstream.address.to_string();
    Process::start(&[this, copier::COPY], &[(copier::TARGET, &target)])
}

/// The value that this part of sorted values stays below.
pub(crate) fn quantile(sorted: &[u64], part: f64) -> f64 {
    let rank = (sorted.len() - 1) as f64 * part;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is between nothing and their number"
    )]
    let rank = rank as usize;
    sorted[rank] as f64
}

/// Plays a script to its clients.
pub(crate) async fn run(upstream: &Upstream, script: Script, way: Way<'_>) -> Outcome {
    let relay = way.relay();
    let address = relay.map_or(upstream.address, |relay| relay.address);
    let memory_before = relay.map_or(0.0, Process::memory);
    let play = upstream.stage(script);
    let mut clients = JoinSet::new();
    for place in 0..script.streams {
        if let Way::Served(_) = way {
            let session = format!("bench-{}-{place}", clock::now());
            clients.spawn(read_socket(address, session, script.tokens));
        } else {
            clients.spawn(read_stream(address, script.tokens));
        }
    }
    timeout(PATIENCE, play.begin())
        .await
        .expect("all questions reach the model");
    let time_before = relay.map_or(Duration::ZERO, Process::processor_time);
    let length = script.pause.unwrap_or_default() * script.tokens;
    sleep(length / 2).await;
    let memory = relay.map_or(0.0, Process::memory) - memory_before;
    let heard = timeout(PATIENCE, clients.join_all())
        .await
        .expect("all tokens reach their readers");
    let time = relay.map_or(Duration::ZERO, Process::processor_time);
    Outcome::new(
        heard,
        time.saturating_sub(time_before),
        memory / f64::from(script.streams),
    )
}

/// Kilobytes that each of many silent sockets takes.
pub(crate) async fn memory_of_idle_sockets(service: &Process, number: u32) -> f64 {
    let before = service.memory();
    let mut open = Vec::new();
    for place in 0..number {
        open.push(open_socket(service.address, &format!("idle-{place}")).await);
    }
    // The last upgrades are still under way.
    sleep(Duration::from_secs(1)).await;
    (service.memory() - before) / f64::from(number)
}

/// Makes sure that so many sockets can be open here and in the service, which inherits the
/// limit.
pub(crate) fn check_open_files(sockets: u32) {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let limit = limits.lines().find_map(|line| {
        let values = line.strip_prefix("Max open files")?;
        values.split_whitespace().next()?.parse().ok()
    });
    let needed = sockets + 100;
    assert!(
        limit.is_none_or(|limit: u32| limit >= needed),
        "too few files may be open: run `ulimit -n {needed}` first"
    );
}
