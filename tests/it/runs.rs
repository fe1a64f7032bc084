//! Runs in the background: their life, their limits, their failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mcop_api::pipeline::{Knowledge, Progress, RunRequest, Step, run};
use mcop_api::runs::Pipeline;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{PATIENCE, Server, at_least_one, config, config_with, sample};

/// A pipeline that stops at the step a test is told of, until the test lets it go on.
struct Gate {
    pipeline: Arc<Pipeline>,
    reached: mpsc::UnboundedReceiver<Step>,
    go_on: std::sync::mpsc::Sender<()>,
}

fn gate() -> Gate {
    let knowledge = Knowledge::new(sample());
    let (tell, reached) = mpsc::unbounded_channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let pipeline = Arc::new(
        move |request: RunRequest, on_step: &mut dyn FnMut(Progress)| {
            run(&knowledge, request, &mut |progress| {
                on_step(progress.clone());
                let Progress::Begun(step) = progress else {
                    return;
                };
                tell.send(step).ok();
                // A dropped gate opens for good.
                wait.lock().unwrap().recv().ok();
            })
        },
    );
    Gate {
        pipeline,
        reached,
        go_on,
    }
}

#[tokio::test]
async fn a_run_shows_each_step_as_it_moves_through_them() {
    let mut gate = gate();
    let server = Server::with_pipeline(&config(), gate.pipeline.clone()).await;
    let session = server
        .start_run(&json!({ "document": "# Test\n\n## Cíl\nTest goal" }))
        .await;
    let steps = [
        ("tool0", 0.0),
        ("tool1", 0.2),
        ("tool2", 0.4),
        ("tool3", 0.6),
        ("diagram", 0.8),
    ];
    for (step, progress) in steps {
        tokio::time::timeout(PATIENCE, gate.reached.recv())
            .await
            .unwrap();
        assert_eq!(
            server
                .json(&format!("/api/pipeline/{session}/status"))
                .await,
            json!({
                "session_id": session, "status": "running", "current_step": step, "progress": progress,
                "has_result": false, "has_diagram": false, "error": null,
            })
        );
        let early = server.get(&format!("/api/pipeline/{session}/result")).await;
        assert_eq!(early.status(), 400);
        assert_eq!(
            early.text().await.unwrap(),
            r#"{"detail":"Pipeline status: running"}"#
        );
        let early = server.get(&format!("/api/diagram/{session}")).await;
        assert_eq!(early.status(), 404);
        assert_eq!(
            early.text().await.unwrap(),
            r#"{"detail":"No diagram available"}"#
        );
        gate.go_on.send(()).unwrap();
    }
    assert_eq!(
        server.ended(&session).await,
        json!({
            "session_id": session, "status": "completed", "current_step": "diagram", "progress": 1.0,
            "has_result": true, "has_diagram": true, "error": null,
        })
    );
    let result = server
        .json(&format!("/api/pipeline/{session}/result"))
        .await;
    let timed: Vec<&str> = result["step_timings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|timing| timing["step"].as_str().unwrap())
        .collect();
    assert_eq!(timed, steps.map(|(step, _)| step));
    assert_eq!(
        (&result["status"], &result["error"]),
        (&json!("completed"), &Value::Null)
    );
    let diagram = server.json(&format!("/api/diagram/{session}")).await;
    assert_eq!(
        diagram,
        json!({ "diagram": result["diagram"], "format": "mermaid" })
    );
}

#[tokio::test]
async fn a_tool_that_panics_fails_its_run_with_plain_words_and_nothing_else() {
    let knowledge = Knowledge::new(sample());
    let pipeline = Arc::new(
        move |request: RunRequest, on_step: &mut dyn FnMut(Progress)| {
            assert_ne!(request.document, "secret", "a secret of the pipeline");
            run(&knowledge, request, on_step)
        },
    );
    let server = Server::with_pipeline(&config(), pipeline).await;
    let (broken, sound) = (
        server.start_run(&json!({ "document": "secret" })).await,
        server.start_run(&json!({ "document": "x" })).await,
    );
    let message =
        "The run ended in an internal error. It was logged; try again or report the session id.";
    assert_eq!(
        server.ended(&broken).await,
        json!({
            "session_id": broken, "status": "failed", "current_step": null, "progress": 0.0,
            "has_result": false, "has_diagram": false, "error": message,
        })
    );
    let result = server.get(&format!("/api/pipeline/{broken}/result")).await;
    assert_eq!(result.status(), 400);
    assert_eq!(
        result.json::<Value>().await.unwrap(),
        json!({ "detail": "Pipeline status: failed", "error": message })
    );
    assert_eq!(server.ended(&sound).await["status"], "completed");
}

#[tokio::test]
async fn past_the_queue_a_run_is_refused_with_503_and_taken_again_when_there_is_room() {
    let mut gate = gate();
    let config = config_with(|limits| {
        limits.concurrent_runs = at_least_one(1);
        limits.queued_runs = 2;
    });
    let server = Server::with_pipeline(&config, gate.pipeline.clone()).await;
    let document = json!({ "document": "x" });
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(server.start_run(&document).await);
    }
    tokio::time::timeout(PATIENCE, gate.reached.recv())
        .await
        .unwrap();
    assert!(gate.reached.try_recv().is_err(), "one at a time");
    let refused = server.post_run(&document).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(
        refused.text().await.unwrap(),
        r#"{"detail":"The service is busy: too many pipeline runs are waiting. Try again shortly."}"#
    );
    drop(gate.go_on);
    for session in &sessions {
        assert_eq!(server.ended(session).await["status"], "completed");
    }
    server.start_run(&document).await;
}

