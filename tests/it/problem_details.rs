//! Errors as problem details (RFC 9457), where a client asks for them.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::support::Server;

#[tokio::test]
async fn an_error_comes_with_its_type_title_and_status_where_that_is_asked_for() {
    let server = Server::start().await;
    let cases = [
        (
            "GET",
            "/nowhere",
            404,
            json!({
                "type": "about:blank", "title": "Not Found", "status": 404, "detail": "Not Found",
            }),
        ),
        (
            "DELETE",
            "/api/tables",
            405,
            json!({
                "type": "about:blank", "title": "Method Not Allowed", "status": 405, "detail": "Method Not Allowed",
            }),
        ),
        (
            "GET",
            "/api/tables/dimv_suplier",
            404,
            json!({
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "Table 'dimv_suplier' not found",
                "suggestions": ["dm_ba_purchase.dimv_supplier", "dm_bs_purchase.dimv_supplier"],
            }),
        ),
    ];
    for (method, path, status, problem) in cases {
        for accept in [
            "application/problem+json",
            "application/json, application/problem+json;q=0.5",
        ] {
            let call = server
                .request(method.parse().unwrap(), path)
                .header(ACCEPT, accept);
            let answer = call.send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
            let length: usize = answer.headers()["content-length"]
                .to_str()
                .unwrap()
                .parse()
                .unwrap();
            let body = answer.text().await.unwrap();
            assert_eq!(body.len(), length);
            assert!(
                body.starts_with("{\"type\":\"about:blank\",\"title\":"),
                "{body}"
            );
            let mut body: Value = serde_json::from_str(&body).unwrap();
            if let Some(suggestions) = body.get_mut("suggestions").and_then(Value::as_array_mut) {
                suggestions.truncate(2);
            }
            assert_eq!(body, problem);
        }
    }
}

#[tokio::test]
async fn all_else_is_as_ever() {
    let server = Server::start().await;
    let asking = "application/json, application/problem+json";
    for accept in [
        "*/*",
        "application/json",
        "application/*",
        "application/problem+json;q=0",
    ] {
        let call = server
            .request(Method::GET, "/nowhere")
            .header(ACCEPT, accept);
        let answer = call.send().await.unwrap();
        assert_eq!(
            answer.headers()[CONTENT_TYPE],
            "application/json",
            "{accept}"
        );
        assert_eq!(answer.text().await.unwrap(), r#"{"detail":"Not Found"}"#);
    }
    // A list of problems is no sentence, and what is no error is none.
    let call = server
        .request(Method::POST, "/api/pipeline/run")
        .json(&json!({}));
    let answer = call.header(ACCEPT, asking).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    assert!(answer.json::<Value>().await.unwrap()["detail"].is_array());
    let call = server
        .request(Method::GET, "/api/stats")
        .header(ACCEPT, asking);
    let answer = call.send().await.unwrap();
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(answer.json::<Value>().await.unwrap().get("title"), None);
}
