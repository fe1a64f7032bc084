//! The chat of a service that asks for tokens.

use std::sync::Arc;
use std::time::Duration;

use mcop_api::authorization::Tokens;
use mcop_api::client::ClientAddresses;
use mcop_api::config::{Config, RateLimits};
use mcop_api::sessions::Sessions;
use mcop_api::{App, chat::Chat};
use reqwest::header::HeaderName;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::scripted::{Questions, puppet};
use crate::socket_client::{
    Client, Raw, Received, Refused, agent, error, handshake, unmasked, user,
};
use crate::support::{Server, at_least_one, chat_config, config_with, sample, until, within};

const TOKEN: &str = "right-token-0123";
const WRONG: &str = "wrong-token-0123";

/// A service that asks for the token, its sessions, and the questions of its chat.
async fn guarded(mut config: Config) -> (Server, Sessions, Questions) {
    config.tokens = Tokens::from_list(TOKEN).unwrap();
    let (explorer, questions) = puppet();
    let app = App::new(&config, sample(), None);
    let chat = Chat::new(
        app.sessions.clone(),
        explorer,
        config.limits.chat,
        app.metrics.clone(),
    );
    let chat = chat.with_tokens(config.tokens);
    let sessions = app.sessions.clone();
    (Server::of(App { chat, ..app }).await, sessions, questions)
}

type Headers<'a> = &'a [(&'static str, &'a str)];

