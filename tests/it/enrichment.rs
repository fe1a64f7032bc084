//! What goes along with an answer: diagram, view, figures.

use mcop_api::{App, load_catalog};
use serde_json::{Value, json};

use crate::support::{Server, config};

/// The answer to a question in a session of its own.
async fn asked(server: &Server, question: &str) -> Value {
    let response = server.post_chat(&json!({ "content": question })).await;
    assert_eq!(response.status(), 200, "{question}");
    response.json().await.unwrap()
}

/// The tables that a diagram draws, in its order.
fn drawn(answer: &Value) -> Vec<&str> {
    let lines = answer["diagram"].as_str().unwrap_or_default().lines();
    lines
        .filter_map(|line| line.strip_suffix(" {"))
        .map(str::trim)
        .collect()
}

fn trigger(answer: &Value) -> (&str, &str, &str, f64) {
    let trigger = &answer["canvas_trigger"];
    let text = |field: &str| trigger[field].as_str().unwrap_or_default();
    (
        text("action"),
        text("view_type"),
        text("entity_name"),
        trigger["confidence"].as_f64().unwrap(),
    )
}

#[tokio::test]
async fn a_diagram_shows_the_table_asked_for_and_its_neighbours_and_no_more() {
    let server = Server::start().await;
    let answer = asked(&server, "Show the ER diagram of dimv_carrier").await;
    assert_eq!(drawn(&answer), ["dimv_carrier", "factv_shipment"]);
    assert_eq!(
        trigger(&answer),
        (
            "switch_view",
            "er_diagram",
            "dm_bs_logistics.dimv_carrier",
            0.95
        )
    );
}

#[tokio::test]
async fn joins_come_with_a_diagram_of_the_tables_they_join() {
    let server = Server::start().await;
    let answer = asked(&server, "How do I join factv_shipment with dimv_carrier?").await;
    assert_eq!(drawn(&answer), ["factv_shipment", "dimv_carrier"]);
    let diagram = answer["diagram"].as_str().unwrap();
    assert!(
        diagram.contains("dimv_carrier ||--o{ factv_shipment"),
        "{diagram}"
    );
    assert_eq!(
        trigger(&answer),
        (
            "switch_view",
            "relationship_graph",
            "dm_bs_logistics.factv_shipment",
            0.8
        )
    );
}

#[tokio::test]
async fn a_list_has_no_diagram_and_the_figures_of_its_schema() {
    let server = Server::start().await;
    let answer = asked(&server, "Which facts are in dm_bs_logistics?").await;
    assert_eq!(answer.get("diagram"), None);
    assert_eq!(
        trigger(&answer),
        (
            "switch_view",
            "table_list",
            "dm_bs_logistics.factv_shipment",
            0.75
        )
    );
    let mut metrics = answer["metrics"].clone();
    let as_of = metrics["as_of"].take();
    assert!(
        as_of.as_str().is_some_and(|time| time.ends_with('Z')),
        "{as_of}"
    );
    assert_eq!(
        metrics,
        json!({
            "total_tables": 11,
            "total_columns": 137,
            "facts_count": 4,
            "dimensions_count": 6,
            "relationships_count": 10,
            "declared_relationships_count": 1,
            "quality_score": 68.0,
            "schema_name": "dm_bs_logistics",
            "as_of": null,
            "is_stale": false,
        })
    );
}

#[tokio::test]
async fn a_question_that_is_not_understood_brings_nothing_along() {
    let server = Server::start().await;
    for before in [None, Some("What is factv_shipment?")] {
        let session = if before.is_some() { "after" } else { "fresh" };
        let mut answer = Value::Null;
        for question in before.into_iter().chain(["What will the weather be like?"]) {
            let call = json!({ "content": question, "session_id": session });
            answer = server.post_chat(&call).await.json().await.unwrap();
        }
        for nothing in ["diagram", "canvas_trigger", "metrics"] {
            assert_eq!(answer.get(nothing), None, "{answer}");
        }
    }
}

#[tokio::test]
async fn figures_say_when_the_catalog_s_file_has_changed_since() {
    let folder = std::env::temp_dir().join(format!("mcop-stale-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("export.json");
    std::fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/data/catalog.json"),
        &path,
    )
    .unwrap();
    let mut config = config();
    config.catalog_path = Some(path.clone());
    let (catalog, _) = load_catalog(&config).unwrap();
    let server = Server::of(App::new(&config, catalog, None)).await;
    let question = "Which facts are in dm_bs_logistics?";
    assert_eq!(asked(&server, question).await["metrics"]["is_stale"], false);
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(asked(&server, question).await["metrics"]["is_stale"], true);
    std::fs::remove_dir_all(&folder).unwrap();
}
