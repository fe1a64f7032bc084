//! The metrics of the request as aggregates over the table that holds their columns.

use std::collections::BTreeMap;

use super::names::{self, Names};
use super::{Column, Model, Star};
use crate::catalog::TypeFamily;
use crate::glossary::Glossary;
use crate::pipeline::Outputs;
use crate::pipeline::mapping::{ColumnKind, MetricColumn, MetricMapping};
use crate::pipeline::structure::{DimensionItem, ItemHead, Through};
use crate::text;

/// The least confidence of a metric's columns for it to be computed. It says how well names
/// meet, and is no probability: nothing is calibrated on labelled metrics.
const METRIC_SURE: f64 = 0.5;
/// The most tables, and the most aggregates of one.
const TABLES_MAX: usize = 20;
const TOTALS_MAX: usize = 50;

/// The metrics that are computed from one table.
pub(in super::super) struct Totals<'a> {
    /// The table.
    pub(in super::super) table: &'a ItemHead,
    /// What it is called in the query.
    pub(in super::super) alias: String,
    /// The time by which it is followed.
    pub(in super::super) period: Option<Period<'a>>,
    /// The aggregates.
    pub(in super::super) aggregates: Vec<Total<'a>>,
    /// What the number of rows is called.
    pub(in super::super) count: String,
    /// Metrics of which the catalog does not say enough.
    pub(in super::super) untold: Vec<&'a str>,
}

/// What figures are grouped by.
pub(in super::super) enum Period<'a> {
    /// The levels of a calendar above the finest, the coarsest first.
    Calendar {
        table: &'a ItemHead,
        alias: String,
        on: Vec<(&'a str, &'a str)>,
        levels: Vec<Column<'a>>,
    },
    /// Year and month of a date.
    Date {
        column: &'a str,
        units: [(Unit, String); 2],
    },
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Unit {
    Year,
    Month,
}

/// One aggregate.
pub(in super::super) struct Total<'a> {
    /// The metrics that it is, or is needed for.
    pub(in super::super) metrics: Vec<&'a str>,
    pub(in super::super) calculation: Calculation<'a>,
    pub(in super::super) alias: String,
    /// How it is computed, where it is well known.
    pub(in super::super) computed_as: Option<&'a str>,
    /// How well the columns fit, 0–1.
    pub(in super::super) confidence: f64,
}

impl Total<'_> {
    pub(in super::super) fn is_live(&self) -> bool {
        self.confidence >= METRIC_SURE
    }
}

