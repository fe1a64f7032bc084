//! Keys and tokens show nowhere, whatever goes wrong and however much is logged.

use std::path::Path;

use mcop_api::authorization::Tokens;
use mcop_api::config::Config;
use mcop_api::model::Model;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::program::Program;
use crate::scripted::puppet;
use crate::socket_client::{Client, Received};
use crate::support::{Server, config, http_client};
use crate::upstream::{Answer, Asked, Upstream};

/// Of the model; more than letters, as keys are.
const KEY: &str = "sk-canary-model-7c1f0b";
const TOKEN: &str = "tok-canary-first-0123456789";
const OTHER: &str = "oth-canary-second-0123456789";
/// Opens nothing, and may nearly be one that does.
const WRONG: &str = "bad-canary-presented-0123456789";
/// What a listener could go on from.
const TELLING: usize = 8;

/// Says which canary a text gives away.
fn check(text: &str, what: &str) {
    for canary in [KEY, TOKEN, OTHER, WRONG] {
        if let Some(at) = text.find(&canary[..TELLING]) {
            let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            panic!("{what} gives {canary} away: {line}");
        }
    }
}

/// Sends a call and checks all of its answer; its status.
async fn checked(call: RequestBuilder, what: &str) -> u16 {
    let answer = call.send().await.unwrap();
    let status = answer.status().as_u16();
    check(&format!("{:?}", answer.headers()), what);
    check(&answer.text().await.unwrap(), what);
    status
}

