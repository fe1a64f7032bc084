//! The queries of a run in Power Query M, as one expression for the advanced editor.

use std::collections::HashSet;
use std::fmt::Write;

use super::query::wording::{self, is_unsafe, plain};
use super::query::{Column, Join, Queries, Star};
use crate::pipeline::Outputs;
use crate::pipeline::structure::ItemHead;
use crate::wording::Language;

/// The most bytes of a file; what does not fit is counted in a comment.
const TEXT_MAX: usize = 500_000;
/// What a line begins with that is M, but only proposed.
const PROPOSED: &str = "//?";
const INDENT: &str = "            ";

/// The queries as a `let` expression: the tables, then each fact with its dimensions.
pub(super) fn render(outputs: &Outputs) -> String {
    let queries = Queries::of(outputs);
    let mut document = Document {
        language: queries.language,
        text: String::new(),
    };
    document.comment("", wording::header_of_tables(&queries, PROPOSED));
    if queries.stars.is_empty() {
        document.text.push_str("#table({}, {})\n");
        return document.text;
    }
    document.comment("", wording::connection(queries.language));
    document.text.push_str(
        "let\n    Server = \"server\",\n    Database = \"database\",\n    \
         Source = Sql.Database(Server, Database)",
    );
    document.stars(&queries);
    document.text
}

struct Document {
    language: Language,
    text: String,
}

impl Document {
    fn stars(&mut self, queries: &Queries<'_>) {
        let mut left_out = queries.left_out;
        let mut given = HashSet::new();
        let mut navigated = HashSet::new();
        let mut results = Vec::new();
        for (place, star) in queries.stars.iter().enumerate() {
            let before = self.text.len();
            let tables: Vec<&ItemHead> = std::iter::once(&star.fact.head)
                .chain(star.joins.iter().map(|join| join.table))
                .filter(|table| !navigated.contains(table.full_name.as_str()))
                .collect();
            let new = self.navigate(&tables);
            self.text.push_str(",\n\n");
            self.comment("    ", wording::star(queries, place, star));
            let name = free(&star.alias, &given);
            self.star(star, &name);
            if self.text.len() > TEXT_MAX {
                self.text.truncate(before);
                left_out += 1;
                continue;
            }
            navigated.extend(new);
            given.insert(name.clone());
            results.push(name);
        }
        self.text.push('\n');
        self.comment("", wording::left_out(self.language, left_out));
        self.text.push_str("in\n");
        match &results[..] {
            [] => self.text.push_str("    Source\n"),
            [only] => {
                let _ = writeln!(self.text, "    {}", identifier(only));
            }
            several => {
                self.comment("    ", [wording::several(self.language)]);
                let fields: Vec<String> = several
                    .iter()
                    .map(|name| format!("        {0} = {0}", identifier(name)))
                    .collect();
                let _ = writeln!(self.text, "    [\n{}\n    ]", fields.join(",\n"));
            }
        }
    }

