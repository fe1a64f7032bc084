//! The wire of a made-up model's server: streamed chat completions over HTTP. The soak speaks it, too.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// The head of an answer that streams.
pub(crate) const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                      transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
/// The end of the events, and of the body.
pub(crate) const TAIL: &[u8] = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

/// An event with this choice, as a chunk of the body.
pub(crate) fn event(choice: &str) -> String {
    let event = format!(
        "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1,\
         \"model\":\"bench\",\"choices\":[{choice}]}}\n\n"
    );
    format!("{:x}\r\n{event}\r\n", event.len())
}

/// Reads a request to its end.
pub(crate) async fn read_request(socket: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        socket.read_line(&mut line).await?;
        let header = line.trim_end().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        } else if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.map(|_| ())
}
