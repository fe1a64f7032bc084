//! How much one client, and all together, may ask for; and what the model may take in a day.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use futures_util::future;
use mcop_api::App;
use mcop_api::client::ClientAddresses;
use mcop_api::config::{Config, Limits, RateLimits};
use mcop_api::model::budget::TokenBudget;
use mcop_api::model::{Event, ModelError};
use reqwest::header::HeaderName;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::exposition::Scrape;
use crate::model::{HELLO, STOP, ask, complete, next};
use crate::scripted::Echo;
use crate::socket_client::{Client, agent, error, user};
use crate::support::{
    Server, at_least_one, config_with, failing_when_let_go, sample, until, within,
};
use crate::upstream::{Answer, Then, Upstream};

/// The header that says who calls.
const CLIENT: &str = "x-client";
const ALICE: &str = "192.0.2.1";
const BOB: &str = "192.0.2.2";
const CAROL: &str = "192.0.2.3";

/// Settings with these limits, in which a header says who calls.
fn limited(change: impl FnOnce(&mut Limits)) -> Config {
    let mut config = config_with(change);
    config.clients = ClientAddresses::new(Some(HeaderName::from_static(CLIENT)));
    config
}

fn rates(change: impl FnOnce(&mut RateLimits)) -> Config {
    limited(|limits| {
        limits.rates = RateLimits::NONE;
        change(&mut limits.rates);
    })
}

async fn by(client: &str, request: RequestBuilder) -> Response {
    let request = request.header(CLIENT, client);
    within(request.send()).await.unwrap()
}

async fn run(server: &Server, client: &str) -> Response {
    let request = server.request(Method::POST, "/api/pipeline/run");
    by(client, request.json(&json!({ "document": "- suppliers" }))).await
}

async fn call(server: &Server, client: &str) -> Response {
    let request = server.request(Method::POST, "/api/chat");
    by(client, request.json(&json!({ "content": "q" }))).await
}

async fn open(server: &Server, client: &str, session: &str) -> Result<Client, (u16, Value)> {
    let opened = Client::try_open(server, &format!("/ws/{session}"), &[(CLIENT, client)]).await;
    opened.map_err(|refused| {
        let after = &refused.headers["retry-after"];
        let after: u64 = after.to_str().unwrap().parse().unwrap();
        assert!(after >= 1);
        (refused.status, refused.body)
    })
}

/// Expects 429 with these seconds at most, and the same in words; a second may pass meanwhile.
async fn refused_for(most: u64, response: Response) {
    assert_eq!(response.status(), 429);
    let after = response.headers()["retry-after"].to_str().unwrap();
    let seconds: u64 = after.parse().unwrap();
    assert!((most / 2..=most).contains(&seconds), "{seconds}");
    let body: Value = response.json().await.unwrap();
    let words = format!("Too many calls in a short time. Try again in {seconds} s.");
    assert_eq!(body, json!({ "detail": words }));
}

