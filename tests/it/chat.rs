//! Conversations over WebSocket: what is said, in which order, and what is remembered.

use std::time::{Duration, Instant};

use mcop_api::explorer::enrichment::{Action, CanvasTrigger, Enrichment, Metrics, ViewType};
use mcop_api::explorer::{Answer, Mode, Trouble};
use serde_json::{Value, json};

use crate::scripted::{Questions, answer, failure, puppet};
use crate::socket_client::{Client, agent, error, partial, user};
use crate::support::{Server, chat_config, config};

async fn puppet_server() -> (Server, Questions) {
    let (explorer, questions) = puppet();
    (Server::with_explorer(&config(), explorer).await, questions)
}

fn cancelled() -> Value {
    error("cancelled", "The answer was cancelled.")
}

fn busy() -> Value {
    error(
        "busy",
        "Earlier messages of this session are still being answered. Wait for an answer, or cancel it.",
    )
}

fn internal() -> &'static str {
    Trouble::Internal.words()
}

/// The order of frames.
#[tokio::test]
async fn a_message_is_echoed_then_looked_up_then_told_then_answered_once() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "order").await;
    client.say("Which tables?").await;
    assert_eq!(client.frame().await, user("Which tables?"));
    let asked = questions.next().await;
    assert_eq!(asked.ask.question, "Which tables?");
    asked.tool("list_tables", "Calling list_tables with schema=dm");
    assert_eq!(
        client.frame().await,
        json!({
            "type": "tool", "content": "Calling list_tables with schema=dm",
            "tool_name": "list_tables",
        })
    );
    asked.tool("list_tables", "It failed");
    assert_eq!(
        client.frame().await,
        json!({ "type": "tool", "content": "It failed", "tool_name": "list_tables" })
    );
    asked.text("There are ");
    assert_eq!(client.frame().await, partial("There are "));
    asked.text("two.");
    assert_eq!(client.frame().await, partial("There are two."));
    asked.answer("There are two.");
    assert_eq!(client.frame().await, agent("There are two."));
    client.is_silent().await;
}

/// The order of frames: what stands beside an answer.
#[tokio::test]
async fn an_answer_brings_all_that_goes_along_with_it() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "enriched").await;
    client.say("Draw it").await;
    questions.next().await.end(Ok(Answer {
        mode: Mode::Model,
        enrichment: Enrichment {
            diagram: Some("erDiagram\n".to_owned()),
            canvas_trigger: Some(CanvasTrigger {
                action: Action::SwitchView,
                view_type: ViewType::ErDiagram,
                entity_name: Some("dm.fact".to_owned()),
                reason: "a diagram was asked for",
                confidence: 0.95,
            }),
            metrics: Some(Metrics {
                total_tables: 2,
                total_columns: 20,
                facts_count: 1,
                dimensions_count: 1,
                relationships_count: 1,
                declared_relationships_count: 0,
                quality_score: None,
                schema_name: "dm".to_owned(),
                as_of: "2026-01-31T10:30:05.123Z".to_owned(),
                is_stale: false,
            }),
        },
        ..answer("Here it is.")
    }));
    assert_eq!(client.frame().await, user("Draw it"));
    assert_eq!(
        client.frame().await,
        json!({
            "type": "agent", "content": "Here it is.", "mode": "model", "diagram": "erDiagram\n",
            "canvas_trigger": {
                "action": "switch_view", "view_type": "er_diagram", "entity_name": "dm.fact",
                "reason": "a diagram was asked for", "confidence": 0.95,
            },
            "metrics": {
                "total_tables": 2, "total_columns": 20, "facts_count": 1, "dimensions_count": 1,
                "relationships_count": 1, "declared_relationships_count": 0, "quality_score": null,
                "schema_name": "dm", "as_of": "2026-01-31T10:30:05.123Z", "is_stale": false,
            },
        })
    );
    client.is_silent().await;
}

