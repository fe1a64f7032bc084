//! The metrics of a request, each mapped to the measures, dates, flags and keys that it is
//! computed from.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::candidate::{self, Scored};
use super::computing::{self, Fit};
use super::formula::{Formula, Need, VALUED};
use super::search::Search;
use super::{LEAST_CONFIDENCE, MatchStatus, Sources};
use crate::catalog::{Catalog, TableId};
use crate::glossary::{Kind, Term};
use crate::pipeline::request::Metric;
use crate::pipeline::rounded;
use crate::text;

/// How many tables are looked at for a metric.
const TABLES_MAX: usize = 20;
/// How many columns a metric lists.
const COLUMNS_MAX: usize = 6;
/// Few phrases name a column so plainly that nobody need look again: nothing here is
/// calibrated on labelled metrics, so nothing is said to be surer.
const MOST: f64 = 0.85;

/// What a column is to a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MetricColumnKind, example = "measure")]
pub enum ColumnKind {
    /// A number that is added up or averaged.
    Measure,
    /// A date or a key of one.
    Date,
    /// Yes or no.
    Flag,
    /// What is counted.
    Key,
}

/// A column that a metric needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricColumn {
    /// Short name of its table.
    #[schema(example = "factv_purchase_order_item")]
    pub table: String,
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.factv_purchase_order_item")]
    pub full_name: String,
    /// Its name.
    #[schema(example = "net_order_value")]
    pub column: String,
    /// What it is to the metric.
    pub kind: ColumnKind,
    /// Its type, as the catalog states it.
    #[serde(default)]
    #[schema(required, example = "DECIMAL(18,2)")]
    pub data_type: Option<String>,
    /// How sure, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.8)]
    pub confidence: f64,
    /// Why.
    #[schema(example = json!(["\"hodnota\" (value) is in its name"]))]
    pub evidence: Vec<String>,
}

/// What became of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricMapping {
    /// As the request calls it.
    #[schema(example = "Hodnota objednávek")]
    pub metric: String,
    /// Found or not.
    pub status: MatchStatus,
    /// How it is computed from the columns, where it is a well-known one.
    #[schema(required, example = "SUM(net_order_value)")]
    pub computed_as: Option<String>,
    /// The columns, all of one table; empty where none was found.
    pub columns: Vec<MetricColumn>,
}

/// Columns of one table found for a metric.
struct Answer {
    table: TableId,
    score: f64,
    computed_as: Option<&'static str>,
    fits: Vec<Fit>,
}

/// Maps metrics, preferring tables that the request's entities asked for.
pub(super) struct Metrics<'a> {
    pub(super) sources: Sources<'a>,
    pub(super) search: &'a Search<'a>,
    pub(super) requested: &'a [TableId],
    pub(super) excluded: &'a HashSet<TableId>,
}

