//! Echoes over WebSocket at `/`, for the conformance suite that
//! `scripts/check_websocket_protocol.py` runs: the upgrade and the frames are those of the
//! service, the limits are lifted because the suite sends up to 16 MiB.
//!
//! ```console
//! cargo run --example websocket_echo
//! ```
//! prints the address it listens on.

use std::net::Ipv4Addr;

use futures_util::{SinkExt, StreamExt};
use mcop_api::websocket::{self, Upgrade, WebSocket};
use warp::Filter;

const MESSAGE_MAX: usize = 16 * 1024 * 1024;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = mcop_api::listen((Ipv4Addr::LOCALHOST, 0).into())?;
    println!("{}", listener.local_addr()?);
    let upgrade = warp::path::end()
        .and(websocket::upgrade())
        .map(|upgrade: Upgrade| {
            upgrade
                .max_frame_size(MESSAGE_MAX)
                .max_message_size(MESSAGE_MAX)
                .on_upgrade(echo)
        });
    warp::serve(upgrade).incoming(listener).run().await;
    Ok(())
}

async fn echo(socket: WebSocket) {
    let (mut sink, mut frames) = socket.split();
    while let Some(Ok(frame)) = frames.next().await {
        let is_message = frame.is_text() || frame.is_binary();
        if is_message && sink.send(frame).await.is_err() {
            break;
        }
    }
}
