//! `POST /api/chat`: one message, one answer, no socket.

use std::sync::Arc;

use mcop_api::explorer::Trouble;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scripted::{Echo, failure, puppet};
use crate::socket_client::{Client, agent, user};
use crate::support::{Server, config};

#[tokio::test]
async fn a_call_is_answered_and_counted_in_its_session() {
    let server = Server::with_explorer(&config(), Arc::new(Echo)).await;
    for count in [2, 4] {
        let answered = server
            .post_chat(&json!({ "content": "Kolik?", "session_id": "call" }))
            .await;
        assert_eq!(answered.status(), 200);
        assert_eq!(
            answered.json::<Value>().await.unwrap(),
            json!({
                "content": "Kolik?", "session_id": "call", "message_count": count,
                "mode": "embedded",
            })
        );
    }
    let status = server.json("/api/pipeline/call/status").await;
    assert_eq!(status["status"], "chat");
}

#[tokio::test]
async fn a_call_without_a_session_gets_one_that_a_socket_can_go_on_with() {
    let (explorer, mut questions) = puppet();
    let server = Server::with_explorer(&config(), explorer).await;
    let call = json!({ "content": "q1", "session_id": null });
    let (answered, ()) = tokio::join!(server.post_chat(&call), async {
        questions.next().await.answer("a1");
    });
    let answered: Value = answered.json().await.unwrap();
    let session = answered["session_id"].as_str().unwrap();
    assert_eq!(session.parse::<uuid::Uuid>().unwrap().get_version_num(), 4);
    assert_eq!(
        answered,
        json!({ "content": "a1", "session_id": session, "message_count": 2, "mode": "embedded" })
    );
    let mut client = Client::open(&server, session).await;
    client.say("q2").await;
    let asked = questions.next().await;
    assert_eq!(asked.thread(), [("q1", "a1", true)]);
    asked.answer("a2");
    assert_eq!(
        client.frames_until("agent").await,
        [user("q2"), agent("a2")]
    );
}

#[tokio::test]
async fn a_failed_answer_has_the_status_of_whose_failure_it_was() {
    let (explorer, mut questions) = puppet();
    let server = Server::with_explorer(&config(), explorer).await;
    let troubles = [
        (
            Trouble::ModelMisconfigured,
            502,
            Some("model_misconfigured"),
        ),
        (Trouble::Interrupted, 502, Some("interrupted")),
        (Trouble::Filtered, 502, Some("filtered")),
        (Trouble::Internal, 500, None),
    ];
    for (trouble, status, code) in troubles {
        let call = json!({ "content": "q", "session_id": "failing" });
        let (answered, ()) = tokio::join!(server.post_chat(&call), async {
            questions.next().await.end(Err(failure(trouble, "so far")));
        });
        assert_eq!(answered.status(), status, "{trouble:?}");
        let wanted = match code {
            Some(code) => json!({ "detail": trouble.words(), "code": code }),
            None => json!({ "detail": trouble.words() }),
        };
        assert_eq!(answered.json::<Value>().await.unwrap(), wanted);
    }
    let call = json!({ "content": "q", "session_id": "failing" });
    let (answered, ()) = tokio::join!(server.post_chat(&call), async {
        let asked = questions.next().await;
        let kept = ["so far", "so far", "", "so far"];
        assert_eq!(asked.thread(), kept.map(|said| ("q", said, false)));
        asked.answer("a");
    });
    assert_eq!(answered.status(), 200);
}

#[tokio::test]
async fn a_call_that_does_not_fit_is_told_all_that_is_wrong_with_it() {
    let server = Server::with_explorer(&config(), Arc::new(Echo)).await;
    let problem = |kind: &str, field: &str, msg: &str| json!({ "type": kind, "loc": ["body", field], "msg": msg });
    let missing = problem("missing", "content", "Field required");
    let no_text = problem("string_type", "content", "Input should be a valid string");
    let empty = problem(
        "string_too_short",
        "content",
        "String should have at least 1 character that is not white space",
    );
    let no_id = problem(
        "string_type",
        "session_id",
        "Input should be a valid string",
    );
    let bad_id = problem(
        "string_pattern_mismatch",
        "session_id",
        "a session id is 1 to 128 characters from A-Z a-z 0-9 . _ ~ -",
    );
    let cases = [
        (json!({}), json!([missing])),
        (json!({ "content": null }), json!([no_text])),
        (json!({ "content": 1 }), json!([no_text])),
        (json!({ "content": "" }), json!([empty])),
        (json!({ "content": " \n" }), json!([empty])),
        (
            json!({ "content": ["x"], "session_id": 7 }),
            json!([no_text, no_id]),
        ),
        (
            json!({ "content": "x", "session_id": "a b" }),
            json!([bad_id]),
        ),
        (
            json!({ "content": "x", "session_id": "a/b" }),
            json!([bad_id]),
        ),
        (
            json!({ "content": "x", "session_id": "a".repeat(129) }),
            json!([bad_id]),
        ),
        (
            json!([]),
            json!([{
                "type": "model_attributes_type", "loc": ["body"],
                "msg": "Input should be a valid dictionary or object to extract fields from",
            }]),
        ),
    ];
    for (body, problems) in cases {
        let answered = server.post_chat(&body).await;
        assert_eq!(answered.status(), 422, "{body}");
        assert_eq!(
            answered.json::<Value>().await.unwrap(),
            json!({ "detail": problems }),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_message_of_32_kib_is_the_longest_that_is_answered() {
    let server = Server::with_explorer(&config(), Arc::new(Echo)).await;
    let longest = "ž".repeat(16 * 1024);
    let answered = server.post_chat(&json!({ "content": longest })).await;
    assert_eq!(answered.status(), 200);
    let answered: Value = answered.json().await.unwrap();
    assert_eq!(answered["content"], longest);
    let refused = server.post_chat(&json!({ "content": longest + "x" })).await;
    assert_eq!(refused.status(), 413);
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": "The message is larger than 32768 bytes, the most that is accepted" })
    );
}

#[tokio::test]
async fn only_posts_are_calls() {
    let server = Server::start().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let refused = server.request(method, "/api/chat").send().await.unwrap();
        assert_eq!(refused.status(), 405);
        assert_eq!(refused.headers()["allow"], "POST");
        assert_eq!(
            refused.text().await.unwrap(),
            r#"{"detail":"Method Not Allowed"}"#
        );
    }
}