#[tokio::test]
async fn options_take_effect_and_unknown_ones_are_named() {
    let server = Server::start().await;
    let options = json!({ "scope": "ba", "max_columns": 2, "use_llm": false, "colour": "red", "metadata_path": "/etc/passwd" });
    let result = server
        .result_of("# Test\n\n## Entities\n- Suppliers", options)
        .await;
    assert_eq!(result["tool1_output"]["schemas"], json!(["dm_ba_purchase"]));
    assert_eq!(result["tool1_output"]["scope"], "ba");
    assert_eq!(
        result["warnings"],
        json!(["Unknown option \"colour\" was ignored."])
    );
    assert!(
        result["diagram"]
            .as_str()
            .unwrap()
            .contains("%% dimv_supplier: 2 of ")
    );
    // The seed's clients send the scope beside the document; the option counts where both are there.
    let session = server
        .start_run(&json!({ "document": "x", "scope": "dm_bs_logistics", "skip_tool0": true }))
        .await;
    server.ended(&session).await;
    let result = server
        .json(&format!("/api/pipeline/{session}/result"))
        .await;
    assert_eq!(
        result["tool1_output"]["schemas"],
        json!(["dm_bs_logistics"])
    );
}

#[tokio::test]
async fn a_scope_that_fits_nothing_completes_and_says_so() {
    let server = Server::start().await;
    let result = server
        .result_of(
            "# Test\n\n## Entities\n- Suppliers",
            json!({ "scope": "hr" }),
        )
        .await;
    assert_eq!(
        result["warnings"],
        json!([
            "No schema is in scope: \"hr\" is neither a schema nor part of a schema's name. There are: dm_ba_purchase, dm_bs_logistics, dm_bs_purchase."
        ])
    );
    assert_eq!(result["tool1_output"]["schemas"], json!([]));
    assert_eq!(result["tool1_output"]["mappings"][0]["status"], "no_match");
    assert_eq!(result["tool2_output"]["metrics"]["total_tables"], 0);
    assert_eq!(result["tool3_output"]["risk_level"], "critical");
    assert_eq!(
        result["diagram"],
        "erDiagram\n    %% No table is in scope.\n"
    );
}

#[tokio::test]
async fn the_same_request_gives_the_same_answer() {
    let server = Server::start().await;
    let document = include_str!("../../data/requests/sk.md");
    let mut results = Vec::new();
    for _ in 0..3 {
        let mut result = server.result_of(document, json!({})).await;
        let fields = result.as_object_mut().unwrap();
        for volatile in ["session_id", "step_timings", "total_duration_seconds"] {
            fields.remove(volatile).unwrap();
        }
        results.push(result);
    }
    assert!(results.iter().all(|result| *result == results[0]));
}