#[tokio::test]
async fn a_client_that_starts_too_many_runs_is_told_when_to_go_on_and_others_are_not() {
    let server = Server::with(&rates(|rates| rates.runs = NonZeroU32::new(2))).await;
    for _ in 0..2 {
        assert_eq!(run(&server, ALICE).await.status(), 200);
    }
    refused_for(30, run(&server, ALICE).await).await;
    refused_for(30, run(&server, ALICE).await).await;
    assert_eq!(run(&server, BOB).await.status(), 200);
    let elsewhere = server.request(Method::GET, "/api/tables");
    assert_eq!(by(ALICE, elsewhere).await.status(), 200);
    let scrape = Scrape::of(&server).await;
    let refused = scrape.counted("mcop_refused_total");
    assert_eq!(
        refused.into_iter().collect::<Vec<_>>(),
        [(r#"reason="run_rate""#, 2)]
    );
}

#[tokio::test]
async fn a_refused_run_is_answered_before_its_body_is_read() {
    let server = Server::with(&rates(|rates| rates.runs = NonZeroU32::new(1))).await;
    assert_eq!(run(&server, ALICE).await.status(), 200);
    let mut stream = within(TcpStream::connect(&server.address)).await.unwrap();
    let head = format!(
        "POST /api/pipeline/run HTTP/1.1\r\nhost: x\r\n{CLIENT}: {ALICE}\r\ncontent-length: 1000000\r\n\r\n"
    );
    within(stream.write_all(head.as_bytes())).await.unwrap();
    // Nothing follows: whoever waits for the body answers 408.
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 429");
}

#[tokio::test]
async fn a_client_that_opens_too_many_sockets_in_a_minute_is_refused_before_the_upgrade() {
    let config = rates(|rates| rates.upgrades = NonZeroU32::new(2));
    let server = Server::with_explorer(&config, Arc::new(Echo)).await;
    // Closing gives the place back, and not what was counted.
    open(&server, ALICE, "one").await.unwrap().close().await;
    let _second = open(&server, ALICE, "two").await.unwrap();
    let Err((status, body)) = open(&server, ALICE, "three").await else {
        panic!("a third was let in");
    };
    assert_eq!(status, 429);
    let words = body["detail"].as_str().unwrap();
    assert!(words.starts_with("Too many calls in a short time. Try again in "));
    let session = server.get("/api/sessions/three").await;
    assert_eq!(session.status(), 404, "nothing was opened");
    let mut other = open(&server, BOB, "four").await.unwrap();
    other.say("q").await;
    assert_eq!(other.frames_until("agent").await, [user("q"), agent("q")]);
}

#[tokio::test]
async fn messages_of_a_client_count_together_over_sockets_calls_and_a_models_wording() {
    let config = rates(|rates| rates.messages = NonZeroU32::new(3));
    let server = Server::with_explorer(&config, Arc::new(Echo)).await;
    let session = server
        .start_run(&json!({ "document": "- suppliers" }))
        .await;
    server.ended(&session).await;
    let report = format!("/api/pipeline/{session}/artifacts/governance_report.md");
    let document = async |client, wording| {
        let path = format!("{report}?wording={wording}");
        by(client, server.request(Method::GET, &path)).await
    };
    let mut one = open(&server, ALICE, "one").await.unwrap();
    let mut two = open(&server, ALICE, "two").await.unwrap();
    one.say("q1").await;
    assert_eq!(one.frames_until("agent").await, [user("q1"), agent("q1")]);
    two.say("q2").await;
    assert_eq!(two.frames_until("agent").await, [user("q2"), agent("q2")]);
    assert_eq!(call(&server, ALICE).await.status(), 200);

    one.say("q3").await;
    let mut refused = one.frame().await;
    let seconds = refused["retry_after"].as_u64().unwrap();
    assert!((10..=20).contains(&seconds), "{seconds}");
    refused.as_object_mut().unwrap().remove("retry_after");
    let words = format!("Too many messages in a short time. Try again in {seconds} s.");
    assert_eq!(refused, error("rate_limited", &words));
    refused_for(20, call(&server, ALICE).await).await;
    refused_for(20, document(ALICE, "model").await).await;
    assert_eq!(
        document(ALICE, "rules").await.status(),
        200,
        "asks no model"
    );

    assert_eq!(call(&server, BOB).await.status(), 200);
    // There is no model to ask.
    assert_eq!(document(BOB, "model").await.status(), 400);
    let scrape = Scrape::of(&server).await;
    let refused = scrape.counted("mcop_refused_total");
    assert_eq!(
        refused.into_iter().collect::<Vec<_>>(),
        [(r#"reason="message_rate""#, 3)]
    );
}

#[tokio::test]
async fn behind_a_proxy_sockets_are_counted_by_the_client_that_it_names() {
    let config = limited(|limits| limits.chat.sockets_per_address = Some(at_least_one(1)));
    let server = Server::with_explorer(&config, Arc::new(Echo)).await;
    let first = open(&server, ALICE, "one").await.unwrap();
    let Err((status, body)) = open(&server, ALICE, "two").await else {
        panic!("a second was let in");
    };
    assert_eq!(status, 429);
    let words = "Too many sockets of this client are open. Close some, or try again shortly.";
    assert_eq!(body, json!({ "detail": words }));
    let _other = open(&server, BOB, "three").await.unwrap();
    first.close().await;
    until(|| server.admission.open() == 1).await;
    open(&server, ALICE, "two").await.unwrap();
    let scrape = Scrape::of(&server).await;
    let refused = scrape.counted("mcop_refused_total");
    assert_eq!(
        refused.into_iter().collect::<Vec<_>>(),
        [(r#"reason="sockets""#, 1)]
    );
}

#[tokio::test]
async fn runs_are_watched_by_so_many_in_all_and_of_one_client_and_a_place_comes_back() {
    let config = limited(|limits| {
        limits.event_streams = at_least_one(2);
        limits.event_streams_per_address = at_least_one(1);
    });
    let (pipeline, go_on) = failing_when_let_go();
    let server = Server::with_pipeline(&config, pipeline).await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    let path = format!("/api/pipeline/{session}/events");
    let watch = async |client| by(client, server.request(Method::GET, &path)).await;
    let alice = watch(ALICE).await;
    assert_eq!(alice.status(), 200);
    let refused = watch(ALICE).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    let words = "Too many event streams of this client are open. Close some, or try again shortly.";
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": words })
    );
    let _bob = watch(BOB).await;
    let refused = watch(CAROL).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let words = "The service is full: too many event streams are open. Try again shortly.";
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": words })
    );

    drop(alice);
    Scrape::when(&server, |scrape| {
        scrape.value("mcop_event_streams_open") == 1
    })
    .await;
    let carol = watch(CAROL).await;
    assert_eq!(carol.status(), 200);
    drop(go_on);
    let told = carol.text().await.unwrap();
    assert!(told.contains("event:failed"), "{told}");
    let scrape = Scrape::when(&server, |scrape| {
        scrape.value("mcop_event_streams_open") == 0
    })
    .await;
    let refused = scrape.counted("mcop_refused_total");
    assert_eq!(
        refused.into_iter().collect::<Vec<_>>(),
        [(r#"reason="event_streams""#, 2)]
    );
}

#[tokio::test]
async fn calls_beyond_those_at_one_time_wait_and_beyond_those_the_rules_answer() {
    let upstream = Upstream::answering(|nth, _| match nth {
        0 => Answer::events(&[HELLO]).then(Then::Hold),
        _ => Answer::text("Four."),
    })
    .await;
    let config = limited(|limits| limits.model_calls = at_least_one(1));
    let app = App::new(&config, sample(), Some(upstream.model(|_| ())));
    let server = Server::of(app).await;
    let question = json!({ "content": "How many tables are there?" });
    let asked = || server.request(Method::POST, "/api/chat").json(&question);
    let first = tokio::spawn(asked().send());
    upstream.arrival(1).await;
    let (one, other) = (tokio::spawn(asked().send()), tokio::spawn(asked().send()));
    // One of them waits for the first; for the other there is no room even to wait.
    let (answered, waiting) = within(future::select(one, other)).await.factor_first();
    let answered: Value = answered.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answered["mode"], "embedded");
    assert_eq!(upstream.asked().len(), 1, "the model was not asked");
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("mcop_model_calls_under_way"), 1);
    assert_eq!(
        scrape.counted("mcop_model_errors_total")[r#"kind="busy""#],
        1
    );

    // Whoever leaves gives the place to the next.
    first.abort();
    let answered: Value = within(waiting)
        .await
        .unwrap()
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&answered["mode"], &answered["content"]),
        (&json!("model"), &json!("Four."))
    );
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("mcop_model_calls_under_way"), 0);
    assert_eq!(scrape.value("mcop_model_wait_seconds_count"), 2);
}

/// An answer of which the server says what it took.
fn costing(prompt: u64, completion: u64) -> Answer {
    let usage = json!({"choices": [], "usage": {
        "prompt_tokens": prompt, "completion_tokens": completion,
    }});
    Answer::events(&[HELLO, STOP, &usage.to_string(), "[DONE]"])
}

const SPENT: &str =
    "The language model has done as much as it may in one day. Ask again after midnight UTC.";

/// Expects a call to be refused until the day is over.
async fn spent(response: Response) {
    assert_eq!(response.status(), 429);
    let after = response.headers()["retry-after"].to_str().unwrap();
    let seconds: u64 = after.parse().unwrap();
    assert!((1..=24 * 60 * 60).contains(&seconds), "{seconds}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({ "detail": SPENT, "code": "budget_spent" }));
}

#[tokio::test]
async fn a_spent_budget_is_said_in_words_and_no_model_is_asked_also_after_a_restart() {
    const DAY: u64 = 1_000_000;
    let config = limited(|limits| limits.daily_tokens = NonZeroU64::new(DAY));
    let upstream = Upstream::answering(|_, _| costing(DAY - 100, 90)).await;
    let app = App::new(&config, sample(), Some(upstream.model(|_| ())));
    let budget = app.budget.clone();
    let server = Server::of(app).await;
    assert_eq!(
        Scrape::of(&server).await.value("mcop_model_tokens_left"),
        DAY
    );
    let answered: Value = call(&server, ALICE).await.json().await.unwrap();
    assert_eq!(answered["content"], "Hello");
    assert_eq!(
        Scrape::of(&server).await.value("mcop_model_tokens_left"),
        10
    );

    spent(call(&server, ALICE).await).await;
    let mut client = open(&server, ALICE, "asking").await.unwrap();
    client.say("q").await;
    let frames = client.frames_until("error").await;
    assert_eq!(frames, [user("q"), error("budget_spent", SPENT)]);
    client.close().await;
    let session = server
        .start_run(&json!({ "document": "- suppliers" }))
        .await;
    server.ended(&session).await;
    let report = format!("/api/pipeline/{session}/artifacts/governance_report.md?wording=model");
    let report = server.get(&report).await.text().await.unwrap();
    assert!(report.contains("The summary of the language model is not available"));
    let scrape = Scrape::of(&server).await;
    assert_eq!(
        scrape.counted("mcop_model_errors_total")[r#"kind="budget_spent""#],
        3
    );
    server.stop().await;

    let app = App::new(&config, sample(), Some(upstream.model(|_| ())));
    app.budget.restore(&budget.snapshot());
    let server = Server::of(app).await;
    spent(call(&server, ALICE).await).await;
    assert_eq!(upstream.asked().len(), 1, "the model was asked once");
}

/// What a call of the model takes from a budget, and the tokens that its request is estimated at.
async fn cost(answer: Answer, is_read: bool) -> (u64, u64) {
    const DAY: u64 = 1_000_000;
    let upstream = Upstream::scripted(vec![answer]).await;
    let budget = TokenBudget::new(NonZeroU64::new(DAY));
    let model = upstream.model(|settings| settings.retries.most = 0);
    let model = model.paid_from(budget.clone());
    if is_read {
        let _ = complete(&model).await;
    } else if let Ok(mut reply) = ask(&model).await {
        next(&mut reply).await.unwrap();
    }
    let bytes: u64 = upstream.asked()[0].headers["content-length"]
        .parse()
        .unwrap();
    (DAY - budget.left().unwrap(), bytes.div_ceil(4))
}

#[tokio::test]
async fn a_call_costs_what_the_server_says_else_what_was_sent_and_came_else_nothing() {
    let (took, _) = cost(costing(30, 5), true).await;
    assert_eq!(took, 35);
    let (took, _) = cost(Answer::events(&["[DONE]"]), true).await;
    assert!(took > 0, "an empty answer was read all the same");
    let empty = json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 0}});
    let (took, _) = cost(Answer::events(&[&empty.to_string(), "[DONE]"]), true).await;
    assert_eq!(took, 7, "an empty answer of which the server says so");

    let without_usage = Answer::events(&[HELLO, HELLO, STOP, "[DONE]"]);
    let (took, sent) = cost(without_usage, true).await;
    assert_eq!(took, sent + 3, "ten bytes came");
    let call = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"list","arguments":"{\"a\": 1}"}}]}}]}"#;
    let thoughts = r#"{"choices":[{"index":0,"delta":{"reasoning_content":"Hmm, well"}}]}"#;
    let (took, sent) = cost(Answer::events(&[thoughts, call, STOP, "[DONE]"]), true).await;
    assert_eq!(took, sent + 6, "9 + 4 + 8 bytes came");
    let (took, sent) = cost(Answer::events(&[HELLO]), true).await;
    assert_eq!(took, sent + 2, "cut");
    let left = Answer::events(&[HELLO]).then(Then::Hold);
    let (took, sent) = cost(left, false).await;
    assert_eq!(took, sent + 2, "nobody wanted the rest");

    let (took, _) = cost(Answer::status(500, "a: b", "out of order"), true).await;
    assert_eq!(took, 0);
}

