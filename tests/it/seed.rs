//! The tests of the product's first sketch, one by one.

use serde_json::{Value, json};

use crate::socket_client::{Client, user};
use crate::support::Server;

#[tokio::test]
async fn test_health_check() {
    let server = Server::start().await;
    let response = server.get("/health").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap()["status"], "healthy");
}

#[tokio::test]
async fn test_list_tables() {
    let server = Server::start().await;
    let response = server.get("/api/tables").await;
    assert_eq!(response.status(), 200);
    assert!(response.json::<Value>().await.unwrap().is_array());
}

#[tokio::test]
async fn test_pipeline_start() {
    let server = Server::start().await;
    let response = server
        .post_run(&json!({ "document": "# Test\n\n## Cíl\nTest goal" }))
        .await;
    assert_eq!(response.status(), 200);
    let data: Value = response.json().await.unwrap();
    assert!(data["session_id"].is_string());
    assert_eq!(data["status"], "started");
}

#[tokio::test]
async fn test_session_not_found() {
    let server = Server::start().await;
    assert_eq!(
        server
            .get("/api/pipeline/nonexistent/status")
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn test_websocket_connection() {
    let server = Server::start().await;
    let mut client = Client::open(&server, "test-session").await;
    client.send(r#"{"content": "List all tables"}"#).await;
    let frames = client.frames_until("agent").await;
    assert_eq!(frames[0], user("List all tables"));
    client.is_silent().await;
}
