//! What the mapping promises, on small catalogs of other people's naming.

use super::*;
use crate::pipeline::request::Metric;
use crate::pipeline::structure;

/// A catalog of tables in one schema, each with its columns as `name type`.
fn catalog(schema: &str, tables: &[(&str, &[&str])]) -> Catalog {
    let mut assets = vec![serde_json::json!({
        "id": "s", "displayName": schema, "fullName": format!("S>db>{schema}"), "typeName": "Schema",
    })];
    for (table, columns) in tables {
        assets.push(serde_json::json!({
            "id": table, "displayName": table, "fullName": format!("S>db>{schema}>{table}"),
            "typeName": "Table", "Hierarcy Relation": "s",
        }));
        for (place, column) in columns.iter().enumerate() {
            let (name, data_type) = column.split_once(' ').unwrap_or((column, "varchar(20)"));
            assets.push(serde_json::json!({
                "id": format!("{table}.{name}"), "displayName": name,
                "fullName": format!("S>db>{schema}>{table}>{name}(column)"), "typeName": "Column",
                "Hierarcy Relation": table, "technicalDataType": data_type,
                "columnPosition": place + 1, "isNullable": true, "isPrimaryKey": false,
            }));
        }
    }
    let json = serde_json::Value::Array(assets).to_string();
    Catalog::from_export(json.as_bytes()).unwrap().0
}

fn report(catalog: &Catalog, request: &Request) -> MappingReport {
    let everything: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
    let structure = structure::analyse(catalog, &everything);
    let index = SearchIndex::new(catalog, Glossary::embedded()).with_neighbours(&structure);
    let sources = Sources {
        catalog,
        index: &index,
        glossary: Glossary::embedded(),
    };
    map(sources, request, None).report
}

/// The first candidate of each phrase, with the columns that meet it; `-` for no match.
fn found(catalog: &Catalog, phrases: &[&str]) -> Vec<String> {
    let request = Request {
        entities: phrases.iter().map(|phrase| entity_called(phrase)).collect(),
        ..Request::default()
    };
    let answers = report(catalog, &request).mappings.into_iter();
    answers
        .map(|answer| match answer.candidates.first() {
            Some(first) if first.columns.is_empty() => first.table.clone(),
            Some(first) => format!("{}: {}", first.table, first.columns.join(", ")),
            None => "-".to_owned(),
        })
        .collect()
}

fn warehouse() -> Catalog {
    catalog(
        "dw",
        &[
            ("custmstr", &["custkey integer", "custname", "cntry"]),
            (
                "lineorder",
                &[
                    "lo_orderkey integer",
                    "lo_custkey integer",
                    "lo_orddate date",
                    "lo_extendedprice decimal(9,2)",
                    "lo_supplycost decimal(9,2)",
                ],
            ),
            (
                "wrhs_inv",
                &["inv_item_sk integer", "inv_quantity_on_hand integer"],
            ),
            (
                "shpmnt",
                &["shp_commitdate date", "shp_receiptdate date", "shp_carrier"],
            ),
            ("DimProduct", &["ProductKey int", "ProductName", "Color"]),
        ],
    )
}

#[test]
fn compounds_and_words_cut_short_are_met_in_three_languages() {
    let phrases = [
        "zákazníci",
        "položky objednávek",
        "warehouse",
        "zásielky",
        "výrobky",
    ];
    assert_eq!(
        found(&warehouse(), &phrases),
        ["custmstr", "lineorder", "wrhs_inv", "shpmnt", "DimProduct"]
    );
}

#[test]
fn a_phrase_that_a_column_meets_names_it() {
    let phrases = ["quantity on hand", "supply cost", "farba výrobku"];
    assert_eq!(
        found(&warehouse(), &phrases),
        [
            "wrhs_inv: inv_quantity_on_hand",
            "lineorder: lo_supplycost",
            "DimProduct: Color"
        ]
    );
}

#[test]
fn a_typing_error_is_seen_through_and_a_stranger_is_not_taken_for_anything() {
    let phrases = ["prodcuts", "wharehouse", "unicorns", "jednorožci"];
    assert_eq!(
        found(&warehouse(), &phrases),
        ["DimProduct", "wrhs_inv", "-", "-"]
    );
}

