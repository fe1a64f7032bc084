//! Calls from browsers: preflights, headers on every answer, strangers.

use reqwest::Method;
use reqwest::header::{HeaderMap, ORIGIN};

use crate::support::Server;

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
    ];
    for (method, path, body, status) in cases {
        let request = server.request(method, path).header(ORIGIN, APP).body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
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
            Some("x-request-id, retry-after, etag, content-disposition"),
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
