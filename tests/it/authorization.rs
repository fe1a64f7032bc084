//! Tokens: who has none gets nowhere, by no spelling of a path.

use reqwest::header::{AUTHORIZATION, ORIGIN, WWW_AUTHENTICATE};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use mcop_api::authorization::Tokens;

use crate::openapi::{address, document, operations};
use crate::program::Program;
use crate::support::{Server, config, within};

const TOKEN: &str = "first-token-0123456789";
const OTHER: &str = "other-token-0123456789==";
const NOTHING: &str = "Bearer realm=\"mcop-api\"";
const WRONG: &str = "Bearer realm=\"mcop-api\", error=\"invalid_token\"";

async fn guarded() -> Server {
    let mut config = config();
    config.tokens = Tokens::from_list(&format!("{TOKEN},{OTHER}")).unwrap();
    Server::with(&config).await
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// Checks the whole answer of a refusal.
async fn is_refused(answer: Response, challenge: &str, what: &str) {
    assert_eq!(answer.status(), 401, "{what}");
    let headers = answer.headers();
    assert_eq!(headers[WWW_AUTHENTICATE], challenge, "{what}");
    assert_eq!(headers["content-type"], "application/json", "{what}");
    assert_eq!(headers["cache-control"], "no-store", "{what}");
    assert!(headers.contains_key("x-request-id"), "{what}");
    let words = if challenge == WRONG {
        "This token is not one of the service's"
    } else {
        "This service wants a token: send it as \"Authorization: Bearer <token>\""
    };
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body, json!({ "detail": words }), "{what}");
}

#[tokio::test]
async fn every_call_that_is_not_open_wants_a_token_and_the_document_says_which() {
    let server = guarded().await;
    let document = document(&server).await;
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!(
        (&scheme["type"], &scheme["scheme"]),
        (&json!("http"), &json!("bearer"))
    );
    let mut open = Vec::new();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let call = || server.request(method.clone(), &address(path, "nobody"));
        if operation["responses"].get("401").is_none() {
            assert_eq!(operation["security"], json!([]), "{what}");
            assert_ne!(sent(call()).await.status(), 401, "{what}");
            open.push(path);
            continue;
        }
        assert_eq!(
            operation["security"],
            json!([{}, { "bearer": [] }]),
            "{what}"
        );
        is_refused(sent(call()).await, NOTHING, &what).await;
        is_refused(sent(call().bearer_auth("wrong")).await, WRONG, &what).await;
        for token in [TOKEN, OTHER] {
            let answer = sent(call().bearer_auth(token)).await;
            assert_ne!(answer.status(), 401, "{what}");
        }
    }
    open.sort_unstable();
    assert_eq!(open, ["/health", "/openapi.json", "/ws/{session_id}"]);
    for page in [
        "/",
        "/assets/main.js",
        "/samples/cs.md",
        "/docs/",
        "/docs/swagger-ui.css",
    ] {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(
                sent(server.request(method, page)).await.status(),
                200,
                "{page}"
            );
        }
    }
}

