//! The REST contract: whole answers, good and bad.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, config_with, within};

/// Sends a body as it is and compares the whole answer.
async fn check(
    server: &Server,
    method: &str,
    path: &str,
    body: impl Into<reqwest::Body>,
    status: u16,
    answer: &Value,
) {
    let method: Method = method.parse().unwrap();
    let shown = format!("{method} {path}");
    let response = server
        .request(method, path)
        .header(CONTENT_TYPE, "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), status, "{shown}");
    assert_eq!(
        response.headers()[CONTENT_TYPE],
        "application/json",
        "{shown}"
    );
    assert_eq!(response.json::<Value>().await.unwrap(), *answer, "{shown}");
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_not_served_405_with_allow() {
    let server = Server::start().await;
    for path in [
        "/nowhere",
        "/api",
        "/api/table",
        "/health/x",
        "/api/pipeline/run/x",
        "//health",
    ] {
        check(
            &server,
            "GET",
            path,
            "",
            404,
            &json!({ "detail": "Not Found" }),
        )
        .await;
    }
    for path in [
        "/api/pipeline/none/status",
        "/api/pipeline/a%2Fb/result",
        "/api/diagram/%F0%28",
        "/api/diagram/none",
    ] {
        check(
            &server,
            "GET",
            path,
            "",
            404,
            &json!({ "detail": "Session not found" }),
        )
        .await;
    }
    let cases = [
        ("POST", "/health", "GET, HEAD"),
        ("DELETE", "/api/tables", "GET, HEAD"),
        ("PUT", "/api/tables/dimv_supplier", "GET, HEAD"),
        ("GET", "/api/pipeline/run", "POST"),
        ("POST", "/api/pipeline/none/status", "GET, HEAD"),
        ("PATCH", "/api/stats", "GET, HEAD"),
    ];
    for (method, path, allow) in cases {
        let response = server
            .request(method.parse().unwrap(), path)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()["allow"], allow, "{method} {path}");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"detail":"Method Not Allowed"}"#
        );
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_422_with_every_problem() {
    let server = Server::start().await;
    let problem =
        |kind: &str, loc: Value, msg: &str| json!({ "type": kind, "loc": loc, "msg": msg });
    let missing = |loc| problem("missing", loc, "Field required");
    let cases = [
        (json!({}), vec![missing(json!(["body", "document"]))]),
        (Value::Null, vec![missing(json!(["body"]))]),
        (
            json!([]),
            vec![problem(
                "model_attributes_type",
                json!(["body"]),
                "Input should be a valid dictionary or object to extract fields from",
            )],
        ),
        (
            json!({ "document": 1, "scope": [], "options": "x" }),
            vec![
                problem(
                    "string_type",
                    json!(["body", "document"]),
                    "Input should be a valid string",
                ),
                problem(
                    "string_type",
                    json!(["body", "scope"]),
                    "Input should be a valid string",
                ),
                problem(
                    "dict_type",
                    json!(["body", "options"]),
                    "Input should be a valid dictionary",
                ),
            ],
        ),
        (
            json!({ "document": " \n\t", "options": { "max_columns": "5", "use_llm": 1, "scope": 7 } }),
            vec![
                problem(
                    "string_too_short",
                    json!(["body", "document"]),
                    "String should have at least 1 character that is not white space",
                ),
                problem(
                    "string_type",
                    json!(["body", "options", "scope"]),
                    "Input should be a valid string",
                ),
                problem(
                    "int_type",
                    json!(["body", "options", "max_columns"]),
                    "Input should be a valid integer",
                ),
                problem(
                    "bool_type",
                    json!(["body", "options", "use_llm"]),
                    "Input should be a valid boolean",
                ),
            ],
        ),
        (
            json!({ "document": "x", "options": { "max_columns": -1, "scope": "x".repeat(257) } }),
            vec![
                problem(
                    "string_too_long",
                    json!(["body", "options", "scope"]),
                    "String should have at most 256 characters",
                ),
                problem(
                    "value_error",
                    json!(["body", "options", "max_columns"]),
                    "Input should be between 0 and 1000",
                ),
            ],
        ),
    ];
    for (body, problems) in cases {
        check(
            &server,
            "POST",
            "/api/pipeline/run",
            body.to_string(),
            422,
            &json!({ "detail": problems }),
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_not_json_is_422_and_says_where() {
    let server = Server::start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let cases: [(&[u8], u64, &str); 5] = [
        (
            b"{\"document\": ",
            13,
            "The body ends in the middle of a value",
        ),
        (
            b"{\"document\": NaN}",
            13,
            "expected value at line 1 column 14",
        ),
        (b"document=x", 0, "expected value at line 1 column 1"),
        (
            b"{\"document\": \"\xFF\"}",
            14,
            "The body is not valid UTF-8",
        ),
        (
            deep.as_bytes(),
            127,
            "recursion limit exceeded at line 1 column 128",
        ),
    ];
    for (body, at, error) in cases {
        let answer = json!({ "detail": [{
            "type": "json_invalid", "loc": ["body", at], "msg": "JSON decode error", "ctx": { "error": error }
        }] });
        check(
            &server,
            "POST",
            "/api/pipeline/run",
            body.to_vec(),
            422,
            &answer,
        )
        .await;
    }
    let lone_surrogate = server
        .request(Method::POST, "/api/pipeline/run")
        .body(r#"{"document": "\ud800"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(lone_surrogate.status(), 422);
}

#[tokio::test]
async fn of_a_key_that_is_repeated_the_last_counts() {
    let server = Server::start().await;
    let send = async |body: &'static str| {
        let call = server.request(Method::POST, "/api/pipeline/run").body(body);
        call.send().await.unwrap().status()
    };
    assert_eq!(send(r#"{"document": 1, "document": "x"}"#).await, 200);
    assert_eq!(send(r#"{"document": "x", "document": 1}"#).await, 422);
}

#[tokio::test]
async fn a_body_of_another_media_type_is_415_and_none_declared_is_json() {
    let server = Server::start().await;
    let send = async |media_type: Option<&str>| {
        let request = server
            .request(Method::POST, "/api/pipeline/run")
            .body(r#"{"document": "x"}"#);
        let request = media_type.into_iter().fold(request, |request, value| {
            request.header(CONTENT_TYPE, value)
        });
        request.send().await.unwrap()
    };
    for refused in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let response = send(Some(refused)).await;
        assert_eq!(response.status(), 415, "{refused}");
        let answer = r#"{"detail":"Unsupported media type: send the body as application/json"}"#;
        assert_eq!(response.text().await.unwrap(), answer);
    }
    for accepted in [
        Some("application/json"),
        Some("Application/JSON; charset=utf-8"),
        Some("application/ld+json"),
        None,
    ] {
        assert_eq!(send(accepted).await.status(), 200, "{accepted:?}");
    }
}

#[tokio::test]
async fn a_document_is_accepted_up_to_the_limit_and_413_beyond_declared_or_chunked() {
    let server = Server::with(&config_with(|limits| limits.document_bytes = 1000)).await;
    let of_length = |length: usize| json!({ "document": "x".repeat(length) });
    assert_eq!(server.post_run(&of_length(1000)).await.status(), 200);
    let document =
        json!({ "detail": "The document is larger than 1000 bytes, the most that is accepted" });
    check(
        &server,
        "POST",
        "/api/pipeline/run",
        of_length(1001).to_string(),
        413,
        &document,
    )
    .await;
    let body =
        json!({ "detail": "The body is larger than 68536 bytes, the most that is accepted" });
    check(
        &server,
        "POST",
        "/api/pipeline/run",
        of_length(70_000).to_string(),
        413,
        &body,
    )
    .await;
    let chunks = (0..80).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1000]));
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    check(&server, "POST", "/api/pipeline/run", chunked, 413, &body).await;
}

#[tokio::test]
async fn health_answers_get_and_head() {
    let server = Server::start().await;
    let health = server.json("/health").await;
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    let timestamp = health["timestamp"].as_str().unwrap();
    assert_eq!(
        timestamp.len(),
        "2026-01-31T10:30:05.123Z".len(),
        "{timestamp}"
    );
    let head = server
        .request(Method::HEAD, "/health")
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn tables_are_listed_by_name_then_schema() {
    let server = Server::start().await;
    let tables = server.json("/api/tables").await;
    let tables = tables.as_array().unwrap();
    assert_eq!(tables.len(), 58);
    let keys: Vec<(&str, &str)> = tables
        .iter()
        .map(|table| {
            (
                table["name"].as_str().unwrap(),
                table["schema"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(keys.is_sorted());
    let supplier = tables
        .iter()
        .find(|table| table["full_name"] == "dm_bs_purchase.dimv_supplier")
        .unwrap();
    assert_eq!(supplier["table_type"], "DIMENSION");
    assert!(supplier["column_count"].as_u64().unwrap() > 10);
    assert!(supplier["confidence"].as_f64().unwrap() > 0.9);
    assert!(supplier["description"].is_string());

    let logistics = server.json("/api/tables?schema=DM_BS_LOGISTICS").await;
    assert_eq!(logistics.as_array().unwrap().len(), 11);
    assert_eq!(server.json("/api/tables?schema=nowhere").await, json!([]));
    assert_eq!(
        server
            .json("/api/tables?schema=&other=1")
            .await
            .as_array()
            .unwrap()
            .len(),
        58
    );
    // The last of a repeated parameter counts, as in FastAPI.
    let last = server
        .json("/api/tables?schema=nowhere&schema=dm_bs_logistics")
        .await;
    assert_eq!(last, logistics);
}

#[tokio::test]
async fn a_table_is_found_in_any_case_and_by_its_full_name() {
    let server = Server::start().await;
    let ambiguous = server.json("/api/tables/DimV_Supplier").await;
    assert_eq!(ambiguous["full_name"], "dm_ba_purchase.dimv_supplier");
    assert_eq!(
        ambiguous["also_in"],
        json!(["dm_bs_purchase.dimv_supplier"])
    );

    let order = server
        .json("/api/tables/dm_bs_purchase.FACTV_PURCHASE_ORDER")
        .await;
    assert_eq!(order["full_name"], "dm_bs_purchase.factv_purchase_order");
    assert_eq!(order["table_type"], "FACT");
    assert_eq!(order["grain"], "one row per purchase order");
    assert_eq!(order["primary_key"], json!(["purchase_order_number"]));
    let column = |name: &str| {
        let columns = order["columns"].as_array().unwrap();
        columns
            .iter()
            .find(|column| column["name"] == name)
            .cloned()
            .unwrap_or_else(|| panic!("no column {name}"))
    };
    assert_eq!(
        column("dim_supplier_key"),
        json!({
            "name": "dim_supplier_key", "type": "LONG", "nullable": false, "is_primary_key": false,
            "is_foreign_key": true,
            "target": { "table": "dm_bs_purchase.dimv_supplier", "column": "dim_supplier_key", "confidence": 0.99 },
            "is_measure": false, "description": "Foreign key to dimv_supplier.",
        })
    );
    assert_eq!(column("total_net_amount")["is_measure"], true);
    assert_eq!(column("purchase_order_number")["is_primary_key"], true);
    assert_eq!(order["lineage"]["upstream_status"], "known");

    let percent_encoded = server.json("/api/tables/dm_bs_purchase%2Edimv_plant").await;
    assert_eq!(percent_encoded["name"], "dimv_plant");
}

#[tokio::test]
async fn an_unknown_table_is_404_with_close_names() {
    let server = Server::start().await;
    let answer = json!({
        "detail": "Table 'dimv_suplier' not found",
        "suggestions": ["dm_ba_purchase.dimv_supplier", "dm_bs_purchase.dimv_supplier"],
    });
    let response: Value = server
        .get("/api/tables/dimv_suplier")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(response["detail"], answer["detail"]);
    assert_eq!(
        response["suggestions"].as_array().unwrap()[..2],
        answer["suggestions"].as_array().unwrap()[..]
    );
    let nothing_close = server.get("/api/tables/%3Cscript%3E").await;
    assert_eq!(nothing_close.status(), 404);
    assert_eq!(
        nothing_close.json::<Value>().await.unwrap(),
        json!({ "detail": "Table '<script>' not found", "suggestions": [] })
    );
}

#[tokio::test]
async fn a_table_of_which_nothing_is_known_says_so() {
    let server = Server::start().await;
    let table = server.json("/api/tables/dimv_tax_code").await;
    assert_eq!(table["columns"], json!([]));
    assert_eq!(table["primary_key"], json!([]));
    assert_eq!(table["grain"], Value::Null);
}

#[tokio::test]
async fn schemas_and_stats_count_what_the_catalog_holds() {
    let server = Server::start().await;
    let schemas = server.json("/api/schemas").await;
    let names: Vec<&str> = schemas
        .as_array()
        .unwrap()
        .iter()
        .map(|schema| schema["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["dm_ba_purchase", "dm_bs_logistics", "dm_bs_purchase"]
    );
    let session = server.start_run(&json!({ "document": "x" })).await;
    server.ended(&session).await;
    // The run gives its place back a moment after its result is there.
    let idle = async {
        loop {
            let stats = server.json("/api/stats").await;
            if stats["runs_under_way"] == 0 {
                return stats;
            }
        }
    };
    let mut stats = within(idle).await;
    let stats = stats.as_object_mut().unwrap();
    let loaded_at = stats.remove("catalog_loaded_at").unwrap();
    loaded_at
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();
    assert!(stats.remove("uptime_seconds").unwrap().as_u64().unwrap() < PATIENCE.as_secs());
    assert_eq!(
        *stats,
        *json!({
            "active_sessions": 1, "total_tables": 58, "total_columns": 715,
            "tables_by_type": { "FACT": 15, "DIMENSION": 39, "BRIDGE": 3, "VIEW": 1 },
            "open_sockets": 0, "runs_under_way": 0, "runs_waiting": 0, "version": env!("CARGO_PKG_VERSION"),
        })
        .as_object()
        .unwrap()
    );
}
