//! How loading, analysing and running grow with the catalog.
//!
//!     cargo bench --bench scaling                      # all sizes, tables in Markdown
//!     cargo bench --bench scaling -- 100000            # one size
//!     cargo bench --bench scaling -- runs              # loading and running alone
//!     cargo bench --bench scaling -- structure         # the analysis of structure alone
//!     cargo bench --bench scaling -- structure 1000 50 # of one size, over 50 schemas
//!     cargo bench --bench scaling -- export production # the catalog of a size, as an export
//!
//! Every size is measured in a process of its own, so that its peak memory is its own.
//! The catalogs are generated: marts of 10 facts and 40 dimensions, 20 columns a table,
//! descriptions on most, and once the shape of a production export (2 schemas, 90 views,
//! 2,000 columns, 2,182 records with their copies). The structure is analysed on catalogs
//! without prefixes and without key flags: names of two or three words out of 350, half of
//! the columns keys of random tables of the schema.

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
use mcop_api::pipeline::{Knowledge, RunRequest, run, structure};

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
    match sizes.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            measure_runs();
            println!();
            measure_structures();
        }
        ["runs"] => measure_runs(),
        ["structure"] => measure_structures(),
        ["export", size] => println!("{}", export_of(size).0),
        ["structure", tables, schemas] => println!(
            "{}",
            measure_structure(
                tables.parse().expect("a number of tables"),
                schemas.parse().expect("a number of schemas"),
            )
        ),
        [size, ..] => println!("{}", measure(size)),
    }
}

fn measure_runs() {
    println!(
        "| tables × columns | records | export | load | of it our own code | index and analyse | first run | later runs (median) | result | peak memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for size in [PRODUCTION, "1000", "10000", "100000"] {
        print_from_another_process(&[size]);
    }
}

fn measure_structures() {
    println!(
        "| tables × columns | schemas | foreign keys | right of those found | found of all | analysis (median) | of it our own code | the same for 1,000 tables | peak memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for schemas in ["1", "50"] {
        for tables in ["1000", "2000", "5000", "10000"] {
            print_from_another_process(&["structure", tables, schemas]);
        }
    }
}

