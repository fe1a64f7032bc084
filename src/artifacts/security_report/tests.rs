use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use crate::artifacts::Artifact;
use crate::catalog::Catalog;
use crate::pipeline::request::Language;
use crate::pipeline::{self, Knowledge, Outputs, RunRequest};

fn outputs(catalog: &[u8], document: &str) -> Outputs {
    let (catalog, _) = Catalog::from_export(catalog).expect("an export");
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 5,
        warnings: Vec::new(),
    };
    pipeline::run(&Knowledge::new(catalog), request, &mut |_| {})
}

fn asset(parent: &str, name: &str, kind: &str, more: &Value) -> Value {
    let last = if kind == "Column" { "(column)" } else { "" };
    let mut asset = json!({
        "id": format!("{parent}>{name}"), "displayName": name, "typeName": kind,
        "fullName": format!("{parent}>{name}{last}"),
    });
    for (key, value) in more.as_object().expect("an object") {
        asset[key] = value.clone();
    }
    asset
}

/// A fact with a free text, its organisation, and who may see it.
fn orders() -> Vec<u8> {
    let table = |name, more: Value| asset("x>db>mart", name, "Table", &more);
    let column = |table: &str, name, place: u32, kind, description| {
        let more = json!({
            "technicalDataType": kind, "columnPosition": place, "description": description,
        });
        asset(&format!("x>db>mart>{table}"), name, "Column", &more)
    };
    let assets = json!([
        asset(
            "x>db",
            "mart",
            "Schema",
            &json!({"ownerInSource": "owner-1"})
        ),
        table("fact_order", json!({"description": "One row per order."})),
        column(
            "fact_order",
            "order_number",
            1,
            "STRING",
            "Number of the order."
        ),
        column(
            "fact_order",
            "dim_organization_key",
            2,
            "LONG",
            "Key of the organization."
        ),
        column("fact_order", "order_date", 3, "DATE", "Day of the order."),
        column(
            "fact_order",
            "net_amount",
            4,
            "DECIMAL",
            "Value without tax."
        ),
        column(
            "fact_order",
            "comment",
            5,
            "STRING",
            "<img src=x> | `note` of the buyer"
        ),
        table(
            "dim_organization",
            json!({"securityClassification": "Internal"})
        ),
        column(
            "dim_organization",
            "dim_organization_key",
            1,
            "LONG",
            "Surrogate key."
        ),
        column(
            "dim_organization",
            "organization_name",
            2,
            "STRING",
            "Name."
        ),
        column("dim_organization", "country_code", 3, "STRING", "Country."),
        table(
            "rel_user_organization",
            json!({"description": "Row-level security: what a user may see."}),
        ),
        column(
            "rel_user_organization",
            "user_name",
            1,
            "STRING",
            "Login of the user."
        ),
        column(
            "rel_user_organization",
            "dim_organization_key",
            2,
            "LONG",
            "Key."
        ),
        column("rel_user_organization", "valid_from", 3, "DATE", "Start."),
        column("rel_user_organization", "valid_to", 4, "DATE", "End."),
    ]);
    assets.to_string().into_bytes()
}

const REQUEST: &str = "# Orders\n\n## Key entities\n\n- **Orders** – `fact_order`\n\n## Constraints\n\n\
                       - Users see the orders of their organization only\n";

#[test]
fn a_small_catalog_is_reported_whole() {
    let said = Artifact::SecurityReport.render(&outputs(&orders(), REQUEST));
    let golden = include_str!("../../../tests/fixtures/security_report.md");
    assert_eq!(said, golden);
}

#[test]
fn nothing_found_and_nothing_in_scope_are_said_in_each_language() {
    let assets = json!([
        asset(
            "x>db",
            "mart",
            "Schema",
            &json!({"securityClassification": "Internal"})
        ),
        asset("x>db>mart", "parts", "Table", &json!({})),
        asset(
            "x>db>mart>parts",
            "color",
            "Column",
            &json!({"technicalDataType": "STRING"})
        ),
    ]);
    let mut outputs = outputs(assets.to_string().as_bytes(), "# Parts\n\n- Parts\n");
    for (language, nothing, no_step, no_table) in [
        (
            Language::Cs,
            "Žádný sloupec se podle názvu, typu a popisu nejeví jako citlivý.",
            "Z katalogu neplyne žádný krok.",
            "V rozsahu zadání není žádná tabulka",
        ),
        (
            Language::Sk,
            "Žiadny stĺpec sa podľa názvu, typu a opisu nejaví ako citlivý.",
            "Z katalógu nevyplýva žiadny krok.",
            "V rozsahu zadania nie je žiadna tabuľka",
        ),
        (
            Language::En,
            "No column looks sensitive by name, type and description.",
            "The catalog calls for no step.",
            "No table is in the scope of the request",
        ),
    ] {
        outputs.tool0_output.language = language;
        let said = super::render(&outputs);
        assert!(said.contains(nothing), "{said}");
        assert!(said.contains(no_step), "{said}");
        let mut empty = outputs.clone();
        empty.tool4_output = crate::pipeline::security::SecurityReport::default();
        assert!(super::render(&empty).contains(no_table));
    }
}

