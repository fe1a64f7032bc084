//! What was seen of the service, and what it amounts to.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::load::{Counts, Latencies, gauges};
use crate::service::Service;

/// The part of the time after which what is used once for all is there.
const WARM_UP: f64 = 0.2;
/// Mebibytes in ten minutes.
const GROWTH_MAX: f64 = 1.0;
/// Milliseconds that load may add to the health's 99th percentile.
const ADDED_MAX: f64 = 5.0;

/// What the metrics tell, as the record names it.
const GAUGES: [(&str, &str); 4] = [
    ("sockets", "mcop_sockets_open"),
    ("sessions", "mcop_sessions"),
    ("runs_under_way", "mcop_runs_under_way"),
    ("tasks", "mcop_tasks"),
];

/// The service at one moment.
struct Sample {
    seconds: f64,
    memory: f64,
    descriptors: usize,
    /// `None` where the service has no such figure.
    gauges: [Option<f64>; GAUGES.len()],
    health: f64,
}

pub(crate) struct Record {
    duration: Duration,
    sockets: u32,
    started: Instant,
    counts: Arc<Counts>,
    latencies: Latencies,
    /// The health's 99th percentile before anybody came.
    quiet: f64,
    samples: Vec<Sample>,
    /// After everybody has gone.
    after: Option<Sample>,
}

/// What it amounts to: each promise, what was seen, and whether it was kept.
pub(crate) struct Verdict(Vec<(&'static str, f64, bool)>);

impl Record {
    pub(crate) fn new(duration: Duration, sockets: u32, counts: Arc<Counts>) -> Self {
        Self {
            duration,
            sockets,
            started: Instant::now(),
            counts,
            latencies: Latencies::default(),
            quiet: 0.0,
            samples: Vec::new(),
            after: None,
        }
    }

    /// Where the latencies of the health are to be put.
    pub(crate) fn health(&self) -> Latencies {
        Arc::clone(&self.latencies)
    }

    /// The 99th percentile of the latencies since it was last asked for.
    fn latency(&self) -> f64 {
        let mut latencies = self
            .latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut taken = std::mem::take(&mut *latencies);
        taken.sort_by(f64::total_cmp);
        taken
            .get(taken.len() * 99 / 100)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn keep_quiet_latency(&mut self) {
        self.quiet = self.latency();
    }

    async fn look(&self, service: &Service) -> Sample {
        let told = gauges(service.address).await;
        let gauge = |name: &str| {
            told.iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| *value)
        };
        Sample {
            seconds: self.started.elapsed().as_secs_f64(),
            memory: service.memory(),
            descriptors: service.descriptors(),
            gauges: GAUGES.map(|(_, name)| gauge(name)),
            health: self.latency(),
        }
    }

    pub(crate) async fn sample(&mut self, service: &Service) {
        let sample = self.look(service).await;
        println!(
            "{sample}, {} answers",
            self.counts.answers.load(Ordering::Relaxed)
        );
        self.samples.push(sample);
    }

    pub(crate) async fn after(&mut self, service: &Service) {
        let sample = self.look(service).await;
        println!("{sample}, everybody has gone");
        self.after = Some(sample);
    }

    /// Mebibytes in ten minutes, after the warm-up: the slope of the line with the least squares.
    fn growth(&self) -> f64 {
        let warm = self.started_warm();
        let count = warm.len() as f64;
        let mean =
            |of: &dyn Fn(&Sample) -> f64| warm.iter().map(|sample| of(sample)).sum::<f64>() / count;
        let (at, memory) = (
            mean(&|sample| sample.seconds),
            mean(&|sample| sample.memory),
        );
        let together = mean(&|sample| (sample.seconds - at) * (sample.memory - memory));
        let spread = mean(&|sample| (sample.seconds - at).powi(2));
        together / spread * 600.0
    }

    fn started_warm(&self) -> Vec<&Sample> {
        let first = self.samples.first().map_or(0.0, |sample| sample.seconds);
        let from = first + self.duration.as_secs_f64() * WARM_UP;
        self.samples
            .iter()
            .filter(|sample| sample.seconds >= from)
            .collect()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed) as f64;
        let mut health: Vec<f64> = self
            .started_warm()
            .iter()
            .map(|sample| sample.health)
            .collect();
        health.sort_by(f64::total_cmp);
        let added = health
            .get(health.len() / 2)
            .map_or(f64::NAN, |health| health - self.quiet);
        let growth = self.growth();
        let left = self.after.as_ref().map_or(f64::NAN, |after| {
            after.gauges[0].unwrap_or(f64::NAN) + after.gauges[2].unwrap_or(f64::NAN)
        });
        let none = |what, number: f64| (what, number, number == 0.0);
        Verdict(vec![
            ("memory_growth_mib_in_10_min", growth, growth < GROWTH_MAX),
            none("lost_frames", count(&self.counts.lost)),
            none("stuck", count(&self.counts.stuck)),
            none("sockets_and_runs_left_over", left),
            none("unexpected", count(&self.counts.unexpected)),
            ("added_health_p99_ms", added, added <= ADDED_MAX),
        ])
    }

    pub(crate) fn to_json(&self, verdict: &Verdict) -> String {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let counts = &self.counts;
        let record = json!({
            "minutes": self.duration.as_secs_f64() / 60.0,
            "sockets": self.sockets,
            "quiet_health_p99_ms": rounded(self.quiet),
            "counts": {
                "answers": count(&counts.answers), "embedded": count(&counts.embedded),
                "interrupted": count(&counts.interrupted), "left": count(&counts.left),
                "runs": count(&counts.runs), "calls": count(&counts.calls), "polls": count(&counts.polls),
            },
            "verdict": verdict.0.iter().map(|(what, seen, is_kept)| {
                (what.to_string(), json!({ "seen": rounded(*seen), "kept": is_kept }))
            }).collect::<serde_json::Map<_, _>>(),
            "samples": self.samples.iter().chain(&self.after).map(Sample::to_json).collect::<Vec<_>>(),
        });
        format!("{record:#}\n")
    }
}

impl Sample {
    fn to_json(&self) -> Value {
        let mut sample = json!({
            "seconds": self.seconds.round(),
            "memory_mib": rounded(self.memory),
            "descriptors": self.descriptors,
            "health_p99_ms": rounded(self.health),
        });
        for ((name, _), value) in GAUGES.iter().zip(self.gauges) {
            sample[name] = json!(value);
        }
        sample
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, memory) = (self.seconds, self.memory);
        write!(
            f,
            "{seconds:5.0} s: {memory:6.1} MiB, {} descriptors",
            self.descriptors
        )?;
        for ((name, _), value) in GAUGES.iter().zip(self.gauges) {
            if let Some(value) = value {
                write!(f, ", {value} {name}")?;
            }
        }
        write!(f, ", health p99 {:.1} ms", self.health)
    }
}

impl Verdict {
    /// Whether all was as promised.
    pub(crate) fn is_good(&self) -> bool {
        self.0.iter().all(|(_, _, is_kept)| *is_kept)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, seen, is_kept) in &self.0 {
            let word = if *is_kept { "ok    " } else { "BROKEN" };
            writeln!(f, "{word} {what}: {}", rounded(*seen))?;
        }
        Ok(())
    }
}

/// To two places.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
