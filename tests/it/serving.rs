//! The serve loop: slow clients, many clients, broken requests, broken handlers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mcop_api::serve::ServeTimes;
use mcop_api::{App, routes};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use warp::Filter;
use warp::reply::Response;

use crate::exposition::Scrape;
use crate::program::Program;
use crate::socket_client::Client;
use crate::support::{
    Server, at_least_one, chat_config, config, config_with, sample, until, within,
};
use crate::wire::Wire;

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
/// A head that is never sent to its end.
const HALF_HEAD: &str = "GET /health HTTP/1.1\r\nHost: ";
/// A body that is never sent to its end.
const UPLOAD: &str = "POST /api/pipeline/run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
    Content-Length: 1000\r\n\r\n{";

/// The service with other times.
async fn server_with(change: impl FnOnce(&mut ServeTimes)) -> Server {
    let app = App::new(&config(), sample(), None);
    let routes = routes::routes(app.clone());
    let mut times = ServeTimes::default();
    change(&mut times);
    Server::of_routes(app, routes, times).await
}

/// What a slow client does with its connection, all of which end without its doing.
#[derive(Debug, Clone, Copy)]
enum Slow {
    Silent,
    HalfHead,
    DrippingHead,
    IdleAfterAnswer,
    HalfBody,
    DrippingBody,
}

impl Slow {
    const ALL: [Self; 6] = [
        Self::Silent,
        Self::HalfHead,
        Self::DrippingHead,
        Self::IdleAfterAnswer,
        Self::HalfBody,
        Self::DrippingBody,
    ];

    /// How long the connection lasted from when the client began to be slow.
    async fn lasts(self, address: &str, drip: Duration) -> Duration {
        let mut wire = Wire::to(address).await;
        if matches!(self, Self::IdleAfterAnswer) {
            assert_eq!(wire.ask(HEALTH).await.status, 200);
        }
        let begun = Instant::now();
        match self {
            Self::Silent | Self::IdleAfterAnswer => {}
            Self::HalfHead | Self::DrippingHead => wire.send(HALF_HEAD).await,
            Self::HalfBody | Self::DrippingBody => wire.send(UPLOAD).await,
        }
        let (mut reading, mut writing) = wire.stream.into_split();
        let dripping = async {
            if matches!(self, Self::DrippingHead | Self::DrippingBody) {
                while writing.write_all(b"a").await.is_ok() {
                    tokio::time::sleep(drip).await;
                }
            }
            std::future::pending::<()>().await;
        };
        let mut said = Vec::new();
        let ending = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut said);
        let ended = tokio::select! {
            ended = tokio::time::timeout(Duration::from_secs(60), ending) => ended,
            () = dripping => unreachable!("it waits for ever"),
        };
        assert!(ended.is_ok(), "{self:?} is held for ever");
        let said = String::from_utf8(said).unwrap();
        if matches!(self, Self::HalfBody | Self::DrippingBody) {
            assert!(said.starts_with("HTTP/1.1 408 "), "{self:?}: {said}");
            let detail = r#"{"detail":"The body did not arrive within 10 s"}"#;
            assert!(said.ends_with(detail), "{self:?}: {said}");
        } else {
            assert_eq!(said, "", "{self:?}");
        }
        begun.elapsed()
    }
}

/// So many slow clients of each kind: how long the slowest was held, and how long the others took to
/// be answered meanwhile, sorted.
async fn besieged(address: &str, each: usize, drip: Duration) -> (Duration, Vec<Duration>) {
    let mut clients = JoinSet::new();
    for slow in Slow::ALL.into_iter().cycle().take(each * Slow::ALL.len()) {
        let address = address.to_owned();
        clients.spawn(async move { slow.lasts(&address, drip).await });
    }
    let (mut longest, mut answered) = (Duration::ZERO, Vec::new());
    while !clients.is_empty() {
        tokio::select! {
            lasted = clients.join_next() => longest = longest.max(lasted.unwrap().unwrap()),
            () = tokio::time::sleep(Duration::from_millis(20)) => {
                let asked = Instant::now();
                let mut wire = Wire::to(address).await;
                assert_eq!(wire.ask(HEALTH).await.status, 200);
                answered.push(asked.elapsed());
            }
        }
    }
    answered.sort_unstable();
    (longest, answered)
}