impl Metrics<'_> {
    pub(super) fn map(&self, metric: &Metric) -> MetricMapping {
        let terms = self.sources.glossary.read(&metric.name);
        let tables = self.tables(metric, &terms);
        let by_formula = computing::formula_of(&terms)
            .and_then(|formula| self.by_formula(formula, &terms, &tables));
        let mut answer = by_formula.or_else(|| self.by_words(&terms, &tables));
        if let Some(answer) = &mut answer
            && !answer.fits.is_empty()
            && wants_date(&terms)
            && !answer.fits.iter().any(|fit| fit.kind == ColumnKind::Date)
        {
            answer.fits.extend(self.date_of(answer.table, &terms));
        }
        let columns = answer
            .as_ref()
            .map(|answer| self.columns(metric, answer))
            .unwrap_or_default();
        MetricMapping {
            metric: metric.name.clone(),
            status: if columns.is_empty() {
                MatchStatus::NoMatch
            } else {
                MatchStatus::Matched
            },
            computed_as: answer
                .and_then(|answer| answer.computed_as)
                .map(str::to_owned),
            columns,
        }
    }

    /// The tables that may hold a metric, with their scores: those its words speak of,
    /// those that have columns for it, and those the request asks for.
    fn tables(&self, metric: &Metric, terms: &[Term]) -> Vec<Scored> {
        let catalog = self.sources.catalog;
        let mut by_table: BTreeMap<TableId, Scored> = BTreeMap::new();
        let measured = measured(&metric.name);
        for phrase in std::iter::once(&measured).chain(&metric.description) {
            // What the name says of a table counts before what is said about it.
            for scored in self.search.by_words(phrase) {
                by_table.entry(scored.table).or_insert(scored);
            }
        }
        if let Some(formula) = computing::formula_of(terms) {
            let mut more: Vec<TableId> = computing::tables_for(self.sources, formula)
                .into_iter()
                .filter(|table| self.search.holds(*table))
                .collect();
            more.sort_unstable();
            for table in more.into_iter().take(TABLES_MAX) {
                by_table
                    .entry(table)
                    .or_insert_with(|| Scored::unmet(table));
            }
        }
        for table in self.requested {
            let scored = by_table
                .entry(*table)
                .or_insert_with(|| Scored::unmet(*table));
            scored.score = (scored.score + REQUESTED).min(1.0);
            scored.signals.score = scored.score;
        }
        let mut tables: Vec<Scored> = by_table
            .into_values()
            .filter(|scored| !self.excluded.contains(&scored.table))
            .collect();
        candidate::sort(catalog, &mut tables);
        candidate::calibrate(catalog, &mut tables);
        tables.truncate(2 * TABLES_MAX);
        tables
    }

    fn by_formula(&self, formula: &Formula, terms: &[Term], tables: &[Scored]) -> Option<Answer> {
        let mut best: Option<Answer> = None;
        for scored in tables {
            let Some(computed) = computing::compute(self.sources, formula, terms, scored.table)
            else {
                continue;
            };
            let score = computed.fit * (1.0 - TABLE) + scored.score * TABLE;
            if best.as_ref().is_none_or(|best| score > best.score) {
                best = Some(Answer {
                    table: scored.table,
                    score,
                    computed_as: Some(computed.said),
                    fits: computed.fits,
                });
            }
        }
        best
    }

    /// The measures or flags that a metric's own words meet, of the table that fits best;
    /// else an amount of it, or what is counted.
    fn by_words(&self, terms: &[Term], tables: &[Scored]) -> Option<Answer> {
        let counts = terms
            .iter()
            .any(|term| term.term.as_deref() == Some("count"));
        let mut best: Option<(f64, &Scored, Vec<Fit>)> = None;
        for scored in tables {
            let fits = if counts {
                Vec::new()
            } else {
                self.measures(scored)
            };
            let rank = scored.score + if fits.is_empty() { 0.0 } else { MEASURED };
            if best.as_ref().is_none_or(|(most, ..)| rank > *most) {
                best = Some((rank, scored, fits));
            }
        }
        let (_, scored, mut fits) = best?;
        if scored.confidence < LEAST_CONFIDENCE {
            return None;
        }
        let mut score = scored.confidence;
        if fits.is_empty() && !counts {
            score *= GUESSED;
            let amount = Need {
                role: "the amount",
                kind: ColumnKind::Measure,
                words: VALUED,
            };
            fits.extend(computing::column_for(
                self.sources,
                &amount,
                terms,
                scored.table,
                &[],
            ));
        }
        if counts {
            fits.extend(self.key_of(scored.table));
        }
        fits.truncate(COLUMNS_MAX);
        Some(Answer {
            table: scored.table,
            score,
            computed_as: None,
            fits,
        })
    }

    /// The measures and flags among the columns that meet a metric's words.
    fn measures(&self, scored: &Scored) -> Vec<Fit> {
        let columns = &self.sources.catalog.table(scored.table).columns;
        let fits = scored.columns.iter().filter_map(|place| {
            let kind = computing::kind_of(columns.get(*place)?)?;
            let measures = matches!(kind, ColumnKind::Measure | ColumnKind::Flag);
            measures.then_some(Fit {
                place: *place,
                kind,
                score: 1.0,
                role: "",
            })
        });
        fits.collect()
    }

    /// The first column of a table that is its key.
    fn key_of(&self, table: TableId) -> Option<Fit> {
        let columns = &self.sources.catalog.table(table).columns;
        let flagged = columns
            .iter()
            .position(|column| column.primary_key == Some(true));
        let named = || {
            let is_key = |column| computing::kind_of(column) == Some(ColumnKind::Key);
            columns.iter().position(is_key)
        };
        flagged.or_else(named).map(|place| Fit {
            place,
            kind: ColumnKind::Key,
            score: 1.0,
            role: "what is counted",
        })
    }

    /// The date by which a metric is followed over time: the one whose name has most of the
    /// metric's words, else the first.
    fn date_of(&self, table: TableId, terms: &[Term]) -> Option<Fit> {
        let Sources { catalog, index, .. } = self.sources;
        let words = computing::keys_of(self.sources, terms.iter());
        let columns = catalog.table(table).columns.iter();
        let dates = columns
            .zip(index.column_keys(table))
            .enumerate()
            .filter(|(_, (column, _))| computing::is_of(column, ColumnKind::Date));
        let best = dates
            .map(|(place, (_, held))| {
                (
                    words
                        .iter()
                        .filter(|key| computing::holds(held, **key))
                        .count(),
                    place,
                )
            })
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, place)| Fit {
            place,
            kind: ColumnKind::Date,
            score: DATE,
            role: "the date it is followed by",
        })
    }

    fn columns(&self, metric: &Metric, answer: &Answer) -> Vec<MetricColumn> {
        let catalog: &Catalog = self.sources.catalog;
        let table = catalog.table(answer.table);
        let name = text::shorten(&metric.name, 60);
        let columns = answer.fits.iter().filter_map(|fit| {
            let column = table.columns.get(fit.place)?;
            let why = if fit.role.is_empty() {
                format!("column {} has words of \"{name}\"", column.name)
            } else {
                format!("column {} is {} of \"{name}\"", column.name, fit.role)
            };
            Some(MetricColumn {
                table: table.name.to_string(),
                full_name: catalog.full_name(answer.table),
                column: column.name.to_string(),
                kind: fit.kind,
                data_type: column.data_type.as_deref().map(str::to_owned),
                confidence: rounded((fit.score * answer.score).min(MOST)),
                evidence: vec![why],
            })
        });
        columns.take(COLUMNS_MAX).collect()
    }
}

