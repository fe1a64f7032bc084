//! What a session holds, and forgetting it.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Server, config, failing_when_let_go};

async fn delete(server: &Server, session: &str) -> Response {
    let request = server.request(Method::DELETE, &format!("/api/sessions/{session}"));
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_session_shows_what_was_said_and_is_forgotten_on_demand() {
    let server = Server::start().await;
    let asked = server
        .post_chat(&json!({ "content": "How many tables are there?", "session_id": "talk" }))
        .await;
    let answer: Value = asked.json().await.unwrap();
    let shown = json!({
        "session_id": "talk", "status": "chat", "current_step": null, "has_result": false, "has_diagram": false,
        "error": null, "message_count": 2, "expires_in_seconds": 86400,
        "messages": [{ "question": "How many tables are there?", "answer": answer["content"], "is_finished": true }],
    });
    assert_eq!(server.json("/api/sessions/talk").await, shown);

    let gone = delete(&server, "talk").await;
    assert_eq!(gone.status(), 204);
    assert!(gone.bytes().await.unwrap().is_empty());
    for missing in ["talk", "never", "not%20an%20id"] {
        let refused = delete(&server, missing).await;
        assert_eq!(refused.status(), 404, "{missing}");
        assert_eq!(
            refused.json::<Value>().await.unwrap(),
            json!({ "detail": "Session not found" })
        );
        assert_eq!(
            server
                .get(&format!("/api/sessions/{missing}"))
                .await
                .status(),
            404
        );
    }
    // The same id begins anew.
    let again = server
        .post_chat(&json!({ "content": "and dimensions?", "session_id": "talk" }))
        .await;
    assert_eq!(again.json::<Value>().await.unwrap()["message_count"], 2);
}

#[tokio::test]
async fn a_session_whose_run_is_under_way_is_not_forgotten() {
    let (pipeline, go_on) = failing_when_let_go();
    let server = Server::with_pipeline(&config(), pipeline).await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    let refused = delete(&server, &session).await;
    assert_eq!(refused.status(), 409);
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": "The session's run or an answer of it is under way. Try again when it has ended." })
    );
    drop(go_on);
    server.ended(&session).await;
    assert_eq!(delete(&server, &session).await.status(), 204);
    let wrong = server.request(Method::POST, &format!("/api/sessions/{session}"));
    let wrong = wrong.send().await.unwrap();
    assert_eq!(
        (wrong.status().as_u16(), &wrong.headers()["allow"]),
        (405, &"GET, HEAD, DELETE".parse().unwrap())
    );
}

#[tokio::test]
async fn a_session_is_known_by_its_id_alone_and_ids_are_listed_nowhere() {
    let server = Server::start().await;
    let run = server.start_run(&json!({ "document": "x" })).await;
    server.ended(&run).await;
    let id: uuid::Uuid = run.parse().unwrap();
    assert_eq!(id.get_version_num(), 4, "it cannot be guessed");
    for list in [
        "/api/sessions",
        "/api/sessions/",
        "/api/pipeline",
        "/api/pipeline/",
        "/ws/",
    ] {
        assert_eq!(server.get(list).await.status(), 404, "{list}");
    }
    // One that was never there, one that cannot be, and one that is gone are answered alike.
    let gone = server.start_run(&json!({ "document": "y" })).await;
    server.ended(&gone).await;
    assert_eq!(delete(&server, &gone).await.status(), 204);
    let never = uuid::Uuid::new_v4().to_string();
    for id in [&never, &gone, "no%20id", &"x".repeat(129)] {
        for path in [
            "/api/sessions/{}",
            "/api/pipeline/{}/status",
            "/api/diagram/{}",
        ] {
            let answer = server.get(&path.replace("{}", id)).await;
            assert_eq!(answer.status(), 404, "{path} {id}");
            assert_eq!(
                answer.text().await.unwrap(),
                r#"{"detail":"Session not found"}"#
            );
        }
    }
}
