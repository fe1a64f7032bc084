//! Calls and the traces they are part of: the model is told for which call it is asked.

use mcop_api::App;
use mcop_api::trace_context::TraceContext;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::program::Program;
use crate::socket_client::Client;
use crate::support::{Server, config, http_client, sample};
use crate::upstream::{Answer, Upstream};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

async fn with_model() -> (Server, Upstream) {
    let upstream = Upstream::answering(|_, _| Answer::text("Yes.")).await;
    let model = upstream.model(|_| {});
    (
        Server::of(App::new(&config(), sample(), Some(model))).await,
        upstream,
    )
}

fn chat(server: &Server) -> RequestBuilder {
    let call = server.request(Method::POST, "/api/chat");
    call.json(&json!({ "content": "Which facts are there?" }))
}

/// A header of the last call of the model.
fn told(upstream: &Upstream, name: &str) -> Option<String> {
    upstream.asked().last().unwrap().headers.get(name).cloned()
}

/// The trace that the model was told; what it is told is well-formed.
fn trace_told(upstream: &Upstream) -> String {
    let parent = told(upstream, "traceparent").unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", parent.parse().unwrap());
    TraceContext::of_caller(&headers)
        .expect(&parent)
        .id()
        .to_string()
}

#[tokio::test]
async fn the_model_is_asked_in_the_name_and_the_trace_of_the_call() {
    let (server, upstream) = with_model().await;
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let headers = [
        ("x-request-id", "call-1"),
        ("traceparent", parent.as_str()),
        ("tracestate", "vendor=opaque"),
    ];
    let named = |call: RequestBuilder| {
        headers
            .iter()
            .fold(call, |call, (name, value)| call.header(*name, *value))
    };
    let is_told = |calls: usize, what: &str| {
        assert_eq!(upstream.asked().len(), calls, "{what}");
        assert_eq!(
            told(&upstream, "x-request-id").as_deref(),
            Some("call-1"),
            "{what}"
        );
        assert_eq!(
            told(&upstream, "tracestate").as_deref(),
            Some("vendor=opaque"),
            "{what}"
        );
        let parent = told(&upstream, "traceparent").unwrap();
        assert_eq!(trace_told(&upstream), TRACE, "{what}");
        assert!(
            parent.ends_with("-01") && !parent.contains(SPAN),
            "{what}: {parent}"
        );
    };
    assert_eq!(named(chat(&server)).send().await.unwrap().status(), 200);
    is_told(1, "a call");

    let mut socket = Client::try_open(&server, "/ws/s", &headers).await.unwrap();
    for asked in [2, 3] {
        socket.say("Which facts are there?").await;
        socket.frames_until("agent").await;
        is_told(asked, "a socket");
    }

    let run = server.start_run(&json!({ "document": "# Orders" })).await;
    server.ended(&run).await;
    let path = format!("/api/pipeline/{run}/artifacts/governance_report.md?wording=model");
    let summary = named(server.request(Method::GET, &path))
        .send()
        .await
        .unwrap();
    assert_eq!(summary.status(), 200);
    is_told(4, "a summary");
}

#[tokio::test]
async fn a_malformed_trace_is_left_for_a_new_one_without_its_state() {
    let (server, upstream) = with_model().await;
    let zero = "0".repeat(32);
    let malformed = [
        "",
        "00",
        "garbage",
        &format!("00-{TRACE}-{SPAN}"),
        &format!("00-{TRACE}-{SPAN}-"),
        &format!("00-{TRACE}-{SPAN}-1"),
        &format!("00-{TRACE}-{SPAN}-011"),
        &format!("00-{TRACE}-{SPAN}-01-more"),
        &format!("cc-{TRACE}-{SPAN}-01.more"),
        &format!("ff-{TRACE}-{SPAN}-01"),
        &format!("0-{TRACE}-{SPAN}-01"),
        &format!("0x-{TRACE}-{SPAN}-01"),
        &format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        &format!("00-{zero}-{SPAN}-01"),
        &format!("00-{TRACE}-{}-01", &zero[..16]),
        &format!("00-{}-{SPAN}-01", &TRACE[1..]),
        &format!("00-{TRACE}-{SPAN}-0g"),
        &format!("00_{TRACE}_{SPAN}_01"),
        &format!("00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01"),
        &format!("00-{}-{SPAN}-01", "\u{e9}".repeat(16)),
    ];
    let mut begun = std::collections::BTreeSet::new();
    for sent in malformed {
        let call = chat(&server)
            .header(
                "traceparent",
                HeaderValue::from_bytes(sent.as_bytes()).unwrap(),
            )
            .header("tracestate", "vendor=opaque");
        assert_eq!(call.send().await.unwrap().status(), 200, "{sent}");
        let trace = trace_told(&upstream);
        assert!(trace != TRACE && begun.insert(trace), "{sent}");
        assert_eq!(told(&upstream, "tracestate"), None, "{sent}");
    }
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let twice = chat(&server)
        .header("traceparent", &parent)
        .header("traceparent", &parent);
    assert_eq!(twice.send().await.unwrap().status(), 200);
    assert_ne!(trace_told(&upstream), TRACE, "sent twice");
    // A trace goes on without a state that cannot be handed on.
    let stateless = chat(&server)
        .header("traceparent", &parent)
        .header("tracestate", "NO");
    assert_eq!(stateless.send().await.unwrap().status(), 200);
    assert_eq!(trace_told(&upstream), TRACE);
    assert_eq!(told(&upstream, "tracestate"), None);
}

#[tokio::test]
async fn the_log_and_the_model_are_told_the_same() {
    let upstream = Upstream::answering(|_, _| Answer::text("Yes.")).await;
    let vars = [
        ("OPENAI_BASE_URL", &*upstream.base_url()),
        ("OPENAI_API_KEY", "sk-x"),
    ];
    let program = Program::start(&vars).await;
    let url = format!("http://{}/api/chat", program.address);
    let ask = || {
        http_client()
            .post(&url)
            .json(&json!({ "content": "Which facts are there?" }))
    };
    for call in [ask(), ask().header("x-request-id", "call-2")] {
        let answer = call.send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(told(&upstream, "x-request-id").as_deref(), Some(id));
        let line = program.line(&format!("id={id} ")).await;
        let trace = format!(" trace={} ", trace_told(&upstream));
        assert!(line.contains(&trace), "{line}, not {trace}");
    }
}
