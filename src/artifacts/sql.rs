//! The queries of a run in SQL, with every name quoted as the dialect has it.

use std::fmt::Write;

use super::query::wording::{self, is_unsafe, plain};
use super::query::{Calculation, Join, Period, Queries, Star, Totals, Unit, is_name};
use crate::pipeline::Outputs;
use crate::wording::Language;

/// The most bytes of a file; what does not fit is counted in a comment.
const TEXT_MAX: usize = 500_000;
/// What a line begins with that is SQL, but only proposed.
const PROPOSED: &str = "--?";

/// How SQL is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// ISO/IEC 9075, as far as engines agree on it.
    Ansi,
    /// Databricks SQL, which is Spark's with Unity Catalog.
    Databricks,
}

/// The queries as a script.
pub(super) fn render(outputs: &Outputs, dialect: Dialect) -> String {
    let queries = Queries::of(outputs);
    let mut script = Script {
        dialect,
        language: queries.language,
        text: String::new(),
    };
    script.comment(wording::header(&queries, PROPOSED));
    if dialect == Dialect::Databricks && !queries.stars.is_empty() {
        script.comment(["USE CATALOG …;".to_owned()]);
    }
    let mut left_out = queries.left_out;
    for (place, star) in queries.stars.iter().enumerate() {
        let lines = wording::star(&queries, place, star);
        left_out += usize::from(!script.block(lines, |script| script.star(star)));
    }
    script.note(wording::left_out(queries.language, left_out));
    let mut totals_left_out = 0;
    for totals in &queries.totals {
        let lines = wording::totals(queries.language, totals);
        totals_left_out += usize::from(!script.block(lines, |script| script.totals(totals)));
    }
    script.note(wording::metrics_left_out(&queries, totals_left_out));
    script.text
}

/// What stands before a column: a comma in front can be commented out with the column.
fn lead(place: usize) -> &'static str {
    if place == 0 { "   " } else { "  ," }
}

struct Script {
    dialect: Dialect,
    language: Language,
    text: String,
}

impl Script {
    fn comment(&mut self, lines: impl IntoIterator<Item = String>) {
        self.indented_comment("", lines);
    }

    /// A comment that stands for itself.
    fn note(&mut self, lines: impl IntoIterator<Item = String>) {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_some() {
            self.text.push('\n');
        }
        self.comment(lines);
    }

