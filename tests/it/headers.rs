//! What every answer carries besides what it answers: what browsers may do with it, who may keep it, and
//! the name of the call.

use reqwest::header::{HeaderMap, IF_NONE_MATCH};
use reqwest::{Method, Response};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Server, config_with, within};

const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";
const KEPT_BY_NOBODY: &str = "no-store";
const ASKED_ABOUT_EACH_TIME: &str = "private, no-cache";
const REQUEST_ID: &str = "AZaz09._-";

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

fn is_protected(headers: &HeaderMap, is_page: bool, cache: &str, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", cache),
        ("x-request-id", REQUEST_ID),
    ] {
        let given: Vec<_> = headers.get_all(name).iter().collect();
        assert_eq!(given, [value], "{what}: {name}");
    }
    let policy = header(headers, "content-security-policy").unwrap_or_default();
    assert_eq!(policy == NO_PAGE, !is_page, "{what}: {policy}");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    assert!(
        policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert_eq!(header(headers, "server"), None, "{what}");
}

async fn call(server: &Server, method: &str, path: &str, sent: &[(&str, &str)]) -> Response {
    let call = server
        .request(method.parse().unwrap(), path)
        .header("x-request-id", REQUEST_ID);
    let call = sent
        .iter()
        .fold(call, |call, (name, value)| call.header(*name, *value));
    call.send().await.unwrap()
}

/// A call: its method, path and headers; the status of the answer, and who may keep it.
type Call = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    u16,
    &'static str,
);

const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

/// Calls that concern no session.
const PUBLIC: [Call; 19] = [
    ("GET", "/health", &[], 200, KEPT_BY_NOBODY),
    ("HEAD", "/health", &[], 200, KEPT_BY_NOBODY),
    ("POST", "/health", &[], 405, KEPT_BY_NOBODY),
    ("GET", "/metrics", &[], 200, KEPT_BY_NOBODY),
    ("GET", "/api/stats", &[], 200, KEPT_BY_NOBODY),
    ("GET", "/nowhere", &[], 404, KEPT_BY_NOBODY),
    ("GET", "/api/tables", &[], 200, ASKED_ABOUT_EACH_TIME),
    (
        "GET",
        "/api/tables",
        &[("if-none-match", "*")],
        304,
        ASKED_ABOUT_EACH_TIME,
    ),
    (
        "GET",
        "/api/tables",
        &[("accept-encoding", "gzip")],
        200,
        ASKED_ABOUT_EACH_TIME,
    ),
    (
        "GET",
        "/api/tables/dimv_supplier",
        &[],
        200,
        ASKED_ABOUT_EACH_TIME,
    ),
    ("GET", "/api/tables/nothing", &[], 404, KEPT_BY_NOBODY),
    ("GET", "/api/tables?limit=x", &[], 422, KEPT_BY_NOBODY),
    (
        "GET",
        "/api/tables/dimv_supplier/diagram",
        &[],
        200,
        ASKED_ABOUT_EACH_TIME,
    ),
    ("GET", "/openapi.json", &[], 200, ASKED_ABOUT_EACH_TIME),
    ("POST", "/api/pipeline/run", &[], 422, KEPT_BY_NOBODY),
    (
        "POST",
        "/api/pipeline/run",
        &[("content-type", "text/plain")],
        415,
        KEPT_BY_NOBODY,
    ),
    ("POST", "/api/chat", &[FOREIGN], 403, KEPT_BY_NOBODY),
    (
        "OPTIONS",
        "/api/chat",
        &[FOREIGN, ("access-control-request-method", "GET")],
        400,
        KEPT_BY_NOBODY,
    ),
    ("GET", "/ws/x", &[], 400, KEPT_BY_NOBODY),
];

