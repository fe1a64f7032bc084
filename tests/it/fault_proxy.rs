//! A proxy that spoils connections as networks do, with the toxics of toxiproxy.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

/// What is done to a connection. Answers are spoiled; requests only where it is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Toxic {
    /// Each piece takes this long, both ways: a delay, and up to a jitter more, by a seed.
    Latency(Duration, Duration, u32),
    /// So many bytes a second.
    Bandwidth(u32),
    /// Byte by byte, both ways.
    Slicer,
    /// So many bytes, and then the end.
    LimitData(usize, End),
    /// Nothing comes through any more, and in the end the connection is closed.
    Timeout(Duration),
    /// The connection is reset after a time.
    ResetPeer(Duration),
    /// The end takes so much longer.
    SlowClose(Duration),
}

/// How a connection ends, for both sides of the proxy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    Fin,
    Rst,
}

/// A proxy on a port of its own; its connections end with it.
pub struct FaultProxy {
    pub address: SocketAddr,
    toxic: watch::Sender<Option<Toxic>>,
    serving: JoinHandle<()>,
}

impl FaultProxy {
    /// Passes all on to this address, with a toxic from the start or without.
    pub async fn before(target: &str, toxic: Option<Toxic>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (toxic, toxics) = watch::channel(toxic);
        let target = target.to_owned();
        let serving = tokio::spawn(async move {
            let mut relays = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&target).await.unwrap();
                relays.spawn(relay(client, server, toxics.clone()));
            }
        });
        Self {
            address,
            toxic,
            serving,
        }
    }

    /// Spoils the connections there are, on which nothing is under way, and all to come.
    pub fn spoil(&self, toxic: Toxic) {
        self.toxic.send_replace(Some(toxic));
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn relay(
    mut client: TcpStream,
    mut server: TcpStream,
    mut toxics: watch::Receiver<Option<Toxic>>,
) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let end = loop {
        let toxic = *toxics.borrow_and_update();
        tokio::select! {
            end = exchange(&mut client, &mut server, toxic) => break end,
            Ok(()) = toxics.changed() => {}
        }
    };
    if end == End::Rst {
        client.set_zero_linger().unwrap();
        server.set_zero_linger().unwrap();
    }
}

/// Passes bytes both ways until both sides have ended, or a toxic ends it.
async fn exchange(client: &mut TcpStream, server: &mut TcpStream, toxic: Option<Toxic>) -> End {
    let (requests, to_client) = client.split();
    let (answers, to_server) = server.split();
    let both_ways = toxic.filter(|toxic| matches!(toxic, Toxic::Latency(..) | Toxic::Slicer));
    let passing = async {
        tokio::try_join!(
            pass(requests, to_server, both_ways),
            pass(answers, to_client, toxic)
        )
    };
    let ending = async {
        match toxic {
            Some(Toxic::Timeout(after)) => sleep(after).await,
            Some(Toxic::ResetPeer(after)) => {
                // No sleep is so short that nothing comes through meanwhile.
                if !after.is_zero() {
                    sleep(after).await;
                }
                return End::Rst;
            }
            _ => std::future::pending().await,
        }
        End::Fin
    };
    tokio::select! {
        biased;
        end = ending => end,
        passed = passing => passed.map_or_else(|end| end, |_| End::Fin),
    }
}

/// Passes bytes one way to their end; an error ends both ways.
async fn pass(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    toxic: Option<Toxic>,
) -> Result<(), End> {
    let mut passed = 0;
    let mut random = 0_u32;
    // Pieces small enough for an answer to be several.
    let mut buffer = [0; 256];
    loop {
        let read = from.read(&mut buffer).await.map_err(|_| End::Rst)?;
        let mut bytes = &buffer[..read];
        match toxic {
            Some(Toxic::Timeout(_)) if read == 0 => std::future::pending().await,
            Some(Toxic::Timeout(_)) => continue,
            Some(Toxic::SlowClose(delay)) if read == 0 => sleep(delay).await,
            Some(Toxic::Latency(delay, jitter, seed)) => {
                // A linear congruential generator (Numerical Recipes): any jitter does.
                random = (random ^ seed)
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223);
                sleep(delay + jitter * (random >> 28) / 15).await;
            }
            Some(Toxic::LimitData(limit, _)) => bytes = &bytes[..read.min(limit - passed)],
            _ => {}
        }
        let piece = if toxic == Some(Toxic::Slicer) { 1 } else { 256 };
        for piece in bytes.chunks(piece) {
            to.write_all(piece).await.map_err(|_| End::Rst)?;
            tokio::task::yield_now().await;
        }
        passed += bytes.len();
        match toxic {
            _ if read == 0 => {
                to.shutdown().await.map_err(|_| End::Rst)?;
                return Ok(());
            }
            Some(Toxic::Bandwidth(rate)) => {
                sleep(Duration::from_secs(1) * u32::try_from(read).unwrap() / rate).await;
            }
            Some(Toxic::LimitData(limit, end)) if passed == limit => return Err(end),
            _ => {}
        }
    }
}
