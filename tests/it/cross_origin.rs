//! Calls from browsers: preflights, headers on every answer, strangers.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, ORIGIN};
use serde_json::{Value, json};

use crate::scripted::puppet;
use crate::support::{Server, config};

const APP: &str = "http://localhost:3000";

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_listed_origin_may_read_every_answer_good_or_bad() {
    let server = Server::start().await;
    let cases = [
        (Method::GET, "/health", "", 200),
        (Method::GET, "/nowhere", "", 404),
        (Method::GET, "/api/pipeline/none/result", "", 404),
        (Method::DELETE, "/api/tables", "", 405),
        (Method::POST, "/api/pipeline/run", "{", 422),
        (Method::GET, "/ws/x", "", 400),
        (Method::POST, "/api/chat", &"x".repeat(300_000), 413),
    ];
    let mut answers = Vec::new();
    for (method, path, body, status) in cases {
        let request = server.request(method, path).header(ORIGIN, APP);
        let response = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        answers.push((path, response));
    }
    let (explorer, mut questions) = puppet();
    let failing = Server::with_explorer(&config(), explorer).await;
    let call = failing
        .request(Method::POST, "/api/chat")
        .header(ORIGIN, APP);
    let call = call.json(&json!({ "content": "x" })).send();
    let (failed, ()) = tokio::join!(call, async { questions.next().await.panic() });
    let failed = failed.unwrap();
    assert_eq!(failed.status(), 500);
    answers.push(("/api/chat", failed));
    for (path, response) in answers {
        let headers = response.headers();
        assert_eq!(
            header(headers, "access-control-allow-origin"),
            Some(APP),
            "{path}"
        );
        assert_eq!(
            header(headers, "access-control-allow-credentials"),
            Some("true"),
            "{path}"
        );
        assert_eq!(
            header(headers, "access-control-expose-headers"),
            Some("x-request-id, retry-after, etag, content-disposition, idempotent-replayed"),
            "{path}"
        );
        assert_eq!(header(headers, "vary"), Some("Origin"), "{path}");
    }
}

#[tokio::test]
async fn a_preflight_is_granted_what_it_asks_for() {
    let server = Server::start().await;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let response = server
            .request(Method::OPTIONS, "/api/pipeline/run")
            .header(ORIGIN, "http://127.0.0.1:5173")
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "content-type, x-anything")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert_eq!(
            header(headers, "access-control-allow-origin"),
            Some("http://127.0.0.1:5173")
        );
        assert_eq!(
            header(headers, "access-control-allow-headers"),
            Some("content-type, x-anything")
        );
        assert_eq!(header(headers, "access-control-max-age"), Some("600"));
        assert!(
            header(headers, "access-control-allow-methods")
                .unwrap()
                .contains(method)
        );
    }
}

#[tokio::test]
async fn a_stranger_is_told_nothing() {
    let server = Server::start().await;
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost:3000.evil.example",
    ] {
        let response = server
            .request(Method::GET, "/api/tables")
            .header(ORIGIN, origin)
            .send()
            .await
            .unwrap();
        assert_eq!(
            header(response.headers(), "access-control-allow-origin"),
            None,
            "{origin}"
        );
        assert_eq!(header(response.headers(), "vary"), Some("Origin"));
        let preflight = server
            .request(Method::OPTIONS, "/api/tables")
            .header(ORIGIN, origin)
            .header("access-control-request-method", "GET")
            .send()
            .await
            .unwrap();
        assert_eq!(preflight.status(), 400, "{origin}");
        assert_eq!(
            header(preflight.headers(), "access-control-allow-origin"),
            None,
            "{origin}"
        );
        assert_eq!(
            preflight.text().await.unwrap(),
            r#"{"detail":"Disallowed CORS origin"}"#
        );
    }
}

#[tokio::test]
async fn an_options_call_that_is_no_preflight_is_a_wrong_method() {
    let server = Server::start().await;
    let response = server
        .request(Method::OPTIONS, "/api/tables")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(header(response.headers(), "allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn what_a_browser_sends_for_any_page_starts_nothing_for_a_strangers() {
    let server = Server::start().await;
    let post = |path: &str, origin: Option<&str>, media_type: Option<&str>| {
        let body = r#"{"document":"x","content":"x"}"#;
        let call = server.request(Method::POST, path).body(body);
        let call = origin
            .into_iter()
            .fold(call, |call, origin| call.header(ORIGIN, origin));
        let typed = media_type.into_iter();
        typed.fold(call, |call, media_type| {
            call.header(CONTENT_TYPE, media_type)
        })
    };
    for path in ["/api/pipeline/run", "/api/chat"] {
        for origin in ["https://evil.example", "null"] {
            for media_type in [
                None,
                Some(""),
                Some("text/plain"),
                Some("text/plain;charset=UTF-8"),
                Some("text/plain; application/json"),
                Some("application/x-www-form-urlencoded"),
                Some("multipart/form-data; boundary=x"),
                Some("application/jsonx"),
            ] {
                let answer = post(path, Some(origin), media_type).send().await.unwrap();
                let what = format!("{path} {origin} {media_type:?}");
                assert_eq!(answer.status(), 403, "{what}");
                assert_eq!(
                    header(answer.headers(), "access-control-allow-origin"),
                    None
                );
                assert_eq!(
                    answer.json::<Value>().await.unwrap(),
                    json!({ "detail": "Pages of this origin may not call this service" })
                );
            }
        }
    }
    assert_eq!(server.json("/api/stats").await["active_sessions"], 0);
    // Clients as there are: programs, listed pages, and proxies that pass an origin on.
    let json = Some("application/json");
    for (origin, media_type, status) in [
        (None, None, 200),
        (None, json, 200),
        (Some(APP), None, 200),
        (Some(APP), json, 200),
        (Some("https://proxied.example"), json, 200),
        (None, Some("text/plain"), 415),
        (Some(APP), Some("text/plain"), 415),
    ] {
        let answer = post("/api/pipeline/run", origin, media_type)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{origin:?} {media_type:?}");
    }
}
