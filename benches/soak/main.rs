//! Half an hour of everything at once, with faults, and whether anything grew, was lost
//! or got stuck.
//!
//!     cargo bench --bench soak -- [MINUTES [FILE]]
//!
//! A made-up model streams 50 tokens a second and fails one call in twenty. 300 people talk
//! to it over sockets of the service and change their sessions; runs, single calls and polls
//! of sessions that there are and that there are not go on beside them. Every ten seconds
//! the service is looked at, and FILE (`target/soak.json`) holds what was seen, with the
//! verdict. The exit code is 1 where the verdict is no.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement of our own making may stop where something cannot be"
)]

#[path = "../relay/completions.rs"]
mod completions;
mod load;
mod model;
mod random;
mod record;
mod service;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use load::{Counts, caller, reader};
use record::Record;
use service::Service;

const SOCKETS: u32 = 300;
/// Those who start runs, make single calls and poll.
const CALLERS: u32 = 4;
const DEFAULT_MINUTES: f64 = 30.0;
const SAMPLE_EVERY: Duration = Duration::from_secs(10);
/// How long the service is looked at before anybody comes, to compare with.
const QUIET: Duration = Duration::from_secs(10);
/// In how much time the sockets are opened.
const ARRIVAL: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() {
    // Cargo hands its own flags on.
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let minutes = arguments.next().map_or(DEFAULT_MINUTES, |minutes| {
        minutes
            .parse()
            .expect("the first argument is a number of minutes")
    });
    let file = arguments.next().unwrap_or("target/soak.json".to_owned());
    let record = tokio::select! {
        record = soak(Duration::from_secs_f64(minutes * 60.0)) => record,
        // What is dropped here ends the service.
        _ = tokio::signal::ctrl_c() => return,
    };
    let verdict = record.verdict();
    std::fs::write(&file, record.to_json(&verdict)).expect("the record can be written");
    println!("{verdict}written to {file}");
    std::process::exit(i32::from(!verdict.is_good()));
}

async fn soak(duration: Duration) -> Record {
    let model = model::start().await.expect("a port is free");
    let service = Service::start(model);
    let counts = Arc::new(Counts::default());
    let mut record = Record::new(duration, SOCKETS, Arc::clone(&counts));
    let over = CancellationToken::new();
    let mut load = JoinSet::new();
    let health = record.health();
    load.spawn(load::prober(service.address, health, over.clone()));
    sleep(QUIET).await;
    record.keep_quiet_latency();

    for place in 0..SOCKETS {
        let (counts, over, address) = (Arc::clone(&counts), over.clone(), service.address);
        load.spawn(async move {
            sleep(ARRIVAL * place / SOCKETS).await;
            reader(address, u64::from(place), &counts, &over).await;
        });
    }
    for place in 0..CALLERS {
        let (counts, over, address) = (Arc::clone(&counts), over.clone(), service.address);
        load.spawn(async move { caller(address, u64::from(place), &counts, &over).await });
    }
    let end = Instant::now() + duration;
    while Instant::now() < end {
        sleep(SAMPLE_EVERY.min(end - Instant::now())).await;
        record.sample(&service).await;
    }
    over.cancel();
    load.join_all().await;
    // What is still there after everybody has gone has been kept for nothing.
    sleep(QUIET).await;
    record.after(&service).await;
    record
}