#[test]
fn the_sample_requests_are_reported_in_their_language_with_one_number_of_sections() {
    let catalog = include_bytes!("../../../data/catalog.json");
    for (request, title, mask) in [
        (
            include_str!("../../../data/requests/cs.md"),
            "# Bezpečnostní zpráva: ",
            "jen doména",
        ),
        (
            include_str!("../../../data/requests/sk.md"),
            "# Bezpečnostná správa: ",
            "len doména",
        ),
        (
            include_str!("../../../data/requests/en.md"),
            "# Security report: ",
            "No sensitive column.",
        ),
    ] {
        let said = Artifact::SecurityReport.render(&outputs(catalog, request));
        assert!(said.starts_with(title), "{said}");
        assert!(said.contains(mask), "{said}");
        assert_eq!(
            said.lines().filter(|line| line.starts_with("## ")).count(),
            7
        );
    }
}

#[test]
fn whatever_a_catalog_says_stays_text_in_its_cell() {
    let hostile = "e-mail | <script>x</script> ```\n# h [a](javascript:b)";
    let table = format!("person {hostile}");
    let assets = json!([
        asset("x>db", hostile, "Schema", &json!({"ownerInSource": hostile})),
        {"id": "t", "displayName": table, "typeName": "Table",
         "fullName": "x>db>s>t", "hierarchyRelation": format!("x>db>{hostile}"),
         "securityClassification": hostile},
        {"id": "c", "displayName": hostile, "typeName": "Column", "hierarchyRelation": "t",
         "fullName": "x>db>s>t>c(column)", "technicalDataType": hostile, "description": hostile,
         "securityClassification": hostile},
    ]);
    let said = Artifact::SecurityReport.render(&outputs(assets.to_string().as_bytes(), hostile));
    assert!(said.contains("e-mail"), "{said}");
    let events = Parser::new_ext(&said, Options::ENABLE_TABLES);
    let markup: Vec<Event<'_>> = events
        .filter(|event| {
            matches!(
                event,
                Event::Html(_)
                    | Event::InlineHtml(_)
                    | Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
            )
        })
        .collect();
    assert_eq!(markup, []);
    let headings = said.lines().filter(|line| line.starts_with('#')).count();
    let read = Parser::new(&said)
        .filter(|event| matches!(event, Event::Start(Tag::Heading { .. })))
        .count();
    assert_eq!(read, headings);
    let mut columns = 0;
    for line in said.lines() {
        // Every row has as many cells as its head; an escaped pipe parts none.
        let pipes = line.replace("\\|", "").matches('|').count();
        if line.starts_with("| ") {
            columns = if columns == 0 { pipes } else { columns };
            assert_eq!(pipes, columns, "{line}");
        } else {
            columns = 0;
            assert!(!line.contains("\\|"), "{line}");
        }
    }
}

/// A table's name, its description, and its columns with their types.
type Table<'t> = (&'t str, &'t str, &'t [(&'t str, &'t str)]);

