//! The OpenAPI document says what the server does, and all of it.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::json_schema::Schemas;
use crate::socket_client::Client;
use crate::support::{Server, config_with, within};

/// Where the routes are listed, each with its request line.
const ROUTES: &str = include_str!("../../src/routes.rs");
/// Pages for people to look at, and what they load: no calls of the API.
const PAGES: [&str; 5] = [
    "/",
    "/assets/{file}",
    "/samples/{file}",
    "/docs/",
    "/docs/{file}",
];

pub async fn document(server: &Server) -> Value {
    server.json("/openapi.json").await
}

/// Path, method and definition of each operation.
pub fn operations(document: &Value) -> Vec<(&str, Method, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&'_ String, &'_ Value)| -> Vec<(String, Method)> {
        let methods = item.as_object().unwrap().keys();
        let methods = methods.map(|method| method.to_uppercase().parse().unwrap());
        methods.map(|method| (path.clone(), method)).collect()
    };
    let all: Vec<(String, Method)> = paths.iter().flat_map(of_path).collect();
    all.into_iter()
        .map(|(path, method)| {
            let (path, item) = paths.get_key_value(&path).unwrap();
            (
                path.as_str(),
                method.clone(),
                &item[method.as_str().to_lowercase()],
            )
        })
        .collect()
}

/// The request lines of the routes: method, path and names of the query.
fn request_lines() -> Vec<(Method, String, BTreeSet<String>)> {
    let lines = ROUTES.lines().filter_map(|line| line.strip_prefix("/// `"));
    let calls = lines.flat_map(|line| line.split("`, `"));
    calls
        .map(|call| {
            let (method, target) = call.trim_end_matches('`').split_once(' ').unwrap();
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let names = query.split('&').filter(|pair| !pair.is_empty());
            let names = names.map(|pair| pair.trim_end_matches('=').to_owned());
            // A socket begins as a GET.
            let method = method.replace("WS", "GET").parse().unwrap();
            (method, path.to_owned(), names.collect())
        })
        .collect()
}

#[tokio::test]
async fn the_routes_and_the_document_name_the_same_calls_with_the_same_queries() {
    let server = Server::start().await;
    let document = document(&server).await;
    let documented: BTreeMap<(String, String), BTreeSet<String>> = operations(&document)
        .into_iter()
        .map(|(path, method, operation)| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let query = query.map(|parameter| parameter["name"].as_str().unwrap().to_owned());
            ((path.to_owned(), method.to_string()), query.collect())
        })
        .collect();
    let routed: BTreeMap<(String, String), BTreeSet<String>> = request_lines()
        .into_iter()
        .filter(|(_, path, _)| !PAGES.contains(&path.as_str()))
        .map(|(method, path, query)| ((path, method.to_string()), query))
        .collect();
    assert_eq!(documented, routed);
    // Each route has its line.
    let endpoints = ROUTES
        .matches("-> BoxedFilter<(Response,)> {\n    warp::path!")
        .count()
        + ROUTES.matches("let call = warp::path!").count()
        + ROUTES.matches("    warp::path::end()").count();
    let lines = ROUTES.lines().filter(|line| line.starts_with("/// `"));
    assert_eq!(lines.count(), endpoints);
    let paths = ROUTES.matches("warp::path!(").count() + ROUTES.matches("warp::path::end(").count();
    assert_eq!(paths, endpoints);
}

/// An address of a path that exists: the parameters filled with what there is.
pub fn address(path: &str, session: &str) -> String {
    path.replace("{session_id}", session)
        .replace("{file}", "query.sql")
        .replace("{name}", "dimv_supplier")
}

