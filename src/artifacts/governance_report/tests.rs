use serde_json::{Value, json};

use crate::artifacts::Artifact;
use crate::catalog::Catalog;
use crate::pipeline::quality::{Priority, RiskLevel};
use crate::pipeline::{self, Knowledge, Outputs, RunRequest};

fn outputs(assets: &[Value], document: &str) -> Outputs {
    let export = json!(assets).to_string().into_bytes();
    let (catalog, _) = Catalog::from_export(&export).expect("an export");
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 5,
        warnings: Vec::new(),
    };
    pipeline::run(&Knowledge::new(catalog), request, &mut |_| {})
}

/// A schema with an owner.
fn schema() -> Value {
    json!({"id": "s", "displayName": "mart", "fullName": "x>db>mart", "typeName": "Schema",
           "ownerInSource": "owner-1"})
}

/// A table without a description, and its columns.
fn table(name: &str, columns: &[(&str, &str)]) -> Vec<Value> {
    let full_name = format!("x>db>mart>{name}");
    let mut assets = vec![json!({
        "id": name, "displayName": name, "fullName": full_name, "typeName": "Table",
    })];
    for (place, (column, kind)) in columns.iter().enumerate() {
        assets.push(json!({
            "id": format!("{name}.{column}"), "displayName": column, "typeName": "Column",
            "fullName": format!("{full_name}>{column}(column)"),
            "technicalDataType": kind, "columnPosition": place + 1,
        }));
    }
    assets
}

/// A fact of sales and the customers that it joins.
fn sales() -> Vec<Value> {
    let fact = [
        ("sales_id", "LONG"),
        ("dim_customer_key", "LONG"),
        ("sales_date", "DATE"),
        ("net_amount", "DECIMAL"),
    ];
    let customer = [
        ("dim_customer_key", "LONG"),
        ("customer_name", "STRING"),
        ("country", "STRING"),
    ];
    let tables = [table("fact_sales", &fact), table("dim_customer", &customer)];
    std::iter::once(schema())
        .chain(tables.into_iter().flatten())
        .collect()
}

const SALES: &str = "# Sales\n\n## Key entities\n\n- **Sales** – `fact_sales`\n\
                     - **Customers** – `dim_customer`\n";

fn said(outputs: &Outputs) -> String {
    Artifact::GovernanceReport.render(outputs)
}

/// A chapter, without its heading.
fn chapter<'s>(said: &'s str, number: &str) -> &'s str {
    let start = format!("\n## {number} ");
    let (_, from) = said.split_once(&start).expect("the chapter");
    let (_, text) = from.split_once("\n\n").expect("its text");
    text.split_once("\n## ").map_or(text, |(text, _)| text)
}

#[test]
fn where_little_is_documented_nothing_is_said_to_stand_in_the_way() {
    let outputs = outputs(&sales(), SALES);
    assert_eq!(outputs.tool3_output.risk_level, RiskLevel::High);
    let said = said(&outputs);
    let verdict = chapter(&said, "1.");
    assert!(verdict.contains("too little is documented"), "{said}");
    assert!(
        !verdict.contains("decide on what stands in the way"),
        "{said}"
    );
    assert!(verdict.contains("Recommendations: P0 0,"), "{said}");
    let gaps = "- Nothing that the catalog knows stands in the way of the request.\n\n";
    assert!(chapter(&said, "5.").starts_with(gaps), "{said}");
}

#[test]
fn a_metric_without_a_column_is_missing_and_blocks_nothing() {
    let request = format!("{SALES}\n## Metrics\n\n- Humidity of the warehouse air\n");
    let said = said(&outputs(&sales(), &request));
    assert!(
        chapter(&said, "5.").starts_with(
            "- Nothing that the catalog knows stands in the way of the request.\n\n\
             ### What else is missing or unsure\n\n\
             Metrics for which no table has a column: *Humidity of the warehouse air*.\n\n\
             ### To confirm\n"
        ),
        "{said}"
    );
}

