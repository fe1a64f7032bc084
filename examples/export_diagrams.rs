//! Writes diagrams for the official Mermaid parser to check, each beside what a client
//! must read out of it: of the sample requests, of the whole sample, and of a catalog
//! whose names hold everything that could be taken for syntax. Beside them the same and
//! the evaluation sets as SVG, for an XML parser.
//!
//!     cargo run --example export_diagrams -- DIRECTORY

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use mcop_api::catalog::{Catalog, TableId};
use mcop_api::config::Config;
use mcop_api::load_catalog;
use mcop_api::pipeline::diagram::{Picture, picture};
use mcop_api::pipeline::{Knowledge, Outputs, RunRequest, run};
use serde_json::{Value, json};

/// Names that break careless diagrams.
const HOSTILE: &[&str] = &[
    "say \"cheese\"",
    "50 % off",
    "%%{init: {\"theme\": \"dark\"}}%%",
    "end",
    "class",
    "style",
    "one",
    "u",
    "PK",
    "title",
    "erDiagram",
    "direction TB",
    "x direction direction LR y",
    "back\\slash",
    "semi;colon:#x;",
    "tilde~a~b",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\"",
    "Číslo objednávky",
    "Поставщик",
    "供应商",
    "emoji 🚚",
    "line\nbreak",
    "tab\there",
    "1st",
    "--",
    "||--o{",
    "a\u{202E}b",
    "__init__",
    "`code`",
    "[bracket]",
    "{brace}",
    "#35;",
    "&amp;",
    "table_1",
    "subgraph x",
    "accTitle: x",
    "dots.and.dots",
    "'quote'",
];

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args()
        .nth(1)
        .ok_or("usage: export_diagrams DIRECTORY")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let sample = Knowledge::new(load_catalog(&Config::from_vars(|_| None)?)?.0);
    let requests = [
        ("request_cs", include_str!("../data/requests/cs.md")),
        ("request_sk", include_str!("../data/requests/sk.md")),
        ("request_en", include_str!("../data/requests/en.md")),
        ("whole_sample", "# Everything"),
    ];
    for (name, document) in requests {
        for max_columns in [0, 5, 1000] {
            let outputs = outputs(&sample, document, max_columns);
            let name = format!("{name}_{max_columns}");
            write_svg(directory, &name, &drawn(&sample, &outputs, max_columns))?;
            write(directory, &name, &outputs.diagram, &expected_of(&outputs))?;
        }
    }
    let hostile = Knowledge::new(Catalog::from_export(hostile_export().to_string().as_bytes())?.0);
    let outputs = outputs(&hostile, "# Everything", 3);
    write(
        directory,
        "hostile",
        &outputs.diagram,
        &expected_of_hostile(&outputs),
    )?;
    write_svg(directory, "hostile", &everything(&hostile, 3))?;
    for set in ["adventureworks_dw", "northwind", "ssb", "tpcds", "tpch"] {
        let export = std::fs::read(format!("evaluation/{set}/export.json"))?;
        let knowledge = Knowledge::new(Catalog::from_export(&export)?.0);
        for max_columns in [0, 5, 1000] {
            let name = format!("{set}_{max_columns}");
            let picture = everything(&knowledge, max_columns);
            std::fs::write(directory.join(format!("{name}.mmd")), picture.mermaid())?;
            write_svg(directory, &name, &picture)?;
        }
    }
    Ok(())
}

/// All tables of a catalog, facts first.
fn everything(knowledge: &Knowledge, max_columns: usize) -> Picture {
    picture(&knowledge.catalog, &knowledge.structure, &[], max_columns)
}

fn write_svg(directory: &Path, name: &str, picture: &Picture) -> Result<(), Box<dyn Error>> {
    std::fs::write(directory.join(format!("{name}.svg")), picture.svg())?;
    Ok(())
}

fn outputs(knowledge: &Knowledge, document: &str, max_columns: usize) -> Outputs {
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns,
        warnings: Vec::new(),
    };
    run(knowledge, request, &mut |_| ())
}

/// The picture of a run.
fn drawn(knowledge: &Knowledge, outputs: &Outputs, max_columns: usize) -> Picture {
    let ids = |requested: bool| -> Vec<TableId> {
        let heads = outputs.tool2_output.heads();
        let heads = heads.filter(|head| !requested || head.requested);
        let mut ids: Vec<TableId> = heads
            .flat_map(|head| knowledge.catalog.named(&head.full_name))
            .collect();
        ids.sort_unstable();
        ids
    };
    let analysis = knowledge.structure_of(&ids(false));
    picture(&knowledge.catalog, &analysis, &ids(true), max_columns)
}

