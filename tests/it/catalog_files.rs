//! Catalog files as real catalogs hand them over, and files that are none.

use mcop_api::catalog::{Catalog, Found};
use mcop_api::config::Config;
use mcop_api::load_catalog;
use serde_json::{Value, json};

fn load(export: &Value) -> Result<(Catalog, String), String> {
    Catalog::from_export(export.to_string().as_bytes())
        .map(|(catalog, report)| (catalog, report.to_string()))
        .map_err(|error| error.to_string())
}

fn table(id: &str, schema: &str, name: &str) -> Value {
    json!({ "id": id, "typeName": "Database View", "displayName": name, "fullName": format!("S>db>{schema}>{name}") })
}

fn column(id: &str, parent: &str, name: &str, position: f64) -> Value {
    json!({
        "id": id, "typeName": "Column", "displayName": name, "Hierarcy Relation": parent, "columnPosition": position
    })
}

fn columns(catalog: &Catalog, name: &str) -> Vec<String> {
    let Found::Table { table, .. } = catalog.find(name) else {
        panic!("no table {name}")
    };
    catalog
        .table(table)
        .columns
        .iter()
        .map(|column| column.name.to_string())
        .collect()
}

#[test]
fn all_three_shapes_are_the_same_catalog_in_any_order() {
    let (t, a, b) = (
        table("t", "dm", "orders"),
        column("a", "t", "x", 2.0),
        column("b", "t", "y", 1.0),
    );
    let shapes = [
        json!([t, a, b]),
        json!([[b], [t], [a]]),
        json!([[t, a], b]),
        json!({ "exported": "today", "assets": [a, b, t] }),
        json!({ "assets": [[a], [b, t]] }),
    ];
    let catalogs: Vec<Catalog> = shapes.iter().map(|shape| load(shape).unwrap().0).collect();
    assert!(catalogs.iter().all(|catalog| *catalog == catalogs[0]));
    assert_eq!(
        columns(&catalogs[0], "dm.orders"),
        ["y", "x"],
        "by position"
    );
}

#[test]
fn copies_of_an_asset_are_united_and_the_first_value_that_says_something_wins() {
    let mut first = table("t", "dm", "orders");
    first["description"] = json!("N/A ");
    first["ownerInSource"] = json!("owner-1");
    let second = json!({ "id": "t", "typeName": "Database View", "description": " All orders ", "ownerInSource": "owner-2",
                         "articulationScore": "85", "validationResult": "true" });
    let (catalog, report) = load(&json!([[first.clone()], [second, first]])).unwrap();
    assert_eq!(report, "3 records, 1 distinct assets");
    let Found::Table { table, .. } = catalog.find("orders") else {
        panic!()
    };
    let documentation = &catalog.table(table).documentation;
    assert_eq!(documentation.description.as_deref(), Some("All orders"));
    assert_eq!(documentation.owner.as_deref(), Some("owner-1"));
    assert_eq!(
        (documentation.articulation_score, documentation.validated),
        (Some(85.0), Some(true))
    );
}

#[test]
fn a_parent_is_found_by_any_spelling_of_its_field_and_by_the_path() {
    let by_path = |id: &str, name: &str| {
        json!({ "id": id, "typeName": "Column", "fullName": format!("S>db>dm>orders>{name}(column)"),
                "Hierarcy Relation": "not-in-the-export" })
    };
    let spelt = |id: &str, field: &str| json!({ "id": id, "typeName": "Column", "displayName": id, field: "t" });
    let export = json!([
        table("t", "dm", "orders"),
        by_path("1", "a"),
        spelt("b", "Hierarcy Relation"),
        spelt("c", "Hierarchy Relation"),
        spelt("d", "hierarchyRelation"),
    ]);
    assert_eq!(
        columns(&load(&export).unwrap().0, "orders"),
        ["a", "b", "c", "d"]
    );
}

#[test]
fn what_is_skipped_is_counted_by_reason() {
    let export = json!([
        table("t", "dm", "orders"),
        column("a", "t", "x", 1.0),
        column("b", "t", "x", 2.0),
        column("c", "gone", "y", 1.0),
        { "id": "r", "typeName": "Report", "displayName": "R" },
        { "id": "r2", "typeName": "Report" },
        { "id": "n" },
        { "typeName": "Column", "displayName": "no id" },
        { "id": "u", "typeName": "Table", "displayName": "homeless" },
        null, 7, "text",
    ]);
    assert_eq!(
        load(&export).unwrap().1,
        "9 records, 8 distinct assets; skipped: 4 without an id, 1 columns whose table is not in the export, \
         1 tables without a schema, 1 columns listed twice, 1 of type (no type), 2 of type Report"
    );
}