#[tokio::test]
async fn calls_at_one_time_cannot_overshoot_by_more_than_what_one_may_write() {
    let upstream = Upstream::answering(|_, _| Answer::events(&[HELLO]).then(Then::Hold)).await;
    // Room for the requests of all, and for what two of them may write.
    let budget = TokenBudget::new(NonZeroU64::new(2500));
    let model = upstream.model(|settings| settings.max_completion_tokens = 1000);
    let model = model.paid_from(budget.clone());
    let mut replies = Vec::new();
    let refused = loop {
        match ask(&model).await {
            Ok(reply) => replies.push(reply),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, ModelError::Busy, "they may write less");
    assert_eq!(
        replies.len(),
        3,
        "the third began while there was something left"
    );
    assert_eq!(upstream.asked().len(), 3);
    for reply in &mut replies {
        assert_eq!(next(reply).await, Ok(Event::Text("Hello".to_owned())));
    }
    drop(replies);
    assert!(ask(&model).await.is_ok(), "what they left is there again");
}

#[tokio::test]
async fn without_a_header_that_is_believed_nobody_is_another_client() {
    let config = config_with(|limits| limits.rates.runs = NonZeroU32::new(1));
    let server = Server::with(&config).await;
    for (client, status) in [(ALICE, 200), (BOB, 429)] {
        let request = server.request(Method::POST, "/api/pipeline/run");
        let request = request.json(&json!({ "document": "x" }));
        let request = request.header("x-forwarded-for", client);
        assert_eq!(by(client, request).await.status(), status);
    }
}
