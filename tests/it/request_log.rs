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
    let (before, time) = line.split_once(" ms=").unwrap();
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
            r#"found method=GET route=/api/tables/{{name}} path="/api/tables/dimv_supplier" status=200 bytes={bytes}"#
        )
    );
    assert_eq!(
        request(&program, "lost").await,
        r#"lost method=GET route=other path="/no%0Awhere" status=404 bytes=22"#
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
