//! The WebSocket protocol: upgrades accepted and refused, frames good and bad.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::scripted::Echo;
use crate::socket_client::{
    Client, Raw, Received, agent, error, handshake, masked, unmasked, user,
};
use crate::support::{PATIENCE, Server, at_least_one, chat_config, within};

/// A server that echoes, and minds no number of messages.
async fn echo() -> Server {
    let config = chat_config(|chat| chat.message_burst = 1000.try_into().unwrap());
    Server::with_explorer(&config, Arc::new(Echo)).await
}

const TEXT: u8 = 0x81;
const TEXT_BEGINS: u8 = 0x01;
const CONTINUES_TO_END: u8 = 0x80;
const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;

/// A close frame as it is on the wire.
fn close_frame(code: u16, reason: &str) -> (u8, Vec<u8>) {
    (CLOSE, [&code.to_be_bytes()[..], reason.as_bytes()].concat())
}

/// W02
#[tokio::test]
async fn a_frame_against_the_protocol_closes_with_the_code_for_it() {
    let server = echo().await;
    let protocol = (1002, "against the WebSocket protocol");
    let too_big = (1009, "frames have at most 64 KiB");
    let fragments = [
        masked(TEXT_BEGINS, &vec![b'x'; 40_000]),
        masked(CONTINUES_TO_END, &vec![b'x'; 40_000]),
    ];
    let cases = [
        (
            "bad UTF-8",
            masked(TEXT, b"caf\xe9"),
            (1007, "text frames are UTF-8"),
        ),
        ("a reserved bit", masked(TEXT | 0x40, b"x"), protocol),
        ("a reserved opcode", masked(0x83, b"x"), protocol),
        ("no mask", unmasked(TEXT, b"x"), protocol),
        ("a long ping", masked(PING, &[b'x'; 126]), protocol),
        ("a ping in parts", masked(0x09, b"x"), protocol),
        (
            "nothing to continue",
            masked(CONTINUES_TO_END, b"x"),
            protocol,
        ),
        ("70 kB", masked(TEXT, &vec![b'x'; 70_000]), too_big),
        (
            "64 KiB and a byte",
            masked(TEXT, &vec![b'x'; 65_537]),
            too_big,
        ),
        ("two times 40 kB", fragments.concat(), too_big),
    ];
    for (what, bytes, (code, reason)) in cases {
        let mut raw = Raw::open(&server, "raw").await;
        raw.send(&bytes).await;
        assert_eq!(raw.frame().await, close_frame(code, reason), "{what}");
    }
}

/// W02: the code has to arrive, though the client is still writing when it is sent. Hanging
/// up at once would reset the connection, and a reset may overtake the close frame.
#[tokio::test]
async fn a_client_still_writing_is_not_reset_before_it_can_read_why() {
    let server = echo().await;
    let mut raw = Raw::open(&server, "linger").await;
    let frame = masked(TEXT, &vec![b'x'; 70_000]);
    let (first, rest) = frame.split_at(1_000);
    raw.send(first).await;
    within(raw.stream.peek(&mut [0])).await.unwrap();
    raw.send(rest).await;
    // A round trip later the connection is still there.
    assert_eq!(server.get("/health").await.status(), 200);
    assert!(raw.stream.take_error().unwrap().is_none());
    raw.send(rest).await;
    assert_eq!(
        raw.frame().await,
        close_frame(1009, "frames have at most 64 KiB")
    );
    drop(raw);
    crate::support::until(|| server.admission.open() == 0).await;
}

/// W01: what our limits must not break.
#[tokio::test]
async fn fragments_pings_and_closing_are_answered_by_the_book() {
    let server = echo().await;
    let mut raw = Raw::open(&server, "book").await;
    // A ping may come between the fragments of a message.
    raw.send(&masked(TEXT_BEGINS, b"Kolik je ")).await;
    raw.send(&masked(PING, b"are you there?")).await;
    assert_eq!(raw.frame().await, (0x8a, b"are you there?".to_vec()));
    raw.send(&masked(CONTINUES_TO_END, b"tabulek?")).await;
    let (opcode, echoed) = raw.frame().await;
    assert_eq!(opcode, TEXT);
    let echoed: Value = serde_json::from_slice(&echoed).unwrap();
    assert_eq!(echoed["content"], "Kolik je tabulek?");
    let mut last = raw.frame().await;
    while !last.1.starts_with(br#"{"type":"agent","#) {
        last = raw.frame().await;
    }
    let bye = [&1000_u16.to_be_bytes()[..], b"bye"].concat();
    raw.send(&masked(CLOSE, &bye)).await;
    assert_eq!(raw.frame().await, close_frame(1000, "bye"));
    let mut rest = Vec::new();
    within(raw.stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"", "then the connection ends");
}