#[tokio::test]
async fn methods_that_are_not_documented_are_refused_with_those_that_are() {
    let server = Server::start().await;
    let document = document(&server).await;
    let all = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
    ];
    for path in document["paths"].as_object().unwrap().keys() {
        let documented: BTreeSet<String> = operations(&document)
            .into_iter()
            .filter(|(of, ..)| of == path)
            .flat_map(|(path, method, _)| {
                // HEAD goes with GET, says the description; an upgrade has none.
                let head = method == Method::GET && !path.starts_with("/ws/");
                [Some(method.to_string()), head.then(|| "HEAD".to_owned())]
            })
            .flatten()
            .collect();
        for method in all
            .into_iter()
            .filter(|method| !documented.contains(*method))
        {
            let target = address(path, "nobody");
            let answer = server
                .request(method.parse().unwrap(), &target)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 405, "{method} {path}");
            let allowed = answer.headers()["allow"].to_str().unwrap();
            let allowed: BTreeSet<String> = allowed.split(", ").map(str::to_owned).collect();
            assert_eq!(allowed, documented, "{method} {path}");
        }
    }
}

/// Compares answers with the document, and remembers which it has seen.
struct Checker<'d> {
    schemas: Schemas<'d>,
    seen: BTreeSet<(String, String)>,
}

impl<'d> Checker<'d> {
    fn new(document: &'d Value) -> Self {
        Self {
            schemas: Schemas { document },
            seen: BTreeSet::new(),
        }
    }

    /// Checks status, headers, media type and body of an answer against its operation.
    async fn check(&mut self, method: &str, path: &str, answer: Response) {
        let document = self.schemas.document;
        let operation = &document["paths"][path][method.to_lowercase()];
        let status = answer.status().as_u16().to_string();
        let what = format!("{method} {path} {status}");
        let documented = operation["responses"].get(&status);
        let response = self
            .schemas
            .resolved(documented.unwrap_or_else(|| panic!("{what} is not documented")));
        for name in response["headers"].as_object().into_iter().flatten() {
            assert!(
                answer.headers().contains_key(name.0),
                "{what}: no {}",
                name.0
            );
        }
        let media_type = answer.headers().get("content-type").map(|value| {
            let value = value.to_str().unwrap();
            value.split(';').next().unwrap().to_owned()
        });
        let body = within(answer.bytes()).await.unwrap();
        self.seen.insert((
            operation["operationId"].as_str().unwrap().to_owned(),
            status,
        ));
        let Some(contents) = response.get("content") else {
            assert!(body.is_empty(), "{what}: a body is not documented");
            return;
        };
        let media_type = media_type.unwrap_or_else(|| panic!("{what}: no media type"));
        let content = contents.get(&media_type);
        let content = content.unwrap_or_else(|| panic!("{what}: {media_type} is not documented"));
        match media_type.as_str() {
            "application/json" => {
                let body: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(
                    self.schemas.differences(&content["schema"], &body),
                    [""; 0],
                    "{what}"
                );
            }
            "text/event-stream" => self.check_events(std::str::from_utf8(&body).unwrap()),
            _ => assert!(!body.is_empty(), "{what}"),
        }
    }

    fn check_events(&self, stream: &str) {
        let event = &self.schemas.document["components"]["schemas"]["RunEvent"];
        let data = stream.lines().filter_map(|line| line.strip_prefix("data:"));
        let events: Vec<Value> = data
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        assert!(events.len() >= 2, "{stream}");
        for data in &events {
            assert_eq!(self.schemas.differences(event, data), [""; 0], "{data}");
        }
    }
}

/// One call, with what it takes to be answered with a status.
struct Call<'a> {
    method: &'static str,
    path: &'static str,
    /// The path with its parameters, and a query.
    target: String,
    headers: &'a [(&'static str, &'a str)],
    body: Option<Value>,
    status: u16,
}

