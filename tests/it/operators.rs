//! What operators see: the figures of `/metrics`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, mpsc};

use mcop_api::App;
use mcop_api::explorer::{Answer, Mode, Trouble};
use mcop_api::metrics::route::TEMPLATES;
use mcop_api::pipeline::{Knowledge, Progress, RunRequest, run};
use mcop_api::runs::Pipeline;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::exposition::Scrape;
use crate::scripted::{answer, failure, puppet};
use crate::socket_client::Client;
use crate::support::{Server, at_least_one, config, config_with, sample, until, within};
use crate::upstream::{Answer as Said, Then, Upstream};

#[tokio::test]
async fn the_figures_are_an_exposition_with_these_families() {
    let server = Server::start().await;
    server.json("/api/stats").await;
    let scrape = Scrape::of(&server).await;
    let families: Vec<(&str, &str)> = scrape
        .families
        .iter()
        .map(|(name, kind)| (&**name, &**kind))
        .collect();
    assert_eq!(
        families,
        [
            ("mcop_build", "info"),
            ("mcop_catalog_columns", "gauge"),
            ("mcop_catalog_schemas", "gauge"),
            ("mcop_catalog_tables", "gauge"),
            ("mcop_connections_open", "gauge"),
            ("mcop_event_streams_open", "gauge"),
            ("mcop_http_request_duration_seconds", "histogram"),
            ("mcop_http_requests", "counter"),
            ("mcop_model_calls_under_way", "gauge"),
            ("mcop_model_errors", "counter"),
            ("mcop_model_requests", "counter"),
            ("mcop_model_retries", "counter"),
            ("mcop_model_tokens", "counter"),
            ("mcop_model_wait_seconds", "histogram"),
            ("mcop_panics", "counter"),
            ("mcop_refused", "counter"),
            ("mcop_run_duration_seconds", "histogram"),
            ("mcop_run_step_duration_seconds", "histogram"),
            ("mcop_run_wait_seconds", "histogram"),
            ("mcop_runs", "counter"),
            ("mcop_runs_under_way", "gauge"),
            ("mcop_runs_waiting", "gauge"),
            ("mcop_session_contents_bytes", "gauge"),
            ("mcop_sessions", "gauge"),
            ("mcop_sessions_forgotten", "counter"),
            ("mcop_sockets_open", "gauge"),
            ("mcop_state_failing", "gauge"),
            ("mcop_tasks", "gauge"),
            ("mcop_turn_duration_seconds", "histogram"),
            ("mcop_turn_first_text_seconds", "histogram"),
            ("mcop_turns", "counter"),
            ("process_start_time_seconds", "gauge"),
        ]
    );
    let version = env!("CARGO_PKG_VERSION");
    let stats = server.json("/api/stats").await;
    assert_eq!(
        scrape.value(&format!("mcop_build_info{{version=\"{version}\"}}")),
        1
    );
    for (gauge, count) in [
        ("mcop_catalog_tables", &stats["total_tables"]),
        ("mcop_catalog_columns", &stats["total_columns"]),
    ] {
        assert_eq!(json!(scrape.value(gauge)), *count);
    }
}