/// W03
#[tokio::test]
async fn a_binary_frame_closes_because_it_is_no_text() {
    let server = echo().await;
    let mut client = Client::open(&server, "binary").await;
    client.send_message(Message::binary(&b"{}"[..])).await;
    client.closed(1003, "send text frames").await;
}

/// W03
#[tokio::test]
async fn a_frame_that_is_no_message_is_refused_in_words_and_the_next_is_answered() {
    let server = echo().await;
    let mut client = Client::open(&server, "refused").await;
    let bad_json = error(
        "bad_json",
        "This looks like JSON, and is no object. Send {\"content\": \"…\"}, or plain text.",
    );
    let no_content = error(
        "missing_content",
        "The message has no \"content\" text. Send {\"content\": \"…\"}.",
    );
    let empty = error("empty_message", "The message is empty.");
    let too_long = error("too_long", "The message is longer than 32768 bytes.");
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let nested = format!("{{\"content\": {deep}}}");
    let cases = [
        (r#"{"content": "List"#.to_owned(), &bad_json),
        ("{List all tables}".to_owned(), &bad_json),
        (r#"["List all tables"]"#.to_owned(), &bad_json),
        (deep, &bad_json),
        (nested, &bad_json),
        ("{}".to_owned(), &no_content),
        (r#"{"type": "user"}"#.to_owned(), &no_content),
        (r#"{"content": 1}"#.to_owned(), &no_content),
        (r#"{"content": null}"#.to_owned(), &no_content),
        (r#"{"content": " "}"#.to_owned(), &empty),
        (String::new(), &empty),
        ("x".repeat(32 * 1024 + 1), &too_long),
        (
            json!({ "content": "ž".repeat(16 * 1024) + "x" }).to_string(),
            &too_long,
        ),
        // The largest frame that is read at all.
        ("x".repeat(64 * 1024), &too_long),
    ];
    for (text, refusal) in cases {
        client.send(text).await;
        assert_eq!(client.frame().await, *refusal);
    }
    let longest = "ž".repeat(16 * 1024);
    for (text, content) in [
        (json!({ "content": longest }).to_string(), &*longest),
        ("List all tables\n".to_owned(), "List all tables"),
        (r#"{"content": "a", "more": []}"#.to_owned(), "a"),
        ("null".to_owned(), "null"),
    ] {
        client.send(text).await;
        let frames = client.frames_until("agent").await;
        assert_eq!(frames[0], user(content));
        assert_eq!(frames[frames.len() - 1], agent(content));
    }
}

/// W04
#[tokio::test]
async fn only_pages_that_are_listed_or_our_own_may_open_sockets() {
    let server = echo().await;
    let own = format!("http://{}", server.address);
    let own_prefix = format!("http://{}.evil.example", server.address);
    let cases = [
        (None, true),
        (Some("http://localhost:3000"), true),
        (Some("http://127.0.0.1:5173"), true),
        (Some(&*own), true),
        (Some("https://evil.example"), false),
        (Some("null"), false),
        (Some("http://localhost:3000.evil.example"), false),
        (Some("http://localhost:30000"), false),
        (Some("https://localhost:3000"), false),
        (Some(&*own_prefix), false),
        (Some(""), false),
    ];
    for (origin, allowed) in cases {
        let headers: Vec<_> = origin
            .map(|origin| ("origin", origin))
            .into_iter()
            .collect();
        match Client::try_open(&server, "/ws/origin", &headers).await {
            Ok(client) => {
                assert!(allowed, "{origin:?} was let in");
                client.close().await;
            }
            Err(refused) => {
                assert!(!allowed, "{origin:?} was refused: {refused:?}");
                assert_eq!(refused.status, 403, "{origin:?}");
                assert_eq!(
                    refused.body,
                    json!({ "detail": "Pages of this origin may not call this service" })
                );
            }
        }
    }
    let status = server.get("/api/pipeline/origin/status").await;
    assert_eq!(status.status(), 200, "those let in have opened it");
}

/// The status, the body and the head of an answer to bytes written by hand.
async fn answer_to(server: &Server, request: &str) -> (u16, Value, String) {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(within(stream.read_u8()).await.unwrap()));
    }
    let head = head.to_ascii_lowercase();
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    assert_eq!(header("content-type"), Some("application/json"), "{head}");
    let mut body = vec![0; header("content-length").unwrap().parse().unwrap()];
    within(stream.read_exact(&mut body)).await.unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_slice(&body).unwrap(), head)
}

/// W13
#[tokio::test]
async fn a_call_that_is_no_upgrade_is_told_so_in_json() {
    let server = echo().await;
    let cases: [&[(&str, &str)]; 9] = [
        &[("Connection", "")],
        &[("Connection", "keep-alive")],
        &[("Upgrade", "")],
        &[("Upgrade", "h2c")],
        &[("Connection", ""), ("Upgrade", "")],
        &[("Sec-WebSocket-Version", "8")],
        &[("Sec-WebSocket-Version", "")],
        &[("Sec-WebSocket-Key", "")],
        &[("Sec-WebSocket-Key", "c2hvcnQ=")],
    ];
    let not_an_upgrade = json!({
        "detail": "This is a WebSocket: connect with a client for it (RFC 6455, version 13), for example wscat",
    });
    for headers in cases {
        let (status, body, _) = answer_to(&server, &handshake("/ws/upgrade", headers)).await;
        assert_eq!((status, &body), (400, &not_an_upgrade), "{headers:?}");
    }
    let post = handshake("/ws/upgrade", &[]).replacen("GET", "POST", 1);
    let (status, body, head) = answer_to(&server, &post).await;
    assert_eq!(
        (status, body),
        (405, json!({ "detail": "Method Not Allowed" }))
    );
    assert!(head.contains("\r\nallow: get\r\n"), "{head}");
    for method in [Method::POST, Method::HEAD, Method::DELETE] {
        let refused = server.request(method, "/ws/upgrade").send().await.unwrap();
        assert_eq!(refused.status(), 405);
        assert_eq!(refused.headers()["allow"], "GET");
    }
    let status = server.get("/api/pipeline/upgrade/status").await;
    assert_eq!(status.status(), 404, "none of them opened the session");
    // As Firefox and some proxies write it.
    let firefox = [
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "WebSocket"),
    ];
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let request = handshake("/ws/upgrade", &firefox);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
}

/// Session ids
#[tokio::test]
async fn a_session_id_is_short_and_plain() {
    let server = echo().await;
    for id in ["a", "A-Z_a.z~0-9", &"x".repeat(128), "%61%2D1"] {
        Client::open(&server, id).await.close().await;
    }
    let bad = json!({ "detail": [{
        "type": "string_pattern_mismatch", "loc": ["path", "session_id"],
        "msg": "a session id is 1 to 128 characters from A-Z a-z 0-9 . _ ~ -",
    }] });
    let too_long = "x".repeat(129);
    let far_too_long = "x".repeat(200);
    for id in [
        &*too_long,
        &far_too_long,
        "a%2Fb",
        "a%20b",
        "%C5%BE",
        "a%00",
        "a+b",
    ] {
        let path = format!("/ws/{id}");
        let Err(refused) = Client::try_open(&server, &path, &[]).await else {
            panic!("{id} was taken");
        };
        assert_eq!((refused.status, &refused.body), (422, &bad), "{id}");
    }
    for path in ["/ws/a/b", "/ws", "/ws//"] {
        let Err(refused) = Client::try_open(&server, path, &[]).await else {
            panic!("{path} was taken");
        };
        assert_eq!(
            (refused.status, refused.body),
            (404, json!({ "detail": "Not Found" })),
            "{path}"
        );
    }
}

/// `?partials=`
#[tokio::test]
async fn a_kind_of_partials_that_there_is_not_is_refused() {
    let server = echo().await;
    for query in [
        "",
        "?partials=",
        "?partials=cumulative",
        "?partials=delta",
        "?other=1",
    ] {
        let client = Client::try_open(&server, &format!("/ws/q{query}"), &[]).await;
        client.unwrap().close().await;
    }
    let Err(refused) = Client::try_open(&server, "/ws/q?partials=all", &[]).await else {
        panic!("it was taken");
    };
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.body,
        json!({ "detail": [{
            "type": "enum", "loc": ["query", "partials"],
            "msg": "Input should be 'cumulative' or 'delta'",
        }] })
    );
}

/// `?last_seq=`
#[tokio::test]
async fn a_number_that_no_frame_has_is_refused() {
    let server = echo().await;
    for good in ["0", "9007199254740991"] {
        let client = Client::try_open(&server, &format!("/ws/q?last_seq={good}"), &[]).await;
        client.unwrap().close().await;
    }
    for bad in ["", "-1", "1.5", "x", "9007199254740992"] {
        let path = format!("/ws/q?last_seq={bad}");
        let Err(refused) = Client::try_open(&server, &path, &[]).await else {
            panic!("{bad} was taken");
        };
        let problem = json!({
            "type": "int_parsing", "loc": ["query", "last_seq"],
            "msg": "Input should be the seq of a frame, or 0",
        });
        assert_eq!(
            (refused.status, refused.body),
            (422, json!({ "detail": [problem] })),
            "{bad}"
        );
    }
}

/// A client that closes gets its own code back (RFC 6455, section 5.5.1).
#[tokio::test]
async fn closing_is_answered_with_the_same_code() {
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;
    let server = echo().await;
    let mut client = Client::open(&server, "close").await;
    let frame = CloseFrame {
        code: 4000.into(),
        reason: "done".into(),
    };
    client.send_message(Message::Close(Some(frame))).await;
    assert_eq!(
        client.next().await,
        Received::Close(4000, "done".to_owned())
    );
    assert_eq!(client.next().await, Received::End);
}

/// W10
#[tokio::test]
async fn a_socket_too_many_is_refused_before_it_is_one_until_another_closes() {
    let config = chat_config(|chat| chat.sockets = at_least_one(2));
    let server = Server::with_explorer(&config, Arc::new(Echo)).await;
    let first = Client::open(&server, "one").await;
    let mut second = Client::open(&server, "two").await;
    let Err(refused) = Client::try_open(&server, "/ws/three", &[]).await else {
        panic!("a third was let in");
    };
    assert_eq!(refused.status, 503);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(
        refused.body,
        json!({ "detail": "The service is full: too many sockets are open. Try again shortly." })
    );
    let status = server.get("/api/pipeline/three/status").await;
    assert_eq!(status.status(), 404, "its session was not opened");
    first.close().await;
    crate::support::until(|| server.admission.open() == 1).await;
    let third = Client::open(&server, "three").await;
    second.say("still there?").await;
    assert_eq!(
        second.frames_until("agent").await.last(),
        Some(&agent("still there?"))
    );
    drop((second, third));
    crate::support::until(|| server.admission.open() == 0).await;
}

/// W10, by address.
#[tokio::test]
async fn one_address_cannot_take_the_places_of_others() {
    let config = chat_config(|chat| chat.sockets_per_address = Some(at_least_one(2)));
    let server = Server::with_explorer(&config, Arc::new(Echo)).await;
    let _first = Client::open(&server, "one").await;
    let second = Client::open(&server, "two").await;
    let Err(refused) = Client::try_open(&server, "/ws/three", &[]).await else {
        panic!("a third was let in");
    };
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(
        refused.body,
        json!({ "detail": "Too many sockets of this client are open. Close some, or try again shortly." })
    );
    let elsewhere = tokio::net::TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut stream =
        tokio::time::timeout(PATIENCE, elsewhere.connect(server.address.parse().unwrap()))
            .await
            .unwrap()
            .unwrap();
    let request = handshake("/ws/four", &[]);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    second.close().await;
    crate::support::until(|| server.admission.open() == 2).await;
    Client::open(&server, "three").await.close().await;
}
