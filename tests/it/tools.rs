//! The Explorer's tools over the sample catalog, and over one that could flood a model.

use std::sync::Arc;

use mcop_api::catalog::Catalog;
use mcop_api::explorer::tools::{ANSWER_BYTES_MAX, Call, Tools, specifications};
use mcop_api::pipeline::Knowledge;
use serde_json::{Value, json};

use crate::support::sample;

fn tools_over(catalog: Catalog) -> Tools {
    Tools::new(Arc::new(Knowledge::new(catalog)), 2)
}

/// What a model reads when it calls a tool.
async fn called(tools: &Tools, name: &str, arguments: &Value) -> Value {
    let json = match Call::read(name, &arguments.to_string()) {
        Ok(call) => match tools.run(call).await {
            Ok(outcome) => outcome.to_json(),
            Err(failure) => failure.to_json(),
        },
        Err(failure) => failure.to_json(),
    };
    assert!(
        json.len() <= ANSWER_BYTES_MAX,
        "{name}: {} bytes",
        json.len()
    );
    serde_json::from_str(&json).unwrap()
}

#[tokio::test]
async fn tables_are_listed_by_schema_and_type_and_counted() {
    let tools = tools_over(sample());
    let facts = called(
        &tools,
        "list_tables",
        &json!({"schema": "dm_bs_logistics", "type": "FACT"}),
    )
    .await;
    assert_eq!(facts["schemas"], json!(["dm_bs_logistics"]));
    assert_eq!(
        (&facts["total"], &facts["returned"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(facts["truncated"], false);
    assert_eq!(
        facts["by_type"],
        json!({"FACT": 4, "DIMENSION": 6, "BRIDGE": 1})
    );
    assert_eq!(
        facts["items"][1],
        json!({
            "full_name": "dm_bs_logistics.factv_stock_level",
            "type": "FACT",
            "columns": 17,
            "description": "Stock of materials at the end of each day, in quantity and value.",
        })
    );
    let everything = called(&tools, "list_tables", &json!({})).await;
    assert_eq!(everything["total"], 58);
    let by_word = called(&tools, "list_tables", &json!({"schema": "bs"})).await;
    assert_eq!(
        by_word["schemas"],
        json!(["dm_bs_logistics", "dm_bs_purchase"])
    );
    assert_eq!(by_word["total"], 49);
}

#[tokio::test]
async fn a_table_is_described_with_its_keys_and_columns() {
    let tools = tools_over(sample());
    let details = called(
        &tools,
        "get_table_details",
        &json!({"table_name": "FACTV_GOODS_RECEIPT"}),
    )
    .await;
    assert_eq!(details["full_name"], "dm_bs_purchase.factv_goods_receipt");
    assert_eq!(details["type"], "FACT");
    assert_eq!(
        details["grain"],
        "one row per item of a goods receipt document"
    );
    assert_eq!(details["columns"]["total"], 21);
    let columns = details["columns"]["items"].as_array().unwrap();
    let supplier = columns
        .iter()
        .find(|column| column["name"] == "dim_supplier_key")
        .unwrap();
    assert_eq!(supplier["role"], "foreign_key");
    assert_eq!(
        supplier["target"],
        "dm_bs_purchase.dimv_supplier.dim_supplier_key"
    );
}

#[tokio::test]
async fn joins_are_found_with_all_columns_of_their_key_and_through_other_tables() {
    let tools = tools_over(sample());
    let joins = called(
        &tools,
        "find_relationships",
        &json!({"table_name": "factv_goods_receipt", "other_table": "factv_purchase_order_item"}),
    )
    .await;
    assert_eq!(joins["total"], 1);
    let join = &joins["items"][0];
    assert_eq!(join["from_table"], "dm_bs_purchase.factv_goods_receipt");
    assert_eq!(
        join["from_columns"],
        json!(["purchase_order_number", "purchase_order_item_number"])
    );
    assert_eq!(join["from_columns"], join["to_columns"]);
    assert_eq!(
        (&join["cardinality"], &join["origin"]),
        (&json!("many_to_one"), &json!("inferred"))
    );
    assert!(!join["evidence"].as_array().unwrap().is_empty());

    let through = called(
        &tools,
        "find_relationships",
        &json!({"table_name": "factv_goods_receipt", "other_table": "factv_contract"}),
    )
    .await;
    let connected = through["connected_through"].as_array().unwrap();
    assert!(
        connected.contains(&json!("dm_bs_purchase.dimv_supplier")),
        "{through}"
    );
    for join in through["items"].as_array().unwrap() {
        let ends = [&join["from_table"], &join["to_table"]];
        assert!(ends.iter().any(|end| connected.contains(end)), "{join}");
    }
}

#[tokio::test]
async fn columns_are_found_by_pattern_and_by_a_word_of_any_language() {
    let tools = tools_over(sample());
    let found = async |pattern: &str| {
        let found = called(&tools, "search_columns", &json!({"pattern": pattern})).await;
        (
            found["total"].as_u64().unwrap(),
            found["items"][0]["column"].clone(),
        )
    };
    let by_pattern = found("*supplier_number*").await;
    assert!(by_pattern.0 > 0);
    assert_eq!(found("supplier_number").await, by_pattern);
    let word = found("dodávateľ").await;
    assert_eq!(found("*supplier*").await, word);
    assert_eq!(found("no_such_column").await.0, 0);
    let refused = called(&tools, "search_columns", &json!({"pattern": " "})).await;
    assert_eq!(
        refused["error"],
        "The arguments of search_columns do not fit: a pattern has 1 to 80 characters."
    );
}

#[tokio::test]
async fn lineage_is_what_the_catalog_says_and_unknown_where_it_is_silent() {
    let tools = tools_over(sample());
    let lineage = called(
        &tools,
        "get_lineage",
        &json!({"table_name": "dimv_invoicing_supplier"}),
    )
    .await;
    assert_eq!(
        lineage["upstream"]["items"][0]["table"],
        "dm_bs_purchase.dimv_supplier"
    );
    let silent = called(
        &tools,
        "get_lineage",
        &json!({"table_name": "zmm_load_log"}),
    )
    .await;
    assert_eq!(silent["upstream"]["total"], 0);
    assert_eq!(silent["downstream"]["total"], 0);
}

#[tokio::test]
async fn business_terms_are_mapped_with_confidence_and_evidence() {
    let tools = tools_over(sample());
    let mapped = called(
        &tools,
        "map_entities",
        &json!({"text": "dodávatelia, unicorns"}),
    )
    .await;
    assert_eq!(mapped["total"], 2);
    assert_eq!(
        mapped["items"][1],
        json!({"entity": "unicorns", "status": "no_match", "candidates": []})
    );
    let suppliers = &mapped["items"][0];
    assert_eq!(suppliers["status"], "matched");
    assert_eq!(
        suppliers["candidates"][0]["full_name"],
        "dm_ba_purchase.dimv_supplier"
    );
    assert_eq!(
        mapped["warnings"],
        json!([
            "\"dodávatelia\" fits dm_ba_purchase.dimv_supplier and dm_bs_purchase.dimv_supplier equally well; \
             the first is used. Name the table or a scope to decide."
        ])
    );
    assert!(suppliers["candidates"][0]["confidence"].as_f64().unwrap() > 0.5);
    assert!(
        !suppliers["candidates"][0]["evidence"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn quality_is_that_of_tool_3() {
    let tools = tools_over(sample());
    let schema = called(
        &tools,
        "assess_quality",
        &json!({"schema": "dm_bs_logistics"}),
    )
    .await;
    assert_eq!(schema["schemas"], json!(["dm_bs_logistics"]));
    assert_eq!(
        (&schema["tables"], &schema["columns"]),
        (&json!(11), &json!(137))
    );
    let whole = called(&tools, "assess_quality", &json!({})).await;
    assert_eq!(whole["tables"], 58);
    let both = called(&tools, "assess_quality", &json!({"schema": "bs"})).await;
    assert_eq!(both["tables"], 49);
    for report in [schema, whole, both] {
        let score = report["quality_score"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&score), "{report}");
        assert!(report["recommendations"]["total"].as_u64().unwrap() > 0);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_said_with_close_names() {
    let tools = tools_over(sample());
    let table = called(
        &tools,
        "get_lineage",
        &json!({"table_name": "dimv_suplier"}),
    )
    .await;
    assert_eq!(table["error"], "The catalog has no table 'dimv_suplier'.");
    assert_eq!(table["suggestions"][0], "dm_ba_purchase.dimv_supplier");
    let schema = called(&tools, "list_tables", &json!({"schema": "dm_bs_logistic"})).await;
    assert_eq!(
        schema["error"],
        "The catalog has no schema 'dm_bs_logistic'."
    );
    assert_eq!(schema["suggestions"][0], "dm_bs_logistics");
    let tool = called(&tools, "drop_table", &json!({})).await;
    assert_eq!(tool["error"], "There is no tool 'drop_table'.");
    assert_eq!(tool["suggestions"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn arguments_are_checked_against_their_type() {
    let tools = tools_over(sample());
    for (tool, arguments, said) in [
        ("get_table_details", json!({}), "missing field `table_name`"),
        (
            "get_table_details",
            json!({"table_name": 1}),
            "invalid type",
        ),
        (
            "list_tables",
            json!({"type": "CUBE"}),
            "unknown variant `CUBE`",
        ),
        (
            "list_tables",
            json!({"schemas": "x"}),
            "unknown field `schemas`",
        ),
        ("list_tables", json!([]), "expected a map"),
        (
            "map_entities",
            json!({"text": "x".repeat(40_000)}),
            "longer than 32768 bytes",
        ),
    ] {
        let refused = called(&tools, tool, &arguments).await;
        let error = refused["error"].as_str().unwrap();
        assert!(error.contains(said), "{tool} {said}: {error}");
    }
    assert!(
        Call::read("list_tables", "").is_ok(),
        "no arguments are none"
    );
    assert!(Call::read("list_tables", "{\"type\":").is_err());
}

#[test]
fn the_schema_of_each_tool_comes_from_its_type() {
    let tools = specifications();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name).collect();
    assert_eq!(
        names,
        [
            "list_tables",
            "get_table_details",
            "find_relationships",
            "search_columns",
            "get_lineage",
            "map_entities",
            "assess_quality"
        ]
    );
    let details = &tools[1].parameters;
    assert_eq!(details["type"], "object");
    assert_eq!(details["required"], json!(["table_name"]));
    assert_eq!(details["properties"]["table_name"]["type"], "string");
    assert_eq!(details["additionalProperties"], false);
    for tool in tools {
        assert!(tool.parameters.get("$schema").is_none());
        assert!(tool.parameters["properties"].is_object());
    }
}

#[tokio::test]
async fn a_catalog_of_any_size_fits_the_budget_and_says_what_is_missing() {
    let tools = tools_over(wide_catalog(3000, 400));
    let all = called(&tools, "list_tables", &json!({})).await;
    assert_eq!(all["total"], 3000);
    assert_eq!(all["truncated"], true);
    let returned = all["items"].as_array().unwrap().len();
    assert!(returned > 50 && all["returned"] == returned, "{returned}");
    let wide = called(
        &tools,
        "get_table_details",
        &json!({"table_name": "thing_0"}),
    )
    .await;
    assert_eq!(
        (&wide["columns"]["total"], &wide["columns"]["truncated"]),
        (&json!(400), &json!(true))
    );
    let found = called(&tools, "search_columns", &json!({"pattern": "*"})).await;
    assert_eq!(found["truncated"], true);
    for tool in ["find_relationships", "get_lineage"] {
        called(&tools, tool, &json!({"table_name": "thing_0"})).await;
    }
    called(
        &tools,
        "map_entities",
        &json!({"text": "thing ".repeat(3000)}),
    )
    .await;
    called(&tools, "assess_quality", &json!({})).await;
}

#[tokio::test]
async fn work_that_panics_is_reported_and_the_next_is_done() {
    let tools = tools_over(sample());
    for _ in 0..3 {
        let broken: Option<()> = tools
            .off_the_workers("a test", |_| panic!("a panic that a test asked for"))
            .await;
        assert_eq!(broken, None);
    }
    assert_eq!(called(&tools, "list_tables", &json!({})).await["total"], 58);
}

#[tokio::test]
async fn many_schemas_and_hostile_arguments_fit_the_budget_and_take_no_time() {
    let tables = (0..1500).map(|number| {
        json!({
            "id": format!("t{number}"),
            "typeName": "Table",
            "displayName": "orders",
            "fullName": format!("S>db>mart_of_department_number_{number}>orders"),
        })
    });
    let export: Vec<Value> = tables.collect();
    let catalog = Catalog::from_export(json!(export).to_string().as_bytes()).unwrap();
    let tools = tools_over(catalog.0);
    for tool in ["list_tables", "assess_quality"] {
        let many = called(&tools, tool, &json!({"schema": "mart"})).await;
        assert_eq!(many["schema_count"], 1500, "{tool}");
        assert_eq!(many["schemas"].as_array().unwrap().len(), 20);
        let started = std::time::Instant::now();
        let long = called(&tools, tool, &json!({"schema": "mart ".repeat(6000)})).await;
        assert_eq!(long["suggestions"], json!([]));
        assert!(started.elapsed() < crate::support::PATIENCE / 10);
    }
    let key = "k".repeat(30_000);
    let quoted = called(&tools, "list_tables", &json!({key: 1})).await;
    assert!(quoted["error"].as_str().unwrap().len() < 500);
}

#[tokio::test]
async fn a_pattern_of_nothing_and_a_table_and_itself_find_nothing() {
    let tools = tools_over(sample());
    let nothing = called(&tools, "search_columns", &json!({"pattern": "--"})).await;
    assert!(nothing["error"].as_str().unwrap().contains("a letter"));
    let itself = called(
        &tools,
        "find_relationships",
        &json!({"table_name": "factv_shipment", "other_table": "factv_shipment"}),
    )
    .await;
    assert_eq!(itself.get("connected_through"), None);
}

/// Tables `thing_0`, `thing_1` … of one schema, each with a long description, the first
/// with many columns.
fn wide_catalog(tables: usize, columns: usize) -> Catalog {
    let things = (0..tables).map(|number| {
        json!({
            "id": format!("t{number}"),
            "typeName": "Table",
            "displayName": format!("thing_{number}"),
            "fullName": format!("S>db>dm_wide>thing_{number}"),
            "description": "Things of every kind, counted. ".repeat(20),
        })
    });
    let columns = (0..columns).map(|number| {
        json!({
            "id": format!("c{number}"),
            "typeName": "Column",
            "displayName": format!("column_number_{number}"),
            "Hierarcy Relation": "t0",
            "columnPosition": number,
        })
    });
    let export: Vec<Value> = things.chain(columns).collect();
    Catalog::from_export(json!(export).to_string().as_bytes())
        .unwrap()
        .0
}