/// Fails as the question asks for, and quotes the key wherever that can be done.
fn quoting(asked: &Asked) -> Answer {
    let messages = asked.body["messages"].as_array().unwrap();
    let question = messages.last().unwrap()["content"].as_str().unwrap();
    let header = format!("x-key: {KEY}\ncontent-type: application/json\nx-should-retry: false");
    let error =
        format!(r#"{{"error":{{"message":"bad key {KEY}","code":"{KEY}","type":"{KEY}"}}}}"#);
    let event =
        |data: &str| format!("HTTP/1.1 200 OK\ncontent-type: text/event-stream\n\n{data}\n\n");
    match question {
        "refused" => Answer::status(401, &header, &error),
        "forbidden" => Answer::status(403, &header, &format!("<p>{KEY}</p>")),
        "redirected" => Answer::status(307, &format!("location: http://127.0.0.1:1/{KEY}"), ""),
        "failed" => Answer::status(500, &header, &error),
        "error event" => Answer::http(&event(&format!("event: error\ndata: {error}"))),
        "no JSON" => Answer::http(&event(&format!("data: {KEY}"))),
        "odd headers" => Answer::http(&format!("HTTP/1.1 200 OK\n{KEY} no header\n\n")),
        _ => Answer::text("Yes."),
    }
}

const FAILURES: [&str; 7] = [
    "refused",
    "forbidden",
    "redirected",
    "failed",
    "error event",
    "no JSON",
    "odd headers",
];

async fn traced(base_url: &str) -> Program {
    let tokens = format!("{TOKEN},{OTHER}");
    Program::start(&[
        ("OPENAI_BASE_URL", base_url),
        ("OPENAI_API_KEY", KEY),
        ("MCOP_API_TOKEN", &tokens),
        // The longest name of a part of the program wins.
        (
            "RUST_LOG",
            "trace,tungstenite=trace,tungstenite::protocol::frame=trace",
        ),
    ])
    .await
}

/// The log, which is to have been talkative and to say nothing of secrets.
async fn is_silent(program: &Program) {
    let http = http_client();
    // Its line comes after those of all that was before it.
    let last = http.get(format!("http://{}/nowhere", program.address));
    last.header("x-request-id", "the-last")
        .send()
        .await
        .unwrap();
    program.line("id=the-last ").await;
    let log = program.log().join("\n");
    assert!(log.contains("TRACE"), "{log}");
    check(&log, "the log");
}

#[tokio::test]
async fn no_failure_of_the_model_gives_its_key_away() {
    let upstream = Upstream::answering(|_, asked| quoting(asked)).await;
    let program = traced(&upstream.base_url()).await;
    let http = http_client();
    let mut statuses = Vec::new();
    for question in FAILURES {
        let call = http.post(format!("http://{}/api/chat", program.address));
        let call = call
            .bearer_auth(TOKEN)
            .json(&json!({ "content": question, "session_id": "s" }));
        statuses.push(checked(call, question).await);
    }
    // Where the model is down the rules answer; where it refuses its key, that is said.
    assert_eq!(statuses[..2], [502, 502]);
    assert!(
        upstream
            .asked()
            .iter()
            .all(|asked| asked.headers["authorization"] == format!("Bearer {KEY}"))
    );

    let bearer = format!("Bearer {OTHER}");
    let mut client = open(&program, "/ws/t", &[("authorization", &bearer)]).await;
    for question in FAILURES {
        client.say(question).await;
        let mut last = Value::Null;
        while !["agent", "error"].contains(&last["type"].as_str().unwrap_or_default()) {
            last = client.frame().await;
            check(&last.to_string(), question);
        }
    }
    for path in [
        "/api/sessions/s",
        "/api/sessions/t",
        "/api/stats",
        "/metrics",
        "/openapi.json",
    ] {
        let call = http
            .get(format!("http://{}{path}", program.address))
            .bearer_auth(TOKEN);
        assert_eq!(checked(call, path).await, 200, "{path}");
    }
    is_silent(&program).await;
}

async fn open(program: &Program, path: &str, headers: &[(&'static str, &str)]) -> Client {
    let opened = Client::open_at(&program.address, path, headers).await;
    opened.expect("the upgrade should be accepted")
}

#[tokio::test]
async fn a_model_that_cannot_be_reached_gives_no_key_away() {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    let speaks_no_tls = tokio::spawn(async move {
        loop {
            let (mut stream, _) = plain.accept().await.unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .ok();
        }
    });
    let mut unreachable = vec!["http://127.0.0.1:1/v1".to_owned()];
    // A client for TLS needs the system's certificates.
    if Path::new("/etc/ssl/certs/ca-certificates.crt").exists() {
        unreachable.push(format!("https://{address}/v1"));
    }
    for base_url in unreachable {
        let program = traced(&base_url).await;
        let call = http_client().post(format!("http://{}/api/chat", program.address));
        let call = call.bearer_auth(TOKEN).json(&json!({ "content": "help" }));
        assert_eq!(checked(call, &base_url).await, 200, "the rules answer");
        program.line("no connection to the model").await;
        is_silent(&program).await;
    }
    speaks_no_tls.abort();
}

#[tokio::test]
async fn no_way_of_presenting_a_token_gets_it_into_the_log_or_an_answer() {
    let upstream = Upstream::answering(|_, asked| quoting(asked)).await;
    let program = traced(&upstream.base_url()).await;
    let http = http_client();
    let call = |method: Method, path: &str| {
        http.request(method, format!("http://{}{path}", program.address))
    };
    let counts = || call(Method::GET, "/api/stats");
    let in_query = format!("/api/stats?token={TOKEN}&access_token={WRONG}");
    let broken_query = format!("/api/tables?q=%FF%{TOKEN}&limit={OTHER}");
    let in_socket = format!("/ws/s?token={TOKEN}");
    let broken = format!("{{\"content\": \"x\", \"token\": {TOKEN}");
    let ill_typed = json!({ "content": 1, "session_id": TOKEN.repeat(20), "token": TOKEN });
    let run = || call(Method::POST, "/api/pipeline/run").bearer_auth(TOKEN);
    for (presented, statuses) in [
        (counts().bearer_auth(TOKEN), [200, 200]),
        (counts().bearer_auth(WRONG), [401, 401]),
        (counts().basic_auth(TOKEN, Some(WRONG)), [401, 401]),
        (counts().header("authorization", TOKEN), [401, 401]),
        (
            counts().bearer_auth(TOKEN).header("authorization", WRONG),
            [401, 401],
        ),
        (
            counts()
                .bearer_auth(TOKEN)
                .header("x-request-id", format!("Bearer {OTHER}")),
            [200, 200],
        ),
        (
            counts().bearer_auth(TOKEN).header("traceparent", OTHER),
            [200, 200],
        ),
        (
            counts().header("cookie", format!("token={TOKEN}")),
            [401, 401],
        ),
        (call(Method::GET, &in_query), [401, 401]),
        (call(Method::GET, &in_query).bearer_auth(OTHER), [200, 200]),
        (
            call(Method::GET, &broken_query).bearer_auth(OTHER),
            [422, 422],
        ),
        (call(Method::GET, &in_socket), [400, 401]),
        (run().body(broken), [422, 422]),
        (run().json(&ill_typed), [422, 422]),
        (
            call(Method::POST, "/api/chat")
                .bearer_auth(TOKEN)
                .json(&ill_typed),
            [422, 422],
        ),
        (run().header("content-type", TOKEN).body("x"), [415, 415]),
    ] {
        let what = format!("{presented:?}");
        let status = checked(presented, &what).await;
        assert!(statuses.contains(&status), "{what}: {status}");
    }
    let bearer = format!("Bearer {TOKEN}");
    let mut client = open(&program, "/ws/u", &[("authorization", &bearer)]).await;
    for message in [
        json!({ "type": "auth", "token": TOKEN }).to_string(),
        json!({ "token": OTHER }).to_string(),
        json!({ "type": OTHER }).to_string(),
        format!("{{\"type\":\"auth\",\"token\":{WRONG}"),
    ] {
        client.send(message).await;
    }
    client.say("x").await;
    loop {
        match client.next().await {
            Received::Frame(frame) => {
                check(&frame.to_string(), "a frame");
                if frame["type"] == "agent" {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    // Not even echoed to who said it.
    client
        .send(json!({ "content": format!("my token is {TOKEN}") }).to_string())
        .await;
    let refused = client.frames_until("error").await;
    assert_eq!(refused.last().unwrap()["code"], "holds_token");
    for frame in refused {
        check(&frame.to_string(), "a frame");
    }
    client.send_message(Message::binary(TOKEN.as_bytes())).await;
    is_silent(&program).await;
}

#[tokio::test]
async fn what_goes_wrong_inside_gives_nothing_away() {
    let (explorer, mut questions) = puppet();
    let mut config = config();
    config.tokens = Tokens::from_list(TOKEN).unwrap();
    let server = Server::with_explorer(&config, explorer).await;
    let chat = json!({ "content": "x", "session_id": "t" });
    let call = server
        .request(Method::POST, "/api/chat")
        .bearer_auth(TOKEN)
        .json(&chat);
    let (status, ()) = tokio::join!(checked(call, "a panic"), async {
        questions.next().await.panic();
    });
    assert_eq!(status, 500);
}

#[tokio::test]
async fn what_is_printed_of_the_settings_holds_no_secret() {
    // The client for TLS wants to be told its cryptography.
    let _client = http_client();
    let vars = [
        ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"),
        ("OPENAI_API_KEY", KEY),
        ("MCOP_API_TOKEN", TOKEN),
    ];
    let config = Config::from_vars(|name| {
        let (_, value) = vars.iter().find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    });
    let config = config.unwrap();
    let settings = config.model.clone().unwrap();
    let model = Model::new(&settings).unwrap();
    let printed = format!("{config:?} {config} {settings:?} {settings} {model:?}");
    check(&printed, "the settings");
    assert!(printed.contains("Tokens(1)"), "{printed}");
    // Nor does a refusal to start quote what was nearly right.
    for bad in [format!("{TOKEN} {OTHER}"), "tok-canar".to_owned()] {
        let refused = Config::from_vars(|name| (name == "MCOP_API_TOKEN").then(|| bad.clone()));
        check(&refused.unwrap_err().to_string(), "a refusal to start");
    }
}
