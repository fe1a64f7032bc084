//! The Mermaid ER diagram of a run, in text that the official parser accepts whatever the
//! names hold.
//!
//! Syntax: <https://mermaid.js.org/syntax/entityRelationshipDiagram.html>; the characters
//! its lexer takes were read in Mermaid 11 (`erDiagram` grammar) and are checked against
//! the official package in CI.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::structure::{Analysis, Cardinality, Class, Classified, ColumnRole, Join, Origin};
use crate::catalog::{Catalog, Column, TableId};

/// The most tables that are drawn; more than this nobody can read.
const TABLES_MAX: usize = 60;
/// The most lines between them, Mermaid's own default limit (`maxEdges`).
const EDGES_MAX: usize = 500;
/// The most characters of a diagram, below Mermaid's default limit (`maxTextSize`, 50,000).
const TEXT_MAX: usize = 45_000;

/// The most characters of a name that are drawn.
const ATTRIBUTE_MAX: usize = 100;
const QUOTED_MAX: usize = 200;

/// Draws the tables that the request asks for, then those they point at; where it asks
/// for none, the facts of the scope and what they point at. At most `max_columns` columns
/// a table, keys first. What is left out is said in comments.
#[must_use]
pub fn draw(
    catalog: &Catalog,
    analysis: &Analysis,
    requested: &[TableId],
    max_columns: usize,
) -> String {
    let wanted = tables_to_draw(analysis, requested);
    draw_only(catalog, analysis, &wanted, max_columns)
}

/// Draws these tables and no others, with the joins between them. What is left out for
/// want of room is said in comments.
#[must_use]
pub fn draw_only(
    catalog: &Catalog,
    analysis: &Analysis,
    wanted: &[TableId],
    max_columns: usize,
) -> String {
    let mut drawing = Drawing {
        catalog,
        analysis,
        names: HashMap::new(),
        max_columns,
    };
    drawing.name(wanted);

    let mut text = String::from("erDiagram\n");
    let mut drawn: HashSet<TableId> = HashSet::new();
    let mut edges = Vec::new();
    let mut edge_bytes = 0;
    for id in wanted.iter().take(TABLES_MAX) {
        let mut block = drawing.entity(*id);
        // A single table can have columns enough to fill a diagram and more.
        while drawn.is_empty() && block.len() > TEXT_MAX {
            drawing.max_columns /= 2;
            block = drawing.entity(*id);
        }
        drawn.insert(*id);
        let new_edges = drawing.edges(*id, &drawn);
        let new_bytes: usize = new_edges.iter().map(String::len).sum();
        let full = text.len() + block.len() + edge_bytes + new_bytes > TEXT_MAX
            || edges.len() + new_edges.len() > EDGES_MAX;
        if full && drawn.len() > 1 {
            drawn.remove(id);
            break;
        }
        text.push_str(&block);
        edge_bytes += new_bytes;
        edges.extend(new_edges);
    }
    if wanted.is_empty() {
        text.push_str("    %% No table is in scope.\n");
    }
    for edge in edges {
        text.push_str(&edge);
    }
    let left_out = wanted.len() - drawn.len();
    if left_out > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    %% {left_out} more tables are left out; narrow the request or the scope."
        );
    }
    text
}

/// Requested tables first, then the tables they point at; bridges between them too.
fn tables_to_draw(analysis: &Analysis, requested: &[TableId]) -> Vec<TableId> {
    let class = |id: TableId| {
        analysis
            .of(id)
            .map_or(Class::Unclassified, |found| found.class)
    };
    let mut tables: Vec<TableId> = if requested.is_empty() {
        let facts = analysis
            .scope
            .iter()
            .copied()
            .filter(|id| class(*id) == Class::Fact);
        facts.collect()
    } else {
        requested.to_vec()
    };
    let mut seen: HashSet<TableId> = tables.iter().copied().collect();
    let first: HashSet<TableId> = seen.clone();
    let parents: Vec<TableId> = tables
        .iter()
        .flat_map(|id| analysis.joins_from(*id))
        .map(|join| join.to)
        .filter(|id| seen.insert(*id))
        .collect();
    let mut bridges: Vec<TableId> = tables
        .iter()
        .flat_map(|id| analysis.joins_to(*id))
        .map(|join| join.from)
        .filter(|id| class(*id) == Class::Bridge)
        .filter(|id| {
            analysis
                .joins_from(*id)
                .filter(|join| first.contains(&join.to))
                .count()
                > 1
        })
        .collect();
    bridges.retain(|id| seen.insert(*id));
    tables.extend(parents);
    tables.extend(bridges);
    if requested.is_empty() {
        tables.extend(analysis.scope.iter().copied().filter(|id| seen.insert(*id)));
    }
    tables
}

struct Drawing<'a> {
    catalog: &'a Catalog,
    analysis: &'a Analysis,
    /// What stands for a table: its own name where Mermaid can read that, else a made-up
    /// id and the name as an alias.
    names: HashMap<TableId, (String, Option<String>)>,
    max_columns: usize,
}

