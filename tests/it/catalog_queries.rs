//! Lists in parts, searches, and what is said of one table.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Server;

#[tokio::test]
async fn a_list_is_whole_unless_a_part_is_asked_for_and_a_part_says_the_total() {
    let server = Server::start().await;
    let whole = server.json("/api/tables").await;
    let whole = whole.as_array().unwrap();
    let part = server.json("/api/tables?limit=3&offset=56").await;
    assert_eq!(
        part,
        json!({ "items": whole[56..], "total": 58, "limit": 3, "offset": 56 })
    );
    let by_default = server.json("/api/tables?offset=0").await;
    assert_eq!(
        (
            by_default["limit"].as_u64(),
            by_default["items"].as_array().unwrap().len()
        ),
        (Some(100), 58)
    );
    let beyond = server
        .json("/api/tables?limit=1000&offset=1000000000")
        .await;
    assert_eq!(
        beyond,
        json!({ "items": [], "total": 58, "limit": 1000, "offset": 1_000_000_000 })
    );
    let schemas = server.json("/api/schemas?limit=1&offset=1").await;
    assert_eq!(
        (&schemas["items"][0]["name"], &schemas["total"]),
        (&json!("dm_bs_logistics"), &json!(3))
    );
}

#[tokio::test]
async fn tables_are_chosen_by_type_and_by_words_of_name_and_description() {
    let server = Server::start().await;
    let facts = server
        .json("/api/tables?type=fact&schema=dm_bs_logistics&limit=1")
        .await;
    assert_eq!(
        (&facts["total"], &facts["items"][0]["table_type"]),
        (&json!(4), &json!("FACT"))
    );
    let whole = server.json("/api/tables").await;
    let found = server.json("/api/tables?q=INBOUND%20SHIP").await;
    let names: Vec<&Value> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|table| &table["name"])
        .collect();
    let expected: Vec<&Value> = whole
        .as_array()
        .unwrap()
        .iter()
        .filter(|table| {
            table["description"]
                .as_str()
                .is_some_and(|words| words.to_lowercase().contains("inbound ship"))
        })
        .map(|table| &table["name"])
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(names, expected);
    assert_eq!(server.json("/api/tables?q=unicorns").await, json!([]));
}

#[tokio::test]
async fn columns_are_found_by_pattern_and_by_word_in_three_languages() {
    let server = Server::start().await;
    let found = server.json("/api/columns?q=supplier_n*&limit=2").await;
    assert_eq!(found["limit"], 2);
    assert_eq!(
        found["items"][0],
        json!({
            "name": "supplier_number", "table": "dm_ba_purchase.dimv_supplier", "type": "STRING", "nullable": false,
            "is_primary_key": false, "is_foreign_key": false, "description": found["items"][0]["description"],
        })
    );
    let by_word = server.json("/api/columns?q=dodavatel&limit=1000").await;
    let names: Vec<&str> = by_word["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(by_word["total"].as_u64().unwrap(), names.len() as u64);
    assert!(
        names.len() > 10 && names.iter().all(|name| name.contains("supplier")),
        "{names:?}"
    );
    assert_eq!(server.json("/api/columns?q=%20").await["total"], 0);
}

#[tokio::test]
async fn terms_of_three_languages_find_the_same_table_with_confidence_and_evidence() {
    let server = Server::start().await;
    for term in [
        "fakturující dodavatelé",
        "fakturujúci dodávatelia",
        "invoicing suppliers",
    ] {
        let found = server.json(&format!("/api/search?q={term}")).await;
        assert_eq!(found["query"], term);
        let best = &found["items"][0];
        assert_eq!(best["name"], "dimv_invoicing_supplier", "{term}");
        assert_eq!(
            (&best["table_type"], &best["schema"]),
            (&json!("DIMENSION"), &json!("dm_bs_purchase"))
        );
        assert!(
            best["confidence"].as_f64().unwrap() > 0.5
                && !best["evidence"][0].as_str().unwrap().is_empty()
        );
        let confidences: Vec<f64> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["confidence"].as_f64().unwrap())
            .collect();
        assert!(confidences.is_sorted_by(|a, b| a >= b), "{confidences:?}");
    }
    let nothing = server.json("/api/search?q=unicorns").await;
    assert_eq!(
        nothing,
        json!({ "query": "unicorns", "items": [], "total": 0, "limit": 100, "offset": 0 })
    );
}

