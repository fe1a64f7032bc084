//! What becomes of calls of the model that fail: asked again, given up, told to whom.

use std::time::{Duration, Instant};

use mcop_api::model::error::Phase;
use mcop_api::model::{Event, ModelError};
use tokio::net::{TcpSocket, TcpStream};

use crate::model::{HELLO, ROLE, answer, ask, complete, next};
use crate::support::PATIENCE;
use crate::upstream::{Answer, Framing, KEY, Then, Upstream};

fn busy(headers: &str) -> Answer {
    Answer::status(503, headers, "busy")
}

#[tokio::test]
async fn azure_without_a_key_is_not_asked() {
    let upstream = Upstream::scripted(vec![]).await;
    let vars = [("AZURE_OPENAI_ENDPOINT", "/"), ("OPENAI_MODEL", "d")];
    let error = ask(&upstream.model_of(&vars, |_| ())).await.unwrap_err();
    assert!(
        matches!(error, ModelError::Misconfigured { .. }),
        "{error:?}"
    );
    assert!(!error.is_down());
    assert!(upstream.asked().is_empty());
}

#[tokio::test]
async fn l27_the_wait_is_the_one_that_the_server_asks_for() {
    for (headers, waits) in [
        (
            "retry-after-ms: 60\nretry-after: 20",
            Duration::from_millis(60),
        ),
        ("retry-after: 0.06", Duration::from_millis(60)),
    ] {
        let upstream = Upstream::scripted(vec![busy(headers), Answer::text("Four.")]).await;
        // Our own would be far too long.
        let model = upstream.model(|settings| settings.retries.first_wait = PATIENCE * 2);
        let started = Instant::now();
        assert_eq!(answer(&model).await, "Four.");
        assert!(started.elapsed() >= waits, "{headers}");
    }
    let upstream = Upstream::scripted(vec![busy("retry-after: 121")]).await;
    let error = ask(&upstream.model(|_| ())).await.unwrap_err();
    assert!(matches!(error, ModelError::Overloaded(_)), "{error:?}");
    assert_eq!(upstream.asked().len(), 1, "given up");
}

