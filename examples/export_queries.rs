//! Writes the queries of runs for real parsers and engines to check: of the sample requests,
//! of requests for every fact of every evaluation set, and of a catalog whose names hold
//! everything that could be taken for syntax.
//!
//!     cargo run --example export_queries -- DIRECTORY
//!
//! Each catalog gets a directory with its `export.json`, and in it one a request.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use mcop_api::artifacts::Artifact;
use mcop_api::catalog::Catalog;
use mcop_api::pipeline::{Knowledge, Outputs, RunRequest, run};
use serde_json::json;

/// Catalogs, from the root of the repository.
const CATALOGS: &[(&str, &str)] = &[
    ("sample", "data/catalog.json"),
    (
        "adventureworks_dw",
        "evaluation/adventureworks_dw/export.json",
    ),
    ("northwind", "evaluation/northwind/export.json"),
    ("ssb", "evaluation/ssb/export.json"),
    ("tpcds", "evaluation/tpcds/export.json"),
    ("tpch", "evaluation/tpch/export.json"),
];

/// Requests for the sample.
const REQUESTS: &[(&str, &str)] = &[
    ("cs", include_str!("../data/requests/cs.md")),
    ("sk", include_str!("../data/requests/sk.md")),
    ("en", include_str!("../data/requests/en.md")),
];

/// Metrics that are computed in many ways, where a catalog has the columns.
const METRICS: &[&str] = &[
    "Total revenue by month",
    "Average price",
    "Number of orders",
    "Average order value",
    "Gross margin",
    "Share of deliveries on time",
    "Average delay",
    "Lead time of orders",
    "Capacity utilization",
    "Stock turnover",
    "Price deviation",
    "Deviation from budget",
    "Delivered quantity against ordered quantity",
    "Customer attrition",
    "Customer retention",
    "Share of revenue",
];

/// Names that break careless queries.
const HOSTILE: &[&str] = &[
    "say \"cheese\"",
    "`code`",
    "it's",
    "a; DROP TABLE x; --",
    "/* open",
    "close */",
    "-- dashes",
    "line\nbreak; SELECT 1",
    "carriage\rreturn",
    "separator\u{2028}next",
    "ends in \\",
    "#(lf)",
    "#\"quoted\"",
    "// slashes",
    "${variable}",
    "{{parameter}}",
    ":named",
    "[bracket]",
    "select",
    "Order Details",
    "Číslo objednávky",
    "Поставщик",
    "供应商",
    "emoji 🚚",
    "a\u{202E}b",
    "tab\there",
    "dots.and.dots",
    "1st",
];

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args()
        .nth(1)
        .ok_or("usage: export_queries DIRECTORY")?;
    let directory = Path::new(&directory);
    for (name, path) in CATALOGS {
        let requests = if *name == "sample" { REQUESTS } else { &[] };
        write_catalog(&directory.join(name), &std::fs::read(path)?, requests)?;
    }
    let hostile = hostile_export().to_string();
    write_catalog(&directory.join("hostile"), hostile.as_bytes(), &[])?;
    let no_fact = json!([
        { "id": "d", "typeName": "Table", "displayName": "dim_base", "fullName": "S>db>dm>dim_base" },
        { "id": "k", "typeName": "Column", "displayName": "dim_base_key", "Hierarcy Relation": "d",
          "technicalDataType": "LONG", "isPrimaryKey": true },
    ]);
    write_catalog(
        &directory.join("no_fact"),
        no_fact.to_string().as_bytes(),
        &[],
    )
}

/// Writes the queries of the requests, of one that asks for nothing, of one that asks for
/// every fact, and of one that asks for every fact and dimension.
fn write_catalog(
    directory: &Path,
    export: &[u8],
    requests: &[(&str, &str)],
) -> Result<(), Box<dyn Error>> {
    let knowledge = Knowledge::new(Catalog::from_export(export)?.0);
    let unasked = outputs(&knowledge, "# Everything");
    let structure = &unasked.tool2_output;
    let facts = || structure.facts.iter().map(|fact| &fact.head.full_name);
    let dimensions = structure.dimensions.iter();
    let dimensions = dimensions.map(|dimension| &dimension.head.full_name);
    let every_fact = outputs(&knowledge, &request_for(facts()));
    let everything = outputs(&knowledge, &request_for(facts().chain(dimensions)));

    std::fs::create_dir_all(directory)?;
    std::fs::write(directory.join("export.json"), export)?;
    write(&directory.join("nothing_asked"), &unasked)?;
    write(&directory.join("every_fact"), &every_fact)?;
    write(&directory.join("everything"), &everything)?;
    for (name, document) in requests {
        write(&directory.join(name), &outputs(&knowledge, document))?;
    }
    Ok(())
}

fn request_for<'n>(tables: impl Iterator<Item = &'n String>) -> String {
    let mut document = String::from("# Everything by name\n\n## Key entities\n\n");
    for table in tables {
        // Writing to a string cannot fail.
        let _ = writeln!(document, "- `{table}`");
    }
    document.push_str("\n## Metrics\n\n");
    for metric in METRICS {
        let _ = writeln!(document, "- {metric}");
    }
    document
}

fn outputs(knowledge: &Knowledge, document: &str) -> Outputs {
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 0,
        warnings: Vec::new(),
    };
    run(knowledge, request, &mut |_| ())
}

fn write(directory: &Path, outputs: &Outputs) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(directory)?;
    for artifact in [
        Artifact::Query,
        Artifact::QueryDatabricks,
        Artifact::PowerQuery,
    ] {
        let path = directory.join(artifact.file_name());
        std::fs::write(path, artifact.render(outputs))?;
    }
    Ok(())
}

/// A schema, facts and dimensions with hostile names: each fact points at the dimension of
/// its name, in a way that is sure.
fn hostile_export() -> serde_json::Value {
    let schema = "schema \"x\" --";
    let mut assets = vec![
        json!({ "id": "s", "typeName": "Schema", "displayName": schema, "fullName": format!("S>db>{schema}") }),
    ];
    let mut table = |id: &str,
                     name: String,
                     description: &str,
                     columns: &[(String, &str, bool)]| {
        assets.push(json!({ "id": id, "typeName": "Table", "displayName": name, "fullName": format!("S>db>{schema}>{id}"),
            "Hierarcy Relation": "s", "descriptionFromSourceSystem": description }));
        for (place, (column, data_type, key)) in columns.iter().enumerate() {
            assets.push(
                json!({ "id": format!("{id}c{place}"), "typeName": "Column", "displayName": column,
                "fullName": format!("S>db>{schema}>{id}>c{place}(column)"), "Hierarcy Relation": id,
                "technicalDataType": data_type, "isPrimaryKey": key, "columnPosition": place }),
            );
        }
    };
    for (place, name) in HOSTILE.iter().enumerate() {
        let key = format!("dim_{name}_key");
        table(
            &format!("d{place}"),
            format!("dim_{name}"),
            "",
            &[
                (key.clone(), "LONG", true),
                (format!("{name} name"), "STRING", false),
            ],
        );
        table(
            &format!("f{place}"),
            format!("fact_{name}"),
            &format!("One row per {name}."),
            &[
                (format!("{name} number"), "LONG", true),
                (key, "LONG", false),
                (format!("{name} amount"), "DECIMAL(18,2)", false),
            ],
        );
    }
    json!(assets)
}
