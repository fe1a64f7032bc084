//! Joins, keys and classes against the truth.

pub(crate) mod evidence;

use std::collections::{BTreeMap, BTreeSet};

use mcop_api::catalog::{Catalog, TableId};
use mcop_api::pipeline::structure::{self, Analysis, Join, TableType};

use crate::scores::{Forecasts, Retrieval, Share};
use crate::sets::{ForeignKey, Truth};

/// One column of a foreign key and what it points at, by table and place.
type Reference = (TableId, usize, TableId, usize);

/// How good an analysis is.
#[derive(Debug, Clone, Default)]
pub(crate) struct StructureScores {
    pub(crate) tables: usize,
    /// Foreign keys column by column.
    pub(crate) columns: Retrieval,
    /// Foreign keys as pairs of tables.
    pub(crate) pairs: Retrieval,
    pub(crate) joins: Forecasts,
    pub(crate) keys: Share,
    pub(crate) classes: Share,
    /// Of tables that were given a class.
    pub(crate) class_claims: Forecasts,
    /// How many tables of a class were taken for which.
    pub(crate) confusion: BTreeMap<(TableType, TableType), usize>,
}

impl StructureScores {
    pub(crate) fn add(&mut self, other: &Self) {
        self.tables += other.tables;
        self.columns.add(other.columns);
        self.pairs.add(other.pairs);
        self.joins.add(&other.joins);
        self.keys.add(other.keys);
        self.classes.add(other.classes);
        self.class_claims.add(&other.class_claims);
        for (pair, count) in &other.confusion {
            *self.confusion.entry(*pair).or_default() += count;
        }
    }
}

/// What comparing found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) scores: StructureScores,
    /// What is wrong, in lines.
    pub(crate) errors: Vec<String>,
    /// Names of the truth that the export does not know.
    pub(crate) problems: Vec<String>,
}

/// Analyses all tables of a catalog and compares with the truth.
pub(crate) fn judge(catalog: &Catalog, truth: &Truth) -> Findings {
    let everything: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
    let analysis = structure::analyse(catalog, &everything);
    let mut judge = Judge::new(catalog, &analysis);
    judge.found.scores.tables = everything.len();
    judge.joins(&truth.foreign_keys);
    judge.keys(&truth.primary_keys);
    judge.classes(&truth.classes);
    for name in &truth.technical {
        judge.table(name);
    }
    judge.found
}

/// How a class is called in tables and lines.
pub(crate) fn class_name(class: TableType) -> &'static str {
    match class {
        TableType::Fact => "fact",
        TableType::Dimension => "dimension",
        TableType::Bridge => "bridge",
        TableType::View => "unclassified",
    }
}

struct Judge<'c> {
    catalog: &'c Catalog,
    analysis: &'c Analysis,
    found: Findings,
}

impl<'c> Judge<'c> {
    fn new(catalog: &'c Catalog, analysis: &'c Analysis) -> Self {
        Self {
            catalog,
            analysis,
            found: Findings::default(),
        }
    }

    fn joins(&mut self, keys: &[ForeignKey]) {
        let mut found: BTreeMap<Reference, &Join> = BTreeMap::new();
        for join in &self.analysis.joins {
            let reference = (join.from, join.from_column, join.to, join.to_column);
            let surest = found.entry(reference).or_insert(join);
            if join.confidence > surest.confidence {
                *surest = join;
            }
        }
        let (wanted, unknown) = self.wanted(keys);
        self.count_joins(&found, &wanted, unknown);
        self.list_joins(&found, &wanted);
    }

    /// The foreign keys of the truth column by column, and how many the export does not
    /// know: those are wanted all the same, and never found.
    fn wanted(&mut self, keys: &[ForeignKey]) -> (BTreeSet<Reference>, usize) {
        let (mut wanted, mut unknown) = (BTreeSet::new(), 0);
        for key in keys {
            for (column, to_column) in key.columns.iter().zip(&key.to_columns) {
                let from = self.place(&key.from, column);
                match from.zip(self.place(&key.to, to_column)) {
                    Some(((from, column), (to, to_column))) => {
                        wanted.insert((from, column, to, to_column));
                    }
                    None => unknown += 1,
                }
            }
        }
        (wanted, unknown)
    }

