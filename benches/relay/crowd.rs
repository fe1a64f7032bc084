//! Many people at once: most of them silent, some asking one question after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use crate::clients::{Socket, open_socket};
use crate::process::Process;

/// For how long a crowd is watched.
pub(crate) const WATCHED: Duration = Duration::from_secs(10);
/// Between two probes of `/health`.
const PROBE_EVERY: Duration = Duration::from_millis(2);
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 32;
/// What is asked in turns: lists, one table, joins, terms, quality.
const QUESTIONS: [&str; 6] = [
    "Which facts are in dm_bs_purchase?",
    "What is the grain of factv_purchase_order_item?",
    "How does factv_goods_receipt join dimv_supplier?",
    "Kde najdu fakturující dodavatele?",
    "Which columns hold a date?",
    "How well is dm_bs_purchase documented?",
];

/// What a crowd does to the service.
pub(crate) struct Watched {
    /// Kilobytes of memory once all sockets are open and nobody has asked.
    pub(crate) memory_open: f64,
    /// Kilobytes at the end.
    pub(crate) memory: f64,
    /// Of each `/health`, in nanoseconds, in order of size.
    pub(crate) health: Vec<u64>,
    /// Whole answers, and frames of all kinds.
    pub(crate) answers: u64,
    pub(crate) frames: u64,
    /// The part of one core that the service was busy for.
    pub(crate) load: f64,
    /// Sockets that the service closed before the end.
    pub(crate) lost: u64,
}

/// What all clients have seen.
#[derive(Default)]
struct Seen {
    answers: AtomicU64,
    frames: AtomicU64,
    lost: AtomicU64,
}

/// Opens so many sockets, lets some of them chat, and probes `/health` meanwhile.
pub(crate) async fn watch(service: &Process, sockets: u32, chatting: u32) -> Watched {
    let seen = Arc::new(Seen::default());
    let mut clients = JoinSet::new();
    let open: Vec<Socket> = futures_util::stream::iter(0..sockets)
        .map(|place| async move { open_socket(service.address, &format!("crowd-{place}")).await })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    // The last upgrades are still under way.
    sleep(Duration::from_secs(1)).await;
    let memory_open = service.memory();
    for (place, socket) in open.into_iter().enumerate() {
        let seen = Arc::clone(&seen);
        if place < chatting as usize {
            clients.spawn(async move { chat(socket, place, &seen).await });
        } else {
            clients.spawn(async move { listen(socket, &seen).await });
        }
    }
    // The first answers are behind them all.
    sleep(Duration::from_secs(1)).await;
    let (answers, frames) = (read(&seen.answers), read(&seen.frames));
    let (time, started) = (service.processor_time(), Instant::now());
    let health = probes(service.address).await;
    let spent = service.processor_time().saturating_sub(time);
    let watched = Watched {
        memory_open,
        memory: service.memory(),
        health,
        answers: read(&seen.answers) - answers,
        frames: read(&seen.frames) - frames,
        load: spent.as_secs_f64() / started.elapsed().as_secs_f64(),
        lost: read(&seen.lost),
    };
    clients.shutdown().await;
    watched
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

/// Asks one question after the other.
async fn chat(mut socket: Socket, place: usize, seen: &Seen) {
    for turn in place.. {
        let question = QUESTIONS[turn % QUESTIONS.len()];
        if socket.send(Message::text(question)).await.is_err() {
            break;
        }
        while let Some(Ok(message)) = socket.next().await {
            let Ok(text) = message.to_text() else {
                continue;
            };
            seen.frames.fetch_add(1, Ordering::Relaxed);
            assert!(!text.starts_with(r#"{"type":"error""#), "{text}");
            if text.starts_with(r#"{"type":"agent","#) {
                break;
            }
        }
        seen.answers.fetch_add(1, Ordering::Relaxed);
    }
    seen.lost.fetch_add(1, Ordering::Relaxed);
}

/// Is there, and answers pings.
async fn listen(mut socket: Socket, seen: &Seen) {
    while let Some(Ok(_)) = socket.next().await {}
    seen.lost.fetch_add(1, Ordering::Relaxed);
}

/// How long `/health` takes, asked on one connection from a thread of its own: what keeps the clients busy
/// is not to count.
async fn probes(address: SocketAddr) -> Vec<u64> {
    let over = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&over);
    let probing = std::thread::spawn(move || {
        let mut times = Vec::new();
        let mut connection = BufReader::new(TcpStream::connect(address).expect("it listens"));
        while !stop.load(Ordering::Relaxed) {
            let started = Instant::now();
            probe(&mut connection);
            times.push(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX));
            std::thread::sleep(PROBE_EVERY);
        }
        times.sort_unstable();
        times
    });
    sleep(WATCHED).await;
    over.store(true, Ordering::Relaxed);
    // It ends with the answer that is under way.
    tokio::task::spawn_blocking(|| probing.join().expect("the probes go on to the end"))
        .await
        .expect("nothing ends the wait for them")
}

fn probe(connection: &mut BufReader<TcpStream>) {
    let request = b"GET /health HTTP/1.1\r\nhost: bench\r\n\r\n";
    connection.get_mut().write_all(request).expect("it is read");
    let (mut line, mut length) = (String::new(), 0);
    connection.read_line(&mut line).expect("it answers");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line).expect("it answers");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).expect("the body is whole");
}
