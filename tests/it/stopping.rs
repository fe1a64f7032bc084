//! The end of the service: what is under way ends, or is ended, in bounded time.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use mcop_api::serve::ServeTimes;
use mcop_api::{App, routes};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::program::Program;
use crate::scripted::puppet;
use crate::support::{PATIENCE, Server, config, failing_when_let_go, sample, until, within};
use crate::upstream::{Answer, KEY, Then, Upstream};
use crate::wire::Wire;

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
/// A head that is never sent to its end.
const HALF_HEAD: &str = "GET /health HTTP/1.1\r\nHost: ";
/// The most that the service may take to end, whatever its clients do.
const AT_MOST: Duration = Duration::from_millis(8_500);

#[tokio::test]
async fn a_service_at_rest_ends_at_once() {
    for kind in ["nothing open", "an idle connection", "a silent connection"] {
        let mut program = Program::start(&[]).await;
        let mut wires = Vec::new();
        if kind != "nothing open" {
            wires.push(Wire::to(&program.address).await);
        }
        if kind == "an idle connection" {
            assert_eq!(wires[0].ask(HEALTH).await.status, 200);
        }
        let signal = Instant::now();
        program.signal("TERM");
        assert_eq!(program.exit_code().await, 0, "{kind}");
        let took = signal.elapsed();
        println!("{kind}: {took:?}");
        // 0.3 s on a machine that has nothing else to do.
        assert!(took < Duration::from_secs(1), "{kind}: {took:?}");
    }
}

#[tokio::test]
async fn an_answer_under_way_is_given_and_health_warns_those_who_ask() {
    let (explorer, mut questions) = puppet();
    let server = Arc::new(Server::with_explorer(&config(), explorer).await);
    let asking = Arc::clone(&server);
    let answer = tokio::spawn(async move { asking.post_chat(&json!({ "content": "q" })).await });
    let asked = questions.next().await;
    // Connected before the signal and not accepted yet: nothing else runs on this thread meanwhile.
    let mut late = std::net::TcpStream::connect(&server.address).unwrap();
    late.write_all(HEALTH.as_bytes()).unwrap();
    server.ask_to_stop();
    let said = tokio::task::spawn_blocking(move || {
        let mut said = String::new();
        late.set_read_timeout(Some(PATIENCE)).unwrap();
        late.read_to_string(&mut said).unwrap();
        said
    });
    let said = said.await.unwrap();
    assert!(said.starts_with("HTTP/1.1 503 "), "{said}");
    let (_, health) = said.split_once("\r\n\r\n").unwrap();
    let health: Value = serde_json::from_str(health).unwrap();
    assert_eq!(health["status"], "stopping");
    let refused = tokio::net::TcpStream::connect(&server.address).await;
    assert!(refused.is_err(), "nobody else is let in");
    asked.answer("the answer");
    let answer = within(answer).await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["content"], "the answer");
    Arc::into_inner(server).unwrap().stop().await;
}

#[tokio::test]
async fn a_run_that_does_not_end_is_interrupted_and_those_who_watch_are_told() {
    let (pipeline, go_on) = failing_when_let_go();
    let whole = App::new(&config(), sample(), None);
    let app = App::with_parts(&config(), whole.tools, pipeline, whole.explorer);
    let sessions = app.sessions.clone();
    let times = ServeTimes {
        grace: Duration::from_millis(600),
        ..ServeTimes::default()
    };
    let server = Server::of_routes(app.clone(), routes::routes(app), times).await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    let mut events = server
        .get(&format!("/api/pipeline/{session}/events"))
        .await
        .bytes_stream();
    let mut half_head = Wire::to(&server.address).await;
    half_head.send(HALF_HEAD).await;
    let connections = server.connections.clone();
    let signal = Instant::now();
    server.ask_to_stop();
    let mut told = String::new();
    while let Some(Ok(part)) = within(events.next()).await {
        told += std::str::from_utf8(&part).unwrap();
    }
    let words = "The run was interrupted by a restart of the service. Start it again.";
    let last = told.trim_end().rsplit("\n\n").next().unwrap();
    assert!(
        last.contains("event:failed") && last.contains(words),
        "{told}"
    );
    server.stop().await;
    assert!(signal.elapsed() < PATIENCE / 2);
    assert_eq!(
        connections.open(),
        0,
        "the service ends after its connections"
    );
    // The step under way ends after all, and changes nothing any more.
    drop(go_on);
    let session = sessions.get(&session.parse().unwrap()).unwrap();
    assert_eq!(session.status.name(), "failed");
    assert_eq!(session.error.as_deref(), Some(words));
}