    fn count_joins(
        &mut self,
        found: &BTreeMap<Reference, &Join>,
        wanted: &BTreeSet<Reference>,
        unknown: usize,
    ) {
        let pair = |(from, _, to, _): &Reference| (*from, *to);
        let found_pairs: BTreeSet<_> = found.keys().map(pair).collect();
        let wanted_pairs: BTreeSet<_> = wanted.iter().map(pair).collect();
        let scores = &mut self.found.scores;
        scores.columns = Retrieval {
            found: found.len(),
            wanted: wanted.len() + unknown,
            right: wanted.iter().filter(|key| found.contains_key(key)).count(),
        };
        scores.pairs = Retrieval {
            found: found_pairs.len(),
            wanted: wanted_pairs.len(),
            right: wanted_pairs.intersection(&found_pairs).count(),
        };
        for (reference, join) in found {
            scores
                .joins
                .claim(join.confidence, wanted.contains(reference));
        }
    }

    fn list_joins(&mut self, found: &BTreeMap<Reference, &Join>, wanted: &BTreeSet<Reference>) {
        for (reference, join) in found.iter().filter(|(key, _)| !wanted.contains(*key)) {
            let truth: Vec<String> = of_column(wanted.iter(), reference)
                .map(|key| self.target(key))
                .collect();
            let line = format!(
                "wrong join: {} -> {} ({:.2}; {}); right: {}",
                self.column(reference.0, reference.1),
                self.target(reference),
                join.confidence,
                join.evidence.join("; "),
                listed(&truth),
            );
            self.found.errors.push(line);
        }
        for reference in wanted.iter().filter(|key| !found.contains_key(key)) {
            let instead: Vec<String> = of_column(found.keys(), reference)
                .filter_map(|key| {
                    let confidence = found.get(key)?.confidence;
                    Some(format!("{} ({confidence:.2})", self.target(key)))
                })
                .collect();
            let line = format!(
                "missed: {} -> {}; joined with: {}",
                self.column(reference.0, reference.1),
                self.target(reference),
                listed(&instead),
            );
            self.found.errors.push(line);
        }
    }

    fn keys(&mut self, keys: &BTreeMap<String, Vec<String>>) {
        for (name, columns) in keys {
            let wanted: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
            let found = self.table(name).map(|table| self.key_of(table));
            if found.is_some() {
                for column in columns {
                    self.place(name, column);
                }
            }
            let right = found.as_ref() == Some(&wanted);
            self.found.scores.keys.count(right);
            if !right {
                let list =
                    |columns: BTreeSet<&str>| columns.into_iter().collect::<Vec<_>>().join(", ");
                let line = format!(
                    "wrong key: {name} ({}); right: ({})",
                    list(found.unwrap_or_default()),
                    list(wanted)
                );
                self.found.errors.push(line);
            }
        }
    }

    fn classes(&mut self, classes: &BTreeMap<String, TableType>) {
        for (name, wanted) in classes {
            let table = self.table(name);
            let (found, confidence, rationale) = table
                .and_then(|table| self.analysis.of(table))
                .map_or((TableType::View, 0.0, ""), |found| {
                    (
                        found.class.table_type(),
                        found.confidence,
                        &*found.rationale,
                    )
                });
            let right = found == *wanted;
            let scores = &mut self.found.scores;
            scores.classes.count(right);
            *scores.confusion.entry((*wanted, found)).or_default() += 1;
            if found != TableType::View {
                scores.class_claims.claim(confidence, right);
            }
            if !right {
                let line = format!(
                    "wrong class: {name} is a {}, taken for {} ({confidence:.2}; {rationale})",
                    class_name(*wanted),
                    class_name(found),
                );
                self.found.errors.push(line);
            }
        }
    }