    /// Steps that fetch tables, each once.
    fn navigate<'a>(&mut self, tables: &[&'a ItemHead]) -> HashSet<&'a str> {
        let mut new = HashSet::new();
        for table in tables {
            if new.insert(table.full_name.as_str()) {
                let _ = write!(
                    self.text,
                    ",\n    {} = Source{{[Schema = {}, Item = {}]}}[Data]",
                    step(table),
                    literal(&table.schema),
                    literal(&table.name)
                );
            }
        }
        new
    }

    fn star(&mut self, star: &Star<'_>, name: &str) {
        let columns = of_fact(star);
        let _ = writeln!(self.text, "    {} =\n        let", identifier(name));
        let fact = step(&star.fact.head);
        let selected = if columns.is_empty() && star.guarded.is_empty() {
            fact
        } else {
            format!("Table.SelectColumns({fact}, {})", list(&columns))
        };
        let _ = writeln!(self.text, "{INDENT}Fact = {selected},");
        let mut last = "Fact".to_owned();
        for join in star.joins.iter().filter(|join| join.is_live()) {
            last = self.join(star, join, &last, &columns);
        }
        for join in star.joins.iter().filter(|join| !join.is_live()) {
            // Behind a bridge there is what the bridge has joined.
            let proposed = star
                .joins
                .iter()
                .any(|one| !one.is_live() && one.alias == join.from);
            let before = if proposed {
                expanded(&join.from)
            } else {
                last.clone()
            };
            self.join(star, join, &before, &columns);
        }
        self.result(star, &last, &columns);
        let _ = write!(self.text, "        in\n{INDENT}Result");
    }

    /// Joins and expands a table; answers what the step is called.
    fn join(&mut self, star: &Star<'_>, join: &Join<'_>, before: &str, columns: &[&str]) -> String {
        self.comment(INDENT, wording::join(self.language, join));
        let from = star.joins.iter().find(|one| one.alias == join.from);
        let there: Vec<&str> = join
            .on
            .iter()
            .map(|(there, _)| match from {
                None => *there,
                Some(from) => called(from, there),
            })
            .collect();
        let here: Vec<&str> = join.on.iter().map(|(_, here)| *here).collect();
        let nested = nested(&join.alias, columns);
        let merged = identifier(&format!("Merged {}", join.alias));
        let last = expanded(&join.alias);
        let expand: Vec<&Column<'_>> = join.columns.iter().chain(&join.passed_on).collect();
        let names: Vec<&str> = expand.iter().map(|column| column.name).collect();
        let aliases: Vec<&str> = expand.iter().map(|column| column.alias.as_str()).collect();
        self.line(
            join.is_live(),
            &format!(
                "{merged} = Table.NestedJoin({before}, {}, {}, {}, {}, JoinKind.LeftOuter),",
                list(&there),
                step(join.table),
                list(&here),
                literal(&nested)
            ),
        );
        self.line(
            join.is_live(),
            &format!(
                "{last} = Table.ExpandTableColumn({merged}, {}, {}, {}),",
                literal(&nested),
                list(&names),
                list(&aliases)
            ),
        );
        last
    }

    /// Takes out what was only needed to join, and renames what has to be.
    fn result(&mut self, star: &Star<'_>, last: &str, columns: &[&str]) {
        let kept: HashSet<&str> = star.columns.iter().map(|column| column.name).collect();
        let keys = columns
            .iter()
            .copied()
            .filter(|column| !kept.contains(column));
        let passed_on = star.joins.iter().flat_map(|join| &join.passed_on);
        let passed_on = passed_on.map(|column| column.alias.as_str());
        let unneeded: Vec<&str> = keys.chain(passed_on).collect();
        let renamed: Vec<String> = star
            .columns
            .iter()
            .filter(|column| column.name != column.alias)
            .map(|column| list(&[column.name, &column.alias]))
            .collect();
        let mut result = last.to_owned();
        if !unneeded.is_empty() && !star.columns.is_empty() {
            result = format!(
                "Table.RemoveColumns({result}, {}, MissingField.Ignore)",
                list(&unneeded)
            );
        }
        if !renamed.is_empty() {
            result = format!("Table.RenameColumns({result}, {{{}}})", renamed.join(", "));
        }
        let _ = writeln!(self.text, "{INDENT}Result = {result}");
    }

    fn comment(&mut self, indent: &str, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            // Writing to a string cannot fail.
            let _ = writeln!(self.text, "{indent}// {}", plain(&line));
        }
    }

    fn line(&mut self, live: bool, expression: &str) {
        let _ = if live {
            writeln!(self.text, "{INDENT}{expression}")
        } else {
            // Literals hold no line ends, but characters that turn a line around.
            writeln!(
                self.text,
                "{PROPOSED}{INDENT}{}",
                expression.replace(is_unsafe, " ")
            )
        };
    }
}

/// The columns taken from a fact: those that are shown, and those that joins start from.
fn of_fact<'a>(star: &Star<'a>) -> Vec<&'a str> {
    let shown = star.columns.iter().map(|column| column.name);
    let joins = star.joins.iter().filter(|join| join.from == star.alias);
    let keys = joins.flat_map(|join| join.on.iter().map(|(there, _)| *there));
    let mut seen = HashSet::new();
    let columns: Vec<&str> = shown
        .chain(keys)
        .filter(|column| seen.insert(*column))
        .collect();
    if star.columns.is_empty() && star.guarded.is_empty() {
        Vec::new()
    } else {
        columns
    }
}

/// What a column of a joined table is called in the result so far.
fn called<'j>(join: &'j Join<'_>, column: &'j str) -> &'j str {
    let mut known = join.columns.iter().chain(&join.passed_on);
    let known = known.find(|known| known.name == column);
    known.map_or(column, |known| known.alias.as_str())
}

/// The step that fetches a table.
fn step(table: &ItemHead) -> String {
    identifier(&format!("{}.{}", table.schema, table.name))
}

/// The step that has joined a table.
fn expanded(alias: &str) -> String {
    identifier(&format!("Expanded {alias}"))
}

/// The column that holds the rows that are joined, until it is expanded: called like none of
/// the fact's.
fn nested(alias: &str, columns: &[&str]) -> String {
    let mut name = format!("{alias} rows");
    while columns.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

fn free(name: &str, given: &HashSet<String>) -> String {
    let mut numbered = name.to_owned();
    let mut number = 2;
    while given.contains(&numbered) {
        numbered = format!("{name}_{number}");
        number += 1;
    }
    numbered
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    format!("{{{}}}", names.join(", "))
}

fn identifier(name: &str) -> String {
    format!("#{}", literal(name))
}

/// A text literal. A quote is doubled; `#(` would begin an escape; what ends or turns a line
/// is written as one.
fn literal(text: &str) -> String {
    let mut written = String::from('"');
    for c in text.chars() {
        match c {
            '"' => written.push_str("\"\""),
            '\n' => written.push_str("#(lf)"),
            '\r' => written.push_str("#(cr)"),
            '\t' => written.push_str("#(tab)"),
            '(' if written.ends_with('#') => {
                written.pop();
                written.push_str("#(#)(");
            }
            c if is_unsafe(c) => {
                let _ = write!(written, "#({:04X})", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_literals_escape_what_ends_them_or_begins_an_escape() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\nb\r\tc", "\"a#(lf)b#(cr)#(tab)c\""),
            ("#(lf)", "\"#(#)(lf)\""),
            ("##(", "\"##(#)(\""),
            ("a\u{202E}\u{0}", "\"a#(202E)#(0000)\""),
        ] {
            assert_eq!(literal(text), expected);
        }
    }
}