impl Drawing<'_> {
    fn name(&mut self, tables: &[TableId]) {
        let mut uses: HashMap<String, usize> = HashMap::new();
        for id in tables {
            *uses
                .entry(self.catalog.table(*id).name.to_lowercase())
                .or_default() += 1;
        }
        for (place, id) in tables.iter().enumerate() {
            let name = &self.catalog.table(*id).name;
            let ambiguous = uses.get(&name.to_lowercase()).is_some_and(|uses| *uses > 1);
            let named = if ambiguous {
                (
                    format!("table_{}", place + 1),
                    Some(self.catalog.full_name(*id)),
                )
            } else if is_plain(name) {
                (name.to_string(), None)
            } else {
                (format!("table_{}", place + 1), Some(name.to_string()))
            };
            self.names.insert(*id, named);
        }
    }

    fn id(&self, table: TableId) -> &str {
        self.names.get(&table).map_or("", |(id, _)| id)
    }

    fn entity(&self, id: TableId) -> String {
        let table = self.catalog.table(id);
        let Some(found) = self.analysis.of(id) else {
            return String::new();
        };
        let mut text = String::new();
        let shown = self.columns_to_show(id, found);
        let (name, alias) = self.names.get(&id).cloned().unwrap_or_default();
        let described = alias
            .as_ref()
            .map_or_else(|| name.clone(), |alias| quotable(alias));
        if shown.len() < table.columns.len() {
            let _ = writeln!(
                text,
                "    %% {described}: {} of {} columns are shown.",
                shown.len(),
                table.columns.len()
            );
        } else if table.columns.is_empty() {
            let _ = writeln!(text, "    %% {described}: the catalog lists no columns.");
        }
        let alias = alias
            .map(|alias| format!("[\"{}\"]", quotable(&alias)))
            .unwrap_or_default();
        if shown.is_empty() {
            let _ = writeln!(text, "    {name}{alias}");
            return text;
        }
        let _ = writeln!(text, "    {name}{alias} {{");
        for place in shown {
            if let Some(column) = table.columns.get(place) {
                text.push_str(&self.attribute(id, found, place, column));
            }
        }
        text.push_str("    }\n");
        text
    }

    /// Keys first, then what the business reads, then the rest; in the table's own order.
    fn columns_to_show(&self, id: TableId, found: &Classified) -> Vec<usize> {
        let joined: HashSet<usize> = self
            .analysis
            .joins_from(id)
            .map(|join| join.from_column)
            .collect();
        let rank = |place: &usize| match found.roles.get(*place) {
            Some(ColumnRole::Key) => 0,
            _ if found.business_key.contains(place) => 1,
            _ if joined.contains(place) => 2,
            Some(ColumnRole::Measure) => 3,
            Some(ColumnRole::Date) => 4,
            Some(ColumnRole::Technical) => 6,
            _ => 5,
        };
        let mut places: Vec<usize> = (0..found.roles.len()).collect();
        places.sort_by_key(|place| (rank(place), *place));
        places.truncate(self.max_columns);
        places.sort_unstable();
        places
    }

    fn attribute(&self, id: TableId, found: &Classified, place: usize, column: &Column) -> String {
        let is_primary = found.roles.get(place) == Some(&ColumnRole::Key);
        let is_foreign = self
            .analysis
            .joins_from(id)
            .any(|join| join.from_column == place);
        let marks = match (is_primary, is_foreign) {
            (true, true) => " PK, FK",
            (true, false) => " PK",
            (false, true) => " FK",
            (false, false) => "",
        };
        let name = attribute_word(&column.name);
        let data_type = column
            .data_type
            .as_deref()
            .map_or_else(|| "unknown".to_owned(), attribute_word);
        // Where a name had to be changed, the real one stands beside it.
        let comment = if name == *column.name {
            String::new()
        } else {
            format!(" \"{}\"", quotable(&column.name))
        };
        format!("        {data_type} {name}{marks}{comment}\n")
    }

    /// The joins of a table with those that are drawn already, and with itself.
    fn edges(&self, id: TableId, drawn: &HashSet<TableId>) -> Vec<String> {
        let outgoing = self
            .analysis
            .joins_from(id)
            .filter(|join| drawn.contains(&join.to));
        let incoming = self
            .analysis
            .joins_to(id)
            .filter(|join| drawn.contains(&join.from) && join.from != id);
        // The columns of one composite key make one line.
        let mut keys: Vec<(&Join, Vec<&str>)> = Vec::new();
        for join in outgoing.chain(incoming) {
            let Some(column) = self.catalog.table(join.from).columns.get(join.from_column) else {
                continue;
            };
            match keys
                .iter_mut()
                .find(|(first, _)| join.group.is_some() && first.group == join.group)
            {
                Some((_, columns)) => columns.push(&column.name),
                None => keys.push((join, vec![&column.name])),
            }
        }
        keys.into_iter()
            .map(|(join, columns)| self.edge(join, &columns.join(", ")))
            .collect()
    }

    /// `parent ||--o{ child`: one row of the parent, any number of the child's; dashed
    /// where the join is inferred, with a circle where the foreign key may be empty.
    fn edge(&self, join: &Join, label: &str) -> String {
        let column = self.catalog.table(join.from).columns.get(join.from_column);
        let optional = column.is_some_and(|column| column.nullable == Some(true));
        let parent_end = if optional { "|o" } else { "||" };
        let line = if join.origin == Origin::Declared {
            "--"
        } else {
            ".."
        };
        let child_end = match join.cardinality {
            Cardinality::ManyToOne => "o{",
            Cardinality::OneToOne => "o|",
        };
        let (parent, child) = (self.id(join.to), self.id(join.from));
        format!(
            "    {parent} {parent_end}{line}{child_end} {child} : \"{}\"\n",
            quotable(label)
        )
    }
}