/// An export of tables.
fn export(schema: &str, tables: &[Table<'_>]) -> Vec<u8> {
    let mut assets = vec![asset("x>db", schema, "Schema", &json!({}))];
    for (name, description, columns) in tables {
        let parent = format!("x>db>{schema}");
        let more = json!({"description": description});
        assets.push(asset(&parent, name, "Table", &more));
        for (place, (column, kind)) in columns.iter().enumerate() {
            let more = json!({"technicalDataType": kind, "columnPosition": place + 1});
            assets.push(asset(&format!("{parent}>{name}"), column, "Column", &more));
        }
    }
    json!(assets).to_string().into_bytes()
}

/// The one sketch of a condition in a report.
fn sketch(said: &str) -> &str {
    let (_, from) = said.split_once("```sql\n").expect("a sketch");
    let (sketch, rest) = from.split_once("```").expect("its end");
    assert!(!rest.contains("```"), "{said}");
    sketch
}

/// Receipts of plants, which also go by a view in the role of the receiving plant.
fn receipts(in_fact: &str, permitted: &str) -> Vec<u8> {
    export(
        "dm_x",
        &[
            (
                "fact_receipt",
                "One row per receipt.",
                &[
                    ("receipt_id", "LONG"),
                    (in_fact, "LONG"),
                    ("quantity", "DECIMAL"),
                ],
            ),
            (
                "dim_plant",
                "Plants.",
                &[
                    (UNIT, "LONG"),
                    ("plant_code", "STRING"),
                    ("plant_name", "STRING"),
                ],
            ),
            (
                "dim_receiving_plant",
                "One to one view over dim_plant.",
                &[
                    (ROLE, "LONG"),
                    ("plant_code", "STRING"),
                    ("plant_name", "STRING"),
                ],
            ),
            (
                "rel_user_plant",
                "Row-level security: the plants a user may see.",
                &[("user_name", "STRING"), (permitted, "LONG")],
            ),
        ],
    )
}

const UNIT: &str = "dim_plant_key";
const ROLE: &str = "dim_receiving_plant_key";
const RECEIPTS: &str = "# Receipts\n\n- `fact_receipt`\n";

#[test]
fn a_sketch_reads_only_columns_that_their_tables_have() {
    for (in_fact, permitted) in [(ROLE, UNIT), (UNIT, ROLE), (UNIT, UNIT)] {
        let said = super::render(&outputs(&receipts(in_fact, permitted), RECEIPTS));
        let expected = format!(
            "-- \"dm_x\".\"fact_receipt\" AS f\nEXISTS (\n  SELECT 1\n  \
             FROM \"dm_x\".\"rel_user_plant\" AS a\n  \
             WHERE a.\"user_name\" = CURRENT_USER\n    \
             AND a.\"{permitted}\" = f.\"{in_fact}\"\n)\n"
        );
        assert_eq!(sketch(&said), expected, "{said}");
    }
}

#[test]
fn permissions_by_another_column_than_the_key_are_met_in_the_unit_itself() {
    let mut outputs = outputs(&receipts(ROLE, UNIT), RECEIPTS);
    let filter = &mut outputs.tool4_output.row_filters[0];
    let users = filter.user_table.as_mut().expect("a table of permissions");
    users.columns = vec!["plant".to_owned()];
    users.unit_columns = vec!["plant_code".to_owned()];
    assert_eq!(
        sketch(&super::render(&outputs)),
        "-- \"dm_x\".\"fact_receipt\" AS f\nEXISTS (\n  SELECT 1\n  \
         FROM \"dm_x\".\"dim_plant\" AS u1\n  \
         JOIN \"dm_x\".\"rel_user_plant\" AS a ON a.\"plant\" = u1.\"plant_code\"\n  \
         WHERE a.\"user_name\" = CURRENT_USER\n    \
         AND u1.\"dim_plant_key\" = f.\"dim_receiving_plant_key\"\n)\n"
    );
    // Of a column of the view that is not its key, nobody says which of the unit's it is.
    let step = &mut outputs.tool4_output.row_filters[0].facts[0].steps[0];
    step.to_columns = vec!["receiving_code".to_owned()];
    assert!(!super::render(&outputs).contains("```sql"));
}

#[test]
fn identifiers_of_a_sketch_are_those_of_the_catalog() {
    let catalog = export(
        "dm.v1",
        &[
            (
                "FactReceipt",
                "One row per receipt.",
                &[
                    ("ReceiptID", "LONG"),
                    ("DimPlantKey", "LONG"),
                    ("Amount", "DECIMAL"),
                ],
            ),
            (
                "DimPlant",
                "Plants.",
                &[("DimPlantKey", "LONG"), ("Plant|Code `a`", "STRING")],
            ),
            (
                "RelUserPlant",
                "Row-level security: the plants a user may see.",
                &[("UserName", "STRING"), ("DimPlantKey", "LONG")],
            ),
        ],
    );
    let said = super::render(&outputs(&catalog, "# Receipts\n\n- `FactReceipt`\n"));
    assert_eq!(
        sketch(&said),
        "-- \"dm.v1\".\"FactReceipt\" AS f\nEXISTS (\n  SELECT 1\n  \
         FROM \"dm.v1\".\"RelUserPlant\" AS a\n  \
         WHERE a.\"UserName\" = CURRENT_USER\n    \
         AND a.\"DimPlantKey\" = f.\"DimPlantKey\"\n)\n",
        "{said}"
    );
}
