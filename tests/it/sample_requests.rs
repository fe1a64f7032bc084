//! The three requests of `data/requests`, each with what a data architect expects of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::Server;

/// The chosen table of each entity, `-` where nothing fits, without the schema of `mart`.
fn chosen<'r>(result: &'r Value, mart: &str) -> BTreeMap<&'r str, String> {
    let mappings = result["tool1_output"]["mappings"].as_array().unwrap();
    mappings
        .iter()
        .map(|mapping| {
            let best = mapping["candidates"][0]["full_name"].as_str();
            assert_eq!(mapping["status"] == "matched", best.is_some(), "{mapping}");
            let table = best.map_or("-", |table| {
                table.strip_prefix(&format!("{mart}.")).unwrap_or(table)
            });
            (mapping["entity"].as_str().unwrap(), table.to_owned())
        })
        .collect()
}

fn expect(pairs: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    pairs
        .iter()
        .map(|(entity, table)| (*entity, (*table).to_owned()))
        .collect()
}

fn excluded(result: &Value) -> BTreeSet<&str> {
    let excluded = result["tool1_output"]["excluded"].as_array().unwrap();
    excluded
        .iter()
        .map(|out| out["table"].as_str().unwrap().split_once('.').unwrap().1)
        .collect()
}

/// Nothing that the catalog does not hold may appear, and every claim shows its evidence.
async fn check_truth(server: &Server, result: &Value) {
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in server.json("/api/tables").await.as_array().unwrap() {
        let name = table["full_name"].as_str().unwrap();
        let details = server.json(&format!("/api/tables/{name}")).await;
        let names = details["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["name"].as_str().unwrap().to_owned());
        columns.insert(name.to_owned(), names.collect());
    }
    let structure = &result["tool2_output"];
    let relationships = structure["relationships"].as_array().unwrap();
    assert!(!relationships.is_empty());
    for join in relationships {
        for end in ["from", "to"] {
            let table = join[format!("{end}_table")].as_str().unwrap();
            let column = join[format!("{end}_column")].as_str().unwrap();
            assert!(columns[table].contains(column), "{join}");
        }
        assert!(!join["evidence"].as_array().unwrap().is_empty(), "{join}");
        assert!(
            (0.55..=1.0).contains(&join["confidence"].as_f64().unwrap()),
            "{join}"
        );
    }
    let in_scope = columns.keys().filter(|table| {
        let schemas = result["tool1_output"]["schemas"].as_array().unwrap();
        schemas
            .iter()
            .any(|schema| table.starts_with(&format!("{}.", schema.as_str().unwrap())))
    });
    let mut listed = BTreeSet::new();
    for class in ["facts", "dimensions", "bridges", "unclassified"] {
        for item in structure[class].as_array().unwrap() {
            assert!(!item["rationale"].as_str().unwrap().is_empty(), "{item}");
            assert!(
                listed.insert(item["full_name"].as_str().unwrap().to_owned()),
                "listed twice: {item}"
            );
        }
    }
    assert_eq!(
        listed,
        in_scope.cloned().collect(),
        "every table in scope is listed"
    );
    let quality = &result["tool3_output"];
    let sum: f64 = quality["score_terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| term["contribution"].as_f64().unwrap())
        .sum();
    assert!(
        (sum - quality["quality_score"].as_f64().unwrap()).abs() < 0.006,
        "the score is the sum of its terms"
    );
    for advice in quality["recommendations"].as_array().unwrap() {
        assert_eq!(
            advice["affected_count"],
            advice["affected"].as_array().unwrap().len(),
            "{advice}"
        );
    }
}

#[tokio::test]
async fn the_czech_request_finds_its_purchasing_mart() {
    let server = Server::start().await;
    let result = server
        .result_of(include_str!("../../data/requests/cs.md"), json!({}))
        .await;
    let request = &result["tool0_output"];
    assert_eq!(
        request["project_metadata"]["project_name"],
        "Přehled nákupních objednávek a výkonnosti dodavatelů"
    );
    assert_eq!(request["project_metadata"]["sponsor"], "Ředitel nákupu");
    assert_eq!(request["project_metadata"]["submitted_at"], "2025-10-28");
    assert_eq!(
        (&request["language"], &request["mode"]),
        (&json!("cs"), &json!("template"))
    );
    assert_eq!(result["tool1_output"]["schemas"], json!(["dm_bs_purchase"]));
    assert_eq!(
        chosen(&result, "dm_bs_purchase"),
        expect(&[
            ("Dodavatelé", "dimv_supplier"),
            ("Fakturující dodavatelé", "dimv_invoicing_supplier"),
            ("Nákupní objednávky", "factv_purchase_order"),
            ("Položky objednávek", "factv_purchase_order_item"),
            ("Požadavky na nákup", "factv_purchase_requisition"),
            ("Příjmy zboží", "factv_goods_receipt"),
            ("Přijaté faktury", "factv_purchase_invoice"),
            ("Rámcové smlouvy", "factv_contract"),
            ("Plnění dodávek", "factv_delivery_performance"),
            ("Hodnocení dodavatelů", "factv_supplier_evaluation"),
            ("Materiály", "dimv_material"),
            ("Závody", "dimv_plant"),
            ("Nákupní organizace", "dimv_purchasing_organization"),
            ("Nákupčí", "dimv_purchasing_group"),
            ("Kalendář", "dimv_date"),
        ])
    );
    assert_eq!(
        excluded(&result),
        BTreeSet::from([
            "dimv_approver_1_person",
            "dimv_person",
            "dimv_supplier_bank_account"
        ])
    );
    let people = &result["tool1_output"]["excluded"][1];
    assert_eq!(
        *people,
        json!({
            "table": "dm_bs_purchase.dimv_person",
            "reason": "out of scope: \"HR data o zaměstnancích (osobní čísla, jména, kontakty, zařazení)\"",
            "candidate_for": ["Nákupčí"],
        })
    );
    check_truth(&server, &result).await;
}

#[tokio::test]
async fn the_slovak_request_spans_two_marts_and_meets_a_table_gone_from_its_source() {
    let server = Server::start().await;
    let result = server
        .result_of(include_str!("../../data/requests/sk.md"), json!({}))
        .await;
    assert_eq!(result["tool0_output"]["language"], "sk");
    assert_eq!(
        result["tool1_output"]["schemas"],
        json!(["dm_bs_logistics", "dm_bs_purchase"])
    );
    assert_eq!(
        chosen(&result, "dm_bs_purchase"),
        expect(&[
            ("Plnenie dodávok", "factv_delivery_performance"),
            ("Zásielky", "dm_bs_logistics.factv_shipment"),
            ("Príjem tovaru", "factv_goods_receipt"),
            ("Položky objednávok", "factv_purchase_order_item"),
            ("Dodávatelia", "dimv_supplier"),
            ("Stav dodávky", "dimv_delivery_status"),
            ("Dopravcovia", "dm_bs_logistics.dimv_carrier"),
            ("prepravné trasy", "dm_bs_logistics.dimv_route"),
            ("sklady", "dm_bs_logistics.dimv_warehouse"),
            ("skladové miesta", "dm_bs_logistics.dimv_storage_location"),
            ("prijímajúce závody", "dimv_receiving_plant"),
            ("materiály", "dimv_material"),
            ("dátum dodania", "dimv_delivery_date"),
        ])
    );
    for out in [
        "factv_stock_level",
        "factv_warehouse_capacity",
        "factv_purchase_invoice",
        "dimv_person",
    ] {
        assert!(excluded(&result).contains(out), "{out}");
    }
    for kept in [
        "dimv_supplier",
        "dimv_warehouse",
        "dimv_storage_location",
        "factv_stock_movement",
    ] {
        assert!(!excluded(&result).contains(kept), "{kept}");
    }
    let gone = &result["tool3_output"]["anomalies"][0];
    assert_eq!(
        (&gone["kind"], &gone["severity"]),
        (&json!("missing_from_source"), &json!("blocking"))
    );
    assert_eq!(gone["affected"], json!(["dm_bs_logistics.dimv_route"]));
    assert_eq!(result["tool3_output"]["risk_level"], "high");
    check_truth(&server, &result).await;
}

#[tokio::test]
async fn the_english_request_says_what_the_catalog_does_not_hold() {
    let server = Server::start().await;
    let result = server
        .result_of(include_str!("../../data/requests/en.md"), json!({}))
        .await;
    assert_eq!(result["tool0_output"]["language"], "en");
    assert_eq!(
        result["tool0_output"]["project_metadata"]["submitted_at"],
        "2025-10-28"
    );
    assert_eq!(
        chosen(&result, "dm_ba_purchase"),
        expect(&[
            ("Spend", "factv_spend_analysis"),
            ("Purchase orders", "factv_purchase_order"),
            ("Suppliers", "dimv_supplier"),
            ("Materials", "dimv_material"),
            ("Plants", "dimv_plant"),
            ("Spend categories", "dimv_spend_category"),
            ("Posting date", "dimv_posting_date"),
            ("Order date", "dimv_order_date"),
            ("Carbon footprint certificates", "-"),
        ])
    );
    assert_eq!(
        excluded(&result),
        BTreeSet::new(),
        "bank accounts of suppliers are not the suppliers"
    );
    let first = &result["tool3_output"]["recommendations"][0];
    assert_eq!(
        (&first["priority"], &first["affected"]),
        (&json!("P0"), &json!(["Carbon footprint certificates"]))
    );
    check_truth(&server, &result).await;
}

#[tokio::test]
async fn the_structure_of_the_sample_is_the_one_its_architect_meant() {
    let server = Server::start().await;
    let result = server.result_of("# Everything", json!({})).await;
    let structure = &result["tool2_output"];
    let named = |class: &str| {
        let items = structure[class].as_array().unwrap().iter();
        items
            .map(|item| (item["full_name"].as_str().unwrap(), item))
            .collect::<BTreeMap<_, _>>()
    };
    let (facts, dimensions, bridges) = (named("facts"), named("dimensions"), named("bridges"));
    assert!(facts.keys().all(|name| name.contains(".factv_")) && facts.len() == 15);
    assert!(bridges.keys().all(|name| name.contains(".relv_")) && bridges.len() == 3);
    assert_eq!(structure["unclassified"][0]["name"], "zmm_load_log");
    let roles: Vec<(&str, &str)> = dimensions
        .values()
        .filter(|item| item["kind"] == "role_playing")
        .map(|item| {
            (
                item["full_name"].as_str().unwrap(),
                item["role_of"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        roles,
        [
            ("dm_ba_purchase.dimv_order_date", "dm_ba_purchase.dimv_date"),
            (
                "dm_ba_purchase.dimv_posting_date",
                "dm_ba_purchase.dimv_date"
            ),
            (
                "dm_bs_purchase.dimv_approver_1_person",
                "dm_bs_purchase.dimv_person"
            ),
            (
                "dm_bs_purchase.dimv_delivery_date",
                "dm_bs_purchase.dimv_date"
            ),
            (
                "dm_bs_purchase.dimv_invoice_date",
                "dm_bs_purchase.dimv_date"
            ),
            (
                "dm_bs_purchase.dimv_invoicing_supplier",
                "dm_bs_purchase.dimv_supplier"
            ),
            (
                "dm_bs_purchase.dimv_manufacturer_supplier",
                "dm_bs_purchase.dimv_supplier"
            ),
            ("dm_bs_purchase.dimv_order_date", "dm_bs_purchase.dimv_date"),
            (
                "dm_bs_purchase.dimv_posting_date",
                "dm_bs_purchase.dimv_date"
            ),
            (
                "dm_bs_purchase.dimv_receiving_plant",
                "dm_bs_purchase.dimv_plant"
            ),
        ]
    );
    let grain = |table: &str| facts[table]["grain"].as_str().unwrap();
    assert_eq!(
        grain("dm_bs_purchase.factv_purchase_order_item"),
        "one row per purchase order item"
    );
}

#[tokio::test]
async fn keys_of_the_sample_lead_where_its_architect_meant_them_to() {
    let server = Server::start().await;
    let result = server.result_of("# Everything", json!({})).await;
    let structure = &result["tool2_output"];
    let joins = structure["relationships"].as_array().unwrap();
    let parents = |child: &str| -> Vec<String> {
        let text = |join: &Value, field: &str| join[field].as_str().unwrap().to_owned();
        let end = |join, end: &str| {
            text(join, &format!("{end}_table")) + "." + &text(join, &format!("{end}_column"))
        };
        let of_child = joins.iter().filter(|join| end(join, "from") == child);
        of_child
            .map(|join| end(join, "to") + " " + &text(join, "origin"))
            .collect()
    };
    // Child, parent, whether the catalog declares it.
    let cases = [
        (
            "dm_bs_purchase.factv_purchase_order.dim_supplier_key",
            "dm_bs_purchase.dimv_supplier.dim_supplier_key declared",
        ),
        // A role with a view of its own, one that keeps the key of its base, one without a view.
        (
            "dm_bs_purchase.factv_purchase_invoice.dim_invoicing_supplier_key",
            "dm_bs_purchase.dimv_invoicing_supplier.dim_invoicing_supplier_key inferred",
        ),
        (
            "dm_bs_purchase.factv_purchase_order_item.dim_manufacturer_supplier_key",
            "dm_bs_purchase.dimv_manufacturer_supplier.dim_supplier_key inferred",
        ),
        (
            "dm_bs_purchase.factv_purchase_requisition.dim_requester_person_key",
            "dm_bs_purchase.dimv_person.dim_person_key declared",
        ),
        // Columns of composite references.
        (
            "dm_bs_purchase.factv_goods_receipt.purchase_order_number",
            "dm_bs_purchase.factv_purchase_order_item.purchase_order_number inferred",
        ),
        (
            "dm_bs_purchase.factv_goods_receipt.purchase_order_item_number",
            "dm_bs_purchase.factv_purchase_order_item.purchase_order_item_number inferred",
        ),
        (
            "dm_bs_purchase.factv_purchase_order_item.purchase_requisition_item_number",
            "dm_bs_purchase.factv_purchase_requisition.purchase_requisition_item_number inferred",
        ),
        (
            "dm_bs_purchase.factv_purchase_order_item.contract_item_number",
            "dm_bs_purchase.factv_contract.contract_item_number inferred",
        ),
        // Logistics has no such dimension; the mart of its own scope has.
        (
            "dm_bs_logistics.factv_stock_level.dim_plant_key",
            "dm_bs_purchase.dimv_plant.dim_plant_key inferred",
        ),
        (
            "dm_bs_logistics.factv_stock_level.dim_date_key",
            "dm_bs_logistics.dimv_date.dim_date_key inferred",
        ),
        // An outrigger.
        (
            "dm_bs_purchase.dimv_plant.dim_company_code_key",
            "dm_bs_purchase.dimv_company_code.dim_company_code_key inferred",
        ),
    ];
    for (child, parent) in cases {
        assert_eq!(parents(child), [parent], "{child}");
    }
    assert!(
        parents("dm_bs_purchase.dimv_invoicing_supplier.supplier_number").is_empty(),
        "its own business key"
    );
    assert!(
        parents("dm_bs_purchase.factv_purchase_invoice.dim_tax_code_key").is_empty(),
        "no columns to point at"
    );
}

/// The chosen table of each entity by its short name, and the sentences that exclude.
async fn summary(server: &Server, document: &str, scope: &str) -> (Vec<String>, Vec<String>) {
    let result = server.result_of(document, json!({ "scope": scope })).await;
    let chosen = chosen(&result, scope).into_values().collect();
    (
        chosen,
        excluded(&result).into_iter().map(str::to_owned).collect(),
    )
}

#[tokio::test]
async fn free_text_is_mapped_and_what_it_leaves_out_is_excluded() {
    let server = Server::start().await;
    let cases = [
        (
            "We need purchase orders by supplier, but not invoices or bank accounts.",
            vec!["factv_purchase_order", "dimv_supplier"],
            // The date of an invoice stays a date, and who invoices a supplier.
            vec![
                "dimv_supplier_bank_account",
                "factv_purchase_invoice",
                "factv_purchase_invoice_item",
            ],
        ),
        (
            "Potrebujeme prehľad objednávok podľa dodávateľov. Bankové účty nechceme.",
            vec!["dimv_supplier", "factv_purchase_order"],
            vec!["dimv_supplier_bank_account"],
        ),
        (
            "# Žádost\n\n## Co chceme\n- Objednávky\n- Dodavatelé\n- Faktury",
            vec![
                "dimv_supplier",
                "factv_purchase_invoice",
                "factv_purchase_order",
            ],
            vec![],
        ),
        (
            "Delayed suppliers. Materials cost money; plants stand still.",
            vec!["dimv_supplier", "dimv_material", "dimv_plant"],
            vec![],
        ),
    ];
    for (document, tables, out) in cases {
        let (mut chosen, excluded) = summary(&server, document, "dm_bs_purchase").await;
        let mut tables: Vec<String> = tables.into_iter().map(str::to_owned).collect();
        chosen.sort();
        tables.sort();
        assert_eq!(chosen, tables, "{document}");
        assert_eq!(excluded, out, "{document}");
    }
}

#[tokio::test]
async fn a_table_named_in_so_many_words_wins_over_its_twin() {
    let server = Server::start().await;
    let document = "# T\n\n## Entities\n- Supplier (`dm_bs_purchase.dimv_supplier`)\n\
                    - Material (`dm_ba_purchase.dimv_material`)\n- Plant (`dm_ba_purchase.dimv_plant`)\n\
                    - Orders: `dm_bs_purchase.factv_purchase_order`, `dm_bs_purchase.factv_purchase_order_item`";
    let result = server
        .result_of(document, json!({ "scope": "purchase" }))
        .await;
    assert_eq!(
        chosen(&result, ""),
        expect(&[
            ("Supplier", "dm_bs_purchase.dimv_supplier"),
            ("Material", "dm_ba_purchase.dimv_material"),
            ("Plant", "dm_ba_purchase.dimv_plant"),
            ("Orders", "dm_bs_purchase.factv_purchase_order"),
        ])
    );
    assert_eq!(
        result["tool1_output"]["stats"]["tables_requested"], 5,
        "of several named tables all are meant"
    );
    assert_eq!(
        result["tool1_output"]["mappings"][0]["candidates"][0]["confidence"],
        1.0
    );
}

#[tokio::test]
async fn doubt_is_said() {
    let server = Server::start().await;
    let document =
        "# T\n\n## Entities\n- Suppliers\n- Weather\n\n## Out of scope\n- Weather stations";
    let result = server.result_of(document, json!({})).await;
    assert_eq!(
        result["warnings"],
        json!([
            "Out of scope \"Weather stations\" fits no table in scope, so it excludes none.",
            "\"Suppliers\" fits dm_ba_purchase.dimv_supplier and dm_bs_purchase.dimv_supplier equally well; \
             the first is used. Name the table or a scope to decide.",
        ])
    );
    assert_eq!(
        chosen(&result, "dm_ba_purchase"),
        expect(&[("Suppliers", "dimv_supplier"), ("Weather", "-")])
    );
    assert_eq!(
        result["tool3_output"]["risk_reason"],
        "in the way of the request stand requested entities that no table in scope holds"
    );
}
