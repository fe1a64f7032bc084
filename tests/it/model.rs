//! How the model is called: what is sent, how long its answer may take, how it ends.

use std::time::{Duration, Instant};

use mcop_api::model::error::Phase;
use mcop_api::model::{
    Completion, Event, Finish, Message, Model, ModelError, Reply, ToolCall, ToolSpec,
};
use serde_json::json;

use crate::support::PATIENCE;
use crate::upstream::{Answer, Framing, KEY, Then, Upstream};

pub fn question() -> Vec<Message> {
    vec![Message::User("How many tables?".to_owned())]
}

pub async fn ask(model: &Model) -> Result<Reply, ModelError> {
    tokio::time::timeout(PATIENCE, model.ask(&question(), &[]))
        .await
        .expect("every call ends")
}

pub async fn next(reply: &mut Reply) -> Result<Event, ModelError> {
    tokio::time::timeout(PATIENCE, reply.next())
        .await
        .expect("every wait ends")
}

pub async fn complete(model: &Model) -> Result<Completion, ModelError> {
    let mut reply = ask(model).await?;
    loop {
        if let Event::Done(completion) = next(&mut reply).await? {
            return Ok(completion);
        }
    }
}

/// The text of an answer that must come.
pub async fn answer(model: &Model) -> String {
    complete(model).await.unwrap().text
}

pub const HELLO: &str = r#"{"choices":[{"index":0,"delta":{"content":"Hello"}}]}"#;
pub const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
pub const ROLE: &str = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;

fn refusal_of(parameter: &str) -> Answer {
    let error = json!({"error": {
        "message": format!("Unsupported parameter: '{parameter}' is not supported with this model."),
        "type": "invalid_request_error",
        "param": parameter,
        "code": "unsupported_parameter",
    }});
    Answer::status(400, "content-type: application/json", &error.to_string())
}

#[tokio::test]
async fn a_compatible_server_is_asked_as_openai_clients_ask() {
    let upstream = Upstream::scripted(vec![Answer::text("Four.")]).await;
    let messages = [
        Message::System("Be brief.".to_owned()),
        Message::User("How many?".to_owned()),
        Message::Assistant {
            text: String::new(),
            calls: vec![ToolCall {
                id: "a".to_owned(),
                name: "list_tables".to_owned(),
                arguments: "{}".to_owned(),
            }],
        },
        Message::Tool {
            call_id: "a".to_owned(),
            content: "[]".to_owned(),
        },
    ];
    let tools = [ToolSpec {
        name: "list_tables",
        description: "Lists tables.",
        parameters: json!({"type": "object"}),
    }];
    let model = upstream.model(|settings| settings.max_completion_tokens = 77);
    model.ask(&messages, &tools).await.unwrap();

    let asked = &upstream.asked()[0];
    assert_eq!(asked.path, "/v1/chat/completions");
    assert_eq!(asked.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(asked.headers["content-type"], "application/json");
    assert_eq!(
        asked.body,
        json!({
            "model": "gpt-4o-mini",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "How many?"},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "list_tables", "arguments": "{}"}},
                ]},
                {"role": "tool", "tool_call_id": "a", "content": "[]"},
            ],
            "tools": [{"type": "function", "function": {
                "name": "list_tables",
                "description": "Lists tables.",
                "parameters": {"type": "object"},
            }}],
            "stream": true,
            "stream_options": {"include_usage": true},
            "max_tokens": 77,
        })
    );
}

