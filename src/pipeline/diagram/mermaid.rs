//! A picture as Mermaid ER text that the official parser accepts whatever the names hold.
//!
//! Syntax: <https://mermaid.js.org/syntax/entityRelationshipDiagram.html>; the characters
//! its lexer takes were read in Mermaid 11 (`erDiagram` grammar) and are checked against
//! the official package in CI.

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Attribute, Edge, Entity, Picture};
use crate::pipeline::structure::{Cardinality, Origin};

/// The most characters of a diagram, below Mermaid's default limit (`maxTextSize`, 50,000).
const TEXT_MAX: usize = 45_000;

/// The most characters of a name that are drawn.
const ATTRIBUTE_MAX: usize = 100;
const QUOTED_MAX: usize = 200;

/// The picture as text. What is left out, for want of room too, is said in comments.
pub(super) fn text(picture: &Picture) -> String {
    let names: Vec<Name> = picture
        .entities
        .iter()
        .enumerate()
        .map(|(place, entity)| Name::of(place, entity))
        .collect();
    let mut text = String::from("erDiagram\n");
    let mut max_columns = picture.max_columns;
    let mut edges: Vec<String> = Vec::new();
    let mut edge_bytes = 0;
    let mut drawn = 0;
    for (place, (entity, name)) in picture.entities.iter().zip(&names).enumerate() {
        let mut block = block(entity, name, max_columns);
        // A single table can have columns enough to fill a diagram and more.
        while place == 0 && block.len() > TEXT_MAX {
            max_columns /= 2;
            block = self::block(entity, name, max_columns);
        }
        // An edge comes with the later of its two tables.
        let new_edges: Vec<String> = picture
            .edges
            .iter()
            .filter(|edge| edge.parent.max(edge.child) == place)
            .filter_map(|edge| Some(line(edge, names.get(edge.parent)?, names.get(edge.child)?)))
            .collect();
        let new_bytes: usize = new_edges.iter().map(String::len).sum();
        if place > 0 && text.len() + block.len() + edge_bytes + new_bytes > TEXT_MAX {
            break;
        }
        drawn += 1;
        text.push_str(&block);
        edge_bytes += new_bytes;
        edges.extend(new_edges);
    }
    if picture.entities.is_empty() && picture.left_out == 0 {
        text.push_str("    %% No table is in scope.\n");
    }
    text.extend(edges);
    let left_out = picture.left_out + picture.entities.len() - drawn;
    if left_out > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    %% {left_out} more tables are left out; narrow the request or the scope."
        );
    }
    text
}

/// What stands for a table: its own name where Mermaid can read that, else a made-up id
/// and the name as an alias.
struct Name {
    id: String,
    alias: Option<String>,
}

impl Name {
    fn of(place: usize, entity: &Entity) -> Self {
        if entity.shown_name == entity.name && is_plain(&entity.name) {
            return Self {
                id: entity.name.clone(),
                alias: None,
            };
        }
        Self {
            id: format!("table_{}", place + 1),
            alias: Some(entity.shown_name.clone()),
        }
    }
}

fn block(entity: &Entity, name: &Name, max_columns: usize) -> String {
    let mut text = String::new();
    let described = name
        .alias
        .as_ref()
        .map_or_else(|| name.id.clone(), |alias| quotable(alias));
    let shown = entity.first_columns(max_columns);
    let all = entity.columns.len() + entity.columns_left_out;
    if shown.len() < all {
        let _ = writeln!(
            text,
            "    %% {described}: {} of {all} columns are shown.",
            shown.len(),
        );
    } else if all == 0 {
        let _ = writeln!(text, "    %% {described}: the catalog lists no columns.");
    }
    let alias = name
        .alias
        .as_ref()
        .map(|alias| format!("[\"{}\"]", quotable(alias)))
        .unwrap_or_default();
    if shown.is_empty() {
        let _ = writeln!(text, "    {}{alias}", name.id);
        return text;
    }
    let _ = writeln!(text, "    {}{alias} {{", name.id);
    for column in shown {
        text.push_str(&attribute(column));
    }
    text.push_str("    }\n");
    text
}

fn attribute(column: &Attribute) -> String {
    let marks = match (column.is_primary_key, column.is_foreign_key) {
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
    let comment = if name == column.name {
        String::new()
    } else {
        format!(" \"{}\"", quotable(&column.name))
    };
    format!("        {data_type} {name}{marks}{comment}\n")
}

/// `parent ||--o{ child`: one row of the parent, any number of the child's; dashed
/// where the join is inferred, with a circle where the foreign key may be empty.
fn line(edge: &Edge, parent: &Name, child: &Name) -> String {
    let parent_end = if edge.optional { "|o" } else { "||" };
    let line = if edge.origin == Origin::Declared {
        "--"
    } else {
        ".."
    };
    let child_end = match edge.cardinality {
        Cardinality::ManyToOne => "o{",
        Cardinality::OneToOne => "o|",
    };
    format!(
        "    {} {parent_end}{line}{child_end} {} : \"{}\"\n",
        parent.id,
        child.id,
        quotable(&edge.label())
    )
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
