//! What outlives the process: after a stop, after `kill -9`, with a disk that is full.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mcop_api::config::Config;
use mcop_api::state::LOSS_MAX;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::exposition::Scrape;
use crate::program::Program;
use crate::support::{Server, config, failing_when_let_go, http_client, until, within};

/// A folder of its own, removed with this.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mcop-restart-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The settings with sessions kept in this place.
pub fn kept_in(place: &Place) -> Config {
    Config {
        state_dir: Some(place.0.clone()),
        ..config()
    }
}

/// Longer than the service gives its last write where clients have used up their grace.
const SLOW_WRITE: Duration = Duration::from_millis(800);

const DOCUMENT: &str = "# Nákup\n\n## Entities\n- Suppliers\n- Purchase orders\n\n## Metrics\n- Order value\n\n## Scope\nIn: dm_bs_purchase";

/// Everything that a client can have of a session: status, tag and body by path.
async fn all_of(server: &Server, session: &str) -> Vec<(String, StatusCode, String, Vec<u8>)> {
    let paths = [
        format!("/api/pipeline/{session}/status"),
        format!("/api/pipeline/{session}/result"),
        format!("/api/pipeline/{session}/events"),
        format!("/api/pipeline/{session}/artifacts"),
        format!("/api/pipeline/{session}/artifacts/governance_report.md"),
        format!("/api/diagram/{session}"),
        format!("/api/diagram/{session}?focus=dimv_supplier&depth=2"),
        format!("/api/sessions/{session}"),
    ];
    let mut all = Vec::new();
    for path in paths {
        let response = server.get(&path).await;
        let status = response.status();
        let tag = response.headers().get("etag");
        let tag = tag.map_or(String::new(), |tag| tag.to_str().unwrap().to_owned());
        let body = within(response.bytes()).await.unwrap().to_vec();
        all.push((path, status, tag, body));
    }
    all
}

async fn ask(server: &Server, session: &str, question: &str) -> Value {
    let call = json!({ "content": question, "session_id": session });
    let answered = server.post_chat(&call).await;
    assert_eq!(answered.status(), 200);
    answered.json().await.unwrap()
}