#[tokio::test]
async fn slow_clients_are_closed_in_time_and_all_others_are_served_meanwhile() {
    let server = server_with(|times| times.head = Duration::from_secs(1)).await;
    let (longest, answered) = besieged(&server.address, 15, Duration::from_millis(100)).await;
    // Ten seconds for a body, two for a client that goes on sending.
    assert!(longest < Duration::from_secs(16), "{longest:?}");
    assert!(!answered.is_empty());
    until(|| server.connections.open() == 0).await;
}

/// In full, on a machine that has nothing else to do.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute and thousands of open files: `cargo test --test it -- --ignored in_full`"]
async fn three_thousand_slow_clients_are_closed_in_time_in_full() {
    mcop_api::serve::raise_open_files();
    let program = Program::start(&[("MAX_RUNS_PER_MINUTE", "0")]).await;
    let (longest, answered) = besieged(&program.address, 500, Duration::from_millis(500)).await;
    let p99 = answered[answered.len() * 99 / 100];
    println!(
        "longest {longest:?}, /health p99 {p99:?} of {}",
        answered.len()
    );
    assert!(longest <= Duration::from_secs(32), "{longest:?}");
    assert!(p99 < Duration::from_millis(50), "{p99:?}");
}

#[tokio::test]
async fn a_body_that_no_handler_wants_holds_no_connection() {
    let server = server_with(|times| times.linger = Duration::from_millis(200)).await;
    let mut wire = Wire::to(&server.address).await;
    wire.send("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        .await;
    let said = wire.answer().await;
    assert_eq!(
        (said.status, said.header("connection")),
        (200, Some("close"))
    );
    wire.is_over().await;
    until(|| server.connections.open() == 0).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answers_is_closed() {
    let stall = Duration::from_secs(1);
    let server = server_with(|times| times.stall = stall).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut deaf = within(socket.connect(server.address.parse().unwrap()))
        .await
        .unwrap();
    let begun = Instant::now();
    let request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    within(deaf.write_all(request.as_bytes())).await.unwrap();
    until(|| server.connections.open() == 1).await;
    until(|| server.connections.open() == 0).await;
    assert!(begun.elapsed() >= stall);
}

#[tokio::test]
async fn connections_beyond_the_most_wait_and_sockets_are_not_counted() {
    let server = Server::with(&config_with(|limits| limits.connections = at_least_one(2))).await;
    let _socket = Client::open(&server, "talk").await;
    let mut first = Wire::to(&server.address).await;
    let mut second = Wire::to(&server.address).await;
    assert_eq!(first.ask(HEALTH).await.status, 200);
    assert_eq!(second.ask(HEALTH).await.status, 200);
    let mut third = Wire::to(&server.address).await;
    third.send(HEALTH).await;
    assert_eq!(second.ask(HEALTH).await.status, 200);
    assert_eq!(server.connections.open(), 2);
    let mut byte = [0];
    assert!(third.stream.try_read(&mut byte).is_err(), "it waits");
    drop(first);
    assert_eq!(third.answer().await.status, 200);
}

/// RFC 9112, sections 2.2, 5.2 and 6.3; what is not refused in one piece is not in pieces.
#[tokio::test]
async fn requests_whose_end_is_in_doubt_are_refused_and_nothing_of_them_comes_back() {
    let server = Server::start().await;
    let many = "X: marker\r\n".repeat(101);
    let large = format!("X-Large: {}\r\n", "marker".repeat(11_000));
    let path = format!(
        "GET /{} HTTP/1.1\r\nHost: x\r\n\r\n",
        "marker".repeat(11_000)
    );
    let post = |headers: &str| format!("POST /marker HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    for (request, status) in [
        (
            post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\nGET",
            400,
        ),
        (
            post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n") + "0\r\n\r\nGET",
            400,
        ),
        (
            post("Content-Length: 6\r\nContent-Length: 5\r\n") + "marker",
            400,
        ),
        (
            post("Content-Length: 6\r\nContent-Length: 6\r\n") + "marker",
            400,
        ),
        (post("Content-Length: +6\r\n") + "marker", 400),
        (post("Transfer-Encoding: chunked, marker\r\n"), 400),
        (post("Transfer-Encoding : chunked\r\n"), 400),
        (post("X: marker\r\n folded\r\n"), 400),
        (post("X: marker\n"), 400),
        ("GET /marker HTTP/1.1\r\nHost: x\r\n\n".to_owned(), 400),
        ("GET /marker HTTP/1.1\nHost: x\n\n".to_owned(), 400),
        ("GET /marker HTTP/1.1\r\n\r\n".to_owned(), 400),
        (
            "GET http://x/marker HTTP/1.1\r\nX: y\r\n\r\n".to_owned(),
            400,
        ),
        (post(&many), 431),
        (post(&large), 431),
        (path, 431),
    ] {
        let shown = &request[..request.len().min(99)];
        for piece in [request.len(), 7] {
            let mut wire = Wire::to(&server.address).await;
            let (mut reading, mut writing) = wire.stream.split();
            let sending = async {
                for piece in request.as_bytes().chunks(piece) {
                    // It may be refused before its end.
                    let _ = writing.write_all(piece).await;
                    tokio::task::yield_now().await;
                }
            };
            let mut said = Vec::new();
            let reading = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut said);
            let _ = within(futures_util::future::join(sending, reading)).await;
            let said = String::from_utf8(said).unwrap();
            assert!(
                said.starts_with(&format!("HTTP/1.1 {status} ")),
                "{shown}: {said}"
            );
            assert!(
                said.ends_with("\r\n\r\n"),
                "one answer, empty: {shown}: {said}"
            );
            assert!(!said.contains("marker"), "{shown}: {said}");
        }
    }
    let mut wire = Wire::to(&server.address).await;
    wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;
    wire.is_over().await;
}

/// RFC 9112, section 3.2.
#[tokio::test]
async fn only_a_request_of_http_1_0_may_name_no_host() {
    let server = Server::start().await;
    let mut wire = Wire::to(&server.address).await;
    let old = "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    assert_eq!(wire.ask(old).await.status, 200);
    assert_eq!(wire.ask(HEALTH).await.status, 200);
    // Whatever the one before it was, and though its target names one.
    let new = "GET http://x/health HTTP/1.1\r\nX-Forwarded-Host: x\r\n\r\n";
    assert_eq!(wire.ask(new).await.status, 400);
    wire.is_over().await;
}

#[tokio::test]
async fn requests_one_after_another_are_each_answered_however_they_are_cut() {
    let server = Server::start().await;
    let body = "{\n\n\"content\"\r\n\r\n:\n\"\"}";
    let requests = format!(
        "\r\nPOST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}\
         GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n{HEALTH}",
        body.len()
    );
    for piece in [requests.len(), 11, 1] {
        let mut wire = Wire::to(&server.address).await;
        for piece in requests.as_bytes().chunks(piece) {
            wire.send(piece).await;
        }
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(wire.answer().await.status);
        }
        assert_eq!(statuses, [422, 200, 200], "in pieces of {piece}");
    }
    // What follows chunks is not followed, so nothing does.
    let mut wire = Wire::to(&server.address).await;
    let chunked = "POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
        Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let said = wire.ask(format!("{chunked}{HEALTH}")).await;
    assert_eq!(
        (said.status, said.header("connection")),
        (422, Some("close"))
    );
    wire.is_over().await;
}

