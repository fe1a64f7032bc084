//! The relay to compare with: copies bytes, and knows nothing of what they are.

use std::io;

use tokio::net::{TcpListener, TcpStream};

/// The first argument that makes this program [`copy`].
pub(crate) const COPY: &str = "copy";
/// Where the copier connects to.
pub(crate) const TARGET: &str = "RELAY_BENCH_TARGET";

/// Listens on `PORT` and copies each connection to and from [`TARGET`].
pub(crate) async fn copy() -> io::Result<()> {
    let variable = |name| std::env::var(name).map_err(io::Error::other);
    let target = variable(TARGET)?;
    let listener = TcpListener::bind(format!("127.0.0.1:{}", variable("PORT")?)).await?;
    loop {
        let (mut client, _) = listener.accept().await?;
        let target = target.clone();
        tokio::spawn(async move {
            let mut server = TcpStream::connect(target).await?;
            client.set_nodelay(true)?;
            server.set_nodelay(true)?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        });
    }
}