/// What being asked for by an entity adds to a table.
const REQUESTED: f64 = 0.25;
/// How much the table counts against its columns.
const TABLE: f64 = 0.5;
/// What a table adds that has measures with words of the metric.
const MEASURED: f64 = 0.25;
/// What is left of the confidence where the metric does not say which amount is meant.
const GUESSED: f64 = 0.6;
/// How well the date fits that a metric is followed by.
const DATE: f64 = 0.6;

/// Whether a metric is followed over time.
fn wants_date(terms: &[Term]) -> bool {
    let over_time = ["growth", "decline", "trend", "year to date", "cumulative"];
    terms.iter().any(|term| {
        term.kind == Some(Kind::Time)
            || term
                .term
                .as_deref()
                .is_some_and(|name| over_time.contains(&name))
    })
}

/// What is measured, without what it is broken down by: "spend by category".
fn measured(metric: &str) -> String {
    let words: Vec<&str> = metric.split_whitespace().collect();
    let cut = words
        .iter()
        .skip(1)
        .position(|word| BREAKDOWNS.contains(&text::fold(word).as_str()))
        .map_or(words.len(), |at| at + 1);
    words.get(..cut).unwrap_or_default().join(" ")
}

/// Words before what a metric is broken down by or compared with, folded.
const BREAKDOWNS: &[&str] = &[
    "by", "per", "against", "versus", "vs", "podle", "dle", "po", "proti", "podla", "oproti",
    "voci", "vuci",
];
