//! A model's server: streams made-up tokens, each with the time at which it was sent.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::time::Instant;

use crate::clock;
use crate::completions::{HEAD, TAIL, event, read_request};

/// What is streamed to whoever asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// Streams, which begin when all have been asked for.
    pub(crate) streams: u32,
    /// Tokens of each stream.
    pub(crate) tokens: u32,
    /// Between two tokens of a stream; `None`: as fast as they are taken.
    pub(crate) pause: Option<Duration>,
}

/// One performance of a script.
pub(crate) struct Play {
    script: Script,
    curtain: Barrier,
    entered: AtomicU32,
}

impl Play {
    /// Lets the streams begin, once all have been asked for.
    pub(crate) async fn begin(&self) {
        self.curtain.wait().await;
    }
}

/// The server, on tasks of its own.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    play: Arc<Mutex<Arc<Play>>>,
}

impl Upstream {
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let upstream = Self {
            address: listener.local_addr()?,
            play: Arc::new(Mutex::new(Arc::new(Play {
                script: Script {
                    streams: 0,
                    tokens: 0,
                    pause: None,
                },
                curtain: Barrier::new(0),
                entered: AtomicU32::new(0),
            }))),
        };
        let current = Arc::clone(&upstream.play);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let play = Arc::clone(&current.lock().unwrap_or_else(PoisonError::into_inner));
                // A reader that has enough closes its end: no failure.
                tokio::spawn(async move { perform(socket, &play).await.ok() });
            }
        });
        Ok(upstream)
    }

    /// What connections from now on are answered with.
    pub(crate) fn stage(&self, script: Script) -> Arc<Play> {
        let play = Arc::new(Play {
            script,
            // The last to come is whoever calls `begin`.
            curtain: Barrier::new(script.streams as usize + 1),
            entered: AtomicU32::new(0),
        });
        *self.play.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&play);
        play
    }
}

/// Answers the one request of a connection.
async fn perform(socket: TcpStream, play: &Play) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut socket = BufReader::new(socket);
    read_request(&mut socket).await?;
    let mut socket = socket.into_inner();
    let Script {
        streams,
        tokens,
        pause,
    } = play.script;
    let place = play.entered.fetch_add(1, Ordering::Relaxed);
    play.curtain.wait().await;
    socket.write_all(HEAD).await?;
    let mut ticks = pause.map(|pause| {
        // Spread over the pause: models do not speak in chorus.
        let phase = pause * (place % streams) / streams;
        tokio::time::interval_at(Instant::now() + phase, pause)
    });
    for _ in 0..tokens {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        let content = format!(
            r#"{{"index":0,"delta":{{"content":"{} "}},"finish_reason":null}}"#,
            clock::now()
        );
        // A write for each token, as models have them one at a time.
        socket.write_all(event(&content).as_bytes()).await?;
    }
    let end = event(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#);
    socket.write_all(end.as_bytes()).await?;
    socket.write_all(TAIL).await
}