fn get(path: &'static str, target: impl Into<String>, status: u16) -> Call<'static> {
    Call {
        method: "GET",
        path,
        target: target.into(),
        headers: &[],
        body: None,
        status,
    }
}

fn post(path: &'static str, body: Value, status: u16) -> Call<'static> {
    Call {
        method: "POST",
        body: Some(body),
        ..get(path, path, status)
    }
}

/// Calls about a run that has completed.
fn calls_about(session: &str) -> Vec<Call<'static>> {
    let status = "/api/pipeline/{session_id}/status";
    let events = "/api/pipeline/{session_id}/events";
    let result = "/api/pipeline/{session_id}/result";
    let documents = "/api/pipeline/{session_id}/artifacts";
    let file = "/api/pipeline/{session_id}/artifacts/{file}";
    let diagram = "/api/diagram/{session_id}";
    let shown = "/api/sessions/{session_id}";
    let target = |path: &str| path.replace("{session_id}", session);
    let mut calls = vec![
        get(status, target(status), 200),
        get(status, "/api/pipeline/nobody/status", 404),
        get(events, target(events), 200),
        Call {
            headers: &[("last-event-id", "12")],
            ..get(events, target(events), 204)
        },
        get(events, "/api/pipeline/talk/events", 404),
        get(result, target(result), 200),
        Call {
            headers: &[("if-none-match", "*")],
            ..get(result, target(result), 304)
        },
        get(result, "/api/pipeline/talk/result", 400),
        get(result, "/api/pipeline/no%20id/result", 404),
        get(diagram, target(diagram), 200),
        get(
            diagram,
            format!("{}?focus=dimv_supplier&depth=2", target(diagram)),
            200,
        ),
        get(diagram, format!("{}?focus=nothing", target(diagram)), 404),
        get(diagram, "/api/diagram/talk", 404),
        get(diagram, format!("{}?depth=11", target(diagram)), 422),
        Call {
            headers: &[("accept", "image/png")],
            ..get(diagram, target(diagram), 406)
        },
        Call {
            headers: &[("if-none-match", "*")],
            ..get(diagram, target(diagram), 304)
        },
        get(documents, target(documents), 200),
        get(documents, "/api/pipeline/talk/artifacts", 400),
        get(documents, "/api/pipeline/nobody/artifacts", 404),
        get(file, format!("{}/nothing.md", target(documents)), 404),
        get(
            file,
            format!("{}/query.sql?wording=x", target(documents)),
            422,
        ),
        get(
            file,
            format!("{}/governance_report.md?wording=model", target(documents)),
            400,
        ),
        Call {
            headers: &[("if-none-match", "*")],
            ..get(file, format!("{}/query.sql", target(documents)), 304)
        },
        get(shown, target(shown), 200),
        get(shown, "/api/sessions/talk", 200),
        get(shown, "/api/sessions/nobody", 404),
    ];
    for name in [
        "governance_report.md",
        "mapping.json",
        "query.sql",
        "query.m",
        "artifacts.zip",
    ] {
        calls.push(get(file, format!("{}/{name}", target(documents)), 200));
    }
    for media_type in ["text/vnd.mermaid", "text/markdown", "image/svg+xml"] {
        calls.push(Call {
            headers: Box::leak(Box::new([("accept", media_type)])),
            ..get(diagram, target(diagram), 200)
        });
    }
    calls
}

/// Calls about the catalog.
fn calls_about_the_catalog() -> Vec<Call<'static>> {
    let table = "/api/tables/{name}";
    let relationships = "/api/tables/{name}/relationships";
    let lineage = "/api/tables/{name}/lineage";
    let drawn = "/api/tables/{name}/diagram";
    let mut calls = vec![
        get("/api/tables", "/api/tables", 200),
        get(
            "/api/tables",
            "/api/tables?limit=2&type=FACT&schema=dm_bs_purchase&q=order",
            200,
        ),
        get("/api/tables", "/api/tables?limit=0", 422),
        get("/api/schemas", "/api/schemas", 200),
        get("/api/schemas", "/api/schemas?offset=1", 200),
        get("/api/schemas", "/api/schemas?offset=x", 422),
        get("/api/columns", "/api/columns?q=*supplier*", 200),
        get("/api/columns", "/api/columns", 422),
        get("/api/search", "/api/search?q=dodavatel%C3%A9", 200),
        get("/api/search", "/api/search", 422),
        get(
            relationships,
            "/api/tables/dimv_supplier/relationships?limit=x",
            422,
        ),
        get(drawn, "/api/tables/dimv_supplier/diagram?depth=-1", 422),
        Call {
            headers: &[("accept", "image/png")],
            ..get(drawn, "/api/tables/dimv_supplier/diagram", 406)
        },
    ];
    for (path, known) in [
        ("/api/tables", "/api/tables"),
        ("/api/schemas", "/api/schemas"),
        ("/api/columns", "/api/columns?q=dim_supplier_key"),
        ("/api/search", "/api/search?q=supplier"),
        (table, "/api/tables/factv_purchase_order_item"),
        (table, "/api/tables/dimv_supplier"),
        (
            relationships,
            "/api/tables/factv_purchase_order_item/relationships",
        ),
        (lineage, "/api/tables/factv_purchase_order_item/lineage"),
        (drawn, "/api/tables/dimv_supplier/diagram"),
    ] {
        calls.push(get(path, known, 200));
        if path.contains("{name}") {
            calls.push(get(path, path.replace("{name}", "dimv_suplier"), 404));
        }
        calls.push(Call {
            headers: &[("if-none-match", "*")],
            ..get(path, known, 304)
        });
    }
    calls
}