#[tokio::test]
async fn every_answer_is_counted_by_route_method_and_status() {
    let server = Server::start().await;
    for _ in 0..3 {
        server.get("/api/tables/dimv_supplier").await;
    }
    server.get("/api/tables/nothing").await;
    server.get("/api/tables?limit=-1").await;
    server
        .request(Method::HEAD, "/health")
        .send()
        .await
        .unwrap();
    server
        .request(Method::DELETE, "/api/tables")
        .send()
        .await
        .unwrap();
    server.get("/nowhere").await;
    server
        .request(Method::from_bytes(b"BREW").unwrap(), "/pot")
        .send()
        .await
        .unwrap();
    let scrape = Scrape::of(&server).await;
    let expected = [
        (r#"route="/api/tables",method="DELETE",status="405""#, 1),
        (r#"route="/api/tables",method="GET",status="422""#, 1),
        (r#"route="/api/tables/{name}",method="GET",status="200""#, 3),
        (r#"route="/api/tables/{name}",method="GET",status="404""#, 1),
        (r#"route="/health",method="HEAD",status="200""#, 1),
        (r#"route="other",method="GET",status="404""#, 1),
        (r#"route="other",method="other",status="404""#, 1),
    ];
    assert_eq!(
        scrape.counted("mcop_http_requests_total"),
        BTreeMap::from(expected)
    );
    let timed = scrape.counted("mcop_http_request_duration_seconds_count");
    assert_eq!(timed[r#"route="/api/tables/{name}",method="GET""#], 4);
    assert_eq!(timed.values().sum::<u64>(), 9);
}

#[tokio::test]
async fn no_path_and_no_method_makes_a_series_of_its_own() {
    let server = Server::start().await;
    let shapes = [
        "/",
        "/api/tables/",
        "/api/diagram/",
        "/ws/",
        "/api/a/b/",
        "/%22%7B\\",
    ];
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get",
    ];
    let mut first_round = None;
    for round in 0..20 {
        for (place, shape) in shapes.iter().enumerate() {
            for method in methods
                .iter()
                .copied()
                .map(str::to_owned)
                .chain([format!("M{round}")])
            {
                let path = format!("{shape}{:x}", (round + 1) * 2_654_435_761 + place);
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                server.request(method, &path).send().await.unwrap();
            }
        }
        if first_round.is_none() {
            Scrape::of(&server).await; // Is a series itself from then on.
            first_round = Some(Scrape::of(&server).await);
        }
    }
    let last = Scrape::of(&server).await;
    assert_eq!(last.series(), first_round.unwrap().series());
    let unknown: u64 = last
        .counted("mcop_http_requests_total")
        .iter()
        .filter(|(labels, _)| labels.starts_with("route=\"other\""))
        .map(|(_, count)| count)
        .sum();
    assert_eq!(unknown, 20 * 3 * 10);
}

/// The paths of `routes`, as templates whose segments have no names.
fn paths_in_source() -> BTreeSet<String> {
    let source = include_str!("../../src/routes.rs");
    let mut paths: BTreeSet<String> = source
        .split("path!(")
        .skip(1)
        .map(|rest| {
            let (segments, _) = rest.split_once(')').unwrap();
            segments
                .split('/')
                .map(|segment| match segment.trim() {
                    ".." => "/{*}".to_owned(),
                    word if word.starts_with('"') => format!("/{}", word.trim_matches('"')),
                    _ => "/{}".to_owned(),
                })
                .collect()
        })
        .collect();
    if source.contains("path::end()") {
        paths.insert("/".to_owned());
    }
    paths
}

#[tokio::test]
async fn the_labels_of_routes_are_the_paths_that_are_served() {
    let nameless = |template: &&str| {
        let segments = template.split('/').map(|segment| match segment {
            rest if rest.ends_with("*}") => "{*}",
            open if open.starts_with('{') => "{}",
            word => word,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let labels: BTreeSet<String> = TEMPLATES.iter().map(nameless).collect();
    assert_eq!(labels, paths_in_source(), "see `metrics::route::TEMPLATES`");

    let server = Server::start().await;
    for template in TEMPLATES {
        let path = template.replace(['{', '}', '*'], "");
        // No endpoint takes it, so every path that is served says which methods it does.
        let answer = server.request(Method::TRACE, &path).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{template}");
    }
    let scrape = Scrape::of(&server).await;
    for template in TEMPLATES {
        let series = format!(
            r#"mcop_http_requests_total{{route="{template}",method="other",status="405"}}"#
        );
        assert_eq!(scrape.value(&series), 1);
    }
}

#[tokio::test]
async fn a_request_without_a_path_is_one_for_the_root_and_breaks_nothing() {
    let server = Server::start().await;
    let mut stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let call = b"GET example.org HTTP/1.1\r\nhost: example.org\r\nconnection: close\r\n\r\n";
    stream.write_all(call).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let series = r#"mcop_http_requests_total{route="/",method="GET",status="200"}"#;
    assert_eq!(Scrape::of(&server).await.value(series), 1);
    let mut stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let call =
        b"CONNECT example.org:80 HTTP/1.1\r\nhost: example.org:80\r\nconnection: close\r\n\r\n";
    stream.write_all(call).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    let refused = "HTTP/1.1 405 Method Not Allowed\r\n";
    assert!(answer.starts_with(refused), "{answer}");
    let series = r#"mcop_http_requests_total{route="/",method="other",status="405"}"#;
    assert_eq!(Scrape::of(&server).await.value(series), 1);
}

/// A pipeline that waits until it is let go, once for each run, and fails what asks for it.
fn held() -> (Arc<Pipeline>, mpsc::Sender<()>) {
    let knowledge = Knowledge::new(sample());
    let (go_on, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let pipeline = Arc::new(
        move |request: RunRequest, on_step: &mut dyn FnMut(Progress)| {
            wait.lock().unwrap().recv().ok();
            assert_ne!(request.document, "panic");
            run(&knowledge, request, on_step)
        },
    );
    (pipeline, go_on)
}

#[tokio::test]
async fn runs_are_counted_by_outcome_and_those_that_wait_are_seen_to() {
    let (pipeline, go_on) = held();
    let config = config_with(|limits| limits.concurrent_runs = at_least_one(1));
    let server = Server::with_pipeline(&config, pipeline).await;
    let mut sessions = Vec::new();
    for document in ["one", "panic", "two"] {
        sessions.push(server.start_run(&json!({ "document": document })).await);
    }
    // The first one may not have taken its place yet.
    let has_begun = |scrape: &Scrape| scrape.value("mcop_runs_under_way") == 1;
    let scrape = Scrape::when(&server, has_begun).await;
    assert_eq!(scrape.value("mcop_runs_waiting"), 2);
    assert_eq!(scrape.value("mcop_sessions"), 3);
    assert_eq!(scrape.counted("mcop_runs_total"), BTreeMap::new());
    for session in &sessions {
        go_on.send(()).unwrap();
        server.ended(session).await;
    }
    // Places are given back after the result is there for all to see.
    let has_ended = |scrape: &Scrape| scrape.value("mcop_runs_under_way") == 0;
    let scrape = Scrape::when(&server, has_ended).await;
    assert_eq!(scrape.value("mcop_runs_waiting"), 0);
    let outcomes = BTreeMap::from([(r#"outcome="completed""#, 2), (r#"outcome="failed""#, 1)]);
    assert_eq!(scrape.counted("mcop_runs_total"), outcomes);
    assert_eq!(scrape.counted("mcop_run_duration_seconds_count"), outcomes);
    assert_eq!(scrape.value("mcop_run_wait_seconds_count"), 3);
    let steps = ["diagram", "tool0", "tool1", "tool2", "tool3"];
    let timed = scrape.counted("mcop_run_step_duration_seconds_count");
    let names: Vec<String> = steps
        .iter()
        .map(|step| format!("step=\"{step}\""))
        .collect();
    assert_eq!(timed.keys().copied().collect::<Vec<_>>(), names);
    assert!(timed.values().all(|count| *count == 2), "{timed:?}");
    let kept = scrape.value("mcop_session_contents_bytes");
    let result = server
        .get(&format!("/api/pipeline/{}/result", sessions[0]))
        .await;
    let bytes = result.bytes().await.unwrap().len() as u64;
    assert!(kept > 2 * bytes - 1000, "{kept} {bytes}");
}

#[tokio::test]
async fn a_result_too_large_to_be_kept_is_a_run_that_failed() {
    let server = Server::with(&config_with(|limits| limits.session_bytes = 1000)).await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    assert_eq!(server.ended(&session).await["status"], "failed");
    let has_ended = |scrape: &Scrape| !scrape.counted("mcop_runs_total").is_empty();
    let outcomes = Scrape::when(&server, has_ended).await;
    let failed = BTreeMap::from([(r#"outcome="failed""#, 1)]);
    assert_eq!(outcomes.counted("mcop_runs_total"), failed);
}

#[tokio::test]
async fn turns_are_counted_by_how_they_end() {
    let (explorer, mut questions) = puppet();
    let server = Server::with_explorer(&config(), explorer).await;
    let mut client = Client::open(&server, "s").await;
    assert_eq!(Scrape::of(&server).await.value("mcop_sockets_open"), 1);

    client.say("rules").await;
    let asked = questions.next().await;
    asked.text("Hello");
    asked.answer("Hello");
    client.frames_until("agent").await;
    client.say("model").await;
    let asked = questions.next().await;
    asked.end(Ok(Answer {
        mode: Mode::Model,
        ..answer("Hi")
    }));
    client.frames_until("agent").await;
    client.say("broken off").await;
    let asked = questions.next().await;
    asked.text("Half an");
    asked.end(Err(failure(Trouble::Interrupted, "Half an")));
    client.frames_until("error").await;
    client.say("taken back").await;
    let asked = questions.next().await;
    client.cancel().await;
    asked.dropped().await;
    client.frames_until("error").await;
    client.say("left").await;
    let asked = questions.next().await;
    client.close().await;
    asked.dropped().await;
    let chat = json!({ "content": "panic", "session_id": "t" });
    let (response, ()) = tokio::join!(server.post_chat(&chat), async {
        questions.next().await.panic();
    });
    assert_eq!(response.status(), 500);

    until(|| server.admission.open() == 0).await;
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("mcop_sockets_open"), 0);
    let expected = [
        (r#"outcome="answered_by_model""#, 1),
        (r#"outcome="answered_by_rules""#, 1),
        (r#"outcome="cancelled""#, 2),
        (r#"outcome="failed_internal""#, 1),
        (r#"outcome="failed_interrupted""#, 1),
    ];
    let expected = BTreeMap::from(expected);
    assert_eq!(scrape.counted("mcop_turns_total"), expected);
    assert_eq!(scrape.counted("mcop_turn_duration_seconds_count"), expected);
    let first_texts = scrape.counted("mcop_turn_first_text_seconds_count");
    let expected = [
        (r#"outcome="answered_by_rules""#, 1),
        (r#"outcome="failed_interrupted""#, 1),
    ];
    assert_eq!(first_texts, BTreeMap::from(expected));
}

fn with_usage(text: &str, prompt: u32, completion: u32) -> Said {
    let piece =
        json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]});
    let usage =
        json!({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}});
    Said::events(&[&piece.to_string(), &usage.to_string(), "[DONE]"])
}

#[tokio::test]
async fn calls_of_the_model_are_counted_with_their_errors_and_tokens() {
    let upstream = Upstream::scripted(vec![
        with_usage("One.", 1000, 20),
        Said::status(503, "", "busy"),
        with_usage("Two.", 34, 5),
        Said::status(401, "", "no"),
        Said::events(&["{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half\"}}]}"]),
    ])
    .await;
    let model = upstream.model(|settings| settings.retries.most = 1);
    let server = Server::of(App::new(&config(), sample(), Some(model))).await;
    for (question, status) in [
        ("one?", 200),
        ("two?", 200),
        ("three?", 502),
        ("four?", 502),
    ] {
        let chat = json!({ "content": question });
        assert_eq!(server.post_chat(&chat).await.status(), status, "{question}");
    }
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("mcop_model_requests_total"), 5);
    assert_eq!(scrape.value("mcop_model_retries_total"), 1);
    let tokens = [(r#"kind="completion""#, 25), (r#"kind="prompt""#, 1034)];
    assert_eq!(
        scrape.counted("mcop_model_tokens_total"),
        BTreeMap::from(tokens)
    );
    let errors = [
        (r#"kind="incomplete""#, 1),
        (r#"kind="misconfigured""#, 1),
        (r#"kind="overloaded""#, 1),
    ];
    assert_eq!(
        scrape.counted("mcop_model_errors_total"),
        BTreeMap::from(errors)
    );
    let turns = [
        (r#"outcome="answered_by_model""#, 2),
        (r#"outcome="failed_interrupted""#, 1),
        (r#"outcome="failed_model_misconfigured""#, 1),
    ];
    assert_eq!(scrape.counted("mcop_turns_total"), BTreeMap::from(turns));
}

#[tokio::test]
async fn a_client_that_leaves_before_its_answer_is_counted_as_one() {
    let upstream = Upstream::scripted(vec![Said::silence().then(Then::Hold)]).await;
    let server = Server::of(App::new(&config(), sample(), Some(upstream.model(|_| {})))).await;
    let call = server
        .request(Method::POST, "/api/chat")
        .json(&json!({ "content": "x" }));
    let call = tokio::spawn(call.send());
    upstream.arrival(1).await;
    call.abort();
    upstream.client_left().await;
    let series = r#"route="/api/chat",method="POST",status="499""#;
    let has_left = |scrape: &Scrape| {
        scrape
            .counted("mcop_http_requests_total")
            .contains_key(series)
    };
    let scrape = Scrape::when(&server, has_left).await;
    assert_eq!(scrape.counted("mcop_http_requests_total")[series], 1);
    let turns = scrape.counted("mcop_turns_total");
    assert_eq!(turns, BTreeMap::from([(r#"outcome="cancelled""#, 1)]));
}

#[tokio::test]
async fn sessions_that_had_to_go_are_counted() {
    let config = config_with(|limits| limits.sessions = at_least_one(2));
    let server = Server::with(&config).await;
    for session in ["a", "b", "c"] {
        let chat = json!({ "content": "help", "session_id": session });
        assert_eq!(server.post_chat(&chat).await.status(), 200);
    }
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("mcop_sessions"), 2);
    let reasons = BTreeMap::from([(r#"reason="evicted""#, 1)]);
    assert_eq!(scrape.counted("mcop_sessions_forgotten_total"), reasons);
    assert!(
        scrape
            .samples
            .contains_key(r#"mcop_sessions_forgotten_total{reason="expired"}"#)
    );
}