/// Calls about a session whose run has completed; the last one forgets it.
const OF_A_SESSION: [Call; 8] = [
    ("GET", "/api/pipeline/{}/status", &[], 200, KEPT_BY_NOBODY),
    ("GET", "/api/pipeline/{}/events", &[], 200, KEPT_BY_NOBODY),
    ("GET", "/api/pipeline/{}/result", &[], 200, KEPT_BY_NOBODY),
    (
        "GET",
        "/api/pipeline/{}/artifacts",
        &[],
        200,
        KEPT_BY_NOBODY,
    ),
    (
        "GET",
        "/api/pipeline/{}/artifacts/query.sql",
        &[],
        200,
        KEPT_BY_NOBODY,
    ),
    ("GET", "/api/diagram/none", &[], 404, KEPT_BY_NOBODY),
    ("GET", "/api/sessions/{}", &[], 200, KEPT_BY_NOBODY),
    ("DELETE", "/api/sessions/{}", &[], 204, KEPT_BY_NOBODY),
];

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it_and_who_may_keep_it() {
    let server = Server::start().await;
    let id = &server.start_run(&json!({ "document": "# Orders" })).await;
    server.ended(id).await;
    for (method, path, sent, status, cache) in PUBLIC.into_iter().chain(OF_A_SESSION) {
        let what = format!("{method} {path} {sent:?}");
        let answer = call(&server, method, &path.replace("{}", id), sent).await;
        assert_eq!(answer.status(), status, "{what}");
        is_protected(answer.headers(), false, cache, &what);
    }
    for page in [
        "/",
        "/assets/main.js",
        "/samples/en.md",
        "/docs/",
        "/docs/swagger-ui.css",
    ] {
        let answer = call(&server, "GET", page, &[]).await;
        is_protected(answer.headers(), true, ASKED_ABOUT_EACH_TIME, page);
    }
    let chat = server
        .request(Method::POST, "/api/chat")
        .header("x-request-id", REQUEST_ID);
    let chat = chat
        .json(&json!({ "content": "help" }))
        .send()
        .await
        .unwrap();
    assert_eq!(chat.status(), 200);
    is_protected(chat.headers(), false, KEPT_BY_NOBODY, "POST /api/chat");
}

#[tokio::test]
async fn what_belongs_to_a_session_is_kept_by_no_cache_and_still_not_sent_twice() {
    let server = Server::start().await;
    let document = "# Orders\n\n## Entities\n- Suppliers\n";
    let id = server.start_run(&json!({ "document": document })).await;
    server.ended(&id).await;
    for path in [
        format!("/api/pipeline/{id}/result"),
        format!("/api/pipeline/{id}/artifacts/query.sql"),
        format!("/api/diagram/{id}"),
    ] {
        let first = server.get(&path).await;
        assert_eq!(first.status(), 200, "{path}");
        assert_eq!(
            header(first.headers(), "cache-control"),
            Some("no-store"),
            "{path}"
        );
        let tag = first.headers()["etag"].clone();
        let again = server
            .request(Method::GET, &path)
            .header(IF_NONE_MATCH, &tag);
        let again = again.send().await.unwrap();
        assert_eq!(
            (again.status().as_u16(), &again.headers()["etag"]),
            (304, &tag),
            "{path}"
        );
        assert_eq!(
            header(again.headers(), "cache-control"),
            Some("no-store"),
            "{path}"
        );
        assert_eq!(again.bytes().await.unwrap().len(), 0, "{path}");
    }
}

#[tokio::test]
async fn a_socket_is_opened_by_an_answer_like_every_other() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let call = format!(
        "GET /ws/x HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         x-request-id: {REQUEST_ID}\r\n\r\n",
        server.address
    );
    stream.write_all(call.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within(stream.read_u8()).await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let (status, lines) = head.split_once("\r\n").unwrap();
    assert_eq!(status, "HTTP/1.1 101 Switching Protocols");
    let mut headers = HeaderMap::new();
    for line in lines.trim_end().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        let name: reqwest::header::HeaderName = name.parse().unwrap();
        headers.append(name, value.parse().unwrap());
    }
    is_protected(&headers, false, KEPT_BY_NOBODY, "an upgrade");
}

#[tokio::test]
async fn a_request_id_is_taken_over_where_it_is_short_and_plain_and_made_anew_elsewhere() {
    // Some of the answers are refusals for want of room or time.
    let server = Server::with(&config_with(|limits| limits.document_bytes = 10)).await;
    let longest = "x".repeat(64);
    for (path, status) in [
        ("/health", 200),
        ("/nowhere", 404),
        ("/api/tables?limit=x", 422),
    ] {
        for id in [
            "a",
            "0b2f6a4e-3f0e-4c5e-8d53-9f0f7c6f2f11",
            REQUEST_ID,
            &longest,
        ] {
            let answer = server.request(Method::GET, path).header("x-request-id", id);
            let answer = answer.send().await.unwrap();
            assert_eq!(answer.status(), status);
            assert_eq!(header(answer.headers(), "x-request-id"), Some(id), "{path}");
        }
        for id in [
            "",
            "a b",
            "a\tb",
            "a/b",
            "a=b",
            "\u{e9}",
            "\"a\"",
            "{a}",
            &format!("{longest}x"),
        ] {
            let sent = reqwest::header::HeaderValue::from_bytes(id.as_bytes()).unwrap();
            let answer = server
                .request(Method::GET, path)
                .header("x-request-id", sent);
            let answer = answer.send().await.unwrap();
            let made = header(answer.headers(), "x-request-id").unwrap();
            assert!(made.parse::<uuid::Uuid>().is_ok(), "{path} {id}: {made}");
        }
    }
    let large = server
        .post_run(&json!({ "document": "x".repeat(11) }))
        .await;
    assert_eq!(large.status(), 413);
    assert!(header(large.headers(), "x-request-id").is_some());
}
