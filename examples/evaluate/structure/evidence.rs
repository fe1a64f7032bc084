//! What speaks for joins and classes, in lines: weights are fitted on these.

use std::collections::HashMap;
use std::fmt::Debug;

use mcop_api::catalog::{Catalog, TableId};
use mcop_api::pipeline::structure::{self, Analysis};

use super::{Judge, class_name};
use crate::sets::Truth;

/// A line for every join that was considered: whether it is right, the columns it joins,
/// and how strong each signal is.
pub(crate) fn of_joins(catalog: &Catalog, truth: &Truth) -> Vec<String> {
    let analysis = Analysis::default();
    let mut judge = Judge::new(catalog, &analysis);
    let (wanted, _) = judge.wanted(&truth.foreign_keys);
    let line = |join: structure::WeighedJoin| {
        let reference = (join.from.0, join.from.1, join.to.0, join.to.1);
        format!(
            "{}\t{}\t{}\t{}",
            u8::from(wanted.contains(&reference)),
            judge.column(join.from.0, join.from.1),
            judge.column(join.to.0, join.to.1),
            strengths(&join.signals)
        )
    };
    structure::weighed_joins(catalog, &everything(catalog))
        .into_iter()
        .map(line)
        .collect()
}

/// A line for every table whose class is known and that is no copy: its name, its class,
/// and how strong each clue is.
pub(crate) fn of_classes(catalog: &Catalog, truth: &Truth) -> Vec<String> {
    let analysis = Analysis::default();
    let mut judge = Judge::new(catalog, &analysis);
    let classes = truth.classes.iter();
    let known: HashMap<String, &str> = classes
        .map(|(name, class)| (name, class_name(*class)))
        .chain(truth.technical.iter().map(|name| (name, "technical")))
        .filter_map(|(name, class)| Some((catalog.full_name(judge.table(name)?), class)))
        .collect();
    let line = |table: structure::WeighedClass| {
        let class = known.get(&table.table)?;
        let clues = strengths(&table.clues);
        Some(format!("{}\t{class}\t{clues}", table.table))
    };
    structure::weighed_classes(catalog, &everything(catalog))
        .into_iter()
        .filter_map(line)
        .collect()
}

fn everything(catalog: &Catalog) -> Vec<TableId> {
    catalog.tables().map(|(id, _)| id).collect()
}

/// `Name=strength`, separated by spaces.
fn strengths(of: &[(impl Debug, f64)]) -> String {
    let written: Vec<String> = of
        .iter()
        .map(|(what, strength)| format!("{what:?}={strength:.4}"))
        .collect();
    written.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_whose_class_is_known_are_written() {
        let mut assets = Vec::new();
        for table in ["dim_shop", "load_log", "left_out"] {
            assets.push(
                json!({ "id": table, "typeName": "Table", "displayName": table,
                "fullName": format!("S>d>s>{table}") }),
            );
        }
        let export = json!(assets).to_string();
        let (catalog, _) = Catalog::from_export(export.as_bytes()).unwrap();
        let truth: Truth = serde_json::from_value(json!({
            "classes": { "dim_shop": "dimension" },
            "technical": ["load_log"],
        }))
        .unwrap();
        let lines = of_classes(&catalog, &truth);
        let starts: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split_once(' ').map(|(start, _)| start))
            .collect();
        assert_eq!(
            starts,
            [
                "s.dim_shop\tdimension\tStart=1.0000",
                "s.load_log\ttechnical\tStart=1.0000"
            ]
        );
    }
}
