//! How well the columns are found: on schemas labelled by hand (`evaluation/*/sensitive.tsv`,
//! `evaluation/sensitive_names.tsv`, `evaluation/sensitive_applications.tsv`), with floors that
//! must not be fallen below.
//!
//!     cargo test --lib security::measured -- --nocapture
//!
//! prints the figures and every mistake. The labels were written from the schemas, before the
//! rules ran on them. TPC-DS is held out: its labels were known when the words were
//! collected, and nothing was changed for what the rules did there. For the other sets rules
//! were changed, so their figures say what the rules were made to do; what to expect of
//! schemas nobody has seen are the first runs in the head of `sensitive_applications.tsv`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::detection;
use super::{LIKELY, SURE};
use crate::catalog::Catalog;

const NAMES: &str = include_str!("../../../evaluation/sensitive_names.tsv");
const APPLICATIONS: &str = include_str!("../../../evaluation/sensitive_applications.tsv");
/// The label of a column that is not judged.
const DOUBTFUL: &str = "doubtful";

/// Labels by table (short or full name) and column.
type Labels = BTreeMap<(String, String), String>;

struct Set {
    catalog: Catalog,
    labels: Labels,
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split('\t').collect())
}

fn set(export: &str, labels: &str) -> Set {
    let (catalog, _) = Catalog::from_export(export.as_bytes()).expect("an export");
    let labels: Labels = rows(labels)
        .map(|row| ((row[0].to_owned(), row[1].to_owned()), row[2].to_owned()))
        .collect();
    Set { catalog, labels }
}

/// A list of columns as a catalog of its own.
fn names(list: &str) -> Set {
    let mut assets: Vec<Value> = vec![
        json!({"id": "s", "displayName": "names", "typeName": "Schema", "fullName": "a>b>names"}),
    ];
    let mut labels = Labels::new();
    for (place, row) in rows(list).enumerate() {
        let [table, column, kind, description, category] = row[..] else {
            panic!("five fields: {row:?}");
        };
        assets.push(
            json!({"id": format!("t{table}"), "displayName": table, "typeName": "Table",
                   "fullName": format!("a>b>names>{table}")}),
        );
        assets.push(json!({
            "id": format!("c{place}"), "displayName": column, "typeName": "Column",
            "fullName": format!("a>b>names>{table}>{column}(column)"),
            "technicalDataType": kind, "description": description, "columnPosition": place,
        }));
        if category != "-" {
            labels.insert((table.to_owned(), column.to_owned()), category.to_owned());
        }
    }
    let (catalog, _) = Catalog::from_export(json!(assets).to_string().as_bytes()).expect("assets");
    Set { catalog, labels }
}

#[derive(Default)]
struct Score {
    /// Sensitive columns that were found, those missed, and others that were reported.
    found: usize,
    missed: usize,
    wrong: usize,
    /// Found, and of another category than the label's.
    misnamed: usize,
    /// Per band of confidence: reported, and right.
    bands: [(usize, usize); 3],
    mistakes: String,
}

