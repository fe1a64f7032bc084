//! The server to compare with: hyper, and nothing between its connections and answers that are
//! in memory already.
//!
//!     PORT=9000 cargo bench --bench baseline -- answers.json
//!
//! `scripts/measure.py` starts it. The file holds, by path, what the service has answered:
//! `{"/health": {"headers": [["content-type", "application/json"]], "body": "{…}"}}`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark of our own making may stop where something cannot be"
)]

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};

/// An answer as the file holds it.
#[derive(Deserialize)]
struct Recorded {
    headers: Vec<(String, String)>,
    body: String,
}

/// An answer that is ready to be sent.
struct Prepared {
    headers: HeaderMap,
    body: Bytes,
}

type Answers = HashMap<String, Prepared>;

#[tokio::main]
async fn main() {
    // Cargo hands its own flags on.
    let file = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    // `cargo test --benches` and a plain `cargo bench` name none: there is nothing to serve.
    let Some(file) = file else {
        return;
    };
    let port = std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok());
    let address = (Ipv4Addr::LOCALHOST, port.expect("PORT is a port"));
    let answers = Arc::new(read(&file));
    let listener = TcpListener::bind(address).await.expect("the port is free");
    loop {
        let (socket, _) = listener.accept().await.expect("connections come in");
        let answers = Arc::clone(&answers);
        // A client that has enough closes its end: no failure.
        tokio::spawn(async move { serve(socket, &answers).await.ok() });
    }
}

fn read(file: &str) -> Answers {
    let json = std::fs::read(file).expect("the answers can be read");
    let recorded: HashMap<String, Recorded> =
        serde_json::from_slice(&json).expect("the file holds answers");
    let prepared = |recorded: Recorded| {
        let headers = recorded.headers.iter().map(|(name, value)| {
            (
                name.parse::<HeaderName>().expect("a name of a header"),
                value.parse::<HeaderValue>().expect("a value of a header"),
            )
        });
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name, value);
        }
        Prepared {
            headers: all,
            body: recorded.body.into(),
        }
    };
    recorded
        .into_iter()
        .map(|(path, recorded)| (path, prepared(recorded)))
        .collect()
}

async fn serve(socket: TcpStream, answers: &Answers) -> hyper::Result<()> {
    socket
        .set_nodelay(true)
        .expect("a socket takes its options");
    let service = service_fn(|request| {
        let answer = answer(&request, answers);
        async { Ok::<_, Infallible>(answer) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(socket), service)
        .await
}

fn answer(request: &Request<Incoming>, answers: &Answers) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    match answers.get(request.uri().path()) {
        Some(prepared) => {
            response.headers_mut().clone_from(&prepared.headers);
            *response.body_mut() = prepared.body.clone().into();
        }
        None => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
