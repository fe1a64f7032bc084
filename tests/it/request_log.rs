//! The log, as the program writes it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::program::Program;
use crate::support::{PATIENCE, http_client, within};

/// The line of a request, with what differs each time taken out.
async fn request(program: &Program, id: &str) -> String {
    let line = program.line(&format!("id={id} ")).await;
    assert!(
        line.contains(" INFO ") && line.contains("mcop_api::http"),
        "{line}"
    );
    let (_, line) = line.split_once("id=").unwrap();
    let (before, trace) = line.split_once(" trace=").unwrap();
    let (trace, time) = trace.split_once(" ms=").unwrap();
    assert!(trace.len() == 32 && trace.bytes().all(|c| c.is_ascii_hexdigit()));
    let (time, after) = time.split_once(' ').unwrap_or((time, ""));
    assert!(time.parse::<f64>().unwrap() < PATIENCE.as_secs_f64() * 1e3);
    format!("{before} {after}").trim_end().to_owned()
}

#[tokio::test]
async fn a_request_is_one_line_of_the_log_that_says_what_it_was_and_no_more() {
    let program = Program::start(&[]).await;
    let http = http_client();
    let call = |method: Method, id: &'static str, path: &str| {
        http.request(method, format!("http://{}{path}", program.address))
            .header("x-request-id", id)
            .header("authorization", "Bearer sk-secret")
    };
    let bytes = call(
        Method::GET,
        "found",
        "/api/tables/dimv_supplier?token=hidden",
    )
    .send()
    .await
    .unwrap()
    .bytes()
    .await
    .unwrap()
    .len();
    call(Method::GET, "lost", "/no%0Awhere")
        .send()
        .await
        .unwrap();
    call(Method::GET, "small", "/api/tables")
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    let run =
        call(Method::POST, "run", "/api/pipeline/run").json(&json!({ "document": "secret words" }));
    let started: Value = run.send().await.unwrap().json().await.unwrap();
    let session = started["session_id"].as_str().unwrap();
    call(Method::GET, "probe", "/health").send().await.unwrap();
    call(Method::GET, "scrape", "/metrics")
        .send()
        .await
        .unwrap();
    call(Method::GET, "last", "/api/stats")
        .send()
        .await
        .unwrap();

    assert_eq!(
        request(&program, "found").await,
        format!(
            r#"found method=GET route=/api/tables/{{name}} path="/api/tables/dimv_supplier" status=200 client=127.0.0.1 bytes={bytes}"#
        )
    );
    assert_eq!(
        request(&program, "lost").await,
        r#"lost method=GET route=other path="/no%0Awhere" status=404 client=127.0.0.1 bytes=22"#
    );
    let small = request(&program, "small").await;
    assert!(small.ends_with(" encoding=gzip"), "{small}");
    let run = request(&program, "run").await;
    assert!(run.ends_with(&format!(" run={session}")), "{run}");
    program.line(&format!("run {session}: completed")).await;
    request(&program, "last").await;

    let url = format!("ws://{}/ws/talk", program.address);
    let (mut socket, _) = within(tokio_tungstenite::connect_async(url)).await.unwrap();
    let opened = program.line("path=\"/ws/talk\" status=101").await;
    assert!(!opened.contains("bytes="), "{opened}");
    within(socket.close(None)).await.unwrap();
    let closed = program.line("chat talk: closed").await;
    assert!(closed.contains("closed by the client after 0."), "{closed}");
    assert!(closed.ends_with("s and 0 messages"), "{closed}");

    let log = program.log().join("\n");
    for hidden in ["sk-secret", "hidden", "secret words", "probe", "scrape"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}

#[tokio::test]
async fn a_line_says_who_called_and_in_which_trace_and_in_nobody_elses_words() {
    let program = Program::start(&[("CLIENT_ADDRESS_HEADER", "X-Real-IP")]).await;
    let http = http_client();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let forged = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\" status=200";
    let sound = format!("00-{trace}-00f067aa0ba902b7-01");
    for (id, address, parent) in [
        ("six", "2001:db8:1:2:3:4:5:6", sound.as_str()),
        ("port", "203.0.113.9:4711", forged),
        ("mapped", "::ffff:203.0.113.9", "00-4BF92F"),
        ("forged", "203.0.113.9\" status=200 x=\"", "\t x status=200"),
        ("bytes", "\u{e9}\u{9b}31m", "\u{e9}"),
    ] {
        let value = |text: &str| reqwest::header::HeaderValue::from_bytes(text.as_bytes()).unwrap();
        http.get(format!("http://{}/nowhere", program.address))
            .header("x-request-id", id)
            .header("x-real-ip", value(address))
            .header("traceparent", value(parent))
            .header("tracestate", "said=status=200")
            .send()
            .await
            .unwrap();
    }
    for (id, client) in [
        ("six", "2001:db8:1:2:3:4:5:6"),
        ("port", "203.0.113.9"),
        ("mapped", "203.0.113.9"),
        ("forged", "127.0.0.1"),
        ("bytes", "127.0.0.1"),
    ] {
        let line = format!(
            "{id} method=GET route=other path=\"/nowhere\" status=404 client={client} bytes=22"
        );
        assert_eq!(request(&program, id).await, line);
        let in_trace = program
            .line(&format!("id={id} "))
            .await
            .contains(&format!(" trace={trace} "));
        assert_eq!(in_trace, id == "six", "{id}");
    }
    let log = program.log().join("\n");
    assert!(!log.contains("status=200"), "{log}");
}

#[tokio::test]
async fn a_request_id_cannot_write_to_the_log_what_it_likes() {
    let program = Program::start(&[]).await;
    let http = http_client();
    for bad in ["a b", "a\"b", "a=b", "\u{e9}", &"x".repeat(65), ""] {
        let value = reqwest::header::HeaderValue::from_bytes(bad.as_bytes()).unwrap();
        let answer = http
            .get(format!("http://{}/nowhere", program.address))
            .header("x-request-id", value)
            .send()
            .await
            .unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert!(id.parse::<uuid::Uuid>().is_ok(), "{bad:?}: {id}");
        assert!(request(&program, id).await.starts_with(id));
    }
}