fn print_from_another_process(arguments: &[&str]) {
    let this = std::env::current_exe().expect("this program has a path");
    let output = Command::new(this)
        .args(arguments)
        .output()
        .expect("it can be started again");
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

/// The median of as many analyses as fit into five seconds.
fn measure_structure(tables: usize, schemas: usize) -> String {
    let warehouse = Warehouse::new(tables, schemas);
    let export = warehouse.export();
    let (catalog, _) = Catalog::from_export(export.as_bytes()).expect("the export is one of ours");
    drop(export);
    let scope: Vec<_> = catalog.tables().map(|(id, _)| id).collect();
    let (mut times, mut found): (Vec<Duration>, _) = (Vec::new(), Vec::new());
    let (started, before) = (Instant::now(), user_time());
    while times.is_empty() || started.elapsed() < Duration::from_secs(5) {
        let (took, analysis) = timed(|| structure::analyse(&catalog, &scope));
        times.push(took);
        found = analysis.joins;
    }
    let own = user_time().saturating_sub(before) / u32::try_from(times.len()).unwrap_or(u32::MAX);
    times.sort();
    let median = times[times.len() / 2];
    let right = found
        .iter()
        .filter(|join| {
            let column = &catalog.table(join.from).columns[join.from_column].name;
            Warehouse::is_meant(column, &catalog.table(join.to).name)
        })
        .count();
    let keys = catalog.tables().flat_map(|(_, table)| &table.columns);
    let truth = keys.filter(|column| column.name.ends_with("_id")).count() - tables;
    format!(
        "| {tables} × {WAREHOUSE_COLUMNS} | {schemas} | {truth} | {:.2} | {:.2} | {} | {} | {} | {:.0} MB |",
        right as f64 / found.len().max(1) as f64,
        right as f64 / truth as f64,
        shown(median),
        shown(own),
        shown(own.mul_f64(1e3 / tables as f64)),
        peak_memory_megabytes(),
    )
}

fn measure(size: &str) -> String {
    let (export, shape) = export_of(size);
    let megabytes = export.len() as f64 / 1e6;
    let before = user_time();
    let (loaded, (catalog, report)) =
        timed(|| Catalog::from_export(export.as_bytes()).expect("the export is one of ours"));
    let own = user_time().saturating_sub(before);
    let (analysed, knowledge) = timed(|| Knowledge::new(catalog));
    let run_once = || {
        let request = RunRequest {
            document: REQUEST.to_owned(),
            scope: None,
            max_columns: 5,
            warnings: Vec::new(),
        };
        let (took, bytes) = timed(|| {
            serde_json::to_vec(&run(&knowledge, request, &mut |_| ())).map(|json| json.len())
        });
        (took, bytes.expect("a result can be written"))
    };
    // It judges every column for Tool 4, once for all that follow.
    let (first, result_bytes) = run_once();
    let mut runs: Vec<Duration> = Vec::new();
    let started = Instant::now();
    while runs.len() < REPETITIONS
        && (runs.is_empty() || started.elapsed() < Duration::from_secs(5))
    {
        runs.push(run_once().0);
    }
    runs.sort();
    format!(
        "| {shape} | {} | {megabytes:.1} MB | {} | {} | {} | {} | {} | {:.1} MB | {:.0} MB |",
        report.records,
        shown(loaded),
        shown(own),
        shown(analysed),
        shown(first),
        shown(runs[runs.len() / 2]),
        result_bytes as f64 / 1e6,
        peak_memory_megabytes(),
    )
}

/// An export of a size, and what to call it.
fn export_of(size: &str) -> (String, String) {
    match size.parse() {
        Ok(tables) => (export(tables, |_| 20, 50, 0), format!("{size} × 20")),
        Err(_) => (
            export(90, |table| if table < 20 { 23 } else { 22 }, 45, 90),
            "90, with 2,000 columns".to_owned(),
        ),
    }
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

/// Columns of every table of a [`Warehouse`]: its key, references, attributes.
const WAREHOUSE_COLUMNS: usize = 20;
const WAREHOUSE_REFERENCES: usize = 10;

/// A generated catalog as warehouses and applications are: no prefixes, no key flags.
struct Warehouse {
    /// The names of the tables by schema.
    schemas: Vec<Vec<String>>,
}

impl Warehouse {
    fn new(tables: usize, schemas: usize) -> Self {
        let words: Vec<&str> = BUSINESS_WORDS.split_whitespace().collect();
        let mut random = Random(1);
        let schemas = (0..schemas)
            .map(|schema| {
                let size = tables / schemas + usize::from(schema < tables % schemas);
                let mut names = std::collections::BTreeSet::new();
                while names.len() < size {
                    let (first, second) = (random.of(&words), random.of(&words));
                    names.insert(match random.below(3) {
                        0 => format!("{first}_{second}_{}", random.of(&ENDINGS)),
                        1 => format!("{first}_{}", random.of(&ENDINGS)),
                        _ => format!("{first}_{second}"),
                    });
                }
                names.into_iter().collect()
            })
            .collect();
        Self { schemas }
    }

    fn export(&self) -> String {
        let words: Vec<&str> = BUSINESS_WORDS.split_whitespace().collect();
        let mut random = Random(2);
        let mut json = String::from("[");
        for (schema, tables) in self.schemas.iter().enumerate() {
            for (place, table) in tables.iter().enumerate() {
                let path = format!("Systems>dwh>area_{schema}>{table}");
                let id = format!("{schema}-{place}");
                let separator = if json.ends_with('[') { "" } else { "," };
                let _ = write!(
                    json,
                    "{separator}{{\"id\":\"{id}\",\"typeName\":\"Table\",\"displayName\":\"{table}\",\"fullName\":\"{path}\"}}"
                );
                for column in 0..WAREHOUSE_COLUMNS {
                    let (name, data_type) = match column {
                        0 => (format!("{table}_id"), "BIGINT"),
                        1..=WAREHOUSE_REFERENCES => (format!("{}_id", random.of(tables)), "BIGINT"),
                        _ => (
                            format!("{}_{}", random.of(&words), ATTRIBUTES[column % 6]),
                            "VARCHAR(50)",
                        ),
                    };
                    let _ = write!(
                        json,
                        ",{{\"id\":\"{id}-{column}\",\"typeName\":\"Column\",\"displayName\":\"{name}\",\"Hierarcy Relation\":\"{id}\",\
                         \"technicalDataType\":\"{data_type}\",\"columnPosition\":{column}.0}}"
                    );
                }
            }
        }
        json.push(']');
        json
    }

    fn is_meant(column: &str, table: &str) -> bool {
        column.strip_suffix("_id") == Some(table)
    }
}

/// Numbers that are the same in every run (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap_or_default()
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

const ENDINGS: [&str; 8] = [
    "item", "type", "history", "group", "status", "detail", "link", "version",
];

/// What business tables are called after.
const BUSINESS_WORDS: &str = "\
    account accrual address adjustment advance agency agent agreement aircraft allocation allowance \
    analysis annex appeal applicant application appointment approval area article asset assignment \
    assortment attachment attendance auction audit author award balance bank barcode basket batch \
    benefit bid bill binding board bond bonus booking branch brand broker budget building bundle buyer \
    calendar call campaign candidate cargo carrier cart case cash catalog category center certificate \
    channel charge check claim class clause client clinic collateral collection commission commodity \
    company complaint component condition consent consignment contact container contract coupon course \
    court coverage credit crew currency customer customs damage deal dealer debt defect delivery demand \
    department deposit depot device diagnosis discount dispatch dispute district division document donor \
    dossier driver duty employee engine enquiry entity equipment estimate event exam exchange exemption \
    expense expert export facility factory failure farm fault feature fee field filing finance fine \
    fleet flight forecast forwarder framework freight fuel fund garage gate goods grant guarantee guest \
    harvest hazard holder holiday hospital house import incident income index industry inspection \
    installment insurance interest interview inventory invoice issue journal journey jurisdiction kiosk \
    laboratory land lane lead lease ledger lender lesson letter liability license lift limit loan \
    location locker lot machine mailing mandate manufacturer margin market material meal measure \
    medication meeting member merchant message meter milestone mission model module mortgage notice \
    nurse offer office operator option order outlet owner package pallet parcel partner passenger \
    patient payment payroll penalty pension permit person pickup pipeline plan plant platform policy \
    port portfolio position premium prescription price procedure process product profile program project \
    promotion property proposal provider province purchase quality quota quote rack rail rate receipt \
    recipe refund region reminder rental repair report request reservation resource return review reward \
    risk road room route salary sample schedule school season section seller seminar sensor service \
    session settlement shelf shift shipment shop signature site skill slot sponsor staff station \
    statement stock store street student subject subscription subsidy supplier supply survey task tax \
    team tenant tender terminal territory test ticket tool tour trade train training transfer treatment \
    truck trust unit usage vacancy vehicle vendor venue vessel visit voucher wage wagon warehouse \
    warranty waste water workshop zone";