/// Calls with bodies, and the small ones.
fn other_calls() -> Vec<Call<'static>> {
    let too_long = "x".repeat(70_000);
    let forged = &[("origin", "https://evil.example"), ("content-type", "")];
    let talk = json!({ "content": "Which facts are in dm_bs_logistics?", "session_id": "talk" });
    vec![
        post("/api/chat", talk, 200),
        post("/api/chat", json!({ "content": " " }), 422),
        post("/api/chat", json!({ "content": too_long }), 413),
        Call {
            headers: &[("content-type", "text/plain")],
            ..post("/api/chat", json!({}), 415)
        },
        Call {
            headers: &forged[..1],
            ..get("/ws/{session_id}", "/ws/talk", 403)
        },
        get("/ws/{session_id}", "/ws/talk", 400),
        post("/api/pipeline/run", json!({}), 422),
        post("/api/pipeline/run", json!({ "document": too_long }), 413),
        Call {
            headers: &[("content-type", "text/plain")],
            ..post("/api/pipeline/run", json!({}), 415)
        },
        get("/health", "/health", 200),
        get("/api/stats", "/api/stats", 200),
        get("/metrics", "/metrics", 200),
        get("/openapi.json", "/openapi.json", 200),
        Call {
            headers: &[("if-none-match", "*")],
            ..get("/openapi.json", "/openapi.json", 304)
        },
        Call {
            method: "DELETE",
            ..get("/api/sessions/{session_id}", "/api/sessions/talk", 204)
        },
        Call {
            method: "DELETE",
            ..get("/api/sessions/{session_id}", "/api/sessions/talk", 404)
        },
        Call {
            method: "DELETE",
            headers: &forged[..1],
            ..get("/api/sessions/{session_id}", "/api/sessions/talk", 403)
        },
    ]
}

async fn send(server: &Server, call: &Call<'_>) -> Response {
    let mut request = server.request(call.method.parse().unwrap(), &call.target);
    if let Some(body) = &call.body {
        request = request.body(body.to_string());
    }
    for (name, value) in call.headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(
        answer.status(),
        call.status,
        "{} {}",
        call.method,
        call.target
    );
    answer
}

#[tokio::test]
async fn every_operation_answers_what_is_documented() {
    let server = Server::with(&config_with(|limits| limits.document_bytes = 60_000)).await;
    let document = document(&server).await;
    let mut checker = Checker::new(&document);
    let business_request = include_str!("../../data/requests/cs.md");
    let run = json!({ "document": business_request, "options": { "colour": 1 } });
    let started = server.post_run(&run).await;
    let session: Value = server_json(&mut checker, started).await;
    let session = session["session_id"].as_str().unwrap();
    server.ended(session).await;
    server
        .post_chat(&json!({ "content": "How many tables?", "session_id": "talk" }))
        .await;
    let calls = calls_about(session).into_iter();
    for call in calls.chain(calls_about_the_catalog()).chain(other_calls()) {
        let answer = send(&server, &call).await;
        checker.check(call.method, call.path, answer).await;
    }
    // What only another state of the service would show is with the tests of that state; sockets below.
    let elsewhere = [
        "101", "400", "401", "403", "408", "429", "500", "502", "503", "409",
    ];
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        for status in operation["responses"].as_object().unwrap().keys() {
            let seen = checker.seen.contains(&(id.to_owned(), status.clone()));
            let is_spared = elsewhere.contains(&status.as_str()) || path.starts_with("/ws/");
            assert!(seen || is_spared, "{method} {path} {status} was not tried");
        }
    }
}