#[tokio::test]
async fn the_joins_and_the_lineage_of_a_table_stand_by_themselves() {
    let server = Server::start().await;
    let joins = server
        .json("/api/tables/factv_goods_receipt/relationships?limit=1")
        .await;
    assert_eq!(
        (&joins["table"], &joins["limit"]),
        (&json!("dm_bs_purchase.factv_goods_receipt"), &json!(1))
    );
    // Of them a key of two columns counts once.
    assert_eq!(joins["total"], 9);
    let first = &joins["items"][0];
    assert_eq!(
        first["from_columns"],
        json!(["purchase_order_number", "purchase_order_item_number"])
    );
    assert_eq!(
        first["to_table"],
        "dm_bs_purchase.factv_purchase_order_item"
    );
    assert_eq!(
        (&first["cardinality"], &first["origin"]),
        (&json!("many_to_one"), &json!("inferred"))
    );
    let details = server.json("/api/tables/factv_shipment").await;
    let mut lineage = server.json("/api/tables/factv_shipment/lineage").await;
    let table = lineage.as_object_mut().unwrap().remove("table");
    assert_eq!(table, Some(json!("dm_bs_logistics.factv_shipment")));
    assert_eq!(lineage, details["lineage"]);
    for path in ["relationships", "lineage"] {
        let refused = server
            .get(&format!("/api/tables/dimv_suplier/{path}"))
            .await;
        assert_eq!(refused.status(), 404);
        let words: Value = refused.json().await.unwrap();
        assert_eq!(words["suggestions"][0], "dm_ba_purchase.dimv_supplier");
    }
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_422_and_says_every_problem() {
    let server = Server::start().await;
    let refused = server.get("/api/tables?limit=-1&offset=x&type=table").await;
    assert_eq!(refused.status(), 422);
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": [
            { "type": "enum", "loc": ["query", "type"], "msg": "Input should be 'FACT', 'DIMENSION', 'BRIDGE' or 'VIEW'",
              "ctx": { "expected": "'FACT', 'DIMENSION', 'BRIDGE' or 'VIEW'" } },
            { "type": "greater_than_equal", "loc": ["query", "limit"], "msg": "Input should be greater than or equal to 1", "ctx": { "ge": 1 } },
            { "type": "int_parsing", "loc": ["query", "offset"], "msg": "Input should be a valid integer, unable to parse string as an integer" },
        ] })
    );
    let long = "x".repeat(10_000);
    for path in ["columns", "search"] {
        for (query, kind) in [
            (format!("?q={long}"), "string_too_long"),
            ("?q=".to_owned(), "string_too_short"),
            (String::new(), "missing"),
        ] {
            let refused = server.get(&format!("/api/{path}{query}")).await;
            assert_eq!(refused.status(), 422, "{path} {kind}");
            assert_eq!(
                refused.json::<Value>().await.unwrap()["detail"][0]["type"],
                kind
            );
        }
    }
}

#[tokio::test]
async fn what_a_client_has_kept_is_not_sent_again() {
    let server = Server::start().await;
    for path in [
        "/api/tables",
        "/api/tables?limit=2",
        "/api/tables/factv_contract",
        "/api/tables/factv_contract/relationships",
        "/api/tables/factv_contract/lineage",
        "/api/tables/factv_contract/diagram",
        "/api/columns?q=supplier",
        "/api/search?q=supplier",
        "/api/schemas",
    ] {
        let first = server.get(path).await;
        assert_eq!(
            first.headers()["cache-control"],
            "private, no-cache",
            "{path}"
        );
        let tag = first.headers()["etag"].clone();
        let again = server
            .request(Method::GET, path)
            .header("if-none-match", &tag)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (again.status().as_u16(), &again.headers()["etag"]),
            (304, &tag),
            "{path}"
        );
        assert!(again.bytes().await.unwrap().is_empty());
        let garbage = server
            .request(Method::GET, path)
            .header("if-none-match", "\"\"\",,W/")
            .send()
            .await
            .unwrap();
        assert_eq!(garbage.status(), 200, "{path}");
        assert_eq!(garbage.bytes().await.unwrap(), first.bytes().await.unwrap());
    }
}