/// What a path is answered when it is sent as it stands, which HTTP clients do not do.
async fn answer_to(server: &Server, target: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let call = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(call.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn no_spelling_of_a_path_gets_around_the_token() {
    let server = guarded().await;
    for target in [
        "/api/tables",
        "/api/tables/",
        "//api/tables",
        "/api//tables",
        "/api/tables//",
        "/%61pi/tables",
        "/api%2ftables",
        "/API/TABLES",
        "/./api/tables",
        "/health/../api/tables",
        "/health/%2e%2e/api/tables",
        "/health%2f..%2fapi%2ftables",
        "/health/api/tables",
        "/health%00/api/tables",
        "/health;/api/tables",
        "/assets/../api/tables",
        "/assets/x/../../api/tables",
        "/docs/../metrics",
        "/docs//../metrics",
        "/ws/../api/tables",
        "/ws/x/../../api/stats",
        "/ws//api/tables",
        "/samples/../../api/tables",
        "/openapi.json/api/tables",
        "/Health",
        "/metrics",
        "/metrics/",
        "/metrics?/health",
        "/api/tables?x=/health",
        "/api/tables#/health",
        "/nowhere",
        "http://x/api/tables",
        "http://x//api/tables",
        "http://health/api/tables",
    ] {
        let answer = answer_to(&server, target).await;
        assert!(
            answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
            "{target}: {answer}"
        );
    }
    // What may be taken for an open route by its words is a file of that name, and there is none.
    for target in [
        "/assets/..%2fapi%2ftables",
        "/docs/%2e%2e%2fmetrics",
        "/samples/%2e%2e",
    ] {
        let answer = answer_to(&server, target).await;
        assert!(
            answer.starts_with("HTTP/1.1 404 Not Found\r\n"),
            "{target}: {answer}"
        );
    }
    for target in ["/health", "/health/", "/health?x", "http://x/health", "x"] {
        let answer = answer_to(&server, target).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n"),
            "{target}: {answer}"
        );
    }
}

#[tokio::test]
async fn only_the_bearer_of_a_whole_token_in_one_header_is_let_in() {
    let server = guarded().await;
    let with = |lines: &[&str]| {
        let call = server.request(Method::GET, "/api/stats");
        lines
            .iter()
            .fold(call, |call, line| call.header(AUTHORIZATION, *line))
    };
    for line in [
        format!("Bearer {TOKEN}"),
        format!("bearer {TOKEN}"),
        format!("BEARER  {OTHER}"),
    ] {
        assert_eq!(sent(with(&[&line])).await.status(), 200, "{line}");
    }
    let basic = format!("Basic {TOKEN}");
    let (whole, doubled) = (format!("Bearer {TOKEN}"), format!("Bearer {TOKEN},{OTHER}"));
    let (short, long) = (&whole[..whole.len() - 1], format!("{whole}x"));
    let (quoted, upper) = (
        format!("Bearer \"{TOKEN}\""),
        format!("Bearer {}", TOKEN.to_uppercase()),
    );
    let cases: [(&[&str], &str); 13] = [
        (&[""], NOTHING),
        (&["Bearer"], NOTHING),
        (&[TOKEN], NOTHING),
        (&[&basic], NOTHING),
        (&[&format!("Bearer\t{TOKEN}")], NOTHING),
        (&["Bearer wrong"], WRONG),
        (&[short], WRONG),
        (&[&long], WRONG),
        (&[&quoted], WRONG),
        (&[&upper], WRONG),
        (&[&doubled], WRONG),
        (&[&whole, &whole], WRONG),
        (&[&basic, &whole], NOTHING),
    ];
    for (lines, challenge) in cases {
        is_refused(sent(with(lines)).await, challenge, &format!("{lines:?}")).await;
    }
    let elsewhere = format!("/api/stats?token={TOKEN}&access_token={TOKEN}");
    is_refused(server.get(&elsewhere).await, NOTHING, "in the query").await;
    let cookie = server
        .request(Method::GET, "/api/stats")
        .header("cookie", format!("token={TOKEN}"));
    is_refused(sent(cookie).await, NOTHING, "in a cookie").await;
}

#[tokio::test]
async fn a_call_without_a_token_has_no_effect() {
    let server = guarded().await;
    let body = json!({ "document": "x", "content": "x", "session_id": "s" });
    for (method, path) in [
        (Method::POST, "/api/pipeline/run"),
        (Method::POST, "/api/chat"),
        (Method::PUT, "/api/tables"),
        (Method::DELETE, "/api/sessions/s"),
        (Method::OPTIONS, "/api/pipeline/run"),
    ] {
        let call = server.request(method, path).json(&body);
        is_refused(sent(call).await, NOTHING, path).await;
    }
    let stats = server.request(Method::GET, "/api/stats").bearer_auth(TOKEN);
    let stats: Value = sent(stats).await.json().await.unwrap();
    assert_eq!(stats["active_sessions"], 0);
    let run = server
        .request(Method::POST, "/api/pipeline/run")
        .json(&body);
    assert_eq!(sent(run.bearer_auth(OTHER)).await.status(), 200);
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_ask_for_leave_and_read_the_refusal() {
    let server = guarded().await;
    let app = "http://localhost:3000";
    let preflight = server
        .request(Method::OPTIONS, "/api/pipeline/run")
        .header(ORIGIN, app)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization, content-type",
        );
    let preflight = sent(preflight).await;
    assert_eq!(preflight.status(), 200);
    assert_eq!(
        preflight.headers()["access-control-allow-headers"],
        "authorization, content-type"
    );
    let refused = sent(
        server
            .request(Method::GET, "/api/stats")
            .header(ORIGIN, app),
    )
    .await;
    assert_eq!(refused.headers()["access-control-allow-origin"], app);
    is_refused(refused, NOTHING, "a listed origin").await;
    let call = server
        .request(Method::GET, "/api/stats")
        .header(ORIGIN, "https://evil.example");
    let foreign = sent(call).await;
    assert!(
        !foreign
            .headers()
            .contains_key("access-control-allow-origin")
    );
    is_refused(foreign, NOTHING, "a foreign origin").await;
}

#[tokio::test]
async fn the_log_says_at_start_whether_anybody_may_call() {
    let open = Program::start(&[]).await.log().join("\n");
    let warnings: Vec<&str> = open
        .lines()
        .filter(|line| line.contains(" WARN "))
        .collect();
    assert_eq!(warnings.len(), 1, "{open}");
    let words = "the service is open to everyone who reaches it: MCOP_API_TOKEN is not set";
    assert!(warnings[0].ends_with(words), "{open}");
    let tokens = format!("{TOKEN}, {OTHER}");
    let guarded = Program::start(&[("MCOP_API_TOKEN", &tokens)]).await;
    let guarded = guarded.log().join("\n");
    assert!(
        guarded.contains("callers need one of 2 tokens"),
        "{guarded}"
    );
    assert!(
        !guarded.contains(" WARN ") && !guarded.contains("token-0"),
        "{guarded}"
    );
}
