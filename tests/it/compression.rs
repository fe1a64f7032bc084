//! Answers in gzip: for whom, and that nothing else about them changes.

use async_compression::tokio::bufread::GzipDecoder;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::io::AsyncReadExt;

use crate::support::Server;

async fn asked(server: &Server, method: Method, path: &str, encodings: &str) -> Response {
    let request = server
        .request(method, path)
        .header(ACCEPT_ENCODING, encodings);
    request.send().await.unwrap()
}

async fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut decoder = GzipDecoder::new(gzip);
    decoder.read_to_end(&mut plain).await.unwrap();
    plain
}

/// What does not differ from answer to answer. How the body is framed is no part of what a `HEAD`
/// tells (RFC 9112, section 6.1), and hyper leaves it out.
fn lasting(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id", "transfer-encoding"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn a_client_gets_the_form_it_asks_for_with_the_same_content() {
    let server = Server::start().await;
    let plain = server.get("/api/tables").await;
    assert!(plain.headers().get("content-encoding").is_none());
    let length = plain.headers()["content-length"]
        .to_str()
        .unwrap()
        .to_owned();
    let content = plain.bytes().await.unwrap();
    assert_eq!(length, content.len().to_string());
    for (encodings, is_gzip) in [
        ("gzip", true),
        ("gzip, deflate, br, zstd", true),
        ("*", true),
        ("br;q=1, gzip;q=0.2", true),
        ("identity;q=0, *;q=0.5", true),
        ("", false),
        ("identity", false),
        ("gzip;q=0", false),
        ("gzip;q=0, *", false),
        ("identity, gzip;q=0.9", false),
        ("br", false),
        ("gzip;q=much", false),
    ] {
        let answer = asked(&server, Method::GET, "/api/tables", encodings).await;
        assert_eq!(answer.status(), 200);
        let headers = answer.headers().clone();
        assert_eq!(headers["content-type"], "application/json");
        let vary: Vec<_> = headers.get_all("vary").iter().collect();
        assert_eq!(vary, ["Origin", "accept-encoding"], "{encodings}");
        let body = answer.bytes().await.unwrap();
        if is_gzip {
            assert_eq!(headers["content-encoding"], "gzip", "{encodings}");
            assert!(headers.get("content-length").is_none(), "{encodings}");
            assert!(body.len() * 3 < content.len(), "{} bytes", body.len());
            assert_eq!(unpacked(&body).await, content, "{encodings}");
        } else {
            assert!(headers.get("content-encoding").is_none(), "{encodings}");
            assert_eq!(headers["content-length"], *length, "{encodings}");
            assert_eq!(body, content, "{encodings}");
        }
    }
}

#[tokio::test]
async fn a_head_has_the_headers_of_its_get() {
    let server = Server::start().await;
    for path in [
        "/api/tables",
        "/metrics",
        "/health",
        "/nowhere",
        "/api/tables/dimv_supplier",
    ] {
        for encodings in ["gzip", "identity"] {
            let get = asked(&server, Method::GET, path, encodings).await;
            let head = asked(&server, Method::HEAD, path, encodings).await;
            assert_eq!(head.status(), get.status(), "{path}");
            // The length of figures that change with every answer is not the same twice.
            let of = |headers: &HeaderMap| {
                let mut lasting = lasting(headers);
                lasting.retain(|(name, _)| path != "/metrics" || name != "content-length");
                lasting
            };
            assert_eq!(of(head.headers()), of(get.headers()), "{path} {encodings}");
            assert!(head.bytes().await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn small_answers_errors_and_upgrades_are_left_as_they_are() {
    let server = Server::start().await;
    for (path, status) in [("/health", 200), ("/nowhere", 404), ("/ws/a", 400)] {
        let answer = asked(&server, Method::GET, path, "gzip").await;
        assert_eq!(answer.status(), status);
        assert!(answer.headers().get("content-encoding").is_none(), "{path}");
        assert!(answer.headers().contains_key("content-length"), "{path}");
        answer.json::<Value>().await.unwrap();
    }
}

#[tokio::test]
async fn the_tag_of_either_form_is_that_of_both() {
    let server = Server::start().await;
    let plain = asked(&server, Method::GET, "/api/tables", "identity").await;
    let packed = asked(&server, Method::GET, "/api/tables", "gzip").await;
    let tag = packed.headers()["etag"].clone();
    assert_eq!(plain.headers()["etag"], tag);
    for encodings in ["gzip", "identity"] {
        let again = server
            .request(Method::GET, "/api/tables")
            .header(ACCEPT_ENCODING, encodings)
            .header("if-none-match", tag.clone());
        let again = again.send().await.unwrap();
        assert_eq!(again.status(), 304, "{encodings}");
        assert_eq!(again.headers()["etag"], tag);
        let vary: Vec<_> = again.headers().get_all("vary").iter().collect();
        assert_eq!(vary, ["Origin", "accept-encoding"], "{encodings}");
        assert!(again.headers().get("content-encoding").is_none());
    }
}
