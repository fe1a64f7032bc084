//! HTTP/1.1 written by hand, for requests that no client library would send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::within;

/// A connection whose every byte is the test's own.
pub struct Wire {
    pub stream: TcpStream,
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub status: u16,
    /// The lines of its head after the first.
    pub headers: Vec<String>,
    pub body: String,
}

impl Said {
    /// The value of a header, whose name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Wire {
    pub async fn to(address: &str) -> Self {
        let stream = within(TcpStream::connect(address)).await.unwrap();
        Self { stream }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// The next answer, whose body has a declared length.
    pub async fn answer(&mut self) -> Said {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(self.stream.read_u8()).await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n").map(str::to_owned);
        let status = lines.next().unwrap();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let mut said = Said {
            status,
            headers: lines.collect(),
            body: String::new(),
        };
        let length = said
            .header("content-length")
            .map_or(0, |l| l.parse().unwrap());
        let mut body = vec![0; length];
        within(self.stream.read_exact(&mut body)).await.unwrap();
        said.body = String::from_utf8(body).unwrap();
        said
    }

    pub async fn ask(&mut self, request: impl AsRef<[u8]>) -> Said {
        self.send(request).await;
        self.answer().await
    }

    /// All that comes until the connection ends, however it does.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = within(self.stream.read_to_end(&mut rest)).await;
        rest
    }

    /// Expects that nothing more comes but the end.
    pub async fn is_over(&mut self) {
        assert_eq!(String::from_utf8_lossy(&self.rest().await), "");
    }
}