#[tokio::test]
async fn after_a_stop_everything_is_handed_out_as_before_and_conversations_go_on() {
    let place = Place::new("stop");
    let server = Server::with(&kept_in(&place)).await;
    let run = server.start_run(&json!({ "document": DOCUMENT })).await;
    assert_eq!(server.ended(&run).await["status"], "completed");
    ask(&server, &run, "What did the run find?").await;
    ask(&server, "mine", "Describe dimv_supplier").await;
    let opened = server.get("/api/pipeline/mine/status").await;
    let opened: Value = opened.json().await.unwrap();
    assert_eq!(
        opened,
        json!({
            "session_id": "mine", "status": "chat", "current_step": null, "progress": 0.0,
            "has_result": false, "has_diagram": false, "error": null,
        })
    );
    let before = (all_of(&server, &run).await, all_of(&server, "mine").await);
    assert!(before.0.iter().all(|(_, status, ..)| *status == 200));
    // Right away: what is younger than the last write is written at the end.
    server.stop().await;

    let server = Server::with(&kept_in(&place)).await;
    let after = (all_of(&server, &run).await, all_of(&server, "mine").await);
    assert_eq!(after, before);
    let held = server
        .request(Method::GET, &format!("/api/pipeline/{run}/result"))
        .header("if-none-match", &before.0[1].2);
    assert_eq!(held.send().await.unwrap().status(), 304);
    let answer = ask(&server, "mine", "How many columns does it have?").await;
    assert_eq!(answer["message_count"], 4);
    let words = answer["content"].as_str().unwrap();
    assert!(
        words.contains("dimv_supplier"),
        "it is still about: {words}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_run_under_way_when_the_service_stops_has_failed_and_its_watchers_are_told() {
    let place = Place::new("interrupted");
    let (pipeline, go_on) = failing_when_let_go();
    let mut app = mcop_api::App::new(&config(), crate::support::sample(), None);
    app = mcop_api::App::with_parts(&kept_in(&place), app.tools, pipeline, app.explorer);
    let (sessions, state, runs) = (app.sessions.clone(), app.state.clone(), app.runs.clone());
    let server = Server::of(app).await;
    let run = server.start_run(&json!({ "document": DOCUMENT })).await;
    let events = server.get(&format!("/api/pipeline/{run}/events")).await;
    // What the end of the grace period does.
    runs.interrupt();
    let told = within(events.text()).await.unwrap();
    assert!(
        told.contains("event: failed") || told.contains("event:failed"),
        "{told}"
    );
    assert!(state.flush().await);
    let status = server.ended(&run).await;
    assert_eq!(
        status,
        json!({
            "session_id": run, "status": "failed", "current_step": null, "progress": 0.0,
            "has_result": false, "has_diagram": false,
            "error": "The run was interrupted by a restart of the service. Start it again.",
        })
    );
    drop(go_on);
    server.stop().await;
    drop((sessions, state, runs));

    let server = Server::with(&kept_in(&place)).await;
    assert_eq!(
        server.json(&format!("/api/pipeline/{run}/status")).await,
        status
    );
    let events = server.get(&format!("/api/pipeline/{run}/events")).await;
    assert_eq!(within(events.text()).await.unwrap(), told);
    server.stop().await;
}

#[tokio::test]
async fn health_and_metrics_say_whether_sessions_are_kept() {
    let place = Place::new("health");
    let blocked = Place::new("blocked");
    let file = blocked.0.join("file");
    fs::write(&file, "").unwrap();
    let unusable = Config {
        state_dir: Some(file.join("below")),
        ..config()
    };
    for (config, state, failing) in [
        (config(), "off", "0"),
        (kept_in(&place), "kept", "0"),
        (unusable, "failing", "1"),
    ] {
        let server = Server::with(&config).await;
        let health = server.json("/health").await;
        assert_eq!(
            (&health["status"], &health["state"]),
            (&json!("healthy"), &json!(state))
        );
        let scrape = Scrape::of(&server).await;
        assert_eq!(scrape.samples["mcop_state_failing"], failing);
        let run = server.start_run(&json!({ "document": DOCUMENT })).await;
        assert_eq!(server.ended(&run).await["status"], "completed");
        server.stop().await;
    }
}

/// The program with its sessions kept in a place, and a client of it.
struct Kept {
    program: Program,
    client: reqwest::Client,
    /// From its start to its first healthy answer.
    ready: Duration,
}

impl Kept {
    async fn start(place: &Place) -> Self {
        Self::start_after("true", place).await
    }

    /// After a command of the shell, such as one that sets limits.
    async fn start_after(shell: &str, place: &Place) -> Self {
        let client = http_client();
        let settings = [
            ("RUST_LOG", "mcop_api=info"),
            ("STATE_DIR", place.0.to_str().unwrap()),
            ("MAX_RUNS_PER_MINUTE", "0"),
            ("MAX_CLIENT_MESSAGES_PER_MINUTE", "0"),
            ("MAX_CONCURRENT_RUNS", "1"),
        ];
        let begun = Instant::now();
        let mut kept = Self {
            program: Program::start_after(shell, &settings).await,
            client,
            ready: Duration::ZERO,
        };
        assert_eq!(kept.get("/health").await.unwrap().status(), 200);
        kept.ready = begun.elapsed();
        kept
    }

    async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        let url = format!("http://{}{path}", self.program.address);
        self.client.get(url).send().await
    }

    fn logged(&self, words: &str) -> usize {
        let log = self.program.log();
        log.iter().filter(|line| line.contains(words)).count()
    }
}

/// What clients have seen, and when.
#[derive(Default)]
struct Seen {
    /// Runs that were accepted.
    started: HashMap<String, Instant>,
    /// Results by their session: tag and body.
    completed: HashMap<String, (Instant, String, Vec<u8>)>,
    /// How many messages there were in a conversation, each time one more was answered.
    said: HashMap<String, Vec<(Instant, u64)>>,
}

async fn keep_running(
    client: reqwest::Client,
    address: String,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    let url = |path: &str| format!("http://{address}/api/pipeline/{path}");
    loop {
        let body = json!({ "document": DOCUMENT });
        let started = client.post(url("run")).json(&body).send().await.ok()?;
        let started: Value = started.json().await.ok()?;
        let id = started["session_id"].as_str()?.to_owned();
        let now = Instant::now();
        seen.lock().unwrap().started.insert(id.clone(), now);
        loop {
            let status = client.get(url(&format!("{id}/status"))).send().await.ok()?;
            let status: Value = status.json().await.ok()?;
            if status["status"] != "running" {
                break;
            }
        }
        let result = client.get(url(&format!("{id}/result"))).send().await.ok()?;
        let tag = result.headers()["etag"].to_str().unwrap().to_owned();
        let body = result.bytes().await.ok()?.to_vec();
        let result = (Instant::now(), tag, body);
        seen.lock().unwrap().completed.insert(id, result);
    }
}