fn write(
    directory: &Path,
    name: &str,
    diagram: &str,
    expected: &Value,
) -> Result<(), Box<dyn Error>> {
    std::fs::write(directory.join(format!("{name}.mmd")), diagram)?;
    std::fs::write(
        directory.join(format!("{name}.expected.json")),
        expected.to_string(),
    )?;
    Ok(())
}

/// What the structure says about the tables that are drawn: as many entities, and a line
/// for every key between two of them. The requested tables must come first.
fn expected_of(outputs: &Outputs) -> Value {
    let drawn: Vec<&str> = outputs
        .diagram
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| !line.starts_with([' ', '%', '}']) && !line.contains(" : "))
        .map(shown_name)
        .collect();
    let structure = &outputs.tool2_output;
    let names: BTreeMap<&str, &str> = structure
        .heads()
        .map(|head| {
            (
                head.full_name.as_str(),
                if drawn.contains(&&*head.full_name) {
                    &*head.full_name
                } else {
                    &*head.name
                },
            )
        })
        .collect();
    let requested: BTreeSet<&str> = structure
        .heads()
        .filter(|head| head.requested)
        .filter_map(|head| names.get(&*head.full_name).copied())
        .collect();
    let first: BTreeSet<&str> = drawn.iter().take(requested.len()).copied().collect();
    assert_eq!(first, requested, "the requested tables come first");
    let is_drawn = |table: &String| {
        names
            .get(table.as_str())
            .is_some_and(|name| drawn.contains(name))
    };
    let keys: BTreeSet<String> = structure
        .relationships
        .iter()
        .filter(|join| is_drawn(&join.from_table) && is_drawn(&join.to_table))
        .map(|join| match join.group {
            Some(group) => format!("key {group}"),
            None => format!("{}.{}", join.from_table, join.from_column),
        })
        .collect();
    json!({ "entities": vec![json!({}); drawn.len()], "relationships": vec![json!({}); keys.len()] })
}

/// The alias where there is one, else the name.
fn shown_name(line: &str) -> &str {
    let alias = line
        .split_once("[\"")
        .and_then(|(_, rest)| rest.split_once("\"]"));
    alias.map_or_else(|| line.trim_end_matches(" {"), |(alias, _)| alias)
}

/// Every name as a person reads it, facts first, then what they point at, then the others,
/// each by name and with a dashed line to the dimension.
fn expected_of_hostile(outputs: &Outputs) -> Value {
    let shown = |name: &str| name.replace(char::is_control, " ");
    let mut names: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).collect();
    names.push("dim_base".to_owned());
    names.sort();
    let entity = |name: &String| match name.as_str() {
        "dim_base" => {
            json!({ "name": name, "attributes": [{ "name": "dim_base_key", "keys": ["PK"] }] })
        }
        _ => {
            json!({ "name": shown(name), "attributes": [{ "name": "dim_base_key", "keys": ["FK"] }, {}] })
        }
    };
    let line = |name: &String| {
        json!({
            "from": "dim_base", "from_cardinality": "ZERO_OR_ONE", "to": shown(name), "to_cardinality": "ZERO_OR_MORE",
            "label": "dim_base_key", "identifying": false,
        })
    };
    let facts: BTreeSet<&str> = outputs
        .tool2_output
        .facts
        .iter()
        .map(|fact| fact.head.name.as_str())
        .collect();
    let place = |name: &String| match name.as_str() {
        name if facts.contains(name) => 0,
        "dim_base" if !facts.is_empty() => 1,
        _ => 2,
    };
    let mut drawn = names.clone();
    drawn.sort_by_key(place);
    let lines: Vec<Value> = drawn
        .iter()
        .filter(|name| *name != "dim_base")
        .map(line)
        .collect();
    json!({ "entities": drawn.iter().map(entity).collect::<Vec<_>>(), "relationships": lines })
}

/// Facts with hostile names that all point at one dimension.
fn hostile_export() -> Value {
    let mut assets = vec![
        json!({ "id": "d", "typeName": "Table", "displayName": "dim_base", "fullName": "S>db>dm>dim_base" }),
        json!({ "id": "dk", "typeName": "Column", "displayName": "dim_base_key", "Hierarcy Relation": "d",
                "technicalDataType": "LONG", "isPrimaryKey": true }),
    ];
    for (place, name) in HOSTILE.iter().enumerate() {
        let id = format!("t{place}");
        assets.push(json!({ "id": id, "typeName": "Table", "displayName": name, "fullName": format!("S>db>dm>t{place}") }));
        assets.push(json!({ "id": format!("{id}k"), "typeName": "Column", "displayName": "dim_base_key",
            "Hierarcy Relation": id, "technicalDataType": "LONG", "columnPosition": 1.0, "isNullable": true }));
        assets.push(
            json!({ "id": format!("{id}c"), "typeName": "Column", "displayName": name,
            "Hierarcy Relation": id, "technicalDataType": name, "columnPosition": 2.0 }),
        );
    }
    json!(assets)
}