#[tokio::test]
async fn answers_that_the_model_does_not_give_in_time_are_503_in_words() {
    let upstream = Upstream::scripted(vec![Answer::silence(), Answer::silence()]).await;
    let model = upstream.model(|settings| settings.retries.most = 0);
    let app = App::new(&config(), sample(), Some(model));
    let sessions = app.sessions.clone();
    let times = ServeTimes {
        grace: Duration::from_millis(600),
        ..ServeTimes::default()
    };
    let server = Server::of_routes(app.clone(), routes::routes(app), times).await;
    let run = server
        .start_run(&json!({ "document": "- suppliers" }))
        .await;
    server.ended(&run).await;
    let chat = || {
        let call = server.request(Method::POST, "/api/chat");
        call.json(&json!({ "content": "q", "session_id": "asking" }))
    };
    let report = format!("/api/pipeline/{run}/artifacts/governance_report.md?wording=model");
    let mut calls = vec![
        tokio::spawn(server.request(Method::GET, &report).send()),
        tokio::spawn(chat().send()),
    ];
    until(|| upstream.asked().len() == 2).await;
    // Of the same session, it waits for its turn.
    calls.push(tokio::spawn(chat().send()));
    until(|| server.connections.open() == 3).await;
    let signal = Instant::now();
    server.ask_to_stop();
    for call in calls {
        let answer = within(call).await.unwrap().unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(
            answer.json::<Value>().await.unwrap(),
            json!({ "detail": "The service is shutting down. Try again shortly." })
        );
    }
    server.stop().await;
    assert!(signal.elapsed() < PATIENCE / 2);
    let session = sessions.get(&"asking".parse().unwrap()).unwrap();
    let said: Vec<_> = session.thread.turns().collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].question == "q" && !said[0].complete);
}

#[tokio::test]
async fn the_end_does_not_wait_for_clients_that_take_their_time() {
    let mut program = Program::start(&[]).await;
    let mut half_head = Wire::to(&program.address).await;
    half_head.send(HALF_HEAD).await;
    let mut half_body = Wire::to(&program.address).await;
    half_body
        .send("POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        .await;
    let mut deaf = Wire::to(&program.address).await;
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    deaf.send(requests).await;
    let url = format!("ws://{}/ws/deaf", program.address);
    let (_deaf_socket, _) = within(tokio_tungstenite::connect_async(url)).await.unwrap();
    let signal = Instant::now();
    program.signal("INT");
    assert_eq!(program.exit_code().await, 0);
    let took = signal.elapsed();
    println!("clients that take their time: {took:?}");
    assert!(took <= AT_MOST, "{took:?}");
    program.line("with work under way").await;
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    for (name, code) in [("TERM", 143), ("INT", 130)] {
        let mut program = Program::start(&[]).await;
        let mut half_head = Wire::to(&program.address).await;
        half_head.send(HALF_HEAD).await;
        program.signal("TERM");
        program.line("SIGTERM: stopping").await;
        let second = Instant::now();
        program.signal(name);
        assert_eq!(program.exit_code().await, code);
        assert!(
            second.elapsed() < Duration::from_secs(2),
            "{:?}",
            second.elapsed()
        );
    }
}

#[tokio::test]
async fn every_socket_in_the_middle_of_an_answer_is_closed_in_words() {
    const SOCKETS: usize = 100;
    let delta = json!({"choices": [{"index": 0, "delta": {"content": "Half an "}}]});
    let half = Answer::events(&[&delta.to_string()]).then(Then::Hold);
    let upstream = Upstream::scripted(vec![half; SOCKETS]).await;
    let mut program = Program::start(&[
        ("OPENAI_BASE_URL", &upstream.base_url()),
        ("OPENAI_API_KEY", KEY),
        ("MAX_CONCURRENT_MODEL_CALLS", "200"),
        ("MAX_CLIENT_MESSAGES_PER_MINUTE", "0"),
        ("MAX_UPGRADES_PER_MINUTE", "0"),
    ])
    .await;
    let mut sockets = Vec::new();
    for number in 0..SOCKETS {
        let url = format!("ws://{}/ws/busy-{number}", program.address);
        let (mut socket, _) = within(tokio_tungstenite::connect_async(url)).await.unwrap();
        let question = json!({ "content": "q" }).to_string();
        within(socket.send(Message::text(question))).await.unwrap();
        sockets.push(socket);
    }
    for socket in &mut sockets {
        loop {
            let frame = within(socket.next()).await.unwrap().unwrap();
            if frame.to_text().unwrap().contains("agent_partial") {
                break;
            }
        }
    }
    let signal = Instant::now();
    program.signal("TERM");
    for socket in &mut sockets {
        let close = loop {
            match within(socket.next()).await {
                Some(Ok(Message::Close(close))) => break close,
                Some(Ok(_)) => {}
                other => panic!("no close frame, but {other:?}"),
            }
        };
        let close = close.expect("a code");
        assert_eq!(u16::from(close.code), 1001, "{close}");
        // The library answers the frame, and the connection ends.
        while within(socket.next()).await.is_some_and(|last| last.is_ok()) {}
    }
    assert_eq!(program.exit_code().await, 0);
    let took = signal.elapsed();
    println!("{SOCKETS} sockets in the middle of an answer: {took:?}");
    assert!(took < AT_MOST, "{took:?}");
}