/// Each partial holds the one before it; the exact pace is tested with the outbox.
#[tokio::test]
async fn partials_grow_at_a_bounded_pace_and_end_with_the_whole_text() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "pace").await;
    client.say("Tell me").await;
    assert_eq!(client.frame().await, user("Tell me"));
    let asked = questions.next().await;
    let telling = tokio::spawn(async move {
        let words: Vec<String> = (0..100).map(|number| format!("word{number} ")).collect();
        for word in &words {
            asked.text(word);
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
        let whole = words.concat();
        asked.answer(&whole);
        whole
    });
    let started = Instant::now();
    let frames = client.frames_until("agent").await;
    let took = started.elapsed();
    let whole = telling.await.unwrap();
    let (last, partials) = frames.split_last().unwrap();
    assert_eq!(*last, agent(&whole));
    let mut so_far = "";
    for frame in partials {
        let content = frame["content"].as_str().unwrap();
        assert_eq!(*frame, partial(content));
        assert!(content.len() > so_far.len() && content.starts_with(so_far));
        so_far = content;
    }
    assert_eq!(so_far, whole, "no text is lost at the end");
    let most = took.as_millis() / 50 + 2;
    assert!((3..=most).contains(&(partials.len() as u128)), "{took:?}");
    client.is_silent().await;
}

/// The pieces, put together, are the answer.
#[tokio::test]
async fn a_client_that_wants_pieces_gets_each_once() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::try_open(&server, "/ws/pieces?partials=delta", &[])
        .await
        .unwrap();
    client.say("Tell me").await;
    assert_eq!(client.frame().await, user("Tell me"));
    let asked = questions.next().await;
    for piece in ["Tři ", "tabuľky", "."] {
        asked.text(piece);
        assert_eq!(client.frame().await, partial(piece));
    }
    for piece in [" A", " ", "dvě."] {
        asked.text(piece);
    }
    asked.answer("Tři tabuľky. A dvě.");
    let frames = client.frames_until("agent").await;
    let (last, pieces) = frames.split_last().unwrap();
    let rest: String = pieces
        .iter()
        .map(|frame| {
            assert_eq!(frame["type"], "agent_partial");
            frame["content"].as_str().unwrap()
        })
        .collect();
    assert_eq!(rest, " A dvě.");
    assert_eq!(*last, agent("Tři tabuľky. A dvě."));
    client.is_silent().await;
}

/// W07
#[tokio::test]
async fn messages_during_an_answer_wait_in_order_and_too_many_are_refused() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "queue").await;
    for number in 1..=5 {
        client.say(&format!("m{number}")).await;
        assert_eq!(client.frame().await, user(&format!("m{number}")));
    }
    client.say("m6").await;
    assert_eq!(client.frame().await, busy());
    for number in 1..=5 {
        let asked = questions.next().await;
        assert_eq!(asked.ask.question, format!("m{number}"));
        assert!(questions.is_empty(), "one at a time");
        assert_eq!(asked.thread().len(), number - 1);
        asked.answer(&format!("a{number}"));
        assert_eq!(client.frame().await, agent(&format!("a{number}")));
    }
    client.say("m7").await;
    assert_eq!(client.frame().await, user("m7"));
    questions.next().await.answer("a7");
    assert_eq!(client.frame().await, agent("a7"));
    client.is_silent().await;
}

/// W07, over both ways in.
#[tokio::test]
async fn a_call_to_a_session_with_no_room_is_told_when_to_try_again() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "busy").await;
    for number in 1..=5 {
        client.say(&format!("m{number}")).await;
        client.frame().await;
    }
    let call = json!({ "content": "m6", "session_id": "busy" });
    let refused = server.post_chat(&call).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": "Earlier messages of this session are still being answered. Try again shortly." })
    );
    // What waits on a socket makes room again when the socket closes.
    let first = questions.next().await;
    client.close().await;
    first.dropped().await;
    let called = tokio::spawn(async move { server.post_chat(&call).await.status() });
    questions.next().await.answer("a6");
    assert_eq!(called.await.unwrap(), 200);
}

/// W08
#[tokio::test]
async fn two_sockets_of_one_session_take_turns_and_each_hears_only_its_own() {
    let (server, mut questions) = puppet_server().await;
    let mut here = Client::open(&server, "shared").await;
    let mut there = Client::open(&server, "shared").await;
    here.say("q1").await;
    assert_eq!(here.frame().await, user("q1"));
    let first = questions.next().await;
    there.say("q2").await;
    assert_eq!(there.frame().await, user("q2"));
    first.tool("list_tables", "Calling list_tables");
    first.text("a");
    assert_eq!(here.frames_until("agent_partial").await[1], partial("a"));
    assert!(questions.is_empty(), "the second waits for the first");
    first.answer("a1");
    assert_eq!(here.frame().await, agent("a1"));
    let second = questions.next().await;
    assert_eq!(second.thread(), [("q1", "a1", true)]);
    second.answer("a2");
    assert_eq!(there.frame().await, agent("a2"));
    here.is_silent().await;
    there.is_silent().await;
}