#[test]
fn what_blocks_is_done_before_the_project_starts() {
    let mut assets = sales();
    assets.retain(|asset| {
        !asset["id"]
            .as_str()
            .expect("an id")
            .starts_with("dim_customer")
    });
    let request = "# Sales\n\n## Key entities\n\n- **Sales** – `fact_sales`\n";
    let outputs = outputs(&assets, request);
    let said = said(&outputs);
    let gaps = "- Facts that join no dimension in scope: `mart.fact_sales`.";
    assert!(chapter(&said, "5.").starts_with(gaps), "{said}");
    let first = &outputs.tool3_output.recommendations[0];
    assert_eq!(
        (first.priority, first.message.as_str()),
        (
            Priority::P0,
            "Clarify the keys of facts that join no dimension."
        )
    );
    assert!(
        chapter(&said, "1.").contains("Recommendations: P0 1,"),
        "{said}"
    );
}

#[test]
fn owners_are_those_of_all_tables_that_advice_concerns() {
    let mut assets = sales();
    for number in 0..250 {
        let columns = [("sample_id", "LONG"), ("sample_text", "STRING")];
        assets.extend(table(&format!("sample_{number}"), &columns));
    }
    let with_owner = outputs(&assets, SALES);
    let advice = with_owner.tool3_output.recommendations.iter();
    let elsewhere = advice
        .clone()
        .find(|one| one.message == "Name an owner (other tables in scope).")
        .expect("the advice");
    assert_eq!(
        (elsewhere.affected_count, elsewhere.affected.len()),
        (250, 200)
    );
    let owners = &elsewhere.owners;
    assert_eq!((owners[0].id.as_str(), owners[0].tables), ("owner-1", 250));
    assert_eq!((owners.len(), elsewhere.tables_without_owner), (1, 0));
    let bare = advice
        .clone()
        .find(|one| one.message == "Describe the columns of the tables the request needs.")
        .expect("the advice");
    assert_eq!((bare.affected_count, bare.owners[0].tables), (7, 2));
    let report = said(&with_owner);
    assert!(report.contains("| `owner-1` (250) |"), "{report}");
    assert!(!report.contains("no owner is known"), "{report}");

    assets[0]["ownerInSource"] = Value::Null;
    let report = said(&outputs(&assets, SALES));
    assert!(report.contains("| no owner is known (250) |"), "{report}");
}

#[test]
fn where_no_table_is_requested_the_joins_of_the_scope_are_not_called_the_marts() {
    let outputs = outputs(&sales(), "# Weather\n\n## Key entities\n\n- Isobars\n");
    let said = said(&outputs);
    let none = "The request needs no certain table, so there is nothing to build a mart from. \
                The tables and joins of the whole scope are in `structure.json`.";
    assert_eq!(chapter(&said, "6.").trim(), none, "{said}");
    let (_, appendix) = said
        .split_once("## Appendix A: joins\n\n")
        .expect("the appendix");
    assert!(appendix.starts_with(none), "{said}");
    let diagram = Artifact::Diagram.render(&outputs);
    let heading = "## Joins of the whole scope\n\n| From";
    assert!(diagram.contains(heading), "{diagram}");
}

#[test]
fn what_is_below_a_limit_is_not_shown_as_reaching_it() {
    let mut outputs = outputs(&sales(), SALES);
    let entity = &mut outputs.tool1_output.mappings[0];
    entity.candidates[0].confidence = 0.8951;
    entity.candidates.truncate(1);
    assert!(
        said(&outputs).contains("| 89% (medium) |"),
        "{}",
        said(&outputs)
    );
    for relationship in &mut outputs.tool2_output.relationships {
        relationship.confidence = 0.698;
    }
    let report = said(&outputs);
    let gaps = chapter(&report, "5.");
    assert!(gaps.contains("with a confidence below 70%"), "{report}");
    assert!(gaps.contains("| 69% |"), "{report}");
}
