//! The metrics of the request as aggregates over the table that holds their columns.

use super::calculation::{Calculation, family, share_of, speaks_of, well_known};
use super::names::{self, Names};
use super::{Column, Model, Star};
use crate::catalog::TypeFamily;
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
    /// The column of it that dates its rows, and the time by which that is followed.
    pub(in super::super) period: Option<(&'a str, Period<'a>)>,
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
        /// The column by whose least value a level is ordered that is a name.
        first_by: &'a str,
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
    /// Metrics that are a share of which it is only the part: nobody knows the whole.
    pub(in super::super) part_of: Vec<&'a str>,
    pub(in super::super) calculation: Calculation<'a>,
    pub(in super::super) alias: String,
    /// How it is computed, where it is well known.
    pub(in super::super) computed_as: Option<&'a str>,
    /// How well the columns fit, 0–1.
    pub(in super::super) confidence: f64,
}

impl<'a> Total<'a> {
    pub(in super::super) fn is_live(&self) -> bool {
        self.confidence >= METRIC_SURE && !self.metrics.is_empty()
    }

    /// Notes a further metric that it is computed for.
    fn serve(&mut self, metric: &'a MetricMapping, wanted: &Wanted<'a>) {
        let first = self.metrics.is_empty();
        if wanted.is_part {
            self.part_of.push(&metric.metric);
        } else {
            self.metrics.push(&metric.metric);
        }
        // What a share is only a part of says nothing of how well the others fit.
        if first && !wanted.is_part {
            self.confidence = wanted.confidence;
            self.computed_as = metric.computed_as.as_deref();
        } else if first || !wanted.is_part {
            self.confidence = self.confidence.max(wanted.confidence);
        }
    }
}

/// A figure that a metric needs.
struct Wanted<'a> {
    calculation: Calculation<'a>,
    /// That of its least sure column, 0–1.
    confidence: f64,
    /// Whether it is only the part of a share.
    is_part: bool,
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
        .filter_map(|(table, metrics)| Some((model.heads.get(table)?, by_date(&metrics))))
        .flat_map(|(table, dates)| {
            let dates = dates.into_iter();
            dates.filter_map(|(date, metrics)| of_table(model, table, date, &metrics))
        })
        .collect()
}

/// The metrics of a table by the dates that they are followed by. Those that state none go
/// with the first.
fn by_date<'a>(
    metrics: &[&'a MetricMapping],
) -> Vec<(Option<&'a MetricColumn>, Vec<&'a MetricMapping>)> {
    let first = metrics.iter().find_map(|metric| date_of(metric));
    let mut dates: Vec<(Option<&'a MetricColumn>, Vec<&'a MetricMapping>)> = Vec::new();
    for metric in metrics {
        let states_one = metric
            .columns
            .iter()
            .any(|column| column.kind == ColumnKind::Date);
        let date = if states_one { date_of(metric) } else { first };
        let name = |date: Option<&'a MetricColumn>| date.map(|column| column.column.as_str());
        match dates
            .iter_mut()
            .find(|(known, _)| name(*known) == name(date))
        {
            Some((_, metrics)) => metrics.push(metric),
            None => dates.push((date, vec![metric])),
        }
    }
    dates
}

