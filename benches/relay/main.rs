//! What the service adds between a model and a person who reads along.
//!
//!     cargo bench --bench relay           # all tables
//!     cargo bench --bench relay -- crowd  # one: pace, speed, memory or crowd
//!
//! A made-up model streams tokens that carry the time at which they were sent. They are
//! read over sockets of the service, and, to compare with, without the service: straight
//! from the model for latency, through a relay that copies bytes for throughput. Model and
//! readers are in this process, the service and the copier in processes of their own.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark of our own making may stop where something cannot be"
)]

mod clients;
mod clock;
mod completions;
mod copier;
mod crowd;
mod process;
mod runs;
mod upstream;

use std::time::Duration;

use runs::{
    Outcome, Way, byte_copier, check_open_files, memory_of_idle_sockets, run, service,
    service_alone,
};
use upstream::{Script, Upstream};

const SOCKETS: [u32; 3] = [1, 50, 200];
/// Between two tokens of a model: 50 in a second.
const PAUSE: Duration = Duration::from_millis(20);
/// Tokens of each stream at that pace: for ten seconds.
const PACED_TOKENS: u32 = 500;
/// At full speed: sockets, tokens of each (an answer has at most 256 KiB), and runs, of
/// whose speeds the median is shown.
const FULL_SPEED: [(u32, u32, usize); 2] = [(1, 16_000, 20), (50, 4_000, 5)];
const IDLE_SOCKETS: u32 = 5_000;
/// Crowds: sockets that are open, and those of them that chat.
const CROWDS: [(u32, u32); 5] = [
    (0, 0),
    (1_000, 50),
    (2_500, 125),
    (5_000, 250),
    (10_000, 500),
];

#[tokio::main]
async fn main() {
    // Cargo hands its own flags on.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    match arguments.first().map(String::as_str) {
        Some(process::SUPERVISE) => process::supervise(&arguments[1], &arguments[2..]),
        Some(copier::COPY) => copier::copy().await.expect("bytes can be copied"),
        _ => tokio::select! {
            () = measure(&arguments) => {}
            // What is dropped here ends the processes that it stands for.
            _ = tokio::signal::ctrl_c() => {}
        },
    }
}

/// Prints the tables that are asked for; all by default.
async fn measure(wanted: &[String]) {
    check_open_files(IDLE_SOCKETS.max(CROWDS[CROWDS.len() - 1].0));
    let upstream = Upstream::start().await.expect("a port is free");
    let is_wanted = |table: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == table);
    if is_wanted("pace") {
        at_the_pace_of_a_model(&upstream).await;
    }
    if is_wanted("speed") {
        at_full_speed(&upstream).await;
    }
    if is_wanted("memory") {
        memory(&upstream).await;
    }
    if is_wanted("crowd") {
        crowds().await;
    }
}

async fn at_the_pace_of_a_model(upstream: &Upstream) {
    println!(
        "\n| sockets | tokens/s | latency straight from the model, p50 / p99 | through the service | added | \
         CPU per token | of one core | memory per busy socket | peak memory |\n|---|---|---|---|---|---|---|---|---|"
    );
    for streams in SOCKETS {
        let script = Script {
            streams,
            tokens: PACED_TOKENS,
            pause: Some(PAUSE),
        };
        let straight = run(upstream, script, Way::Straight).await;
        let service = service(upstream);
        let served = run(upstream, script, Way::Served(&service)).await;
        let both =
            |of: &dyn Fn(f64) -> f64| format!("{:.2} / {:.2} ms", of(0.5) / 1e3, of(0.99) / 1e3);
        // What one stream adds is mostly what the first of all does: threads, code, pools.
        let memory = match streams {
            1 => "–".to_owned(),
            _ => format!("{:.0} KiB", served.memory()),
        };
        println!(
            "| {streams} | {:.0} | {} | {} | {} | {:.0} µs | {:.0} % | {memory} | {:.0} MiB |",
            served.speed(),
            both(&|part| straight.latency(part)),
            both(&|part| served.latency(part)),
            both(&|part| served.latency(part) - straight.latency(part)),
            served.cost(),
            served.load() * 100.0,
            service.peak_memory() / 1024.0,
        );
    }
}

async fn at_full_speed(upstream: &Upstream) {
    println!(
        "\n| sockets | tokens/s through a relay that copies bytes | through the service | ratio | \
         CPU per token, copying / service | tokens per frame |\n|---|---|---|---|---|---|"
    );
    let (plain, service) = (byte_copier(upstream), service(upstream));
    for (streams, tokens, rounds) in FULL_SPEED {
        let script = Script {
            streams,
            tokens,
            pause: None,
        };
        let mut copied = Vec::new();
        let mut served = Vec::new();
        for _ in 0..rounds {
            copied.push(run(upstream, script, Way::Copied(&plain)).await);
            served.push(run(upstream, script, Way::Served(&service)).await);
        }
        let (copying, serving) = (median_speed(&copied), median_speed(&served));
        let (copied, served) = (Outcome::all(copied), Outcome::all(served));
        println!(
            "| {streams} | {copying:.0} | {serving:.0} | {:.2} | {:.1} / {:.1} µs | {:.1} |",
            serving / copying,
            copied.cost(),
            served.cost(),
            served.tokens_a_piece(),
        );
    }
}

async fn memory(upstream: &Upstream) {
    let service = service(upstream);
    let at_start = service.memory();
    let each = memory_of_idle_sockets(&service, IDLE_SOCKETS).await;
    println!(
        "\n| memory at start | per idle socket, of {IDLE_SOCKETS} | then in all |\n|---|---|---|\n\
         | {:.1} MiB | {each:.1} KiB | {:.1} MiB |",
        at_start / 1024.0,
        service.memory() / 1024.0,
    );
}

/// Without a model: the rules of the service answer.
async fn crowds() {
    println!(
        "\n| sockets | of them chatting | memory when all are open | while they chat | answers/s | frames/s | \
         /health p50 | p99 | longest | of one core | closed by the service |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for (sockets, chatting) in CROWDS {
        let service = service_alone();
        let seen = crowd::watch(&service, sockets, chatting).await;
        let health = |part: f64| runs::quantile(&seen.health, part) / 1e6;
        let a_second = |count: u64| count as f64 / crowd::WATCHED.as_secs_f64();
        println!(
            "| {sockets} | {chatting} | {:.1} MiB | {:.1} MiB | {:.0} | {:.0} | {:.2} ms | {:.2} ms | {:.2} ms | {:.0} % | {} |",
            seen.memory_open / 1024.0,
            seen.memory / 1024.0,
            a_second(seen.answers),
            a_second(seen.frames),
            health(0.5),
            health(0.99),
            health(1.0),
            seen.load * 100.0,
            seen.lost,
        );
    }
}

fn median_speed(outcomes: &[Outcome]) -> f64 {
    let mut speeds: Vec<f64> = outcomes.iter().map(Outcome::speed).collect();
    speeds.sort_by(f64::total_cmp);
    speeds[speeds.len() / 2]
}
