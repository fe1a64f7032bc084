//! The OpenAPI document says all there is to say, and its pages show it without anybody's help.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::json_schema::Schemas;
use crate::openapi::{document, operations};
use crate::support::Server;

/// Walks all schemas and tells what is not said.
fn untold(schemas: &Schemas<'_>, schema: &Value, at: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(keywords) => {
            if let Some(text) = keywords.get("description").and_then(Value::as_str)
                && (text.contains("[`") && text.contains("`]") || text.contains("`None`"))
                && !text.contains("`[`")
            {
                found.push(format!("{at} speaks of Rust: {text}"));
            }
            for (name, property) in keywords
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let at = format!("{at}.{name}");
                // The one value of a tag speaks for itself.
                if property["enum"]
                    .as_array()
                    .is_some_and(|words| words.len() == 1)
                {
                    continue;
                }
                if !says(property, "description") {
                    found.push(format!("{at} has no description"));
                }
                if !has_example(schemas, property) {
                    found.push(format!("{at} has no example"));
                }
                let nullable =
                    property["type"].as_array().is_some() || property["oneOf"][0]["type"] == "null";
                let required = keywords.get("required").and_then(Value::as_array);
                let required =
                    required.is_some_and(|names| names.contains(&Value::from(name.as_str())));
                let is_asked = ["Body.", "Options."].iter().any(|of| at.contains(of));
                if nullable && !required && !is_asked {
                    found.push(format!("{at}: may it be null, or may it be left out?"));
                }
            }
            for (name, inner) in keywords {
                untold(schemas, inner, &format!("{at}.{name}"), found);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| untold(schemas, item, at, found)),
        _ => {}
    }
}

fn says(schema: &Value, what: &str) -> bool {
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    schema.get(what).is_some() || variants.into_iter().any(|variant| says(variant, what))
}

fn has_example(schemas: &Schemas<'_>, schema: &Value) -> bool {
    let inner = |name: &str| schema[name].as_array().into_iter().flatten();
    let target = match schema.get("$ref").and_then(Value::as_str) {
        Some(place) => schemas.document.pointer(place.trim_start_matches('#')),
        None => schema.get("items"),
    };
    schema.get("example").is_some()
        || schema.get("properties").is_some()
        || target.is_some_and(|target| has_example(schemas, target))
        || inner("oneOf")
            .chain(inner("allOf"))
            .any(|part| has_example(schemas, part))
}

#[tokio::test]
async fn everything_is_described_and_has_an_example() {
    let server = Server::start().await;
    let document = document(&server).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(document["info"].get("license").is_none());
    assert_eq!(document["servers"][0]["url"], "/");
    let schemas = Schemas {
        document: &document,
    };
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !says(schema, "description") {
            found.push(format!("{name} has no description"));
        }
        untold(&schemas, schema, name, &mut found);
    }
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap()),
            "{at}: its id is not its own"
        );
        for what in ["summary", "tags"] {
            if operation.get(what).is_none() {
                found.push(format!("{at} has no {what}"));
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let schema = schemas.resolved(&parameter["schema"]);
            let has_example = parameter.get("example").or(schema.get("example")).is_some();
            if !has_example || parameter.get("description").is_none() {
                found.push(format!("{at}: {} is not described", parameter["name"]));
            }
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = schemas.resolved(response);
            if response["description"]
                .as_str()
                .unwrap_or_default()
                .is_empty()
            {
                found.push(format!("{at} {status} has no description"));
            }
            let example = |content: &Value| {
                let told = content.get("example").or(content.get("examples")).is_some();
                told || has_example(&schemas, &content["schema"])
            };
            let contents = response["content"].as_object().into_iter().flatten();
            for (media_type, _) in contents.filter(|(_, content)| !example(content)) {
                found.push(format!("{at} {status} {media_type} has no example"));
            }
        }
    }
    assert_eq!(found, [""; 0], "{found:#?}");
}

#[tokio::test]
async fn examples_of_errors_fit_their_schemas() {
    let server = Server::start().await;
    let document = document(&server).await;
    let schemas = Schemas {
        document: &document,
    };
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let content = &response["content"]["application/json"];
        let examples = content["examples"].as_object().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for (what, example) in examples {
            let differences = schemas.differences(&content["schema"], &example["value"]);
            assert_eq!(differences, [""; 0], "{name}, {what}");
        }
    }
}

#[tokio::test]
async fn the_pages_of_the_documentation_need_nobody_else() {
    let server = Server::start().await;
    let plain = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let moved = plain
        .get(format!("http://{}/docs", server.address))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (308, &"docs/".parse().unwrap())
    );
    let page = server.get("/docs/").await;
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    let page = page.text().await.unwrap();
    let loaded: Vec<&str> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|before| page.split(before).skip(1))
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(loaded.len() >= 5, "{page}");
    for name in loaded {
        let asset = server.get(&format!("/docs/{name}")).await;
        assert_eq!(asset.status(), 200, "{name}");
        assert_eq!(
            asset.headers()["x-content-type-options"],
            "nosniff",
            "{name}"
        );
        assert!(asset.headers().contains_key("etag"), "{name}");
    }
    let settings = server
        .get("/docs/swagger-initializer.js")
        .await
        .text()
        .await
        .unwrap();
    assert!(settings.contains("url: \"../openapi.json\""), "{settings}");
    assert!(settings.contains("validatorUrl: \"none\""), "{settings}");
    assert!(!settings.contains("petstore"), "{settings}");

    let css = "/docs/swagger-ui.css";
    let whole = server.get(css).await;
    assert_eq!(whole.headers()["content-type"], "text/css; charset=utf-8");
    assert!(!whole.headers().contains_key("content-encoding"));
    let whole = whole.bytes().await.unwrap();
    assert!(
        whole.starts_with(b".swagger-ui"),
        "it is the style sheet itself"
    );
    let packed = server
        .request(Method::GET, css)
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() < whole.len() / 3);
    let head = server.request(Method::HEAD, css).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-type"]),
        (200, &"text/css; charset=utf-8".parse().unwrap())
    );
    for nothing in ["/docs/nothing.js", "/docs/%2e%2e%2fCargo.toml", "/docs/a/b"] {
        let answer = server.get(nothing).await;
        assert_eq!(answer.status(), 404, "{nothing}");
        assert_eq!(
            answer.json::<Value>().await.unwrap(),
            json!({ "detail": "Not Found" })
        );
    }
    assert_eq!(
        server
            .request(Method::POST, "/docs/")
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
}