fn auth(token: &str) -> String {
    format!(r#"{{"type":"auth","token":"{token}"}}"#)
}

#[tokio::test]
async fn a_token_is_taken_from_the_header_the_subprotocols_or_the_first_message() {
    let (server, _, mut questions) = guarded(chat_config(|_| {})).await;
    let header = format!("bearer {TOKEN}");
    let protocols = format!("mcop, bearer.{TOKEN}");
    let cases: [(Headers<'_>, Option<&str>, &[String]); 5] = [
        (&[("authorization", &header)], None, &[]),
        (&[("sec-websocket-protocol", &protocols)], Some("mcop"), &[]),
        (
            &[("sec-websocket-protocol", "mcop")],
            Some("mcop"),
            &[auth(TOKEN)],
        ),
        (&[], None, &[auth(TOKEN)]),
        // Credentials of a proxy are none of ours.
        (&[("authorization", "Basic eDp5")], None, &[auth(TOKEN)]),
    ];
    for (number, (headers, protocol, messages)) in cases.into_iter().enumerate() {
        let path = format!("/ws/session-{number}");
        let mut client = Client::try_open(&server, &path, headers).await.unwrap();
        assert_eq!(client.protocol.as_deref(), protocol, "{headers:?}");
        for message in messages {
            client.send(message).await;
        }
        client.say("q").await;
        assert_eq!(client.frame().await, user("q"), "{headers:?}");
        questions.next().await.answer("a");
        assert_eq!(client.frame().await, agent("a"));
    }
}

#[tokio::test]
async fn a_wrong_token_closes_the_socket_and_opens_no_session() {
    let (server, sessions, _questions) = guarded(chat_config(|_| {})).await;
    let header = format!("Bearer {WRONG}");
    let protocols = format!("mcop, bearer.{WRONG}");
    let cases: [(Headers<'_>, Option<String>); 5] = [
        (&[("authorization", &header)], None),
        (&[("sec-websocket-protocol", &protocols)], None),
        (&[], Some(auth(WRONG))),
        (&[], Some(auth(""))),
        (&[], Some(r#"{"type":"auth"}"#.to_owned())),
    ];
    for (headers, message) in cases {
        let mut client = Client::try_open(&server, "/ws/wrong", headers)
            .await
            .unwrap();
        if let Some(message) = &message {
            client.send(message).await;
        }
        client.closed(1008, "not authorized").await;
    }
    assert_eq!(sessions.count(), 0);
}

/// More attempts than a client is given.
const ATTEMPTS: usize = 60;
const ALICE: (&str, &str) = ("x-client", "192.0.2.1");
const BOB: (&str, &str) = ("x-client", "192.0.2.2");

/// Guesses until the close says more than that the token is wrong; after how many that did not.
async fn guesses_in_messages(server: &Server, client: (&'static str, &str)) -> usize {
    for guesses in 0..ATTEMPTS {
        let mut socket = Client::try_open(server, "/ws/guess", &[client])
            .await
            .unwrap();
        socket.send(auth(WRONG)).await;
        match socket.next().await {
            Received::Close(1008, reason) if reason == "not authorized" => {}
            Received::Close(1008, reason) if reason == "too many wrong tokens" => return guesses,
            other => panic!("{other:?}"),
        }
    }
    panic!("nobody minds")
}

/// Guesses until no socket is opened any more; after how many, and the refusal.
async fn guesses_in_headers(server: &Server, headers: Headers<'_>) -> (usize, Refused) {
    for guesses in 0..ATTEMPTS {
        match Client::try_open(server, "/ws/guess", headers).await {
            Ok(mut socket) => socket.closed(1008, "not authorized").await,
            Err(refused) => return (guesses, refused),
        }
    }
    panic!("nobody minds")
}

#[tokio::test]
async fn whoever_goes_on_guessing_is_told_to_wait_and_the_right_token_still_passes() {
    let mut config = config_with(|limits| limits.rates = RateLimits::NONE);
    config.clients = ClientAddresses::new(Some(HeaderName::from_static("x-client")));
    let (server, sessions, mut questions) = guarded(config).await;
    let wrong = format!("Bearer {WRONG}");
    let protocols = format!("mcop, bearer.{WRONG}");
    assert!(guesses_in_messages(&server, ALICE).await >= 30);
    // Where it stands makes no difference. One more may be had meanwhile, each 2 s.
    for header in [
        ("authorization", &*wrong),
        ("sec-websocket-protocol", &protocols),
    ] {
        let (guesses, refused) = guesses_in_headers(&server, &[ALICE, header]).await;
        assert!(guesses < 15, "{guesses}");
        assert_eq!(refused.status, 429);
        let after = refused.headers["retry-after"].to_str().unwrap();
        let words = format!("Too many calls in a short time. Try again in {after} s.");
        assert_eq!(refused.body, json!({ "detail": words }));
        assert!((1..=2).contains(&after.parse::<u64>().unwrap()), "{after}");
    }
    // Another client has guesses of its own, and handshakes alone use them up, too.
    let (guesses, _) = guesses_in_headers(&server, &[BOB, ("authorization", &wrong)]).await;
    assert!(guesses >= 30, "{guesses}");
    assert!(guesses_in_messages(&server, BOB).await < 15);
    assert_eq!(sessions.count(), 0);
    let right = format!("Bearer {TOKEN}");
    for headers in [&[ALICE, ("authorization", &*right)][..], &[ALICE]] {
        let mut client = Client::try_open(&server, "/ws/mine", headers)
            .await
            .unwrap();
        if headers.len() == 1 {
            client.send(auth(TOKEN)).await;
        }
        client.say("q").await;
        assert_eq!(client.frame().await, user("q"));
        questions.next().await.answer("a");
        assert_eq!(client.frame().await, agent("a"));
    }
}

#[tokio::test]
async fn nothing_else_is_answered_before() {
    let (server, sessions, questions) = guarded(chat_config(|_| {})).await;
    for first in [
        Message::text(r#"{"content":"q"}"#),
        Message::text("q"),
        Message::text(TOKEN),
        Message::text(r#"{"type":"cancel"}"#),
        Message::text("{"),
        Message::binary(&b"x"[..]),
    ] {
        let mut client = Client::open(&server, "early").await;
        client
            .send_all([first, Message::text(auth(TOKEN)), Message::text("q")])
            .await;
        client.closed(1008, "authenticate first").await;
    }
    let mut raw = Raw::open(&server, "early").await;
    raw.send(&unmasked(0x81, b"x")).await;
    let farewell = [
        &1002_u16.to_be_bytes()[..],
        b"against the WebSocket protocol",
    ]
    .concat();
    assert_eq!(raw.frame().await, (0x88, farewell));
    assert!(sessions.count() == 0 && questions.is_empty());
}

#[tokio::test]
async fn who_does_not_say_who_it_is_is_counted_and_not_waited_for_long() {
    let timeout = Duration::from_millis(300);
    let (server, sessions, _questions) = guarded(chat_config(|chat| {
        chat.auth_timeout = timeout;
        chat.sockets = at_least_one(1);
    }))
    .await;
    let opened = std::time::Instant::now();
    let mut silent = Client::open(&server, "silent").await;
    assert_eq!(server.admission.open(), 1);
    let refused = Client::try_open(&server, "/ws/two", &[]).await.err();
    assert_eq!(refused.expect("there is no place").status, 503);
    silent.closed(1008, "authenticate first").await;
    assert!(opened.elapsed() >= timeout);
    until(|| server.admission.open() == 0).await;
    assert_eq!(sessions.count(), 0);
}

#[tokio::test]
async fn who_may_not_talk_takes_over_no_conversation() {
    let (server, _, mut questions) = guarded(chat_config(|_| {})).await;
    let mut client = Client::resume(&server, "mine", 0).await;
    client.send(auth(TOKEN)).await;
    client.say("q").await;
    assert_eq!(client.frame().await, user("q"));
    let mut other = Client::resume(&server, "mine", 0).await;
    other.send(auth(WRONG)).await;
    other.closed(1008, "not authorized").await;
    questions.next().await.answer("a");
    assert_eq!(client.frame().await, agent("a"));
}

#[tokio::test]
async fn a_token_is_neither_shown_nor_kept_wherever_it_stands() {
    let (server, sessions, mut questions) = guarded(chat_config(|_| {})).await;
    let mut client = Client::open(&server, "secret").await;
    client.send(auth(TOKEN)).await;
    // Once more: passed over.
    client.send(auth(TOKEN)).await;
    client.send(auth(WRONG)).await;
    let holds_token = error(
        "holds_token",
        "The message holds an access token. It is not answered, and not kept.",
    );
    client.send(TOKEN).await;
    assert_eq!(client.frame().await, holds_token);
    client.say(&format!("My token is {TOKEN}.")).await;
    assert_eq!(client.frame().await, holds_token);
    client
        .send(format!(r#"{{"type":"auth","token":"{TOKEN}""#))
        .await;
    let frame = client.frame().await;
    assert!(frame["code"] == "bad_json" && !frame.to_string().contains(TOKEN));
    client.say("q").await;
    assert_eq!(client.frame().await, user("q"));
    let asked = questions.next().await;
    assert_eq!(asked.thread(), []);
    asked.answer("a");
    assert_eq!(client.frame().await, agent("a"));
    client.close().await;
    let session = sessions.get(&"secret".parse().unwrap()).unwrap();
    assert_eq!(session.thread.turns().count(), 1);
}

/// Whether there is room is known only then.
#[tokio::test]
async fn a_client_let_in_where_no_session_can_be_kept_is_told_to_try_again() {
    let config = crate::support::config_with(|limits| limits.sessions = at_least_one(1));
    let (server, sessions, _questions) = guarded(config).await;
    // A run that goes on is not forgotten for a chat.
    let begun = sessions.begin_run(Arc::default(), None, || Ok(()));
    assert!(begun.is_ok());
    let mut client = Client::open(&server, "full").await;
    client.send(auth(TOKEN)).await;
    client.closed(1013, "the service is full").await;
}

/// A token that nobody asks for does no harm.
#[tokio::test]
async fn an_open_service_passes_tokens_over_and_repeats_none() {
    let server = Server::start().await;
    let protocols = format!("bearer.{WRONG}, mcop");
    let headers = [("sec-websocket-protocol", &*protocols)];
    let mut client = Client::try_open(&server, "/ws/open", &headers)
        .await
        .unwrap();
    assert_eq!(client.protocol.as_deref(), Some("mcop"));
    client.send(auth(WRONG)).await;
    client.is_silent().await;
    // Without `mcop` there is no protocol to select but the token.
    let only = format!("bearer.{WRONG}");
    let request = handshake("/ws/open", &[("Sec-WebSocket-Protocol", &only)]);
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(within(stream.read_u8()).await.unwrap()));
    }
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(!head.to_ascii_lowercase().contains("sec-websocket-protocol"));
}