/// W08: what a socket leaves behind is known to the other before its turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_turn_is_remembered_before_the_next_begins() {
    let config = chat_config(|chat| chat.message_burst = 1000.try_into().unwrap());
    let (explorer, mut questions) = puppet();
    let server = Server::with_explorer(&config, explorer).await;
    let mut here = Client::open(&server, "handover").await;
    let mut there = Client::open(&server, "handover").await;
    for round in 0..50 {
        here.say("first").await;
        let first = questions.next().await;
        there.say("second").await;
        assert_eq!(there.frame().await, user("second"));
        here.cancel().await;
        let second = questions.next().await;
        assert_eq!(
            second.thread().last(),
            Some(&("first", "", false)),
            "round {round}"
        );
        first.dropped().await;
        second.answer("a");
        assert_eq!(there.frame().await, agent("a"));
        assert_eq!(here.frames_until("error").await[1], cancelled());
    }
}

/// Cancelling.
#[tokio::test]
async fn a_cancelled_answer_ends_in_an_error_and_the_next_message_is_answered() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "cancel").await;
    // The answer was quicker: nothing to cancel, nothing to say.
    client.cancel().await;
    client.is_silent().await;
    client.say("q1").await;
    client.say("q2").await;
    assert_eq!(client.frame().await, user("q1"));
    assert_eq!(client.frame().await, user("q2"));
    let first = questions.next().await;
    first.text("Half an ");
    assert_eq!(client.frame().await, partial("Half an "));
    client.cancel().await;
    assert_eq!(client.frame().await, cancelled());
    first.dropped().await;
    let second = questions.next().await;
    assert_eq!(second.ask.question, "q2");
    assert_eq!(second.thread(), [("q1", "Half an ", false)]);
    second.text("b");
    assert_eq!(client.frame().await, partial("b"), "not what was cancelled");
    second.answer("b2");
    assert_eq!(client.frame().await, agent("b2"));
    client.is_silent().await;
}

/// Trouble: a failed answer is an error frame, and known as incomplete.
#[tokio::test]
async fn every_trouble_has_its_code_and_leaves_the_socket_usable() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "trouble").await;
    let troubles = [
        (Trouble::ModelMisconfigured, "model_misconfigured"),
        (Trouble::Interrupted, "interrupted"),
        (Trouble::Filtered, "filtered"),
        (Trouble::Internal, "internal"),
    ];
    for (trouble, code) in troubles {
        client.say(code).await;
        assert_eq!(client.frame().await, user(code));
        questions.next().await.end(Err(failure(trouble, "so far")));
        assert_eq!(client.frame().await, error(code, trouble.words()));
    }
    client.say("and now?").await;
    assert_eq!(client.frame().await, user("and now?"));
    let asked = questions.next().await;
    let kept = |trouble| match trouble {
        Trouble::Filtered => "",
        _ => "so far",
    };
    assert_eq!(
        asked.thread(),
        troubles.map(|(trouble, code)| (code, kept(trouble), false)),
        "what a filter took back stays taken back"
    );
    asked.answer("fine");
    assert_eq!(client.frame().await, agent("fine"));
}

/// W14
#[tokio::test]
async fn a_panic_closes_its_own_socket_and_nothing_else() {
    let (server, mut questions) = puppet_server().await;
    let mut broken = Client::open(&server, "panic").await;
    let mut sound = Client::open(&server, "panic").await;
    broken.say("q1").await;
    assert_eq!(broken.frame().await, user("q1"));
    let asked = questions.next().await;
    asked.text("Half");
    assert_eq!(broken.frame().await, partial("Half"));
    asked.panic();
    broken.closed(1011, "internal error").await;
    sound.say("q2").await;
    assert_eq!(sound.frame().await, user("q2"));
    let asked = questions.next().await;
    assert_eq!(asked.thread(), [("q1", "Half", false)]);
    asked.answer("a2");
    assert_eq!(sound.frame().await, agent("a2"));
    // Over the single call, the same is a 500.
    let call = json!({ "content": "q3", "session_id": "panic" });
    let calling = async { server.post_chat(&call).await };
    let asked = async { questions.next().await.panic() };
    let (answered, ()) = tokio::join!(calling, asked);
    assert_eq!(answered.status(), 500);
    assert_eq!(
        answered.json::<Value>().await.unwrap(),
        json!({ "detail": internal() })
    );
    sound.say("q4").await;
    assert_eq!(sound.frame().await, user("q4"));
    assert_eq!(questions.next().await.thread().len(), 3);
}

