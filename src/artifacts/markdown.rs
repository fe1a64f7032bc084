//! Markdown (`CommonMark` with the tables of GitHub) in which names and sentences of a
//! catalog or a request are text, whatever they hold.

use std::fmt::Write;

use crate::text;
use crate::wording::phrases;

/// What people wrote, on one line and of at most `max` characters, with nothing in it that
/// Markdown would take for markup, HTML or a link.
pub(crate) fn text(written: &str, max: usize) -> String {
    let line = one_line(written, max);
    let characters: Vec<char> = line.chars().collect();
    let at = |place: usize| characters.get(place).copied();
    let in_word = |place: Option<char>| place.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let number_ends = line
        .find(|c: char| !c.is_ascii_digit())
        .filter(|end| *end > 0);
    let mut escaped = String::with_capacity(line.len() + 8);
    for (place, c) in characters.iter().copied().enumerate() {
        let before = place.checked_sub(1).and_then(at);
        let after = at(place + 1);
        let is_markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '#' => true,
            '_' => !(in_word(before) && in_word(after)),
            '&' => after.is_some_and(|c| c == '#' || c.is_ascii_alphanumeric()),
            // Addresses would become links.
            ':' => after == Some('/'),
            '.' | ')' if number_ends == Some(place) => true,
            '.' => escaped.to_ascii_lowercase().ends_with("www"),
            '-' | '+' | '=' => place == 0,
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A name as code.
pub(crate) fn code(name: &str) -> String {
    let name = one_line(name, usize::MAX);
    if name.is_empty() {
        "–".to_owned()
    } else {
        phrases::code(&name)
    }
}

/// The first of the names as code, and how many more there are.
pub(crate) fn codes<S: AsRef<str>>(names: &[S], total: usize, most: usize) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(most)
        .map(|name| code(name.as_ref()))
        .collect();
    let more = total.saturating_sub(shown.len());
    let mut said = shown.join(", ");
    if more > 0 {
        // Writing to a string cannot fail.
        let _ = write!(said, " … +{more}");
    }
    said
}

/// A table; what stands in a cell is inline Markdown. Nothing where it has no rows.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut said = line(&head.map(cell));
    said.push_str(&line(&[(); N].map(|()| "---".to_owned())));
    for row in rows {
        said.push_str(&line(&row.each_ref().map(|text| cell(text))));
    }
    said
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A pipe would end the cell, in code as well. An odd number of backslashes before it,
/// which only code can hold, would take its escape away.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut backslashes = 0;
    for c in text.chars() {
        if c == '|' {
            escaped.push_str(if backslashes % 2 == 1 { " \\" } else { "\\" });
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        escaped.push(c);
    }
    escaped
}

/// A fenced block of code that its content cannot close.
pub(crate) fn fenced(language: &str, content: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in content.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if content.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{content}{end}{fence}\n")
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
            ("a *b* _c_ d_e", "a \\*b\\* \\_c\\_ d_e"),
            ("<img onerror=x>\n# y", "\\<img onerror=x\\> \\# y"),
            ("[x](javascript:y) `z`", "\\[x\\](javascript:y) \\`z\\`"),
            ("https://a www.b", "https\\://a www\\.b"),
            ("1. x", "1\\. x"),
            ("- x - y", "\\- x - y"),
            ("R&D &lt; & co", "R\\&D \\&lt; & co"),
            ("a\u{202e}b\u{0}c", "abc"),
        ] {
            assert_eq!(text(written, 100), escaped);
        }
        assert_eq!(text("abcdef", 4), "abcd…");
    }

    #[test]
    fn cells_and_fences_stay_closed() {
        let rows = [["`a|b`".to_owned(), "`a\\|b`".to_owned()]];
        assert_eq!(
            table(["x", "y"], &rows),
            "| x | y |\n| --- | --- |\n| `a\\|b` | `a\\ \\|b` |\n"
        );
        assert_eq!(fenced("mermaid", "x\n```\n"), "````mermaid\nx\n```\n````\n");
    }
}
