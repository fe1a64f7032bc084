//! `--healthcheck`: asks the service on this machine how it is, for images without curl.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long the service may take to connect, and to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The status line is all that is read.
const ANSWER_MAX: u64 = 64;

/// Asks `GET /health` of the service that listens on `address`.
///
/// # Errors
/// It cannot be reached in 3 s, or answers anything but 200.
pub fn check(address: SocketAddr) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let ip = match address.ip() {
        // "All interfaces" is nowhere to connect to.
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(ip, address.port()), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    if answer.starts_with(b"HTTP/1.1 200 ") {
        Ok(())
    } else {
        let line = String::from_utf8_lossy(&answer);
        Err(format!(
            "/health answered {:?}",
            line.lines().next().unwrap_or_default()
        )
        .into())
    }
}