/// L33 at this level, and the reconnection after it.
#[tokio::test]
async fn a_client_that_leaves_stops_its_answer_and_may_come_back_to_what_was_said() {
    let (server, mut questions) = puppet_server().await;
    let mut client = Client::open(&server, "back").await;
    client.say("q1").await;
    questions.next().await.answer("a1");
    assert_eq!(client.frames_until("agent").await[1], agent("a1"));
    client.say("q2").await;
    let asked = questions.next().await;
    asked.text("Half");
    assert_eq!(
        client.frames_until("agent_partial").await,
        [user("q2"), partial("Half")]
    );
    // No close frame: the connection is gone, as when a laptop's lid falls.
    drop(client);
    let left = Instant::now();
    asked.dropped().await;
    assert!(left.elapsed() < Duration::from_secs(1));
    let mut client = Client::open(&server, "back").await;
    client.say("q3").await;
    let asked = questions.next().await;
    assert_eq!(asked.thread(), [("q1", "a1", true), ("q2", "Half", false)]);
    asked.answer("a3");
    assert_eq!(
        client.frames_until("agent").await,
        [user("q3"), agent("a3")]
    );
    client.close().await;
}

/// The caller of the single call may leave too.
#[tokio::test]
async fn a_caller_that_hangs_up_stops_its_answer() {
    let (server, mut questions) = puppet_server().await;
    let request = server
        .request(reqwest::Method::POST, "/api/chat")
        .json(&json!({ "content": "q1", "session_id": "hang-up" }));
    let calling = tokio::spawn(request.send());
    let asked = questions.next().await;
    calling.abort();
    asked.dropped().await;
    let mut client = Client::open(&server, "hang-up").await;
    client.say("q2").await;
    let asked = questions.next().await;
    assert_eq!(asked.thread(), [("q1", "", false)]);
}

/// Status
#[tokio::test]
async fn a_session_is_active_once_opened_and_chats_from_its_first_message() {
    let (server, mut questions) = puppet_server().await;
    let status = |status: &str| {
        json!({
            "session_id": "status", "status": status, "current_step": null, "progress": 0.0,
            "has_result": false, "has_diagram": false, "error": null,
        })
    };
    let path = "/api/pipeline/status/status";
    assert_eq!(server.get(path).await.status(), 404);
    let mut client = Client::open(&server, "status").await;
    assert_eq!(server.json(path).await, status("active"));
    client.say("q").await;
    let asked = questions.next().await;
    assert!(asked.ask.run.is_none());
    assert_eq!(server.json(path).await, status("chat"));
    asked.answer("a");
    assert_eq!(client.frames_until("agent").await[1], agent("a"));
    client.close().await;
    assert_eq!(server.json(path).await, status("chat"));
    let result = server.get("/api/pipeline/status/result").await;
    assert_eq!(result.status(), 400);
    assert_eq!(
        result.json::<Value>().await.unwrap(),
        json!({ "detail": "Pipeline status: chat" })
    );
}

/// Status: of a session with a run.
#[tokio::test]
async fn a_chat_about_a_run_knows_its_result_and_leaves_it_as_it_is() {
    let (server, mut questions) = puppet_server().await;
    let document = json!({ "document": "# Test\n\n## Entities\n- Suppliers" });
    let session = server.start_run(&document).await;
    let status = server.ended(&session).await;
    assert_eq!(status["status"], "completed");
    let paths = [
        format!("/api/pipeline/{session}/status"),
        format!("/api/pipeline/{session}/result"),
        format!("/api/diagram/{session}"),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(server.json(path).await);
    }
    let mut client = Client::open(&server, &session).await;
    client.say("What was found?").await;
    let asked = questions.next().await;
    let run: Value = serde_json::from_slice(asked.ask.run.as_ref().unwrap()).unwrap();
    assert_eq!(run, before[1]);
    asked.answer("Suppliers.");
    assert_eq!(client.frames_until("agent").await[1], agent("Suppliers."));
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(server.json(path).await, before, "{path}");
    }
}