    fn indented_comment(&mut self, indent: &str, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            // Writing to a string cannot fail.
            let _ = writeln!(self.text, "{indent}-- {}", plain(&line));
        }
    }

    /// Writes a query below its comment; `false` where there is no room for it.
    fn block(&mut self, lines: Vec<String>, write: impl FnOnce(&mut Self)) -> bool {
        let before = self.text.len();
        self.text.push('\n');
        self.comment(lines);
        write(self);
        let fits = self.text.len() <= TEXT_MAX;
        if !fits {
            self.text.truncate(before);
        }
        fits
    }

    /// One line of SQL, or a proposal for one, which has to stay on its line.
    fn line(&mut self, live: bool, sql: &str) {
        let _ = if live {
            writeln!(self.text, "{sql}")
        } else {
            writeln!(self.text, "{PROPOSED} {}", sql.replace(is_unsafe, " "))
        };
    }

    fn star(&mut self, star: &Star<'_>) {
        self.text.push_str("SELECT\n");
        let own = star.columns.iter().map(|column| (&star.alias, column));
        let mut columns: Vec<(bool, String)> = own
            .map(|(table, column)| (true, self.selected(table, column.name, &column.alias)))
            .collect();
        if columns.is_empty() {
            // Not even by a star is that selected which is left out.
            let all = format!("{}.*", self.quoted(&star.alias));
            let rows = star.guarded.is_empty().then_some(all);
            columns.push((true, rows.unwrap_or_else(|| "1".to_owned())));
        }
        for join in &star.joins {
            columns.extend(join.columns.iter().map(|column| {
                let selected = self.selected(&join.alias, column.name, &column.alias);
                (join.is_live(), selected)
            }));
        }
        for (place, (live, column)) in columns.iter().enumerate() {
            self.line(*live, &format!("{} {column}", lead(place)));
        }
        let fact = &star.fact.head;
        let fact = self.table(&fact.schema, &fact.name, &star.alias);
        self.line(true, &format!("FROM {fact}"));
        for join in &star.joins {
            self.join(join);
        }
        self.text.push_str(";\n");
    }

    fn join(&mut self, join: &Join<'_>) {
        self.indented_comment("  ", wording::join(self.language, join));
        let table = self.table(&join.table.schema, &join.table.name, &join.alias);
        self.line(join.is_live(), &format!("LEFT JOIN {table}"));
        self.condition(join.is_live(), &join.from, &join.alias, &join.on);
    }

    fn condition(&mut self, live: bool, from: &str, to: &str, on: &[(&str, &str)]) {
        for (place, (there, here)) in on.iter().enumerate() {
            let lead = if place == 0 { "    ON" } else { "   AND" };
            let (here, there) = (self.column(to, here), self.column(from, there));
            self.line(live, &format!("{lead} {here} = {there}"));
        }
    }

    fn totals(&mut self, totals: &Totals<'_>) {
        let table = totals.alias.as_str();
        let periods = self.periods(totals);
        self.text.push_str("SELECT\n");
        let count = ("COUNT(*)".to_owned(), totals.count.clone());
        for (place, (expression, alias)) in periods.iter().chain([&count]).enumerate() {
            let alias = self.quoted(alias);
            self.line(true, &format!("{} {expression} AS {alias}", lead(place)));
        }
        for total in &totals.aggregates {
            self.indented_comment("    ", wording::total(self.language, total));
            let expression = self.calculation(table, total.calculation);
            let alias = self.quoted(&total.alias);
            self.line(total.is_live(), &format!("  , {expression} AS {alias}"));
        }
        let from = self.table(&totals.table.schema, &totals.table.name, table);
        self.line(true, &format!("FROM {from}"));
        if let Some((
            _,
            Period::Calendar {
                table: calendar,
                alias,
                on,
                ..
            },
        )) = &totals.period
        {
            let calendar = self.table(&calendar.schema, &calendar.name, alias);
            self.line(true, &format!("LEFT JOIN {calendar}"));
            self.condition(true, table, alias, on);
        }
        let expressions: Vec<&str> = periods.iter().map(|(period, _)| period.as_str()).collect();
        if !expressions.is_empty() {
            let expressions = expressions.join(", ");
            self.line(true, &format!("GROUP BY {expressions}"));
            let order = self.order(totals, &periods).join(", ");
            self.line(true, &format!("ORDER BY {order}"));
        }
        self.text.push_str(";\n");
    }

    /// What figures are grouped by, and what it is called.
    fn periods(&self, totals: &Totals<'_>) -> Vec<(String, String)> {
        match totals.period.as_ref().map(|(_, period)| period) {
            None => Vec::new(),
            Some(Period::Calendar { alias, levels, .. }) => levels
                .iter()
                .map(|level| (self.column(alias, level.name), level.alias.clone()))
                .collect(),
            Some(Period::Date { column, units }) => units
                .iter()
                .map(|(unit, alias)| {
                    let unit = match unit {
                        Unit::Year => "YEAR",
                        Unit::Month => "MONTH",
                    };
                    let date = self.column(&totals.alias, column);
                    (format!("EXTRACT({unit} FROM {date})"), alias.clone())
                })
                .collect(),
        }
    }

    /// What the periods are ordered by. Months by their names would begin with April.
    fn order(&self, totals: &Totals<'_>, periods: &[(String, String)]) -> Vec<String> {
        let Some((
            _,
            Period::Calendar {
                alias,
                levels,
                first_by,
                ..
            },
        )) = &totals.period
        else {
            return periods.iter().map(|(period, _)| period.clone()).collect();
        };
        let ordered = levels.iter().map(|level| {
            if is_name(level.name) {
                format!("MIN({})", self.column(alias, first_by))
            } else {
                self.column(alias, level.name)
            }
        });
        ordered.collect()
    }

    fn calculation(&self, table: &str, calculation: Calculation<'_>) -> String {
        let name = |column| self.column(table, column);
        // What is neither so nor otherwise is not known, and no part of a share.
        let share = |so: String, otherwise: String| {
            format!("AVG(CASE WHEN {so} THEN 1.0 WHEN {otherwise} THEN 0.0 END)")
        };
        // Times 1.0, or whole numbers are divided without a remainder.
        match calculation {
            Calculation::Sum(of) => format!("SUM({})", name(of)),
            Calculation::Average(of) => format!("AVG({})", name(of)),
            Calculation::CountDistinct(of) => format!("COUNT(DISTINCT {})", name(of)),
            Calculation::ShareOfYes(of) => share(
                format!("{} = TRUE", name(of)),
                format!("{} = FALSE", name(of)),
            ),
            Calculation::ShareOfOnes(of) => {
                share(format!("{} = 1", name(of)), format!("{} <> 1", name(of)))
            }
            Calculation::ShareOfNo(of) => share(
                format!("{} = FALSE", name(of)),
                format!("{} = TRUE", name(of)),
            ),
            Calculation::ShareOfZeros(of) => {
                share(format!("{} <> 1", name(of)), format!("{} = 1", name(of)))
            }
            Calculation::ShareFilled(of) => share(
                format!("{} IS NOT NULL", name(of)),
                format!("{} IS NULL", name(of)),
            ),
            Calculation::ShareEmpty(of) => share(
                format!("{} IS NULL", name(of)),
                format!("{} IS NOT NULL", name(of)),
            ),
            Calculation::ShareNotPositive(of) => {
                share(format!("{} <= 0", name(of)), format!("{} > 0", name(of)))
            }
            Calculation::ShareNotAfter(actual, promised) => {
                let (actual, promised) = (name(actual), name(promised));
                share(
                    format!("{actual} <= {promised}"),
                    format!("{actual} > {promised}"),
                )
            }
            Calculation::Days(from, to) => match self.dialect {
                Dialect::Ansi => format!(
                    "AVG(CAST({} AS DATE) - CAST({} AS DATE))",
                    name(to),
                    name(from)
                ),
                Dialect::Databricks => format!("AVG(DATEDIFF({}, {}))", name(to), name(from)),
            },
            Calculation::Ratio(part, whole) => {
                format!(
                    "1.0 * SUM({}) / NULLIF(SUM({}), 0)",
                    name(part),
                    name(whole)
                )
            }
            Calculation::Margin(earned, spent) => {
                let (earned, spent) = (name(earned), name(spent));
                format!("1.0 * (SUM({earned}) - SUM({spent})) / NULLIF(SUM({earned}), 0)")
            }
            Calculation::PerDistinct(amount, of) => format!(
                "1.0 * SUM({}) / NULLIF(COUNT(DISTINCT {}), 0)",
                name(amount),
                name(of)
            ),
            Calculation::PerAverage(part, whole) => {
                format!(
                    "1.0 * SUM({}) / NULLIF(AVG({}), 0)",
                    name(part),
                    name(whole)
                )
            }
            Calculation::Difference(one, other) => {
                format!("SUM({}) - SUM({})", name(one), name(other))
            }
            Calculation::AverageDifference(one, other) => {
                format!("AVG({} - {})", name(one), name(other))
            }
        }
    }

    /// A column as it is selected, renamed where it has to be.
    fn selected(&self, table: &str, name: &str, alias: &str) -> String {
        let column = self.column(table, name);
        if name == alias {
            column
        } else {
            format!("{column} AS {}", self.quoted(alias))
        }
    }

    fn column(&self, table: &str, name: &str) -> String {
        format!("{}.{}", self.quoted(table), self.quoted(name))
    }

    fn table(&self, schema: &str, name: &str, alias: &str) -> String {
        let path = if schema.is_empty() {
            self.quoted(name)
        } else {
            format!("{}.{}", self.quoted(schema), self.quoted(name))
        };
        format!("{path} AS {}", self.quoted(alias))
    }

    /// A delimited identifier. No engine has a name with a null character in it.
    fn quoted(&self, name: &str) -> String {
        let name = name.replace('\0', "");
        match self.dialect {
            Dialect::Ansi => format!("\"{}\"", name.replace('"', "\"\"")),
            Dialect::Databricks => format!("`{}`", name.replace('`', "``")),
        }
    }
}
