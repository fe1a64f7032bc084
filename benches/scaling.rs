//! How loading, analysing and running grow with the catalog.
//!
//!     cargo bench --bench scaling            # all sizes, a table in Markdown
//!     cargo bench --bench scaling -- 100000  # one size
//!
//! Every size is measured in a process of its own, so that its peak memory is its own.
//! The catalogs are generated: marts of 10 facts and 40 dimensions, 20 columns a table,
//! descriptions on most, and once the shape of a production export (2 schemas, 90 views,
//! 2,000 columns, 2,182 records with their copies).

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark of our own making may stop where something cannot be"
)]

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use mcop_api::catalog::Catalog;
use mcop_api::pipeline::{Knowledge, RunRequest, run};

const REQUEST: &str = "# Supply analysis\n\n## Cíl\nPřehled nákupu\n\n## Entities\n- Suppliers\n- Nákupní objednávky\n\
                       - Materials\n- Závody\n- Invoices\n\n## Mimo rozsah\n- HR data o zaměstnancích\n";
const PRODUCTION: &str = "production";
/// Runs whose median is reported, for catalogs on which a run is short.
const REPETITIONS: usize = 50;

fn main() {
    // Cargo hands its own flags on; a size is a number or the production shape.
    let sizes: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    if let [size] = sizes.as_slice() {
        println!("{}", measure(size));
        return;
    }
    println!(
        "| tables × columns | records | export | load | of it our own code | index and analyse | run (median) | result | peak memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for size in [PRODUCTION, "1000", "10000", "100000"] {
        let this = std::env::current_exe().expect("this program has a path");
        let output = Command::new(this)
            .arg(size)
            .output()
            .expect("it can be started again");
        print!("{}", String::from_utf8_lossy(&output.stdout));
    }
}

fn measure(size: &str) -> String {
    let (export, shape) = match size.parse() {
        Ok(tables) => (export(tables, |_| 20, 50, 0), format!("{size} × 20")),
        Err(_) => (
            export(90, |table| if table < 20 { 23 } else { 22 }, 45, 90),
            "90, with 2,000 columns".to_owned(),
        ),
    };
    let megabytes = export.len() as f64 / 1e6;
    let before = user_time();
    let (loaded, (catalog, report)) =
        timed(|| Catalog::from_export(export.as_bytes()).expect("the export is one of ours"));
    let own = user_time().saturating_sub(before);
    let (analysed, knowledge) = timed(|| Knowledge::new(catalog));
    let (mut runs, mut result_bytes): (Vec<Duration>, usize) = (Vec::new(), 0);
    let started = Instant::now();
    while runs.len() < REPETITIONS
        && (runs.is_empty() || started.elapsed() < Duration::from_secs(5))
    {
        let request = RunRequest {
            document: REQUEST.to_owned(),
            scope: None,
            max_columns: 5,
            warnings: Vec::new(),
        };
        let (took, bytes) = timed(|| {
            serde_json::to_vec(&run(&knowledge, request, &mut |_| ())).map(|json| json.len())
        });
        result_bytes = bytes.expect("a result can be written");
        runs.push(took);
    }
    runs.sort();
    format!(
        "| {shape} | {} | {megabytes:.1} MB | {} | {} | {} | {} | {:.1} MB | {:.0} MB |",
        report.records,
        shown(loaded),
        shown(own),
        shown(analysed),
        shown(runs[runs.len() / 2]),
        result_bytes as f64 / 1e6,
        peak_memory_megabytes(),
    )
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let done = work();
    (started.elapsed(), done)
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}

/// Time this process has spent in user mode, to 10 ms (Linux): what is left of a measured
/// time went into the kernel, which hands out memory page by page.
fn user_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The 14th field, in ticks of 10 ms; the second is a name in parentheses.
    let ticks = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.split_whitespace().nth(11)?.parse().ok());
    Duration::from_millis(ticks.unwrap_or(0) * 10)
}

/// The most memory this process has held so far (Linux).
fn peak_memory_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?
            .trim()
            .strip_suffix(" kB")?
            .parse()
            .ok()
    });
    kilobytes.unwrap_or(f64::NAN) / 1e3
}