#[tokio::test]
async fn a_client_that_sends_more_than_is_wanted_reads_why() {
    let server = Server::start().await;
    let mut wire = Wire::to(&server.address).await;
    let length = 5_000_000;
    wire.send(format!(
        "POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ))
    .await;
    // Nothing breaks while it is sent.
    wire.send(vec![b'a'; length]).await;
    let said = wire.answer().await;
    assert_eq!(
        (said.status, said.header("connection")),
        (413, Some("close"))
    );
    assert!(
        said.body
            .starts_with(r#"{"detail":"The body is larger than "#),
        "{said:?}"
    );
    wire.is_over().await;
}

#[tokio::test]
async fn large_and_lying_bodies_are_refused_in_bounded_memory() {
    let program = Program::start(&[]).await;
    let head = "POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let declared = format!("{head}Content-Length: 5000000\r\n\r\n").into_bytes();
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let chunk = [&b"10000\r\n"[..], &b"a".repeat(65_536), b"\r\n"].concat();
    let lying = format!("{head}Content-Length: 10\r\n\r\n").into_bytes();
    let large = [
        ([declared, vec![b'a'; 5_000_000]].concat(), "413"),
        (
            [chunked, chunk.repeat(46), b"0\r\n\r\n".to_vec()].concat(),
            "413",
        ),
        // What follows the ten bytes is no request.
        ([lying, vec![b'a'; 1_000_000]].concat(), "422"),
    ];
    let large = Arc::new(large);
    let siege = async || {
        let mut clients = JoinSet::new();
        for number in 0..12 {
            let (large, address) = (Arc::clone(&large), program.address.clone());
            clients.spawn(async move {
                let (request, status) = &large[number % large.len()];
                let mut wire = Wire::to(&address).await;
                let (mut reading, mut writing) = wire.stream.split();
                let mut said = Vec::new();
                let _ = futures_util::future::join(
                    writing.write_all(request),
                    tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut said),
                )
                .await;
                let said = String::from_utf8(said).unwrap();
                assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
            });
        }
        within(clients.join_all()).await;
    };
    siege().await;
    let before = program.resident();
    for _ in 0..3 {
        siege().await;
    }
    let grown = program.resident().saturating_sub(before);
    assert!(grown <= 8 * 1024, "{grown} KiB more than {before}");
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_for_and_the_connection_goes_on() {
    let app = App::new(&config(), sample(), None);
    let broken = warp::path!("api" / "stats")
        .then(|| async {
            tokio::task::yield_now().await;
            panic!("as the test wants it")
        })
        .or(warp::path!("api" / "schemas").map(|| panic!("at once")))
        .unify();
    let broken = broken.map(|never: Response| never).boxed();
    let routes = broken.or(routes::routes(app.clone())).unify().boxed();
    let server = Server::of_routes(app, routes, ServeTimes::default()).await;
    let mut wire = Wire::to(&server.address).await;
    for path in ["/api/stats", "/api/schemas"] {
        let origin = "http://localhost:3000";
        let said = wire
            .ask(format!(
                "GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nX-Request-Id: mine\r\n\r\n"
            ))
            .await;
        let detail = "The service failed. The failure was logged under the id in the header x-request-id; \
            please report it.";
        assert_eq!(said.body, json!({ "detail": detail }).to_string());
        assert_eq!(said.status, 500);
        assert_eq!(said.header("content-type"), Some("application/json"));
        assert_eq!(said.header("x-request-id"), Some("mine"));
        assert_eq!(said.header("access-control-allow-origin"), Some(origin));
    }
    assert_eq!(wire.ask(HEALTH).await.status, 200);
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("mcop_panics_total"), 2);
    let counted = scrape.counted("mcop_http_requests_total");
    assert_eq!(
        counted[r#"route="/api/stats",method="GET",status="500""#],
        1
    );
    assert_eq!(
        counted[r#"route="/api/schemas",method="GET",status="500""#],
        1
    );
    assert!(
        counted.keys().all(|labels| !labels.contains("499")),
        "{counted:?}"
    );
}

#[tokio::test]
async fn handlers_know_the_address_at_the_other_end() {
    let config = chat_config(|chat| chat.sockets_per_address = Some(at_least_one(1)));
    let server = Server::with(&config).await;
    let _first = Client::open(&server, "first").await;
    let refused = Client::try_open(&server, "/ws/second", &[]).await.err();
    assert_eq!(refused.unwrap().status, 429);
}

#[tokio::test]
async fn a_service_out_of_files_says_so_once_and_recovers() {
    let program = Program::start_after("ulimit -n 64", &[]).await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        clients.push(Wire::to(&program.address).await);
    }
    let trouble = "no connection can be accepted for now";
    program.line(trouble).await;
    drop(clients);
    let freed = Instant::now();
    let mut wire = Wire::to(&program.address).await;
    assert_eq!(wire.ask(HEALTH).await.status, 200);
    assert!(
        freed.elapsed() < Duration::from_secs(2),
        "{:?}",
        freed.elapsed()
    );
    let log = program.log();
    assert_eq!(log.iter().filter(|line| line.contains(trouble)).count(), 1);
}