async fn keep_chatting(
    client: reqwest::Client,
    address: String,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    let session = Uuid::new_v4().to_string();
    loop {
        let call = json!({ "content": "Describe dimv_supplier", "session_id": session });
        let url = format!("http://{address}/api/chat");
        let answered = client.post(url).json(&call).send().await.ok()?;
        let answered: Value = answered.json().await.ok()?;
        let count = answered["message_count"].as_u64()?;
        let mut seen = seen.lock().unwrap();
        let said = seen.said.entry(session.clone()).or_default();
        said.push((Instant::now(), count));
    }
}

/// Under load until a moment nobody knows; what was seen, and when it was over.
async fn loaded_and_killed(kept: &mut Kept) -> (Seen, Instant) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let client = http_client();
    let mut load = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (client, address) = (client.clone(), kept.program.address.clone());
        load.spawn(keep_running(
            client.clone(),
            address.clone(),
            Arc::clone(&seen),
        ));
        load.spawn(keep_chatting(client, address, Arc::clone(&seen)));
    }
    let random = u64::try_from(Uuid::new_v4().as_u128() % 1500).unwrap();
    tokio::time::sleep(LOSS_MAX + Duration::from_millis(300 + random)).await;
    let killed = Instant::now();
    kept.program.kill();
    within(load.join_all()).await;
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (seen, killed)
}

/// How much was to be there again, and how much more was there.
#[derive(Debug, Default)]
struct Found {
    results: usize,
    interrupted: usize,
    conversations: usize,
    /// Of the time of the last change that is there, before the kill: the loss.
    loss: Duration,
}

/// All that was seen longer ago than the bound is there.
async fn checked(kept: &Kept, seen: &Seen, killed: Instant, found: &mut Found) {
    let old = |at: Instant| at + LOSS_MAX <= killed;
    for (id, at) in &seen.started {
        let status = kept
            .get(&format!("/api/pipeline/{id}/status"))
            .await
            .unwrap();
        if status.status() == 404 {
            assert!(!old(*at), "a run that was accepted is lost");
            found.loss = found.loss.max(killed - *at);
            continue;
        }
        let status: Value = status.json().await.unwrap();
        assert_ne!(status["status"], "running", "it never ends");
        if status["status"] == "failed" {
            let error = status["error"].as_str().unwrap();
            assert!(error.contains("interrupted"), "{error}");
            found.interrupted += 1;
        }
        let Some((at, tag, body)) = seen.completed.get(id) else {
            continue;
        };
        if status["status"] != "completed" {
            assert!(!old(*at), "a result is lost");
            found.loss = found.loss.max(killed - *at);
            continue;
        }
        let result = kept
            .get(&format!("/api/pipeline/{id}/result"))
            .await
            .unwrap();
        assert_eq!(result.headers()["etag"].to_str().unwrap(), tag);
        assert_eq!(result.bytes().await.unwrap(), body, "byte for byte");
        found.results += 1;
    }
    for (id, said) in &seen.said {
        let session = kept.get(&format!("/api/sessions/{id}")).await.unwrap();
        let session: Value = session.json().await.unwrap();
        let count = session["message_count"].as_u64().unwrap_or(0);
        for (at, seen) in said.iter().filter(|(_, seen)| *seen > count) {
            assert!(!old(*at), "turn {seen} of {count} is lost");
            found.loss = found.loss.max(killed - *at);
        }
        found.conversations += 1;
    }
}

/// How much longer a start may take for what is to be read back, however many sessions there are and
/// however often the service was killed. The promise is one second for all of the start, of the program
/// as it is shipped; a build for tests takes its time for the catalog.
const READ_BACK_MAX: Duration = Duration::from_secs(1);
/// How often that is measured where it takes longer: whatever else the machine does only adds to it.
const MEASUREMENTS: usize = 3;

/// The program after a kill, and how much longer its start took than one without sessions.
async fn started_again(place: &Place) -> (Kept, Duration) {
    let mut measurements = 0;
    loop {
        // Right before, so that the machine is as busy.
        let empty = Kept::start(&Place::new("empty")).await.ready;
        let kept = Kept::start(place).await;
        let longer = kept.ready.saturating_sub(empty);
        measurements += 1;
        if longer <= READ_BACK_MAX || measurements == MEASUREMENTS {
            return (kept, longer);
        }
        // It is killed here too.
    }
}