/// How a figure is computed from columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Calculation<'a> {
    Sum(&'a str),
    Average(&'a str),
    CountDistinct(&'a str),
    /// The share of rows in which a flag is set that holds yes or no, or 1 and 0.
    ShareOfYes(&'a str),
    ShareOfOnes(&'a str),
    /// The share of rows in which there is a value.
    ShareFilled(&'a str),
    /// The share of rows in which the number is not above zero.
    ShareNotPositive(&'a str),
    /// The share of rows in which the first date is not after the second.
    ShareNotAfter(&'a str, &'a str),
    /// The mean number of days from the first to the second.
    Days(&'a str, &'a str),
    /// Sum over sum.
    Ratio(&'a str, &'a str),
    /// What is left of the first sum without the second, over the first.
    Margin(&'a str, &'a str),
    /// Sum over the number of distinct values.
    PerDistinct(&'a str, &'a str),
    /// Sum over mean.
    PerAverage(&'a str, &'a str),
    /// Sum without sum.
    Difference(&'a str, &'a str),
    /// The mean of the differences, row by row.
    AverageDifference(&'a str, &'a str),
}

impl Calculation<'_> {
    /// What the figure is called.
    fn name(self) -> String {
        let name = names::whole;
        match self {
            Self::Sum(of) => format!("{}_sum", name(of)),
            Self::Average(of) => format!("{}_avg", name(of)),
            Self::CountDistinct(of) => format!("{}_count", name(of)),
            Self::ShareOfYes(of) | Self::ShareOfOnes(of) | Self::ShareFilled(of) => {
                format!("{}_share", name(of))
            }
            Self::ShareNotPositive(of) => format!("no_{}_share", name(of)),
            Self::ShareNotAfter(actual, promised) => {
                format!("{}_by_{}_share", name(actual), name(promised))
            }
            Self::Days(from, to) => format!("{}_to_{}_days", name(from), name(to)),
            Self::Ratio(part, whole) | Self::PerAverage(part, whole) => {
                format!("{}_per_{}", name(part), name(whole))
            }
            Self::Margin(earned, _) => format!("{}_margin", name(earned)),
            Self::PerDistinct(amount, document) => {
                format!("{}_per_{}", name(amount), name(document))
            }
            Self::Difference(one, other) | Self::AverageDifference(one, other) => {
                format!("{}_less_{}", name(one), name(other))
            }
        }
    }
}

/// The metrics of the request, by the tables that hold their columns.
pub(super) fn totals<'a>(model: &Model<'a>, stars: &[Star<'a>]) -> Vec<Totals<'a>> {
    let mut by_table: Vec<(&'a str, Vec<&'a MetricMapping>)> = Vec::new();
    for metric in &model.outputs.tool1_output.metrics {
        let Some(column) = metric.columns.first() else {
            continue;
        };
        let table = column.full_name.as_str();
        match by_table.iter_mut().find(|(known, _)| *known == table) {
            Some((_, metrics)) => metrics.push(metric),
            None => by_table.push((table, vec![metric])),
        }
    }
    // In the order of the facts above, then the others as the request names them.
    let place = |table: &str| {
        let mut facts = stars.iter().map(|star| &star.fact.head.full_name);
        facts.position(|fact| fact == table).unwrap_or(stars.len())
    };
    by_table.sort_by_key(|(table, _)| place(table));
    by_table
        .into_iter()
        .take(TABLES_MAX)
        .filter_map(|(table, metrics)| of_table(model, model.heads.get(table)?, &metrics))
        .collect()
}

/// The metrics that no column was found for.
pub(super) fn not_found(outputs: &Outputs) -> Vec<&str> {
    let metrics = outputs.tool1_output.metrics.iter();
    let without = metrics.filter(|metric| metric.columns.is_empty());
    without.map(|metric| metric.metric.as_str()).collect()
}

fn of_table<'a>(
    model: &Model<'a>,
    table: &'a ItemHead,
    metrics: &[&'a MetricMapping],
) -> Option<Totals<'a>> {
    let mut tables = Names::default();
    let alias = tables.give(&names::best_first(&table.name));
    let mut columns = Names::default();
    let period = period(model, table, metrics, &mut tables, &mut columns);
    let count = columns.give(&["row_count".to_owned()]);
    let mut aggregates: Vec<Total<'a>> = Vec::new();
    let mut untold = Vec::new();
    for metric in metrics {
        let calculations = calculations(metric);
        if calculations.is_empty() {
            untold.push(metric.metric.as_str());
        }
        for (calculation, confidence) in calculations {
            let known = aggregates
                .iter_mut()
                .find(|total| total.calculation == calculation);
            if let Some(known) = known {
                known.metrics.push(&metric.metric);
                known.confidence = known.confidence.max(confidence);
            } else if aggregates.len() < TOTALS_MAX {
                aggregates.push(Total {
                    metrics: vec![&metric.metric],
                    calculation,
                    alias: columns.give(&[calculation.name()]),
                    computed_as: metric.computed_as.as_deref(),
                    confidence,
                });
            }
        }
    }
    (!aggregates.is_empty() || !untold.is_empty()).then_some(Totals {
        table,
        alias,
        period,
        aggregates,
        count,
        untold,
    })
}

/// What is computed for a metric, each with how well its columns fit.
fn calculations(metric: &MetricMapping) -> Vec<(Calculation<'_>, f64)> {
    if let Some(said) = &metric.computed_as {
        let least = metric.columns.iter().map(|column| column.confidence);
        let least = least.reduce(f64::min).unwrap_or_default();
        let needed = |kind| {
            metric
                .columns
                .iter()
                .filter(move |column| column.kind == kind)
        };
        return well_known(said, &needed)
            .map(|found| (found, least))
            .into_iter()
            .collect();
    }
    let averaged = speaks_of_average(&metric.metric);
    metric
        .columns
        .iter()
        .filter_map(|column| {
            let name = column.column.as_str();
            let calculation = match column.kind {
                ColumnKind::Measure if averaged || is_rate(name) => Calculation::Average(name),
                ColumnKind::Measure => Calculation::Sum(name),
                ColumnKind::Key => Calculation::CountDistinct(name),
                ColumnKind::Flag => share_of(column)?,
                ColumnKind::Date => return None,
            };
            Some((calculation, column.confidence))
        })
        .collect()
}

/// The calculation that the mapping of metrics states in symbols; its columns come in the
/// order in which that way of computing needs them.
fn well_known<'a, I>(said: &str, needed: &impl Fn(ColumnKind) -> I) -> Option<Calculation<'a>>
where
    I: Iterator<Item = &'a MetricColumn>,
{
    let measure = |nth| {
        needed(ColumnKind::Measure)
            .nth(nth)
            .map(|column| column.column.as_str())
    };
    // The key of a calendar's row is no date that can be compared or subtracted.
    let date = |nth| {
        let column = needed(ColumnKind::Date).nth(nth)?;
        let dated = matches!(family(column), TypeFamily::Date | TypeFamily::Timestamp);
        dated.then_some(column.column.as_str())
    };
    Some(match said {
        "rows on time / all rows" | "rows no longer active / all rows" => {
            share_of(needed(ColumnKind::Flag).next()?)?
        }
        "rate of rows on time"
        | "delay, averaged or added up"
        | "duration, averaged"
        | "utilization, averaged" => Calculation::Average(measure(0)?),
        "margin, added up or over revenue" | "deviation, added up" => Calculation::Sum(measure(0)?),
        "rows with actual date ≤ promised date / all rows" => {
            Calculation::ShareNotAfter(date(1)?, date(0)?)
        }
        "rows without delay / all rows" => Calculation::ShareNotPositive(measure(0)?),
        "actual date − promised date" | "end date − start date" => {
            Calculation::Days(date(0)?, date(1)?)
        }
        "(revenue − cost) / revenue" => Calculation::Margin(measure(0)?, measure(1)?),
        "amount / number of distinct documents" => {
            let document = needed(ColumnKind::Key).next()?;
            Calculation::PerDistinct(measure(0)?, &document.column)
        }
        "used / capacity" | "delivered quantity / ordered quantity" | "orders / visits" => {
            Calculation::Ratio(measure(0)?, measure(1)?)
        }
        "issued or sold / average stock" => Calculation::PerAverage(measure(0)?, measure(1)?),
        "price − reference price" => Calculation::AverageDifference(measure(0)?, measure(1)?),
        "actual − planned" => Calculation::Difference(measure(1)?, measure(0)?),
        "departures / all, by date" => {
            Calculation::ShareFilled(&needed(ColumnKind::Date).next()?.column)
        }
        _ => return None,
    })
}

/// The share of rows in which a flag is set; `None` where the catalog does not say how it is
/// written.
fn share_of(column: &MetricColumn) -> Option<Calculation<'_>> {
    match family(column) {
        TypeFamily::Boolean => Some(Calculation::ShareOfYes(&column.column)),
        TypeFamily::Integer | TypeFamily::Decimal => Some(Calculation::ShareOfOnes(&column.column)),
        _ => None,
    }
}

fn family(column: &MetricColumn) -> TypeFamily {
    let stated = column.data_type.as_deref();
    stated.map_or(TypeFamily::Unknown, TypeFamily::of)
}

fn speaks_of_average(metric: &str) -> bool {
    let terms = Glossary::embedded().read(metric);
    let average = |name: &str| ["average", "mean"].contains(&name);
    terms
        .iter()
        .any(|term| term.term.as_deref().is_some_and(average))
}

/// Whether adding a number up says nothing, by its name.
fn is_rate(column: &str) -> bool {
    let words = text::identifier_words(column);
    words.iter().any(|word| RATES.contains(&word.as_str()))
}

const RATES: &[&str] = &[
    "average",
    "avg",
    "mean",
    "price",
    "rate",
    "ratio",
    "percent",
    "percentage",
    "pct",
    "score",
    "index",
    "factor",
    "duration",
    "days",
    "hours",
    "temperature",
    "cena",
    "kurz",
    "sazba",
    "sadzba",
    "procento",
    "percento",
    "podil",
    "podiel",
    "prumer",
    "priemer",
];

/// The time that the metrics are followed by: a calendar that is surely joined, or a date.
fn period<'a>(
    model: &Model<'a>,
    table: &'a ItemHead,
    metrics: &[&'a MetricMapping],
    tables: &mut Names,
    columns: &mut Names,
) -> Option<Period<'a>> {
    let mut dates: BTreeMap<&str, &MetricColumn> = BTreeMap::new();
    let mut first = None;
    for column in metrics.iter().flat_map(|metric| &metric.columns) {
        if column.kind == ColumnKind::Date {
            first.get_or_insert(column.column.as_str());
            dates.insert(&column.column, column);
        }
    }
    let column = dates.get(first?)?;
    let name = column.column.as_str();
    let keys = model.keys.from(&table.full_name);
    for key in keys.filter(|key| key.held_in() == [name]) {
        let Some(dimension) = model.dimensions.get(key.to) else {
            continue;
        };
        let levels = levels(dimension);
        let usable = key.doubt(dimension).is_none() && !model.ruled_out.contains_key(key.to);
        if !usable || levels.is_empty() {
            continue;
        }
        let role = key.role(dimension).map(names::whole);
        let mut wanted: Vec<String> = role.into_iter().collect();
        wanted.extend(names::best_first(&dimension.head.name));
        let alias = tables.give(&wanted);
        return Some(Period::Calendar {
            table: &dimension.head,
            on: key.columns.clone(),
            levels: levels
                .into_iter()
                .map(|level| Column {
                    name: level,
                    alias: columns.give_column(&alias, level),
                })
                .collect(),
            alias,
        });
    }
    if !matches!(family(column), TypeFamily::Date | TypeFamily::Timestamp) {
        return None;
    }
    let mut unit = |unit, word: &str| {
        let alias = columns.give(&[format!("{}_{word}", names::whole(name))]);
        (unit, alias)
    };
    let units = [unit(Unit::Year, "year"), unit(Unit::Month, "month")];
    Some(Period::Date {
        column: name,
        units,
    })
}

/// The levels of a calendar above the finest, the coarsest first.
fn levels(dimension: &DimensionItem) -> Vec<&str> {
    let mut hierarchies = dimension.hierarchies.iter();
    let first = hierarchies.find(|one| one.through == Through::Attributes);
    let levels = first.map(|one| &one.levels[..]).unwrap_or_default();
    levels.iter().skip(1).rev().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::mapping::computations;

    #[test]
    fn every_way_that_metrics_are_computed_in_has_an_aggregate() {
        let column = |name: &str, kind, data_type: &str| MetricColumn {
            table: "f".to_owned(),
            full_name: "s.f".to_owned(),
            column: name.to_owned(),
            kind,
            data_type: Some(data_type.to_owned()),
            confidence: 0.8,
            evidence: Vec::new(),
        };
        let columns = [
            column("m1", ColumnKind::Measure, "INT"),
            column("m2", ColumnKind::Measure, "INT"),
            column("d1", ColumnKind::Date, "DATE"),
            column("d2", ColumnKind::Date, "DATE"),
            column("k", ColumnKind::Key, "INT"),
            column("b", ColumnKind::Flag, "BOOLEAN"),
        ];
        let mut ways = 0;
        for said in computations() {
            let needed = |kind| columns.iter().filter(move |column| column.kind == kind);
            assert!(well_known(said, &needed).is_some(), "{said}");
            ways += 1;
        }
        assert!(ways > 15, "{ways}");
    }
}
