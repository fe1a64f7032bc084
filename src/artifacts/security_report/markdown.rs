//! Markdown in which the words of a catalog are text, whatever they hold.

use std::fmt::{Arguments, Write};

use crate::text;

/// The longest name, in characters.
const NAME_MAX: usize = 120;

/// Writes on.
pub(super) fn add(said: &mut String, more: Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = said.write_fmt(more);
}

/// What people wrote, on one line, with nothing in it that Markdown takes for markup, HTML,
/// the end of a table's cell or a link.
pub(super) fn text(written: &str, max: usize) -> String {
    let line = one_line(written, max);
    let mut escaped = String::with_capacity(line.len() + 8);
    let mut before = ' ';
    for c in line.chars() {
        let is_address = matches!((before, c), (':', '/') | ('w', '.'));
        if is_address
            || matches!(
                c,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '#' | '|' | '&' | '!' | '@'
            )
        {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// A name as code, also in a cell.
pub(super) fn code(name: &str) -> String {
    let name = one_line(name, NAME_MAX).replace('`', "'");
    // GitHub splits cells before it reads code, so a pipe needs its backslash there, too; a
    // backslash of the name would take it away.
    let name = name.replace('\\', "/").replace('|', "\\|");
    if name.is_empty() {
        "–".to_owned()
    } else {
        format!("`{name}`")
    }
}

/// A table; its cells are Markdown already. Nothing where it has no rows.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut said = line(&head.map(str::to_owned));
    said.push_str(&line(&[(); N].map(|()| "---".to_owned())));
    for row in rows {
        said.push_str(&line(row));
    }
    said.push('\n');
    said
}

/// An identifier of SQL, quoted where its form asks for it; on one line and unable to close
/// a fence.
pub(super) fn identifier(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain {
        name.to_owned()
    } else {
        let name = one_line(name, NAME_MAX)
            .replace('`', "'")
            .replace('"', "\"\"");
        format!("\"{name}\"")
    }
}

/// White space is one space each; control characters, and those that turn the direction of
/// writing around, are dropped.
fn one_line(written: &str, max: usize) -> String {
    let turns =
        |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let printable: String = written
        .chars()
        .filter(|c| c.is_whitespace() || !(c.is_control() || turns(*c)))
        .collect();
    let words: Vec<&str> = printable.split_whitespace().collect();
    text::shorten(&words.join(" "), max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_no_markup() {
        for (written, escaped) in [
            ("<img onerror=x>\n| y", "\\<img onerror=x\\> \\| y"),
            ("[x](javascript:y) `z`", "\\[x\\](javascript:y) \\`z\\`"),
            ("https://a www.b", "https:\\//a www\\.b"),
            ("a\u{202e}b\u{0}c", "abc"),
        ] {
            assert_eq!(text(written, 100), escaped);
        }
        assert_eq!(code("a`|b\\\n"), "`a'\\|b/`");
        assert_eq!(identifier("Order Details"), "\"Order Details\"");
        assert_eq!(identifier("x\"`\n```y"), "\"x\"\"' '''y\"");
    }
}