#[test]
fn a_name_in_two_schemas_answers_the_first_and_lists_the_other() {
    let export = json!([
        table("1", "dm_b", "Orders"),
        table("2", "dm_a", "orders"),
        table("3", "dm_a", "ORDERS")
    ]);
    let (catalog, _) = load(&export).unwrap();
    let names = |name: &str| match catalog.find(name) {
        Found::Table { table, also_in } => std::iter::once(table)
            .chain(also_in)
            .map(|id| catalog.full_name(id))
            .collect::<Vec<_>>(),
        Found::Nothing { suggestions } => suggestions,
    };
    assert_eq!(
        names("oRdErS"),
        ["dm_a.ORDERS", "dm_a.orders", "dm_b.Orders"]
    );
    assert_eq!(names("ORDERS"), ["dm_a.ORDERS"], "the right case picks one");
    assert_eq!(names("DM_B.orders"), ["dm_b.Orders"]);
    assert_eq!(
        names("dm_c.orders").len(),
        3,
        "close names where the schema is wrong"
    );
}

#[test]
fn columns_are_found_by_wildcards() {
    let export = json!([
        table("t", "dm", "orders"),
        column("a", "t", "order_1", 1.0),
        column("b", "t", "Order_No", 2.0),
        column("c", "t", "main_supplier_key", 3.0),
    ]);
    let (catalog, _) = load(&export).unwrap();
    let found = |pattern: &str| {
        catalog
            .places_matching(pattern)
            .map(|(table, place)| catalog.table(table).columns[place].name.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(found("*supplier*"), "main_supplier_key");
    assert_eq!(found("order_?"), "order_1");
    assert_eq!(found("ORDER_*"), "order_1 Order_No");
    assert_eq!(found("order"), "");
    assert_eq!(found("**_*_**"), "main_supplier_key");
    assert_eq!(found(""), "");
}

#[test]
fn lineage_is_what_the_catalog_says_in_both_directions() {
    let mut view = table("v", "dm", "dimv_supplier");
    view["sapSourceName"] = json!("LFA1");
    view["descriptionFromSourceSystem"] = json!("One to one view over silver.dim_supplier.");
    let mut role = table("r", "dm", "dimv_invoicing_supplier");
    role["descriptionFromSourceSystem"] = json!("View over dimv_supplier");
    let mut mapped = column("c", "v", "name", 1.0);
    mapped["mappingTable"] = json!("lfa1 / 'LFB1'");
    mapped["mappingColumn"] = json!("name1/akont");
    let (catalog, _) = load(&json!([view, role, mapped, table("o", "dm", "orders")])).unwrap();
    let id = |name: &str| catalog.named(name)[0];
    let sources = |name: &str| {
        let upstream = catalog.upstream(id(name)).iter();
        upstream
            .map(|source| (source.name.clone(), source.table.is_some()))
            .collect::<Vec<_>>()
    };
    let external = |name: &str| (name.to_owned(), false);
    assert_eq!(
        sources("dimv_supplier"),
        [
            external("LFA1"),
            external("LFB1"),
            external("silver.dim_supplier")
        ]
    );
    assert_eq!(
        sources("dimv_invoicing_supplier"),
        [("dimv_supplier".to_owned(), true)]
    );
    assert_eq!(
        catalog.downstream(id("dimv_supplier")),
        [id("dimv_invoicing_supplier")]
    );
    assert!(
        catalog.upstream(id("orders")).is_empty() && catalog.downstream(id("orders")).is_empty(),
        "unknown"
    );
    assert_eq!(
        catalog.upstream(id("dimv_supplier"))[0].columns[0]
            .source_column
            .as_deref(),
        Some("NAME1")
    );
}

#[test]
fn a_file_that_is_no_export_is_refused_with_one_line_that_says_where_and_why() {
    let refused = |json: &[u8]| Catalog::from_export(json).unwrap_err().to_string();
    let cases: [(&[u8], &str); 8] = [
        (
            b"",
            "is no asset export: EOF while parsing a value at line 1 column 0",
        ),
        (
            b"[\n{\"id\": 1,\n oops}]",
            "is no asset export: key must be a string at line 3 column 2",
        ),
        (
            b"[] trailing",
            "is no asset export: trailing characters at line 1 column 4",
        ),
        (
            b"{\"tables\": []}",
            "is no asset export: the object has no `assets` array at line 1 column 14",
        ),
        (
            b"\"text\"",
            "is no asset export: invalid type: string \"text\", expected an array of assets, an array of \
                       arrays of assets, or an object with an `assets` array at line 1 column 6",
        ),
        (
            b"[]",
            "is no asset export: none of its 0 assets is a table or view (typeName) whose schema is known (parent or fullName)",
        ),
        (
            b"[{\"id\": \"x\"}]",
            "is no asset export: none of its 1 assets is a table or view (typeName) whose schema is known (parent or fullName)",
        ),
        (
            b"[{\"id\": \"\xFF\"}]",
            "is no asset export: invalid unicode code point at line 1 column 10",
        ),
    ];
    for (json, message) in cases {
        assert_eq!(refused(json), message);
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(refused(deep.as_bytes()).contains("recursion limit exceeded"));
    let with_byte_order_mark = format!("\u{FEFF}[{}]", table("t", "dm", "orders"));
    assert!(Catalog::from_export(with_byte_order_mark.as_bytes()).is_ok());
}

#[test]
fn the_start_names_the_variable_and_the_file() {
    let config = |path: &str| {
        let path = path.to_owned();
        Config::from_vars(move |name| (name == "CATALOG_PATH").then(|| path.clone())).unwrap()
    };
    let missing = load_catalog(&config("/nowhere/export.json"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        missing,
        "CATALOG_PATH: /nowhere/export.json cannot be read: No such file or directory (os error 2)"
    );
    let no_export = load_catalog(&config("Cargo.toml")).unwrap_err().to_string();
    assert!(
        no_export.starts_with("CATALOG_PATH: Cargo.toml is no asset export: "),
        "{no_export}"
    );
    assert!(!no_export.contains('\n'));
}

#[test]
fn the_sample_shows_what_real_exports_are_like() {
    let (catalog, report) = load_catalog(&Config::from_vars(|_| None).unwrap()).unwrap();
    assert_eq!(
        report.to_string(),
        "794 records, 781 distinct assets; skipped: 2 of type Business Term, 3 of type Report"
    );
    assert_eq!((catalog.tables().len(), catalog.column_count()), (58, 715));
    assert!(
        columns(&catalog, "dm_bs_purchase.dimv_supplier").contains(&"tax_number".to_owned()),
        "trailing space cut"
    );
    assert!(
        columns(&catalog, "dimv_carrier").contains(&"contracted_capacity".to_owned()),
        "no parent field"
    );
    assert!(
        columns(&catalog, "factv_shipment").contains(&"pallet_count".to_owned()),
        "parent not exported"
    );
}

#[test]
fn twins_and_long_names_do_no_harm() {
    let orphan = json!({ "id": "c", "typeName": "Column", "fullName": "S>db>dm>orders>x(column)" });
    let export = json!([
        table("2", "dm", "orders"),
        orphan,
        table("1", "dm", "orders")
    ]);
    let catalogs: Vec<Catalog> = (0..8).map(|_| load(&export).unwrap().0).collect();
    assert!(
        catalogs.iter().all(|catalog| *catalog == catalogs[0]),
        "two loads are equal"
    );
    assert_eq!(catalogs[0].column_count(), 1);
    let dots = "a.".repeat(200_000);
    let started = std::time::Instant::now();
    assert_eq!(
        catalogs[0].find(&dots),
        Found::Nothing {
            suggestions: vec![]
        }
    );
    assert!(started.elapsed() < std::time::Duration::from_millis(200));
}

#[test]
fn a_composite_key_has_one_parent_however_many_marts_have_its_like() {
    let mut assets = Vec::new();
    for mart in 0..300 {
        let schema = format!("dm_{mart:03}");
        let (orders, receipts) = (format!("o{mart}"), format!("r{mart}"));
        // Every other mart has receipts and no orders of its own.
        let has_orders = mart % 2 == 0;
        let name = if has_orders {
            ("factv_purchase_order_item", &orders)
        } else {
            ("factv_receipt", &receipts)
        };
        assets.push(table(name.1, &schema, name.0));
        for (place, key) in ["purchase_order_number", "purchase_order_item_number"]
            .iter()
            .enumerate()
        {
            assets.push(column(
                &format!("{}-{place}", name.1),
                name.1,
                key,
                f64::from(u8::try_from(place).unwrap()),
            ));
        }
    }
    let (catalog, _) = load(&json!(assets)).unwrap();
    let scope: Vec<_> = catalog.tables().map(|(id, _)| id).collect();
    let analysis = mcop_api::pipeline::structure::analyse(&catalog, &scope);
    let report = mcop_api::pipeline::structure::describe(&catalog, &analysis, &[]);
    assert_eq!(
        report.relationships.len(),
        300,
        "two columns for each of 150 receipts"
    );
    assert_eq!(report.metrics.relationships_count, 150);
}

#[test]
fn a_table_of_a_thousand_columns_still_fits_a_diagram() {
    let mut assets = vec![table("t", "dm", "wide")];
    for place in 0..1500_u16 {
        let name = format!("a_rather_long_name_of_an_attribute_{place}");
        assets.push(column(&format!("c{place}"), "t", &name, f64::from(place)));
    }
    let (catalog, _) = load(&json!(assets)).unwrap();
    let scope: Vec<_> = catalog.tables().map(|(id, _)| id).collect();
    let analysis = mcop_api::pipeline::structure::analyse(&catalog, &scope);
    let diagram = mcop_api::pipeline::diagram::picture(&catalog, &analysis, &scope, 1000).mermaid();
    assert!(
        diagram.len() < 50_000,
        "{} characters, Mermaid draws 50,000",
        diagram.len()
    );
    assert!(diagram.contains("of 1500 columns are shown."));
}
