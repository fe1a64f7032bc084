//! The log, as the program writes it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PATIENCE, http_client, until, within};

/// The program as a process, and what it has written to its log.
struct Program {
    process: Child,
    address: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Program {
    async fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_mcop-api"))
            .env_clear()
            .envs([("HOST", "127.0.0.1"), ("PORT", "0")])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push(line);
            }
        });
        let mut program = Self {
            process,
            address: String::new(),
            log,
        };
        let serving = program.line("serving on http://").await;
        let (_, address) = serving.split_once("http://").unwrap();
        address.clone_into(&mut program.address);
        program
    }

    /// The first line that holds this, when it is there.
    async fn line(&self, part: &str) -> String {
        let mut found = None;
        until(|| {
            let log = self.log.lock().unwrap();
            found = log.iter().find(|line| line.contains(part)).cloned();
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// The line of a request, with what differs each time taken out.
    async fn request(&self, id: &str) -> String {
        let line = self.line(&format!("id={id} ")).await;
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
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test]
async fn a_request_is_one_line_of_the_log_that_says_what_it_was_and_no_more() {
    let program = Program::start().await;
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
        program.request("found").await,
        format!(
            r#"found method=GET route=/api/tables/{{name}} path="/api/tables/dimv_supplier" status=200 bytes={bytes}"#
        )
    );
    assert_eq!(
        program.request("lost").await,
        r#"lost method=GET route=other path="/no%0Awhere" status=404 bytes=22"#
    );
    let small = program.request("small").await;
    assert!(small.ends_with(" encoding=gzip"), "{small}");
    let run = program.request("run").await;
    assert!(run.ends_with(&format!(" run={session}")), "{run}");
    program.line(&format!("run {session}: completed")).await;
    program.request("last").await;

    let url = format!("ws://{}/ws/talk", program.address);
    let (mut socket, _) = within(tokio_tungstenite::connect_async(url)).await.unwrap();
    let opened = program.line("path=\"/ws/talk\" status=101").await;
    assert!(!opened.contains("bytes="), "{opened}");
    within(socket.close(None)).await.unwrap();
    let closed = program.line("chat talk: closed").await;
    assert!(closed.contains("closed by the client after 0."), "{closed}");
    assert!(closed.ends_with("s and 0 messages"), "{closed}");

    let log = program.log.lock().unwrap().join("\n");
    for hidden in ["sk-secret", "hidden", "secret words", "probe", "scrape"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}