#[test]
fn later_candidates_are_never_surer_and_stand_behind_one_that_is_good_enough() {
    let request = Request {
        entities: vec![entity_called("orders of customers")],
        ..Request::default()
    };
    let report = report(&warehouse(), &request);
    let sure: Vec<f64> = report.mappings[0]
        .candidates
        .iter()
        .map(|one| one.confidence)
        .collect();
    assert!(
        sure.len() > 1 && sure.is_sorted_by(|a, b| a >= b),
        "{sure:?}"
    );
    assert!(sure[0] >= LEAST_CONFIDENCE, "{sure:?}");
}

#[test]
fn metrics_get_the_measures_dates_and_keys_they_need() {
    let names = [
        "on-time delivery rate",
        "hrubá marža",
        "počet zákazníků",
        "wingspan",
    ];
    let request = Request {
        metrics: names
            .iter()
            .map(|name| Metric {
                name: (*name).to_owned(),
                description: None,
            })
            .collect(),
        ..Request::default()
    };
    let shown: Vec<(Option<String>, Vec<String>)> = report(&warehouse(), &request)
        .metrics
        .into_iter()
        .map(|metric| {
            let columns = metric.columns.iter();
            let columns = columns.map(|one| format!("{}.{} {:?}", one.table, one.column, one.kind));
            (metric.computed_as, columns.collect())
        })
        .collect();
    let expected = [
        (
            Some("rows with actual date ≤ promised date / all rows"),
            vec!["shpmnt.shp_commitdate Date", "shpmnt.shp_receiptdate Date"],
        ),
        (
            Some("(revenue − cost) / revenue"),
            vec![
                "lineorder.lo_extendedprice Measure",
                "lineorder.lo_supplycost Measure",
            ],
        ),
        (None, vec!["custmstr.custkey Key"]),
        (None, vec![]),
    ];
    let expected: Vec<(Option<String>, Vec<String>)> = expected
        .into_iter()
        .map(|(said, columns)| {
            (
                said.map(str::to_owned),
                columns.into_iter().map(str::to_owned).collect(),
            )
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn what_is_out_of_scope_is_meant_and_not_spelt() {
    let catalog = catalog(
        "dm",
        &[
            ("dm_hr_headcount", &["employee_count integer"]),
            ("dimv_chrome_part", &["part_key integer"]),
            ("dimv_date", &["date_key integer"]),
            ("dimv_invoice_date", &["date_key integer"]),
            ("factv_invoice", &["invoice_number", "amount decimal(9,2)"]),
            ("dimv_supplier", &["supplier_key integer"]),
            ("dimv_plant", &["plant_key integer"]),
        ],
    );
    let excluded = |sentence: &str| -> Vec<String> {
        let request = Request {
            scope_out: vec![sentence.to_owned()],
            ..Request::default()
        };
        let excluded = report(&catalog, &request).excluded.into_iter();
        excluded.map(|out| out.table).collect()
    };
    for (sentence, tables) in [
        ("HR data o zaměstnancích", vec!["dm.dm_hr_headcount"]),
        (
            "Invoices are not part of this project.",
            vec!["dm.factv_invoice"],
        ),
        ("Faktúry rieši iný projekt.", vec!["dm.factv_invoice"]),
        ("Marketing", vec![]),
        ("hr", vec!["dm.dm_hr_headcount"]),
    ] {
        assert_eq!(excluded(sentence), tables, "{sentence}");
    }
}

#[test]
fn tables_of_any_shape_are_searched() {
    let many: Vec<String> = (0..3000).map(|place| format!("c{place} integer")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let catalog = catalog(
        "s",
        &[
            ("empty", &[]),
            ("заказы", &["номер integer"]),
            ("Order \"Details\"", &["x", "y", "z"]),
            ("wide", &many),
            ("ORDERS", &["a"]),
            ("orders", &["a"]),
        ],
    );
    assert_eq!(
        found(&catalog, &["заказы", "orders", ""]),
        ["заказы", "orders", "-"]
    );
}
