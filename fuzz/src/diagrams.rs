//! Diagrams of any names keep to their own syntax.

use mcop_api::pipeline::diagram::{Attribute, ColumnPair, Edge, Entity, Picture};
use mcop_api::pipeline::structure::{Cardinality, Origin, TableType};

/// The most characters that Mermaid draws with its default settings (`maxTextSize`).
const MERMAID_MAX: usize = 50_000;
/// The most tables that are made of an input.
const TABLES_MAX: usize = 12;

/// A diagram says what it is to say whatever the names in it hold. The input is cut at
/// 0xFF, which no text holds: a byte a table, then names.
pub fn diagram_names(input: &[u8]) {
    let mut pieces = input.split(|byte| *byte == 0xff);
    let plan = pieces.next().unwrap_or_default();
    let mut names = pieces.map(|name| String::from_utf8_lossy(name).into_owned());
    let mut name = || names.next().unwrap_or_default();
    let mut picture = Picture {
        entities: Vec::new(),
        edges: Vec::new(),
        left_out: 0,
        max_columns: 5,
    };
    for (place, byte) in plan.iter().take(TABLES_MAX).enumerate() {
        picture.entities.push(entity(*byte, &mut name));
        if byte & 0x80 != 0 {
            picture.edges.push(edge(*byte, place, &mut name));
        }
    }
    let text = picture.mermaid();
    assert_is_mermaid(&text);
    let drawn = text.lines().filter(|line| is_entity(line)).count();
    assert!(drawn == picture.entities.len() || text.contains("more tables are left out"));
    assert_is_svg(&picture.svg());
}

fn entity(byte: u8, name: &mut impl FnMut() -> String) -> Entity {
    let (schema, table) = (name(), name());
    let full_name = format!("{schema}.{table}");
    let columns = (0..usize::from(byte & 3)).map(|place| Attribute {
        place,
        name: name(),
        data_type: (byte & 4 != 0).then(&mut *name),
        is_primary_key: byte & 8 != 0,
        is_foreign_key: byte & 16 != 0,
        rank: 1,
    });
    Entity {
        columns: columns.collect(),
        shown_name: if byte & 32 == 0 {
            table.clone()
        } else {
            full_name.clone()
        },
        full_name,
        schema,
        name: table,
        table_type: if byte & 64 == 0 {
            TableType::Fact
        } else {
            TableType::Dimension
        },
        columns_left_out: usize::from(byte & 3 == 3),
    }
}

fn edge(byte: u8, place: usize, name: &mut impl FnMut() -> String) -> Edge {
    Edge {
        parent: place / 2,
        child: place,
        cardinality: if byte & 1 == 0 {
            Cardinality::ManyToOne
        } else {
            Cardinality::OneToOne
        },
        optional: byte & 2 != 0,
        origin: if byte & 4 == 0 {
            Origin::Declared
        } else {
            Origin::Inferred
        },
        confidence: 0.5,
        columns: vec![ColumnPair {
            child: name(),
            child_place: 0,
            parent: name(),
            parent_place: 0,
        }],
    }
}

/// Every line is one of those that a diagram is made of, and no name reaches beyond its own.
pub(super) fn assert_is_mermaid(text: &str) {
    assert!(text.chars().count() <= MERMAID_MAX);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("erDiagram"));
    let mut is_open = false;
    for line in lines {
        assert!(!line.contains(char::is_control), "{line:?}");
        let known = if is_open {
            is_open = line != "    }";
            !is_open || is_attribute(line)
        } else {
            is_open = is_entity(line) && line.ends_with(" {");
            is_entity(line) || is_comment(line) || is_edge(line)
        };
        assert!(known, "{line:?}");
    }
    assert!(!is_open, "the last table is closed");
}

fn is_comment(line: &str) -> bool {
    line.strip_prefix("    %% ")
        .is_some_and(|rest| !rest.contains(['{', '}', '"']))
}

/// `    id["alias"] {`, of which alias and bracket may be missing.
fn is_entity(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("    ") else {
        return false;
    };
    let rest = rest.strip_suffix(" {").unwrap_or(rest);
    match rest
        .strip_suffix("\"]")
        .and_then(|rest| rest.split_once("[\""))
    {
        Some((id, alias)) => is_word(id) && is_quotable(alias),
        None => is_word(rest),
    }
}

/// `        type name PK, FK "comment"`, of which all after the name may be missing.
fn is_attribute(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("        ") else {
        return false;
    };
    let (words, comment) = match rest
        .strip_suffix('"')
        .and_then(|rest| rest.split_once(" \""))
    {
        Some((words, comment)) => (words, Some(comment)),
        None => (rest, None),
    };
    let words: Vec<&str> = words.split(' ').collect();
    let (named, marks) = words.split_at(words.len().min(2));
    named.len() == 2
        && named
            .iter()
            .all(|word| is_word(&word.replace(['(', ')'], "_")))
        && [vec![], vec!["PK"], vec!["FK"], vec!["PK,", "FK"]].contains(&marks.to_vec())
        && comment.is_none_or(is_quotable)
}

/// `    parent ||--o{ child : "label"`.
fn is_edge(line: &str) -> bool {
    let quoted = line
        .strip_prefix("    ")
        .and_then(|rest| rest.strip_suffix('"'));
    let Some((joined, label)) = quoted.and_then(|rest| rest.split_once(" : \"")) else {
        return false;
    };
    match *joined.split(' ').collect::<Vec<_>>() {
        [parent, ends, child] => {
            let ends = ends.strip_prefix("||").or(ends.strip_prefix("|o"));
            let ends = ends.and_then(|ends| ends.strip_prefix("--").or(ends.strip_prefix("..")));
            is_word(parent)
                && is_word(child)
                && ["o{", "o|"].contains(&ends.unwrap_or_default())
                && is_quotable(label)
        }
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Nothing in it ends the quotation, begins markup or is a code that is not closed.
fn is_quotable(text: &str) -> bool {
    let mut pieces = text.split('#');
    let is_plain = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || " -.,()/_".contains(c))
    };
    !text.is_empty()
        && pieces.next().is_some_and(is_plain)
        && pieces.all(|piece| {
            piece.split_once(';').is_some_and(|(code, rest)| {
                code.parse()
                    .is_ok_and(|code| char::from_u32(code).is_some())
                    && is_plain(rest)
            })
        })
}

/// Every tag is closed in order, and nothing in a name or an attribute begins one.
pub(super) fn assert_is_svg(document: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut pieces = document.split('<');
    assert_eq!(pieces.next().map(str::trim), Some(""));
    for piece in pieces {
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text:?}"
        );
        assert!(
            text.is_empty() || !open.is_empty() || tag.starts_with('/') || text.trim().is_empty()
        );
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
            assert!(SVG_TAGS.contains(&name), "{tag:?}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag:?}");
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// None of them runs or loads anything.
const SVG_TAGS: [&str; 7] = ["svg", "g", "rect", "path", "text", "title", "desc"];