/// Checks the answer that starts a run, and reads it.
async fn server_json(checker: &mut Checker<'_>, answer: Response) -> Value {
    let bytes = http::Response::builder()
        .status(answer.status())
        .header("content-type", answer.headers()["content-type"].clone())
        .header("x-request-id", answer.headers()["x-request-id"].clone());
    let body = answer.bytes().await.unwrap();
    let again = Response::from(bytes.body(body.clone()).unwrap());
    checker.check("POST", "/api/pipeline/run", again).await;
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn frames_are_of_the_documented_schemas() {
    let server = Server::start().await;
    let document = document(&server).await;
    let schemas = Schemas {
        document: &document,
    };
    let frame = &document["components"]["schemas"]["ServerFrame"];
    let mut kinds = BTreeSet::new();
    let mut client = Client::open(&server, "frames").await;
    for message in [
        json!({ "content": "Draw a diagram of dimv_supplier" }),
        json!({ "content": "what is the quality of dm_bs_logistics?" }),
        json!({ "content": "" }),
    ] {
        client.send(message.to_string()).await;
        loop {
            let mut received = client.frame().await;
            let kind = received["type"].as_str().unwrap().to_owned();
            // The client takes number and time off when it has checked them.
            received["seq"] = json!(client.last_seq);
            received["timestamp"] = json!("2026-01-31T10:30:05.123Z");
            assert_eq!(schemas.differences(frame, &received), [""; 0], "{received}");
            let is_last = ["agent", "error"].contains(&kind.as_str());
            kinds.insert(kind);
            if is_last {
                break;
            }
        }
    }
    let mut back = Client::resume(&server, "frames", client.last_seq).await;
    let mut received = back.frame().await;
    received["seq"] = json!(back.last_seq);
    received["timestamp"] = json!("2026-01-31T10:30:05.123Z");
    assert_eq!(schemas.differences(frame, &received), [""; 0], "{received}");
    kinds.insert(received["type"].as_str().unwrap().to_owned());
    let all = ["agent", "agent_partial", "error", "resync", "tool", "user"].map(str::to_owned);
    assert_eq!(kinds, BTreeSet::from(all));
    let variants = document["components"]["schemas"]["ServerFrameContent"]["oneOf"].as_array();
    assert_eq!(variants.unwrap().len(), all_kinds(&document).len());

    // What the document shows as a client's frame is taken as one.
    let variants = document["components"]["schemas"]["ClientFrame"]["oneOf"]
        .as_array()
        .unwrap();
    let examples = variants.iter().map(|variant| {
        let fields = variant["properties"].as_object().unwrap().iter();
        let fields = fields.map(|(name, schema)| (name.clone(), schema["example"].clone()));
        Value::Object(fields.collect())
    });
    let examples: Vec<Value> = examples.collect();
    assert_eq!(examples[1], json!({ "type": "cancel" }));
    assert_eq!(examples[2]["type"], "auth");
    client.send(examples[1].to_string()).await;
    client.send(examples[2].to_string()).await;
    client.send(examples[0].to_string()).await;
    assert_eq!(
        client.frame().await,
        json!({ "type": "user", "content": examples[0]["content"] })
    );
    client.frames_until("agent").await;
}

fn all_kinds(document: &Value) -> Vec<&Value> {
    let variants = &document["components"]["schemas"]["ServerFrameContent"]["oneOf"];
    let variants = variants.as_array().unwrap().iter();
    variants
        .map(|variant| &variant["properties"]["type"]["enum"][0])
        .collect()
}
