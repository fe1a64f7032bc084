//! `Idempotency-Key`: a call to start a run that is sent again starts no second one.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use mcop_api::config::RateLimits;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::restart::{Place, kept_in};
use crate::support::{Server, at_least_one, config_with, failing_when_let_go};

const BODY: &str = r##"{"document":"# Nákup\n\n## Entities\n- Suppliers"}"##;

async fn call(server: &Server, key: &str, body: &str, authorization: Option<&str>) -> Response {
    let mut request = server
        .request(Method::POST, "/api/pipeline/run")
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(body.to_owned());
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.unwrap()
}

/// The session of an accepted call, and whether it had been started before.
async fn accepted(response: Response) -> (String, bool) {
    assert_eq!(response.status(), 200);
    let replayed = response.headers().get("idempotent-replayed").cloned();
    let started: Value = response.json().await.unwrap();
    let session = started["session_id"].as_str().unwrap();
    assert_eq!(
        started,
        json!({
            "session_id": session, "status": "started",
            "message": format!("Pipeline started. Poll /api/pipeline/{session}/status for updates."),
        })
    );
    assert!(replayed.as_ref().is_none_or(|value| value == "true"));
    (session.to_owned(), replayed.is_some())
}

async fn sessions(server: &Server) -> u64 {
    server.json("/api/stats").await["active_sessions"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn the_same_call_under_the_same_key_starts_one_run() {
    let server = Server::start().await;
    let (session, replayed) = accepted(call(&server, "key-1", BODY, None).await).await;
    assert!(!replayed);
    for _ in 0..3 {
        let again = accepted(call(&server, "key-1", BODY, None).await).await;
        assert_eq!(again, (session.clone(), true));
    }
    server.ended(&session).await;
    let again = accepted(call(&server, "key-1", BODY, None).await).await;
    assert_eq!(again, (session.clone(), true), "its run has ended");
    assert_eq!(sessions(&server).await, 1);
    let (other, replayed) = accepted(call(&server, "key-2", BODY, None).await).await;
    assert!(other != session && !replayed);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_calls_at_once_start_one_run() {
    // One place: calls that come to nothing must not take it from the one that starts the run.
    let config = config_with(|limits| {
        limits.rates = RateLimits::NONE;
        limits.concurrent_runs = at_least_one(1);
        limits.queued_runs = 0;
    });
    let server = Server::with(&config).await;
    for round in 0..10 {
        let key = format!("\"8e03978e-40d5-43e8-bc93-6894a57f932{round}\"");
        let calls = (0..50).map(|_| call(&server, &key, BODY, None));
        let mut ids = BTreeSet::new();
        let mut new = 0;
        for response in join_all(calls).await {
            let (session, replayed) = accepted(response).await;
            ids.insert(session);
            new += usize::from(!replayed);
        }
        assert_eq!((ids.len(), new), (1, 1));
        server.ended(ids.first().unwrap()).await;
        let waits = async || server.json("/api/stats").await["runs_under_way"] != 0;
        while waits().await {}
        assert_eq!(sessions(&server).await, round + 1);
    }
    server.stop().await;
}

#[tokio::test]
async fn another_call_under_a_key_and_a_key_that_is_none_are_refused() {
    let server = Server::start().await;
    accepted(call(&server, "key", BODY, None).await).await;
    let other = call(&server, "key", &BODY.replace("Suppliers", "Orders"), None).await;
    assert_eq!(other.status(), 422);
    assert_eq!(
        other.json::<Value>().await.unwrap(),
        json!({ "detail": [{
            "type": "idempotency_key_reused",
            "loc": ["header", "Idempotency-Key"],
            "msg": "This key has started a run with another body: send that body, or another key",
        }] })
    );
    let refusal = json!({ "detail": [{
        "type": "string_pattern_mismatch",
        "loc": ["header", "Idempotency-Key"],
        "msg": "Input should be one text of 1 to 255 visible ASCII characters",
    }] });
    for bad in ["", &"k".repeat(256), "two words", "klíč"] {
        let refused = call(&server, bad, BODY, None).await;
        assert_eq!(refused.status(), 422, "{bad}");
        assert_eq!(refused.json::<Value>().await.unwrap(), refusal, "{bad}");
    }
    let twice = server
        .request(Method::POST, "/api/pipeline/run")
        .header("content-type", "application/json")
        .header("idempotency-key", "one")
        .header("idempotency-key", "two")
        .body(BODY);
    let refused = twice.send().await.unwrap();
    assert_eq!(refused.json::<Value>().await.unwrap(), refusal);
    accepted(call(&server, &"k".repeat(255), BODY, None).await).await;
    assert_eq!(sessions(&server).await, 2);
    server.stop().await;
}

#[tokio::test]
async fn callers_with_other_tokens_have_keys_of_their_own() {
    let server = Server::start().await;
    let callers = [None, Some("Bearer token-of-a"), Some("Bearer token-of-b")];
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        for caller in callers {
            ids.insert(accepted(call(&server, "key", BODY, caller).await).await.0);
        }
    }
    assert_eq!(ids.len(), 3);
    server.stop().await;
}

#[tokio::test]
async fn a_call_that_is_refused_uses_no_key_and_one_that_runs_is_found_however_full_it_is() {
    let config = config_with(|limits| {
        limits.concurrent_runs = at_least_one(1);
        limits.queued_runs = 0;
    });
    let (pipeline, go_on) = failing_when_let_go();
    let server = Server::with_pipeline(&config, pipeline).await;
    let invalid = call(&server, "first", r#"{"document":" "}"#, None).await;
    assert_eq!(invalid.status(), 422);
    let (first, _) = accepted(call(&server, "first", BODY, None).await).await;
    let busy = call(&server, "second", BODY, None).await;
    assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
    let again = accepted(call(&server, "first", BODY, None).await).await;
    assert_eq!(again, (first.clone(), true));
    drop(go_on);
    server.ended(&first).await;
    let second = async || call(&server, "second", BODY, None).await;
    let mut response = second().await;
    while response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response = second().await;
    }
    assert!(!accepted(response).await.1, "the refused call was none");
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_forgotten_with_its_session_and_outlives_the_process_with_it() {
    let place = Place::new("keys");
    let server = Server::with(&kept_in(&place)).await;
    let (kept, _) = accepted(call(&server, "kept", BODY, None).await).await;
    let (gone, _) = accepted(call(&server, "gone", BODY, None).await).await;
    server.ended(&kept).await;
    server.ended(&gone).await;
    let path = format!("/api/sessions/{gone}");
    let deleted = server.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    server.stop().await;

    let server = Server::with(&kept_in(&place)).await;
    let again = accepted(call(&server, "kept", BODY, None).await).await;
    assert_eq!(again, (kept, true));
    let other = call(&server, "kept", r##"{"document":"# Jiný"}"##, None).await;
    assert_eq!(other.status(), 422);
    let (new, replayed) = accepted(call(&server, "gone", BODY, None).await).await;
    assert!(new != gone && !replayed, "there is nothing to hand out");
    server.stop().await;
}
