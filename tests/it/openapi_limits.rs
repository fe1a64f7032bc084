//! Parameters and bodies are taken up to the limits that the OpenAPI document states, and no further.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi::{address, document, operations};
use crate::support::Server;

/// A value at the edge of what a schema allows, and one beyond it, for each edge it has.
fn edges(schema: &Value) -> Vec<(Value, Value)> {
    let number = |name: &str| schema.get(name).and_then(Value::as_i64);
    let text = |length: i64| Value::from("x".repeat(usize::try_from(length).unwrap()));
    let mut edges = Vec::new();
    if let Some(least) = number("minimum") {
        edges.push((least.into(), (least - 1).into()));
    }
    if let Some(most) = number("maximum") {
        edges.push((most.into(), (most + 1).into()));
    }
    if let Some(least) = number("minLength") {
        edges.push((text(least), text(least - 1)));
    }
    if let Some(most) = number("maxLength") {
        edges.push((text(most), text(most + 1)));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        edges.extend(
            words
                .iter()
                .map(|word| (word.clone(), json!("none of them"))),
        );
    }
    edges
}

/// A parameter as a query holds it.
fn pair(name: &str, value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let value = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC);
    format!("{name}={value}")
}

#[tokio::test]
async fn parameters_are_taken_up_to_their_documented_limits_and_no_further() {
    let server = Server::start().await;
    let document = document(&server).await;
    let session = server
        .start_run(&json!({ "document": "- suppliers" }))
        .await;
    server.ended(&session).await;
    let mut tried = 0;
    for (path, method, operation) in operations(&document) {
        let parameters: Vec<&Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        for parameter in parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
        {
            let name = parameter["name"].as_str().unwrap();
            for (inside, beyond) in edges(&parameter["schema"]) {
                let status_of = async |value: &Value| {
                    let mut query = BTreeMap::new();
                    for other in &parameters {
                        if other["in"] == "query" && other["required"] == true {
                            query.insert(other["name"].as_str().unwrap(), other["example"].clone());
                        }
                    }
                    query.insert(name, value.clone());
                    let query: Vec<String> = query
                        .iter()
                        .map(|(name, value)| pair(name, value))
                        .collect();
                    let target = format!("{}?{}", address(path, &session), query.join("&"));
                    server
                        .request(method.clone(), &target)
                        .send()
                        .await
                        .unwrap()
                };
                let taken = status_of(&inside).await.status();
                assert_ne!(taken, 422, "{path} {name}={inside}");
                let refused = status_of(&beyond).await;
                assert_eq!(refused.status(), 422, "{path} {name}={beyond}");
                let refused: Value = refused.json().await.unwrap();
                assert_eq!(refused["detail"][0]["loc"], json!(["query", name]));
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[tokio::test]
async fn bodies_are_read_as_documented_field_by_field() {
    let server = Server::start().await;
    let document = document(&server).await;
    let schemas = &document["components"]["schemas"];
    let whole = |name: &str| -> Value {
        let fields = schemas[name]["properties"].as_object().unwrap().iter();
        let fields = fields.filter(|(_, schema)| schema.get("example").is_some());
        Value::Object(
            fields
                .map(|(name, schema)| (name.clone(), schema["example"].clone()))
                .collect(),
        )
    };
    let mut run = whole("RunBody");
    run["options"] = whole("RunOptions");
    assert_eq!(run["options"].as_object().unwrap().len(), 3);
    let session = server.start_run(&run).await;
    server.ended(&session).await;
    let result = server
        .json(&format!("/api/pipeline/{session}/result"))
        .await;
    let unknown = result["warnings"].as_array().unwrap().iter();
    let unknown: Vec<_> = unknown
        .filter(|said| said.as_str().unwrap().contains("Unknown"))
        .collect();
    assert_eq!(unknown, [""; 0], "a documented field is not known");
    let chat = whole("ChatBody");
    assert_eq!(server.post_chat(&chat).await.status(), 200);

    for (path, body, name, inside) in [
        ("/api/pipeline/run", &run, "RunBody", None),
        ("/api/pipeline/run", &run, "RunOptions", Some("options")),
        ("/api/chat", &chat, "ChatBody", None),
    ] {
        let required: Vec<&Value> = schemas[name]["required"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        for (field, schema) in schemas[name]["properties"].as_object().unwrap() {
            let status_with = async |value: Option<Value>| {
                let mut changed = body.clone();
                let place = match inside {
                    Some(object) => &mut changed[object],
                    None => &mut changed,
                };
                match value {
                    Some(value) => place[field] = value,
                    None => _ = place.as_object_mut().unwrap().remove(field),
                }
                let request = server.request(Method::POST, path).json(&changed);
                request.send().await.unwrap().status().as_u16()
            };
            let is_required = required.contains(&&Value::from(field.as_str()));
            let expected = if is_required { 422 } else { 200 };
            assert_eq!(status_with(None).await, expected, "{name}.{field} left out");
            assert_eq!(
                status_with(Some(Value::Null)).await,
                expected,
                "{name}.{field} null"
            );
            assert_eq!(
                status_with(Some(json!([1]))).await,
                422,
                "{name}.{field} of another type"
            );
            for (edge, beyond) in edges(schema) {
                if field != "session_id" {
                    assert_eq!(
                        status_with(Some(edge.clone())).await,
                        200,
                        "{name}.{field} {edge}"
                    );
                }
                assert_eq!(
                    status_with(Some(beyond.clone())).await,
                    422,
                    "{name}.{field} {beyond}"
                );
            }
        }
    }
    // JSON has one kind of number: 5.0 is whole.
    for (columns, status) in [(json!(5.0), 200), (json!(5.5), 422), (json!(1e300), 422)] {
        let body = json!({ "document": "x", "options": { "max_columns": columns } });
        assert_eq!(server.post_run(&body).await.status(), status, "{columns}");
    }
}