#[tokio::test]
async fn l28_what_passes_is_asked_again_twice() {
    for status in [408, 409, 429, 500, 503] {
        let upstream = Upstream::answering(move |_, _| Answer::status(status, "a: b", "")).await;
        let error = ask(&upstream.model(|_| ())).await.unwrap_err();
        assert!(matches!(error, ModelError::Overloaded(_)), "{error:?}");
        assert!(error.is_down());
        assert_eq!(upstream.asked().len(), 3, "{status}");
    }
    for status in [400, 401, 403, 404, 422] {
        let upstream = Upstream::answering(move |_, _| Answer::status(status, "a: b", "")).await;
        let error = ask(&upstream.model(|_| ())).await.unwrap_err();
        assert!(
            matches!(error, ModelError::Misconfigured { .. }),
            "{error:?}"
        );
        assert!(!error.is_down());
        assert_eq!(upstream.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn l28_the_server_knows_best_whether_to_ask_again() {
    let upstream = Upstream::scripted(vec![busy("x-should-retry: false")]).await;
    ask(&upstream.model(|_| ())).await.unwrap_err();
    assert_eq!(upstream.asked().len(), 1);

    let odd = Answer::status(400, "x-should-retry: true", "");
    let upstream = Upstream::scripted(vec![odd, Answer::text("Four.")]).await;
    assert_eq!(answer(&upstream.model(|_| ())).await, "Four.");

    let spent = r#"{"error":{"code":"insufficient_quota","message":"You exceeded your quota"}}"#;
    let upstream = Upstream::scripted(vec![Answer::status(429, "a: b", spent)]).await;
    let error = ask(&upstream.model(|_| ())).await.unwrap_err();
    assert!(error.for_operator().contains("insufficient_quota"));
    assert_eq!(upstream.asked().len(), 1, "waiting fills no account");
}

#[tokio::test]
async fn l28_no_connection_is_tried_again_and_then_told_without_the_address() {
    // Bound, so that nobody else gets the port, but not listening.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = closed.local_addr().unwrap().to_string();
    let upstream = Upstream::scripted(vec![]).await;
    let base = format!("http://{address}/v1?code=canary-query");
    let model = upstream.model_of(&[("OPENAI_BASE_URL", &base)], |settings| {
        settings.retries.first_wait = Duration::from_millis(40);
    });
    let started = Instant::now();
    let error = ask(&model).await.unwrap_err();
    assert!(matches!(error, ModelError::Unreachable(_)), "{error:?}");
    assert!(error.is_down());
    // Two waits, each less a quarter at most.
    assert!(started.elapsed() >= Duration::from_millis(30 + 60));
    let all = format!("{error} {error:?} {}", error.for_operator());
    for private in ["canary", "http", &address] {
        assert!(!all.contains(private), "{all}");
    }
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_times_out() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Once the queue of connections that nobody accepts is full, the next one hangs.
    let mut queue = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await
    {
        queue.push(connected.unwrap());
    }
    let upstream = Upstream::scripted(vec![]).await;
    let base = format!("http://{address}/v1");
    let model = upstream.model_of(&[("OPENAI_BASE_URL", &base)], |settings| {
        settings.timeouts.connect = Duration::from_millis(50);
        settings.retries.most = 0;
    });
    let error = ask(&model).await.unwrap_err();
    assert_eq!(error, ModelError::TimedOut(Phase::Connect));
}

#[tokio::test]
async fn retries_end_with_the_time_for_the_whole() {
    let upstream = Upstream::answering(|_, _| busy("retry-after: 1")).await;
    let model = upstream.model(|settings| settings.timeouts.total = Duration::from_millis(500));
    let started = Instant::now();
    let error = ask(&model).await.unwrap_err();
    assert!(matches!(error, ModelError::Overloaded(_)), "{error:?}");
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "no wait in vain"
    );
    assert_eq!(upstream.asked().len(), 1);
}

#[tokio::test]
async fn what_fails_before_the_answer_begins_is_asked_again() {
    let error = r#"{"error":{"message":"overloaded"}}"#;
    for broken in [
        Answer::events(&[ROLE, error]),
        Answer::events(&[ROLE]),
        Answer::events(&[]),
        Answer::events(&[ROLE]).framed(Framing::Chunks(5)).cut(20),
    ] {
        let told = format!("{broken:?}");
        let upstream = Upstream::scripted(vec![broken, Answer::text("Four.")]).await;
        assert_eq!(answer(&upstream.model(|_| ())).await, "Four.", "{told}");
    }
}

#[tokio::test]
async fn l32_what_fails_after_the_answer_began_is_an_error() {
    let call =
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]}}]}"#;
    for began in [HELLO, call] {
        let error = r#"{"error":{"message":"overloaded"}}"#;
        let upstream = Upstream::scripted(vec![Answer::events(&[ROLE, began, error])]).await;
        let mut reply = ask(&upstream.model(|_| ())).await.unwrap();
        let mut texts = 0;
        let error = loop {
            match next(&mut reply).await {
                Ok(Event::Text(_)) => texts += 1,
                Ok(Event::Done(completion)) => panic!("{completion:?}"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, ModelError::Broken(_)), "{error:?}");
        assert_eq!(texts, usize::from(began == HELLO));
        assert_eq!(upstream.asked().len(), 1, "never twice");
        assert_eq!(next(&mut reply).await, Err(ModelError::Incomplete));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let upstream = Upstream::scripted(vec![
        Answer::status(307, "location: /v2/chat/completions", ""),
        Answer::text("Elsewhere."),
    ])
    .await;
    let error = ask(&upstream.model(|_| ())).await.unwrap_err();
    assert!(
        matches!(error, ModelError::Misconfigured { .. }),
        "{error:?}"
    );
    assert_eq!(upstream.asked().len(), 1);
}

#[tokio::test]
async fn an_event_that_does_not_end_is_given_up() {
    let long = format!(r#"{{"x":"{}"}}"#, "x".repeat(2000));
    let upstream = Upstream::scripted(vec![Answer::events(&[&long]).cut(1900)]).await;
    let model = upstream.model(|settings| settings.event_bytes_max = 1000);
    let error = ask(&model).await.unwrap_err();
    assert!(matches!(error, ModelError::Malformed(_)), "{error:?}");
}

#[tokio::test]
async fn s38_l31_an_error_that_does_not_end_is_read_no_further_than_it_is_of_use() {
    let endless = Answer::status(401, "a: b", &"x".repeat(70_000)).then(Then::Hold);
    let upstream = Upstream::scripted(vec![endless]).await;
    let started = Instant::now();
    let error = ask(&upstream.model(|_| ())).await.unwrap_err();
    assert!(
        matches!(error, ModelError::Misconfigured { .. }),
        "{error:?}"
    );
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "it is large enough"
    );

    let stuck = Answer::status(401, "content-length: 9", "").then(Then::Hold);
    let upstream = Upstream::scripted(vec![stuck]).await;
    let model = upstream.model(|settings| settings.timeouts.total = Duration::from_millis(200));
    let error = ask(&model).await.unwrap_err();
    assert!(
        matches!(error, ModelError::Misconfigured { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_key_shows_nowhere_however_it_is_echoed() {
    let in_json = format!(r#"{{"error":{{"message":"bad key {KEY}","code":"{KEY}"}}}}"#);
    let event_error = format!("HTTP/1.1 200 OK\n\nevent: error\ndata: {KEY}\n\n");
    for echo in [
        Answer::status(401, &format!("x-key: {KEY}"), &in_json),
        Answer::status(500, "a: b", &in_json),
        Answer::status(500, "a: b", &format!("<p>{KEY}</p>")),
        Answer::status(400, "a: b", &format!("{}{KEY}", "x".repeat(290))),
        Answer::status(401, "a: b", &format!("bad key {KEY}")).cut(8 + 9),
        Answer::status(307, &format!("location: /{KEY}"), ""),
        Answer::status(200, "content-type: text/html", &format!("<p>{KEY}</p>")),
        Answer::status(200, "content-type: application/json", &in_json),
        Answer::status(200, "a: b", &in_json),
        Answer::events(&[&in_json]),
        Answer::events(&[HELLO, &in_json]),
        Answer::events(&[&format!("not JSON {KEY}")]),
        Answer::events(&[&format!(
            r#"{{"choices":[{{"delta":{{}},"finish_reason":"{KEY}"}}]}}"#
        )]),
        Answer::http(&event_error),
    ] {
        let told = format!("{echo:?}");
        let upstream = Upstream::answering(move |_, _| echo.clone()).await;
        let model = upstream.model(|_| ());
        let error = complete(&model).await.unwrap_err();
        let all = format!("{model:?} {error} {error:?} {}", error.for_operator());
        assert!(!all.contains("canary"), "{all} for {told}");
    }
}