impl Score {
    fn of<'s>(sets: impl IntoIterator<Item = &'s Set>) -> Self {
        let mut score = Self::default();
        for set in sets {
            for (id, table) in set.catalog.tables() {
                let findings = detection::find(table);
                for (place, column) in table.columns.iter().enumerate() {
                    let key = |table: &str| (table.to_owned(), column.name.trim().to_owned());
                    let label = set
                        .labels
                        .get(&key(&table.name))
                        .or_else(|| set.labels.get(&key(&set.catalog.full_name(id))));
                    let finding = findings.iter().find(|finding| finding.column == place);
                    score.judge(
                        &format!("{}.{}", table.name, column.name),
                        label.map(String::as_str),
                        finding,
                    );
                }
            }
        }
        score
    }

    fn judge(
        &mut self,
        column: &str,
        label: Option<&str>,
        finding: Option<&super::detection::Finding>,
    ) {
        if label == Some(DOUBTFUL) {
            return;
        }
        let confidence = finding.map_or(0.0, |finding| finding.confidence);
        let named = finding.map_or("", |finding| finding.category.name());
        if confidence >= 0.3 {
            let band = usize::from(confidence >= LIKELY) + usize::from(confidence >= SURE);
            self.bands[band].0 += 1;
            self.bands[band].1 += usize::from(label.is_some());
        }
        let mut mistake = |what: &str| {
            let label = label.unwrap_or("-");
            writeln!(
                self.mistakes,
                "  {what} {column}: {label}, {named} {confidence:.2}"
            )
            .unwrap();
        };
        match (label, confidence >= LIKELY) {
            (Some(label), true) => {
                self.found += 1;
                if label != named {
                    self.misnamed += 1;
                    mistake("misnamed");
                }
            }
            (Some(_), false) => {
                self.missed += 1;
                mistake("missed");
            }
            (None, true) => {
                self.wrong += 1;
                mistake("wrong");
            }
            (None, false) => {}
        }
    }

    fn precision(&self) -> f64 {
        ratio(self.found, self.found + self.wrong)
    }

    fn recall(&self) -> f64 {
        ratio(self.found, self.found + self.missed)
    }

    fn print(&self, name: &str) {
        println!(
            "{name}: {} labelled, precision {:.3}, recall {:.3}, {} of another category",
            self.found + self.missed,
            self.precision(),
            self.recall(),
            self.misnamed
        );
        for (band, (all, right)) in ["0.3-0.5", "0.5-0.8", "0.8-1.0"].iter().zip(self.bands) {
            println!("  {band}: {all} reported, {right} sensitive");
        }
        print!("{}", self.mistakes);
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole.max(1)).unwrap())
}

macro_rules! evaluation {
    ($export:literal, $folder:literal) => {
        set(
            include_str!(concat!("../../../", $export)),
            include_str!(concat!("../../../evaluation/", $folder, "/sensitive.tsv")),
        )
    };
}

fn developed_on() -> Vec<(&'static str, Set)> {
    vec![
        ("sample", evaluation!("data/catalog.json", "sample")),
        (
            "northwind",
            evaluation!("evaluation/northwind/export.json", "northwind"),
        ),
        (
            "adventureworks_dw",
            evaluation!(
                "evaluation/adventureworks_dw/export.json",
                "adventureworks_dw"
            ),
        ),
        ("names", names(NAMES)),
        ("applications", names(APPLICATIONS)),
    ]
}

#[test]
fn labels_name_columns_that_exist_and_known_categories() {
    let mut sets = developed_on();
    sets.push((
        "tpcds",
        evaluation!("evaluation/tpcds/export.json", "tpcds"),
    ));
    for (name, set) in sets {
        for ((table, column), category) in &set.labels {
            let found = set.catalog.named(table);
            let has = |id: &crate::catalog::TableId| {
                let columns = &set.catalog.table(*id).columns;
                columns.iter().any(|known| known.name.trim() == column)
            };
            assert!(found.iter().any(has), "{name}: {table}.{column}");
            let known = super::Category::ALL.iter().any(|c| c.name() == category);
            assert!(known || category == DOUBTFUL, "{name}: {category}");
        }
    }
}

#[test]
fn labelled_columns_are_found_and_others_are_not() {
    let mut all = Vec::new();
    for (name, set) in developed_on() {
        Score::of([&set]).print(name);
        all.push(set);
    }
    let score = Score::of(&all);
    score.print("together");
    assert!(score.precision() >= 0.98, "{}", score.precision());
    assert!(score.recall() >= 0.93, "{}", score.recall());
}

#[test]
fn columns_of_a_schema_the_rules_were_not_made_for_are_found_as_well() {
    let score = Score::of([&evaluation!("evaluation/tpcds/export.json", "tpcds")]);
    score.print("tpcds, held out");
    assert!(score.precision() >= 0.95, "{}", score.precision());
    assert!(score.recall() >= 0.99, "{}", score.recall());
}