    /// The columns of the key that was found; none where none was.
    fn key_of(&self, table: TableId) -> BTreeSet<&'c str> {
        let known = self.analysis.of(table).and_then(|found| found.key.as_ref());
        let columns = &self.catalog.table(table).columns;
        known
            .into_iter()
            .flat_map(|key| &key.columns)
            .filter_map(|place| columns.get(*place))
            .map(|column| &*column.name)
            .collect()
    }

    /// The table of that name; a problem is noted where there is not exactly one.
    fn table(&mut self, name: &str) -> Option<TableId> {
        match self.catalog.named(name).as_slice() {
            [only] => Some(*only),
            found => {
                let line = format!("{} tables are called {name}", found.len());
                self.problem(line);
                None
            }
        }
    }

    fn place(&mut self, table: &str, column: &str) -> Option<(TableId, usize)> {
        let id = self.table(table)?;
        let columns = &self.catalog.table(id).columns;
        let place = columns.iter().position(|known| *known.name == *column);
        if place.is_none() {
            self.problem(format!("{table} has no column {column}"));
        }
        Some((id, place?))
    }

    fn problem(&mut self, line: String) {
        if !self.found.problems.contains(&line) {
            self.found.problems.push(line);
        }
    }

    fn target(&self, (_, _, to, to_column): &Reference) -> String {
        self.column(*to, *to_column)
    }

    /// `table.column`, with the schema where there are several.
    fn column(&self, table: TableId, place: usize) -> String {
        let known = self.catalog.table(table);
        let column = known.columns.get(place).map_or("?", |column| &column.name);
        if self.catalog.schemas().len() > 1 {
            format!("{}.{column}", self.catalog.full_name(table))
        } else {
            format!("{}.{column}", known.name)
        }
    }
}

/// The references that start from the same column.
fn of_column<'r>(
    references: impl Iterator<Item = &'r Reference>,
    (from, column, _, _): &Reference,
) -> impl Iterator<Item = &'r Reference> {
    references.filter(move |key| (key.0, key.1) == (*from, *column))
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Sales of products in shops, whose types forbid the join that names suggest.
    fn catalog() -> Catalog {
        let mut assets = Vec::new();
        let tables = [
            ("dim_shop", vec![("shop_key", "int", true)]),
            ("dim_product", vec![("product_key", "int", true)]),
            (
                "fact_sales",
                vec![
                    ("shop_key", "int", false),
                    ("product_key", "date", false),
                    ("amount", "decimal", false),
                ],
            ),
        ];
        for (table, columns) in tables {
            assets.push(json!({ "id": table, "typeName": "Table", "displayName": table, "fullName": format!("S>d>s>{table}") }));
            for (column, data_type, key) in columns {
                assets.push(json!({ "id": format!("{table}.{column}"), "typeName": "Column", "displayName": column,
                    "Hierarcy Relation": table, "technicalDataType": data_type, "isPrimaryKey": key }));
            }
        }
        let export = json!(assets).to_string();
        Catalog::from_export(export.as_bytes()).unwrap().0
    }

    #[test]
    fn what_is_found_missed_and_unknown_is_counted() {
        let truth: Truth = serde_json::from_value(json!({
            "primary_keys": { "dim_shop": ["shop_key"], "fact_sales": ["shop_key", "product_key"] },
            "foreign_keys": [
                { "from": "fact_sales", "columns": ["shop_key"], "to": "dim_shop", "to_columns": ["shop_key"] },
                { "from": "fact_sales", "columns": ["product_key"], "to": "dim_product", "to_columns": ["product_key"] },
                { "from": "fact_sales", "columns": ["basket"], "to": "dim_product", "to_columns": ["product_key"] },
            ],
            "classes": { "fact_sales": "fact", "dim_shop": "bridge" },
        }))
        .unwrap();
        let Findings {
            scores,
            errors,
            problems,
        } = judge(&catalog(), &truth);
        let counts = |found, wanted, right| Retrieval {
            found,
            wanted,
            right,
        };
        assert_eq!(scores.columns, counts(1, 3, 1));
        assert_eq!(scores.pairs, counts(1, 2, 1));
        assert_eq!(scores.keys, Share { right: 1, of: 2 });
        assert_eq!(scores.classes, Share { right: 1, of: 2 });
        assert_eq!(
            scores.confusion[&(TableType::Bridge, TableType::Dimension)],
            1
        );
        assert_eq!(problems, ["fact_sales has no column basket"]);
        let starts: Vec<&str> = errors
            .iter()
            .filter_map(|line| line.split_once(':').map(|(start, _)| start))
            .collect();
        assert_eq!(starts, ["missed", "wrong key", "wrong class"]);
    }
}