/// Words the lexer takes for something else than a name.
const RESERVED: &[&str] = &[
    "accdescr",
    "acctitle",
    "class",
    "classdef",
    "direction",
    "end",
    "erdiagram",
    "many",
    "one",
    "only",
    "optionally",
    "style",
    "subgraph",
    "title",
    "to",
    "zero",
];

/// Whether a name can stand for an entity as it is.
fn is_plain(name: &str) -> bool {
    name.len() >= 2
        && name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&name.to_ascii_lowercase().as_str())
        // Taken for ids that are made up here.
        && !name.to_ascii_lowercase().starts_with("table_")
}

/// A type or column name in the characters that every Mermaid 10 and 11 takes in an
/// attribute: ASCII letters without their accents, digits, `_`, `(` and `)`.
fn attribute_word(text: &str) -> String {
    let mut word: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .take(ATTRIBUTE_MAX)
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '(' | ')') {
                c
            } else {
                '_'
            }
        })
        .collect();
    // A digit cannot come first, nor a bracket, and `PK` alone is a mark.
    let starts_well = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_mark = word.split(['(', ')']).next().is_some_and(|start| {
        ["pk", "fk", "uk"]
            .iter()
            .any(|mark| start.eq_ignore_ascii_case(mark))
    });
    if !starts_well || is_mark {
        word.insert(0, '_');
    }
    word
}

/// A text between double quotes: what could end it, start a directive or be taken for
/// markup becomes an entity code (`#35;`), which Mermaid shows as the character.
fn quotable(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    let mut word = String::new();
    let characters: Vec<char> = text.chars().take(QUOTED_MAX).collect();
    for (place, c) in characters.iter().copied().enumerate() {
        let inside_word =
            |other: Option<&char>| other.is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let neighbours = [
            place
                .checked_sub(1)
                .and_then(|before| characters.get(before)),
            characters.get(place + 1),
        ];
        // A line with this word and a compass point is a statement wherever they stand in it.
        word = if c.is_alphabetic() {
            word + &c.to_lowercase().to_string()
        } else {
            String::new()
        };
        match c {
            'n' | 'N' if word.ends_with("direction") => push_code(&mut quoted, c),
            _ if c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | ',' | '(' | ')' | '/') => {
                quoted.push(c);
            }
            // At the edge of a word it would turn the text italic.
            '_' if neighbours.into_iter().all(inside_word) => quoted.push(c),
            _ if c.is_whitespace() || c.is_control() => quoted.push(' '),
            _ => push_code(&mut quoted, c),
        }
    }
    if quoted.trim().is_empty() {
        "(no name)".to_owned()
    } else {
        quoted
    }
}

/// Writes a character as the code that Mermaid shows as the character.
fn push_code(quoted: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(quoted, "#{};", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_letters_and_lose_what_the_parser_would_take_for_syntax() {
        assert_eq!(quotable("Číslo objednávky"), "Číslo objednávky");
        assert_eq!(
            quotable("a \"b\" %%{init} <img>"),
            "a #34;b#34; #37;#37;#123;init#125; #60;img#62;"
        );
        assert_eq!(
            quotable("direction x DIRECTION TB"),
            "directio#110; x DIRECTIO#78; TB"
        );
        assert_eq!(quotable("_a_ b_c"), "#95;a#95; b_c");
        assert_eq!(quotable("\n"), "(no name)");
        assert_eq!(attribute_word("order-date"), "order_date");
        assert_eq!(attribute_word("PK"), "_PK");
        assert_eq!(attribute_word("pk_order"), "pk_order");
        assert_eq!(attribute_word("1st"), "_1st");
        assert_eq!(attribute_word("DECIMAL(18,2)"), "DECIMAL(18_2)");
        assert_eq!(attribute_word("číslo"), "cislo");
        assert_eq!(attribute_word("номер"), "_____");
        assert_eq!(attribute_word("FK(x)"), "_FK(x)");
    }

    #[test]
    fn reserved_words_do_not_stand_for_entities() {
        for name in [
            "end",
            "Class",
            "one",
            "u",
            "to",
            "order details",
            "1st",
            "table_1",
            "",
        ] {
            assert!(!is_plain(name), "{name}");
        }
        assert!(is_plain("factv_purchase_order") && is_plain("ends") && is_plain("Orders"));
    }
}
