//! A model's server that speaks at the pace of models and fails as they do.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{interval, sleep};

use crate::completions::{HEAD, TAIL, event, read_request};
use crate::random::Random;

/// Between two tokens: 50 in a second.
const PAUSE: Duration = Duration::from_millis(20);
/// Tokens of an answer: from, and how many more at most.
const TOKENS: (u64, u64) = (50, 200);
/// One call in so many fails.
const FAULTS: u64 = 20;

/// What happens to a call.
enum Call {
    Answered,
    /// 500, after which the service asks again.
    Refused,
    /// The connection ends amid the answer.
    Cut,
    /// The first token takes seconds, and each further one ten times as long.
    Slow,
}

/// Serves from here on, on a port of its own.
pub(crate) async fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut random = Random::new(50);
        while let Ok((socket, _)) = listener.accept().await {
            let call = match random.below(3 * FAULTS) {
                0 => Call::Refused,
                1 => Call::Cut,
                2 => Call::Slow,
                _ => Call::Answered,
            };
            let tokens = TOKENS.0 + random.below(TOKENS.1);
            // A reader that has enough closes its end: no failure.
            tokio::spawn(async move { answer(socket, &call, tokens).await.ok() });
        }
    });
    Ok(address)
}

async fn answer(socket: TcpStream, call: &Call, tokens: u64) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut socket = BufReader::new(socket);
    read_request(&mut socket).await?;
    let mut socket = socket.into_inner();
    let (tokens, pause) = match call {
        Call::Refused => return socket.write_all(REFUSAL).await,
        Call::Answered => (tokens, PAUSE),
        Call::Cut => (tokens / 2, PAUSE),
        Call::Slow => {
            sleep(PAUSE * 200).await;
            (tokens / 10, PAUSE * 10)
        }
    };
    socket.write_all(HEAD).await?;
    let mut ticks = interval(pause);
    for token in 0..tokens {
        ticks.tick().await;
        let delta = format!(
            r#"{{"index":0,"delta":{{"content":"token {token}, "}},"finish_reason":null}}"#
        );
        // A write for each token, as models have them one at a time.
        socket.write_all(event(&delta).as_bytes()).await?;
    }
    if matches!(call, Call::Cut) {
        return Ok(());
    }
    let end = event(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#);
    socket.write_all(end.as_bytes()).await?;
    socket.write_all(TAIL).await
}

const REFUSAL: &[u8] =
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