/// The date that a metric is followed by. A date of which only counts whether it is there is
/// none: each of its days would hold nothing but rows that have it.
fn date_of(metric: &MetricMapping) -> Option<&MetricColumn> {
    let counted: Vec<&str> = calculations(metric)
        .iter()
        .filter_map(|wanted| match wanted.calculation {
            Calculation::ShareFilled(of) | Calculation::ShareEmpty(of) => Some(of),
            _ => None,
        })
        .collect();
    metric.columns.iter().find(|column| {
        column.kind == ColumnKind::Date && !counted.contains(&column.column.as_str())
    })
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
    date: Option<&'a MetricColumn>,
    metrics: &[&'a MetricMapping],
) -> Option<Totals<'a>> {
    let mut tables = Names::default();
    let alias = tables.give(&names::best_first(&table.name));
    let mut columns = Names::default();
    let period = date.and_then(|date| {
        let period = period(model, table, date, &mut tables, &mut columns)?;
        Some((date.column.as_str(), period))
    });
    let count = columns.give(&["row_count".to_owned()]);
    let mut aggregates: Vec<Total<'a>> = Vec::new();
    let mut untold = Vec::new();
    for metric in metrics {
        let calculations = calculations(metric);
        if calculations.is_empty() {
            untold.push(metric.metric.as_str());
        }
        for wanted in calculations {
            let known = aggregates
                .iter_mut()
                .find(|total| total.calculation == wanted.calculation);
            if let Some(known) = known {
                known.serve(metric, &wanted);
            } else if aggregates.len() < TOTALS_MAX {
                let mut total = Total {
                    metrics: Vec::new(),
                    part_of: Vec::new(),
                    calculation: wanted.calculation,
                    alias: columns.give(&[wanted.calculation.name()]),
                    computed_as: None,
                    confidence: 0.0,
                };
                total.serve(metric, &wanted);
                aggregates.push(total);
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

/// What is computed for a metric.
fn calculations(metric: &MetricMapping) -> Vec<Wanted<'_>> {
    if let Some(said) = &metric.computed_as {
        let needed = |kind| {
            metric
                .columns
                .iter()
                .filter(move |column| column.kind == kind)
        };
        return well_known(said, &needed)
            .map(|calculation| Wanted {
                calculation,
                confidence: confidence(metric, calculation),
                is_part: false,
            })
            .into_iter()
            .collect();
    }
    let averaged = speaks_of(&metric.metric, AVERAGES);
    let share = speaks_of(&metric.metric, SHARES);
    metric
        .columns
        .iter()
        .filter_map(|column| {
            let name = column.column.as_str();
            let (calculation, is_whole) = match column.kind {
                ColumnKind::Measure if is_rate(name) => (Calculation::Average(name), true),
                ColumnKind::Measure if averaged => (Calculation::Average(name), false),
                ColumnKind::Measure => (Calculation::Sum(name), false),
                ColumnKind::Key => (Calculation::CountDistinct(name), false),
                ColumnKind::Flag => (share_of(column)?, true),
                ColumnKind::Date => return None,
            };
            Some(Wanted {
                calculation,
                confidence: column.confidence,
                is_part: share && !is_whole,
            })
        })
        .collect()
}

/// How well the columns fit that a calculation uses; a date that the metric is only followed
/// by does not count.
fn confidence(metric: &MetricMapping, calculation: Calculation<'_>) -> f64 {
    let used = calculation.columns();
    let columns = metric.columns.iter();
    let used = columns.filter(|column| used.contains(&Some(&column.column)));
    let least = used.map(|column| column.confidence).reduce(f64::min);
    least.unwrap_or_default()
}

/// Words of metrics, as the glossary calls them.
const AVERAGES: &[&str] = &["average", "mean"];
const SHARES: &[&str] = &["rate", "percentage"];

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

/// The time that a date stands for: a calendar that is surely joined by it, or its parts.
fn period<'a>(
    model: &Model<'a>,
    table: &'a ItemHead,
    date: &'a MetricColumn,
    tables: &mut Names,
    columns: &mut Names,
) -> Option<Period<'a>> {
    let name = date.column.as_str();
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
            first_by: day(dimension).or_else(|| Some(key.columns.first()?.1))?,
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
    if !matches!(family(date), TypeFamily::Date | TypeFamily::Timestamp) {
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

/// The date of a calendar's row, where its finest level is called so; a number of days is none.
fn day(dimension: &DimensionItem) -> Option<&str> {
    let mut hierarchies = dimension.hierarchies.iter();
    let first = hierarchies.find(|one| one.through == Through::Attributes)?;
    let finest = first.levels.first()?;
    let words = text::identifier_words(finest);
    let dated = ["date", "datum"].contains(&words.last()?.as_str());
    dated.then_some(finest)
}