#[tokio::test]
async fn azure_is_asked_by_deployment_with_its_own_header() {
    let upstream = Upstream::scripted(vec![Answer::text("Four.")]).await;
    let vars = [
        ("AZURE_OPENAI_ENDPOINT", "/"),
        ("AZURE_OPENAI_API_KEY", KEY),
        ("AZURE_OPENAI_DEPLOYMENT_NAME", "gpt-4.1"),
    ];
    assert_eq!(answer(&upstream.model_of(&vars, |_| ())).await, "Four.");
    let asked = &upstream.asked()[0];
    assert_eq!(
        asked.path,
        "/openai/deployments/gpt-4.1/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(asked.headers["api-key"], KEY);
    assert!(!asked.headers.contains_key("authorization"));
    assert_eq!(asked.body["max_completion_tokens"], 2048);
    assert!(asked.body.get("tools").is_none(), "none, not an empty list");
}

#[tokio::test]
async fn l04_a_server_that_refuses_stream_options_is_asked_without_from_then_on() {
    let refusal = Answer::status(
        400,
        "content-type: application/json",
        r#"{"error":{"message":"Unrecognized request argument supplied: stream_options","param":null,"code":null}}"#,
    );
    let answers = vec![refusal, Answer::text("One."), Answer::text("Two.")];
    let upstream = Upstream::scripted(answers).await;
    let model = upstream.model(|settings| settings.retries.most = 0);
    assert_eq!(answer(&model).await, "One.");
    assert_eq!(answer(&model.clone()).await, "Two.");
    let with: Vec<bool> = upstream
        .asked()
        .iter()
        .map(|asked| asked.body.get("stream_options").is_some())
        .collect();
    assert_eq!(with, [true, false, false]);
}

#[tokio::test]
async fn l05_a_server_that_refuses_the_name_of_the_token_limit_is_told_the_other() {
    let answers = vec![
        refusal_of("max_tokens"),
        Answer::text("One."),
        Answer::text("Two."),
        refusal_of("max_completion_tokens"),
        Answer::text("Three."),
    ];
    let upstream = Upstream::scripted(answers).await;
    let model = upstream.model(|settings| settings.retries.most = 0);
    for text in ["One.", "Two.", "Three."] {
        assert_eq!(answer(&model).await, text);
    }
    let old: Vec<bool> = upstream
        .asked()
        .iter()
        .map(|asked| asked.body.get("max_tokens").is_some())
        .collect();
    assert_eq!(old, [true, false, false, false, true]);
    for asked in upstream.asked() {
        let new = asked.body.get("max_completion_tokens").is_some();
        assert_ne!(new, asked.body.get("max_tokens").is_some());
        assert!(asked.body.get("temperature").is_none());
    }
}

#[tokio::test]
async fn l05_each_parameter_is_changed_once() {
    let upstream = Upstream::answering(|_, asked| {
        let refused = ["stream_options", "max_tokens", "max_completion_tokens"]
            .into_iter()
            .find(|name| asked.body.get(name).is_some());
        refusal_of(refused.unwrap())
    })
    .await;
    let error = ask(&upstream.model(|_| ())).await.unwrap_err();
    assert!(
        matches!(error, ModelError::Misconfigured { .. }),
        "{error:?}"
    );
    assert_eq!(upstream.asked().len(), 3);
}

/// What becomes of a server that sends this and then comments for ever.
async fn kept_warm(data: &[&str]) -> ModelError {
    let short = Duration::from_millis(100);
    let stream = Answer::events(data).framed(Framing::Chunks(usize::MAX));
    let comments = Then::Repeat(b"d\r\n: keepalive\n\n\r\n", Duration::from_millis(1));
    let upstream = Upstream::scripted(vec![stream.then(comments)]).await;
    let model = upstream.model(|settings| {
        settings.timeouts.between_events = short;
        settings.timeouts.first_event = if data.is_empty() { short } else { PATIENCE };
    });
    let error = complete(&model).await.unwrap_err();
    upstream.client_left().await;
    assert_eq!(upstream.asked().len(), 1, "no second attempt");
    error
}

#[tokio::test]
async fn l26_comments_do_not_keep_a_stream_alive() {
    assert_eq!(
        kept_warm(&[]).await,
        ModelError::TimedOut(Phase::FirstEvent)
    );
    assert_eq!(
        kept_warm(&[ROLE]).await,
        ModelError::TimedOut(Phase::BetweenEvents)
    );
    assert_eq!(
        kept_warm(&[ROLE, HELLO]).await,
        ModelError::TimedOut(Phase::BetweenEvents)
    );
}

#[tokio::test]
async fn l26_a_server_that_does_not_even_begin_times_out() {
    let upstream = Upstream::scripted(vec![Answer::silence()]).await;
    let model = upstream.model(|settings| {
        settings.timeouts.first_event = Duration::from_millis(50);
    });
    let error = ask(&model).await.unwrap_err();
    assert_eq!(error, ModelError::TimedOut(Phase::FirstEvent));
    assert!(error.is_down());
}

#[tokio::test]
async fn l26_data_keeps_a_stream_alive_up_to_the_end_of_the_whole() {
    let thought = b"data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n";
    let thoughts = Then::Repeat(thought, Duration::from_millis(10));
    let upstream = Upstream::scripted(vec![Answer::events(&[]).then(thoughts)]).await;
    let model = upstream.model(|settings| {
        settings.timeouts.between_events = Duration::from_millis(400);
        settings.timeouts.total = Duration::from_secs(1);
    });
    let error = complete(&model).await.unwrap_err();
    assert_eq!(error, ModelError::TimedOut(Phase::Total));
}

#[tokio::test]
async fn a_slow_reader_is_no_slow_server() {
    // In pieces, so that there is something left to read.
    let stream = Answer::events(&[HELLO, HELLO, STOP, "[DONE]"]).framed(Framing::Chunks(40));
    let upstream = Upstream::scripted(vec![stream]).await;
    let model = upstream.model(|settings| {
        settings.timeouts.between_events = Duration::from_millis(100);
    });
    let mut reply = ask(&model).await.unwrap();
    next(&mut reply).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(
        next(&mut reply).await.unwrap(),
        Event::Text("Hello".to_owned())
    );
}

#[tokio::test]
async fn l24_the_end_is_the_end_though_the_connection_stays_open() {
    let stream = Answer::events(&[HELLO, STOP, "[DONE]"]).then(Then::Hold);
    let upstream = Upstream::scripted(vec![stream]).await;
    let mut reply = ask(&upstream.model(|_| ())).await.unwrap();
    next(&mut reply).await.unwrap();
    let started = Instant::now();
    assert!(matches!(next(&mut reply).await, Ok(Event::Done(_))));
    assert!(started.elapsed() < Duration::from_millis(900), "at once");
    upstream.client_left().await;

    // Without its mark, the end is waited for, but not for long.
    let stream = Answer::events(&[HELLO, STOP]).then(Then::Hold);
    let upstream = Upstream::scripted(vec![stream]).await;
    let completion = complete(&upstream.model(|_| ())).await.unwrap();
    assert_eq!(completion.finish, Finish::Stop);
    assert!(started.elapsed() < Duration::from_secs(5));
    upstream.client_left().await;
}

/// The client is gone within a second.
async fn gone(upstream: &Upstream) {
    let second = Duration::from_secs(1);
    tokio::time::timeout(second, upstream.client_left())
        .await
        .expect("the connection should close");
}

#[tokio::test]
async fn l33_who_leaves_before_the_answer_ends_the_call() {
    for waiting in [
        Answer::silence(),
        Answer::events(&[]).then(Then::Hold),
        Answer::events(&[ROLE])
            .framed(Framing::Chunks(9))
            .then(Then::Hold),
        Answer::status(500, "content-length: 9", "").then(Then::Hold),
    ] {
        let upstream = Upstream::scripted(vec![waiting]).await;
        let model = upstream.model(|_| ());
        let asking = tokio::spawn(async move { model.ask(&question(), &[]).await });
        upstream.arrival(1).await;
        asking.abort();
        gone(&upstream).await;
    }
}

#[tokio::test]
async fn l33_who_leaves_amid_the_answer_ends_the_call() {
    for framing in [Framing::UntilClose, Framing::Chunks(1)] {
        let stream = Answer::events(&[HELLO]).framed(framing).then(Then::Hold);
        let upstream = Upstream::scripted(vec![stream]).await;
        let model = upstream.model(|_| ());
        let mut reply = ask(&model).await.unwrap();
        next(&mut reply).await.unwrap();
        drop(reply);
        gone(&upstream).await;
    }
}

#[tokio::test]
async fn a_wait_that_is_dropped_loses_nothing() {
    let stream = Answer::events(&[HELLO, HELLO, STOP, "[DONE]"]).framed(Framing::Chunks(1));
    let upstream = Upstream::scripted(vec![stream]).await;
    let mut reply = ask(&upstream.model(|_| ())).await.unwrap();
    let mut shown = String::new();
    let completion = loop {
        // Polled once and dropped.
        let polled = tokio::select! {
            biased;
            event = reply.next() => Some(event.unwrap()),
            () = tokio::task::yield_now() => None,
        };
        match polled {
            Some(Event::Text(text)) => shown.push_str(&text),
            Some(Event::Done(completion)) => break completion,
            None => {}
        }
    };
    assert_eq!(
        (shown.as_str(), completion.text.as_str()),
        ("HelloHello", "HelloHello")
    );
}