#[tokio::test]
async fn hostile_documents_complete_in_bounded_time() {
    let server = Server::start().await;
    let documents = [
        ("one line of 500 kB", "dodavatelé ".repeat(45_000)),
        ("1 MB", "x".repeat(1_000_000)),
        (
            "100,000 bullets",
            format!("# T\n\n## Entities\n{}", "- a\n".repeat(100_000)),
        ),
        ("many different entities", {
            use std::fmt::Write;
            (0..20_000).fold("# T\n\n## Entities\n".to_owned(), |mut text, n| {
                writeln!(text, "- supplier order {n}").unwrap();
                text
            })
        }),
        ("deep quotes", format!("{} x", "> ".repeat(50_000))),
        (
            "deep lists",
            (0..2_000_usize)
                .map(|depth| "  ".repeat(depth.min(200)) + "- x\n")
                .collect(),
        ),
        ("NULs", "# T\0\n\n## Cíl\0\n\0\0".to_owned()),
        ("brackets", "[".repeat(100_000)),
        ("emphasis", "*a_ ".repeat(100_000)),
        (
            "a table",
            format!(
                "|{}\n|{}\n|{}\n",
                "a|".repeat(5_000),
                "-|".repeat(5_000),
                "b|".repeat(5_000)
            ),
        ),
    ];
    for (what, document) in documents {
        let started = Instant::now();
        let result = server.result_of(&document, json!({})).await;
        assert_eq!(result["status"], "completed", "{what}");
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{what} took {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_a_thousand_sessions_does_not_hold_up_a_run() {
    let config = config_with(|limits| {
        limits.queued_runs = 1000;
        limits.rates.runs = None;
    });
    let server = Arc::new(Server::with(&config).await);
    let document = json!({ "document": "# T\n\n## Entities\n- Suppliers", "options": { "scope": "dm_ba_purchase" } });
    let mut sessions = Vec::new();
    for _ in 0..1000 {
        sessions.push(server.start_run(&document).await);
    }
    for session in &sessions {
        server.ended(session).await;
    }
    let polled = Arc::new(AtomicUsize::new(0));
    let (polling, counted) = (Arc::clone(&server), Arc::clone(&polled));
    let pollers = tokio::spawn(async move {
        let calls = sessions
            .iter()
            .cycle()
            .map(|session| format!("/api/pipeline/{session}/status"));
        for path in calls {
            assert_eq!(polling.json(&path).await["status"], "completed");
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let session = server.start_run(&document).await;
        server.ended(&session).await;
        let result = server
            .json(&format!("/api/pipeline/{session}/result"))
            .await;
        slowest = slowest.max(Duration::from_secs_f64(
            result["total_duration_seconds"].as_f64().unwrap(),
        ));
    }
    pollers.abort();
    assert!(
        polled.load(Ordering::Relaxed) > 20,
        "the pollers were at work"
    );
    assert!(
        slowest < Duration::from_secs(1),
        "the slowest of 20 runs took {slowest:?}"
    );
}

#[tokio::test]
async fn stopping_waits_for_the_runs_under_way() {
    let mut gate = gate();
    let server = Server::with_pipeline(&config(), gate.pipeline.clone()).await;
    server.start_run(&json!({ "document": "x" })).await;
    tokio::time::timeout(PATIENCE, gate.reached.recv())
        .await
        .unwrap();
    let finished = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&finished);
    let go_on = gate.go_on;
    server.ask_to_stop();
    let stopping = tokio::spawn(async move {
        server.stop().await;
        counting.load(Ordering::SeqCst)
    });
    // The run ends after the signal, and the service only after the run.
    finished.store(1, Ordering::SeqCst);
    drop(go_on);
    assert_eq!(stopping.await.unwrap(), 1);
    let steps = std::iter::from_fn(|| gate.reached.try_recv().ok()).count();
    assert_eq!(steps, 4, "the run went through its other steps");
}