async fn killed_again_and_again(rounds: usize) {
    let place = Place::new("kill");
    let mut found = Found::default();
    let mut longest = Duration::ZERO;
    let mut kept = Kept::start(&place).await;
    for round in 1..=rounds {
        let (seen, killed) = loaded_and_killed(&mut kept).await;
        assert!(!seen.completed.is_empty() && !seen.said.is_empty());
        let longer;
        (kept, longer) = started_again(&place).await;
        longest = longest.max(longer);
        assert!(longer <= READ_BACK_MAX, "{longer:?}");
        checked(&kept, &seen, killed, &mut found).await;
        let names = fs::read_dir(&place.0).unwrap().count();
        assert_eq!(names, 1, "nothing was set aside");
        let size = fs::metadata(place.0.join("sessions.redb")).unwrap().len();
        println!(
            "{round} kills: {found:?}; ready in {:?}, at most {longest:?} longer than without sessions; the file has {size} bytes",
            kept.ready
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_under_load_loses_nothing_that_is_older_than_two_seconds() {
    killed_again_and_again(2).await;
}

/// As many rounds as are asked of the service; some four minutes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn kill_9_fifty_times() {
    killed_again_and_again(50).await;
}

/// What is seen while one run completes, at least.
async fn one_run(kept: &Kept) -> Seen {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let running = keep_running(
        kept.client.clone(),
        kept.program.address.clone(),
        Arc::clone(&seen),
    );
    let completed = until(|| !seen.lock().unwrap().completed.is_empty());
    tokio::select! {
        _ = running => panic!("runs go on, whatever the disk does"),
        () = completed => {}
    }
    std::mem::take(&mut *seen.lock().unwrap())
}

/// Needs `bash`, and `prlimit` of util-linux, which every Debian has.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_nothing_is_said_once_and_is_made_up_for() {
    let place = Place::new("full");
    let before = {
        let kept = Kept::start(&place).await;
        one_run(&kept).await;
        let file = place.0.join("sessions.redb");
        until(|| file.exists()).await;
        fs::metadata(file).unwrap().len()
    };
    // No file may become larger: what this process can see of a disk without room.
    let limit = format!("trap '' XFSZ; ulimit -S -f {}", before / 1024);
    let kept = Kept::start_after(&limit, &place).await;
    let running = async || one_run(&kept).await;
    let mut all = Vec::new();
    let is_so = async |wanted: &str| {
        let health = kept.get("/health").await.unwrap();
        assert_eq!(health.status(), 200);
        let health: Value = health.json().await.unwrap();
        assert_eq!(health["status"], "healthy");
        health["state"] == wanted
    };
    within(async {
        while !is_so("failing").await {
            all.push(running().await);
        }
    })
    .await;
    all.push(running().await);
    assert_eq!(kept.logged("sessions cannot be kept"), 1);
    let lifted = Command::new("prlimit")
        .arg(format!("--pid={}", kept.program.id()))
        .arg("--fsize=unlimited:unlimited")
        .status();
    assert!(lifted.unwrap().success());
    within(async {
        while !is_so("kept").await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(kept.logged("sessions cannot be kept"), 1, "once an episode");
    assert_eq!(kept.logged("sessions are written again"), 1);
    drop(kept);
    let kept = Kept::start(&place).await;
    let mut found = Found::default();
    for seen in &all {
        // All of it: it was written since.
        checked(&kept, seen, Instant::now() + LOSS_MAX, &mut found).await;
    }
    assert!(found.results > 0);
}

/// A disk that is slow, as far as the service can tell: what is to be written waits for its thread.
#[test]
fn at_the_end_a_slow_disk_has_all_the_time_that_clients_leave() {
    let (place, left) = (Place::new("slow-disk"), Place::new("slow-disk-left"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let app = mcop_api::App::new(&kept_in(&place), crate::support::sample(), None);
        let (sessions, state) = (app.sessions.clone(), app.state.clone());
        let server = Server::of(app).await;
        assert!(state.flush().await);
        sessions.open(&"late".parse().unwrap()).unwrap();
        tokio::task::spawn_blocking(|| std::thread::sleep(SLOW_WRITE));
        server.stop().await;
    });
    // Here the program is over: what is on the disk by now is all that there will be.
    for entry in fs::read_dir(&place.0).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, left.0.join(path.file_name().unwrap())).unwrap();
    }
    runtime.block_on(async {
        let server = Server::with(&kept_in(&left)).await;
        let kept = server.get("/api/pipeline/late/status").await;
        assert_eq!(kept.status(), 200);
        server.stop().await;
    });
}