const SUBJECTS: [&str; 10] = [
    "supplier",
    "material",
    "plant",
    "customer",
    "invoice",
    "contract",
    "carrier",
    "warehouse",
    "person",
    "project",
];
const EXTRAS: [&str; 8] = [
    "order", "delivery", "payment", "return", "quality", "group", "region", "type",
];
const ATTRIBUTES: [&str; 6] = [
    "name",
    "status",
    "city_name",
    "category_code",
    "valid_from",
    "description",
];
const MEASURES: [&str; 5] = [
    "net_amount",
    "ordered_quantity",
    "unit_price",
    "delay_days",
    "tax_amount",
];

/// An export of `tables` tables in marts of `mart` tables, the first `copies` of them twice.
fn export(tables: usize, columns: impl Fn(usize) -> usize, mart: usize, copies: usize) -> String {
    let mut json = String::from("[[");
    let mut next_id = 0_u64;
    let mut asset = |json: &mut String, fields: std::fmt::Arguments<'_>| {
        next_id += 1;
        let separator = if json.ends_with('[') { "" } else { "," };
        let _ = writeln!(
            json,
            "{separator}{{\"id\":\"00000000-0000-4000-8000-{next_id:012x}\",{fields}}}"
        );
        next_id
    };
    let mut schema_id = 0;
    for table in 0..tables {
        let (mart_number, place) = (table / mart, table % mart);
        let schema = format!("dm_s{}_mart_{mart_number}", mart_number % 7);
        if place == 0 {
            let path = format!("Systems>dwh>{schema}");
            schema_id = asset(
                &mut json,
                format_args!(
                    "\"displayName\":\"{schema}\",\"fullName\":\"{path}\",\"typeName\":\"Schema\""
                ),
            );
        }
        let is_fact = place % 5 == 0;
        let subject = dimension_name(place);
        let name = if is_fact {
            format!("factv_{subject}")
        } else {
            format!("dimv_{subject}")
        };
        let path = format!("Systems>dwh>{schema}>{name}");
        let words = subject.replace('_', " ");
        let parent = format!("00000000-0000-4000-8000-{schema_id:012x}");
        let fields = format!(
            "\"displayName\":\"{name}\",\"fullName\":\"{path}\",\"typeName\":\"Database View\",\
             \"Hierarcy Relation\":\"{parent}\",\"status\":\"Implemented\",\"articulationScore\":{},\
             \"descriptionFromSourceSystem\":\"One to one view over silver.{subject} with all of {words}.\"",
            table % 101
        );
        let table_id = asset(&mut json, format_args!("{fields}"));
        for column in 0..columns(table) {
            let column_name = column_name(is_fact, place, &subject, column);
            let data_type = if column_name.ends_with("_key") {
                "LONG"
            } else if is_fact {
                "DECIMAL"
            } else {
                "STRING"
            };
            asset(
                &mut json,
                format_args!(
                    "\"displayName\":\"{column_name}\",\"fullName\":\"{path}>{column_name}(column)\",\
                     \"typeName\":\"Column\",\"Hierarcy Relation\":\"00000000-0000-4000-8000-{table_id:012x}\",\
                     \"technicalDataType\":\"{data_type}\",\"columnPosition\":{}.0,\"isNullable\":true,\
                     \"isPrimaryKey\":false,\"descriptionFromSourceSystem\":\"The {} of the {words}.\"",
                    column + 1,
                    column_name.replace('_', " ")
                ),
            );
        }
        if table < copies {
            let copy = format!("{{\"id\":\"00000000-0000-4000-8000-{table_id:012x}\",{fields}}}");
            let _ = writeln!(json, ",{copy}");
        }
    }
    json.push_str("]]");
    json
}

fn dimension_name(place: usize) -> String {
    let (subject, extra) = (SUBJECTS[place % 10], place / 10);
    if extra == 0 {
        subject.to_owned()
    } else {
        format!("{subject}_{}", EXTRAS[(extra - 1) % 8])
    }
}

/// Facts point at ten dimensions of their mart and measure; dimensions have a key and attributes.
fn column_name(is_fact: bool, place: usize, subject: &str, column: usize) -> String {
    match (is_fact, column) {
        (true, 0..10) => format!("dim_{}_key", dimension_name((place + column * 4 + 1) % 45)),
        (true, _) => format!("{}_{}", MEASURES[column % 5], column),
        (false, 0) => format!("dim_{subject}_key"),
        (false, 1) => format!("{subject}_number"),
        (false, _) => format!("{}_{}", ATTRIBUTES[column % 6], column),
    }
}
