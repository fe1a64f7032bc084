use serde_json::{Value, json};

use super::ClassificationStatus::{Inherited, Missing, Own};
use super::*;
use crate::pipeline::{self, Knowledge, Outputs, RunRequest};

fn outputs(assets: &Value, document: &str) -> Outputs {
    let (catalog, _) = Catalog::from_export(assets.to_string().as_bytes()).expect("an export");
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 5,
        warnings: Vec::new(),
    };
    pipeline::run(&Knowledge::new(catalog), request, &mut |_| {})
}

/// Name, type and description.
type Column<'a> = (&'a str, &'a str, &'a str);

/// A catalog of one schema.
fn catalog(tables: &[(&str, &[Column<'_>])]) -> Value {
    let mut assets = vec![json!({
        "id": "s", "displayName": "mart", "typeName": "Schema", "fullName": "a>b>mart",
        "ownerInSource": "steward",
    })];
    for (table, columns) in tables {
        assets.push(json!({
            "id": table, "displayName": table, "typeName": "Table",
            "fullName": format!("a>b>mart>{table}"),
        }));
        for (place, (column, kind, description)) in columns.iter().enumerate() {
            assets.push(json!({
                "id": format!("{table}/{place}"), "displayName": column, "typeName": "Column",
                "fullName": format!("a>b>mart>{table}>{column}(column)"),
                "technicalDataType": kind, "description": description, "columnPosition": place,
            }));
        }
    }
    json!(assets)
}

/// What is found at 0.3 and more, as `column category`.
fn found(table: &str, columns: &[Column<'_>]) -> Vec<String> {
    let report = outputs(&catalog(&[(table, columns)]), "").tool4_output;
    let mut found: Vec<String> = report
        .columns
        .iter()
        .map(|column| format!("{} {}", column.column, column.category.name()))
        .collect();
    found.sort();
    found
}

#[test]
fn a_column_is_found_by_its_description_where_its_name_says_nothing() {
    let report = outputs(
        &catalog(&[(
            "zz_data",
            &[
                ("f17", "STRING", "Rodné číslo zaměstnance"),
                ("f18", "STRING", "Barva"),
            ],
        )]),
        "",
    )
    .tool4_output;
    let expected = SensitiveColumn {
        table: "mart.zz_data".to_owned(),
        column: "f17".to_owned(),
        requested: false,
        excluded: false,
        category: Category::NationalId,
        sensitivity: Sensitivity::Confidential,
        confidence: 0.8,
        evidence: vec![
            "described as \"Rodné číslo zaměstnance\"".to_owned(),
            "STRING".to_owned(),
        ],
        reasons: vec![
            Reason::Described("Rodné číslo zaměstnance".to_owned()),
            Reason::Type("STRING".to_owned()),
        ],
        masking: Masking::Null,
        classification: None,
    };
    assert_eq!(report.columns, [expected]);
}

#[test]
fn the_same_name_is_personal_in_a_table_of_persons_and_not_in_one_of_things() {
    let columns = [("name", "STRING", ""), ("street", "STRING", "")];
    assert_eq!(
        found("employee", &columns),
        ["name person_name", "street address"]
    );
    assert_eq!(found("product", &columns), [""; 0]);
    assert_eq!(found("warehouse", &columns), [""; 0]);
}

#[test]
fn flags_counts_kinds_and_keys_about_it_are_not_it() {
    let about = [
        ("has_email", "BOOLEAN", ""),
        ("email_flag", "STRING", ""),
        ("is_phone_verified", "BOOLEAN", ""),
        ("email_template_id", "INT", ""),
        ("phone_type", "STRING", ""),
        ("login_count", "INT", ""),
        ("file_name", "STRING", ""),
        ("column_name", "STRING", ""),
        ("salary_budget", "DECIMAL", ""),
        ("amount", "DECIMAL", "Amount per cost center"),
        ("group_email", "STRING", "Shared mailbox of the group"),
    ];
    assert_eq!(found("statistics", &about), [""; 0]);
    // Being in a union is the datum itself.
    assert_eq!(
        found("statistics", &[("trade_union_member", "BOOLEAN", "")]),
        ["trade_union_member belief"]
    );
}

#[test]
fn a_classification_too_low_for_what_a_table_holds_is_a_contradiction_and_none_is_unknown() {
    let columns: &[Column<'_>] = &[("diagnosis", "STRING", "")];
    let mut assets = catalog(&[("low", columns), ("none", columns), ("own", columns)]);
    assets[1]["securityClassification"] = json!("Veřejné");
    assets[5]["securityClassification"] = json!("Confidential");
    let report = outputs(&assets, "").tool4_output;
    let read: Vec<(&str, ClassificationStatus, bool)> = report
        .tables
        .iter()
        .map(|table| {
            let class = &table.classification;
            (table.table.as_str(), class.status, class.contradictory)
        })
        .collect();
    assert_eq!(
        read,
        [
            ("mart.low", Own, true),
            ("mart.none", Missing, false),
            ("mart.own", Own, false)
        ]
    );
    assets[0]["securityClassification"] = json!("internal");
    let report = outputs(&assets, "").tool4_output;
    assert_eq!(report.tables[1].classification.status, Inherited);
    assert!(report.tables[1].classification.contradictory);
    assert_eq!(report.summary.contradictory_tables, 2);
}

#[test]
fn the_sample_is_filtered_by_its_table_of_permissions() {
    let assets: Value = serde_json::from_str(include_str!("../../../data/catalog.json")).unwrap();
    let report = outputs(&assets, include_str!("../../../data/requests/cs.md")).tool4_output;
    let filter = &report.row_filters[0];
    let users = filter.user_table.as_ref().expect("a table of permissions");
    assert_eq!(filter.unit, "dm_bs_purchase.dimv_purchasing_organization");
    assert_eq!(
        (users.table.as_str(), users.user_column.as_str()),
        (
            "dm_bs_purchase.relv_user_purchasing_organization",
            "user_name"
        )
    );
    assert_eq!(users.columns, ["dim_purchasing_organization_key"]);
    assert_eq!(
        (users.valid_from.as_deref(), users.valid_to.as_deref()),
        (Some("valid_from"), Some("valid_to"))
    );
    let ways: Vec<(&str, usize)> = filter
        .facts
        .iter()
        .map(|path| (path.fact.as_str(), path.steps.len()))
        .collect();
    assert_eq!(
        ways,
        [
            ("dm_bs_purchase.factv_purchase_order", 1),
            ("dm_bs_purchase.factv_purchase_order_item", 2),
            ("dm_bs_purchase.factv_goods_receipt", 3),
            ("dm_bs_purchase.factv_contract", 1),
            ("dm_bs_purchase.factv_delivery_performance", 3),
            ("dm_bs_purchase.factv_supplier_evaluation", 1),
        ]
    );
    assert_eq!(
        filter.unreached,
        [
            "dm_bs_purchase.factv_purchase_requisition",
            "dm_bs_purchase.factv_purchase_invoice"
        ]
    );
    // What the request rules out is listed last, and nothing is filtered by way of it.
    let excluded: Vec<bool> = report
        .columns
        .iter()
        .map(|column| column.excluded)
        .collect();
    assert!(excluded.is_sorted());
    assert_eq!(report.summary.excluded_sensitive_columns, 13);
}

#[test]
fn what_a_request_rules_out_is_no_reason_to_report_anything() {
    let assets = catalog(&[(
        "parts",
        &[("color", "STRING", ""), ("weight", "DECIMAL", "")],
    )]);
    let document =
        "# Parts\n\n## Out of scope\n\n- Salaries, birth numbers and e-mails of employees\n";
    let report = outputs(&assets, document).tool4_output;
    assert_eq!(report.columns, []);
}

#[test]
fn lists_are_bounded_and_counts_are_true() {
    let names: Vec<String> = (0..700).map(|n| format!("email_{n}")).collect();
    let columns: Vec<Column<'_>> = names.iter().map(|n| (n.as_str(), "STRING", "")).collect();
    let report = outputs(&catalog(&[("contacts", &columns)]), "").tool4_output;
    assert_eq!(report.columns.len(), COLUMNS_MAX);
    assert_eq!(report.summary.sensitive_columns, 700);
    assert_eq!(report.summary.by_category[&Category::Email], 700);
}

#[test]
fn any_name_is_read_without_a_panic_and_twice_the_same() {
    let long = "email_".repeat(2_000);
    let hostile = [
        "",
        "_",
        "{0}",
        "é",
        "🙈email🙈",
        "İ",
        "ﬁrst_name",
        "\u{202e}liame",
        "a\u{0}b",
        "|`<img>",
        "e-mail\n# x",
        "ß",
        "名前",
        &long,
    ];
    let columns: Vec<Column<'_>> = hostile.iter().map(|name| (*name, *name, *name)).collect();
    let tables: Vec<(&str, &[Column<'_>])> = hostile
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| (*name, columns.as_slice()))
        .collect();
    let assets = catalog(&tables);
    let (once, twice) = (outputs(&assets, ""), outputs(&assets, ""));
    assert_eq!(once, twice);
    assert!(once.tool4_output.summary.sensitive_columns > 0);
}

#[test]
fn results_stored_without_an_assessment_are_still_read() {
    let assets = catalog(&[("contacts", &[("email", "STRING", "")])]);
    let outputs = outputs(&assets, "");
    let mut stored = serde_json::to_value(&outputs).unwrap();
    let read: Outputs = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(read.tool4_output, outputs.tool4_output);
    stored.as_object_mut().unwrap().remove("tool4_output");
    let read: Outputs = serde_json::from_value(stored).unwrap();
    assert_eq!(read.tool4_output, SecurityReport::default());
}

#[test]
fn what_is_learnt_beforehand_changes_no_report_and_learning_stops_when_it_is_told_to() {
    let tables: [(&str, &[Column<'_>]); 3] = [
        (
            "person",
            &[("email", "STRING", ""), ("first_name", "STRING", "")],
        ),
        ("order", &[("order_number", "STRING", "")]),
        ("account", &[("iban", "STRING", "Bank account")]),
    ];
    let knowledge = || {
        let export = catalog(&tables).to_string();
        Knowledge::new(Catalog::from_export(export.as_bytes()).unwrap().0)
    };
    let learnt = |knowledge: &Knowledge| {
        let tables = &knowledge.known_columns.by_table;
        tables.iter().filter(|table| table.get().is_some()).count()
    };
    let (learned, asked) = (knowledge(), knowledge());
    let left = std::cell::Cell::new(2);
    let twice = || left.replace(left.get() - 1) > 0;
    learned.learn(twice);
    assert_eq!(learnt(&learned), 2);
    learned.learn(|| true);
    assert_eq!((learnt(&learned), learnt(&asked)), (3, 0));
    let report = |knowledge: &Knowledge| {
        let request = RunRequest {
            document: String::new(),
            scope: None,
            max_columns: 5,
            warnings: Vec::new(),
        };
        pipeline::run(knowledge, request, &mut |_| {}).tool4_output
    };
    let reported = report(&learned);
    assert_eq!(reported, report(&asked));
    assert_eq!(reported.summary.sensitive_tables, 2);
}
