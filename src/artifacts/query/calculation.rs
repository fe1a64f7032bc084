//! How a figure is computed from columns.

use super::names;
use crate::catalog::TypeFamily;
use crate::glossary::Glossary;
use crate::pipeline::mapping::{ColumnKind, MetricColumn};
use crate::text;

/// How a figure is computed from columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Calculation<'a> {
    Sum(&'a str),
    Average(&'a str),
    CountDistinct(&'a str),
    /// The share of rows in which a flag is set that holds yes or no, or 1 and 0.
    ShareOfYes(&'a str),
    ShareOfOnes(&'a str),
    /// The share of rows in which it is not set.
    ShareOfNo(&'a str),
    ShareOfZeros(&'a str),
    /// The share of rows in which there is a value, and in which there is none.
    ShareFilled(&'a str),
    ShareEmpty(&'a str),
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

impl<'a> Calculation<'a> {
    /// The columns that it is computed from.
    pub(super) fn columns(self) -> [Option<&'a str>; 2] {
        match self {
            Self::Sum(of)
            | Self::Average(of)
            | Self::CountDistinct(of)
            | Self::ShareOfYes(of)
            | Self::ShareOfOnes(of)
            | Self::ShareOfNo(of)
            | Self::ShareOfZeros(of)
            | Self::ShareFilled(of)
            | Self::ShareEmpty(of)
            | Self::ShareNotPositive(of) => [Some(of), None],
            Self::ShareNotAfter(one, other)
            | Self::Days(one, other)
            | Self::Ratio(one, other)
            | Self::Margin(one, other)
            | Self::PerDistinct(one, other)
            | Self::PerAverage(one, other)
            | Self::Difference(one, other)
            | Self::AverageDifference(one, other) => [Some(one), Some(other)],
        }
    }

    /// The share of the rows that it does not count.
    fn complement(self) -> Self {
        match self {
            Self::ShareOfYes(of) => Self::ShareOfNo(of),
            Self::ShareOfNo(of) => Self::ShareOfYes(of),
            Self::ShareOfOnes(of) => Self::ShareOfZeros(of),
            Self::ShareOfZeros(of) => Self::ShareOfOnes(of),
            Self::ShareFilled(of) => Self::ShareEmpty(of),
            Self::ShareEmpty(of) => Self::ShareFilled(of),
            other => other,
        }
    }

    /// What the figure is called.
    pub(super) fn name(self) -> String {
        let name = names::whole;
        match self {
            Self::Sum(of) => format!("{}_sum", name(of)),
            Self::Average(of) => format!("{}_avg", name(of)),
            Self::CountDistinct(of) => format!("{}_count", name(of)),
            Self::ShareOfYes(of) | Self::ShareOfOnes(of) | Self::ShareFilled(of) => {
                format!("{}_share", name(of))
            }
            Self::ShareOfNo(of) | Self::ShareOfZeros(of) => format!("not_{}_share", name(of)),
            Self::ShareEmpty(of) | Self::ShareNotPositive(of) => format!("no_{}_share", name(of)),
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

/// The calculation that the mapping of metrics states in symbols; its columns come in the
/// order in which that way of computing needs them.
pub(super) fn well_known<'a, I>(
    said: &str,
    needed: &impl Fn(ColumnKind) -> I,
) -> Option<Calculation<'a>>
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
        "rows on time / all rows" => share_unless(needed(ColumnKind::Flag).next()?, LATE)?,
        "rows still active / all rows" => share_unless(needed(ColumnKind::Flag).next()?, ENDED)?,
        "rows no longer active / all rows" => {
            share_unless(needed(ColumnKind::Flag).next()?, ENDED)?.complement()
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
        "rows without an end date / all rows" => {
            Calculation::ShareEmpty(&needed(ColumnKind::Date).next()?.column)
        }
        _ => return None,
    })
}

/// The share of rows in which a flag is set; `None` where the catalog does not say how it is
/// written.
pub(super) fn share_of(column: &MetricColumn) -> Option<Calculation<'_>> {
    match family(column) {
        TypeFamily::Boolean => Some(Calculation::ShareOfYes(&column.column)),
        TypeFamily::Integer | TypeFamily::Decimal => Some(Calculation::ShareOfOnes(&column.column)),
        _ => None,
    }
}

pub(super) fn family(column: &MetricColumn) -> TypeFamily {
    let stated = column.data_type.as_deref();
    stated.map_or(TypeFamily::Unknown, TypeFamily::of)
}

/// The share of rows in which the opposite of a flag's words holds that stand in `opposite`:
/// of what is on time, a flag of delays; else the share of rows in which it is set.
fn share_unless<'a>(column: &'a MetricColumn, opposite: &[&str]) -> Option<Calculation<'a>> {
    let share = share_of(column)?;
    let words = text::identifier_words(&column.column);
    let denied = words.iter().any(|word| DENIALS.contains(&word.as_str()));
    let turned = speaks_of(&words.join(" "), opposite) != denied;
    Some(if turned { share.complement() } else { share })
}

/// Words of flags, as the glossary calls them.
const LATE: &[&str] = &["delay", "overdue"];
const ENDED: &[&str] = &["inactive", "attrition", "termination", "cancelled", "end"];
/// Words that turn a flag round.
const DENIALS: &[&str] = &["not", "non", "no", "ne", "nie"];

/// Whether one of the terms stands in a text, in any of the glossary's languages.
pub(super) fn speaks_of(said: &str, terms: &[&str]) -> bool {
    let found = Glossary::embedded().read(said);
    found.iter().any(|term| {
        term.term
            .as_deref()
            .is_some_and(|name| terms.contains(&name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::mapping::computations;

    fn column(name: &str, kind: ColumnKind, data_type: &str) -> MetricColumn {
        MetricColumn {
            table: "f".to_owned(),
            full_name: "s.f".to_owned(),
            column: name.to_owned(),
            kind,
            data_type: Some(data_type.to_owned()),
            confidence: 0.8,
            evidence: Vec::new(),
        }
    }

    #[test]
    fn every_way_that_metrics_are_computed_in_has_its_aggregate() {
        use Calculation::{
            Average, AverageDifference, Days, Difference, Margin, PerAverage, PerDistinct, Ratio,
            ShareEmpty, ShareFilled, ShareNotAfter, ShareNotPositive, ShareOfNo, ShareOfYes, Sum,
        };
        let columns = [
            column("m1", ColumnKind::Measure, "INT"),
            column("m2", ColumnKind::Measure, "INT"),
            column("d1", ColumnKind::Date, "DATE"),
            column("d2", ColumnKind::Date, "DATE"),
            column("k", ColumnKind::Key, "INT"),
            column("b", ColumnKind::Flag, "BOOLEAN"),
        ];
        let needed = |kind| columns.iter().filter(move |column| column.kind == kind);
        let found: Vec<(&str, Option<Calculation<'_>>)> = computations()
            .map(|said| (said, well_known(said, &needed)))
            .collect();
        let expected = [
            ("rows on time / all rows", ShareOfYes("b")),
            ("rate of rows on time", Average("m1")),
            (
                "rows with actual date ≤ promised date / all rows",
                ShareNotAfter("d2", "d1"),
            ),
            ("rows without delay / all rows", ShareNotPositive("m1")),
            ("delay, averaged or added up", Average("m1")),
            ("actual date − promised date", Days("d1", "d2")),
            ("duration, averaged", Average("m1")),
            ("end date − start date", Days("d1", "d2")),
            ("margin, added up or over revenue", Sum("m1")),
            ("(revenue − cost) / revenue", Margin("m1", "m2")),
            (
                "amount / number of distinct documents",
                PerDistinct("m1", "k"),
            ),
            ("utilization, averaged", Average("m1")),
            ("used / capacity", Ratio("m1", "m2")),
            ("issued or sold / average stock", PerAverage("m1", "m2")),
            ("deviation, added up", Sum("m1")),
            ("price − reference price", AverageDifference("m1", "m2")),
            ("actual − planned", Difference("m2", "m1")),
            ("delivered quantity / ordered quantity", Ratio("m1", "m2")),
            ("orders / visits", Ratio("m1", "m2")),
            ("departures / all, by date", ShareFilled("d1")),
            ("rows no longer active / all rows", ShareOfNo("b")),
            ("rows without an end date / all rows", ShareEmpty("d1")),
            ("rows still active / all rows", ShareOfYes("b")),
        ];
        let expected = expected.map(|(said, calculation)| (said, Some(calculation)));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_flag_of_the_opposite_is_turned_round() {
        let time = "rows on time / all rows";
        let left = "rows no longer active / all rows";
        for (said, flag, set) in [
            (time, "is_on_time", true),
            (time, "is_delayed", false),
            (time, "is_not_delayed", true),
            (time, "zpozdeni_flag", false),
            (left, "is_active", false),
            (left, "CurrentFlag", false),
            (left, "je_aktivni", false),
            (left, "is_inactive", true),
            (left, "is_not_active", true),
            (left, "is_terminated", true),
            (left, "storno_flag", true),
        ] {
            let columns = [column(flag, ColumnKind::Flag, "BOOLEAN")];
            let needed = |kind| columns.iter().filter(move |column| column.kind == kind);
            let expected = if set {
                Calculation::ShareOfYes(flag)
            } else {
                Calculation::ShareOfNo(flag)
            };
            assert_eq!(well_known(said, &needed), Some(expected), "{said}: {flag}");
        }
    }
}
