//! From whatever was posted to Markdown that the parser reads in linear time.

use std::ops::ControlFlow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::dates;
use super::warnings::Warnings;

/// The service refuses longer bodies before; this bounds the reader by itself.
const MAX_DOCUMENT: usize = 4 * 1024 * 1024;
/// Quotes and lists within one another. Every line costs the parser a step for each level that is open.
const MAX_NESTING: usize = 32;
/// Columns of indentation, which nests lists as well.
const MAX_INDENT: usize = 128;

/// What word processors put before the items of a list.
const BULLETS: &str = "•·▪▫◦‣●○■□►➤–—\u{f0b7}\u{f0a7}";

/// Text without control characters, with `\n` line ends, and with what pasting made of lists turned back into lists.
pub(super) fn clean(document: &str, warnings: &mut Warnings) -> String {
    let mut end = document.len().min(MAX_DOCUMENT);
    while !document.is_char_boundary(end) {
        end -= 1;
    }
    if end < document.len() {
        warnings.add("The document was read up to its first 4 MiB.");
    }
    let text = printable(document.get(..end).unwrap_or_default(), warnings);
    let mut cleaned = String::with_capacity(text.len() + text.len() / 8);
    let mut flattened = false;
    for line in text.split('\n') {
        flattened |= tidy(line, &mut cleaned);
        cleaned.push('\n');
    }
    if flattened {
        warnings.add("Lists or quotes nested deeper than 32 levels were flattened.");
    }
    cleaned
}

/// Composed accents, plain spaces, one kind of line end, nothing invisible.
fn printable(document: &str, warnings: &mut Warnings) -> String {
    let mut text = String::with_capacity(document.len());
    let mut controls = false;
    let mut chars = document.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            // A vertical tab is the soft line break of word processors.
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => text.push('\n'),
            '\n' | '\t' => text.push(c),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => text.push(' '),
            // Byte order mark, soft hyphen, zero widths and the marks that turn the direction of text.
            '\u{feff}'
            | '\u{ad}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2060}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {}
            _ if c.is_control() => controls = true,
            _ => text.push(c),
        }
    }
    if controls {
        warnings.add("Control characters were dropped from the document.");
    }
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

/// Writes one line out, and says whether its nesting had to be cut.
fn tidy(line: &str, out: &mut String) -> bool {
    let mut prefix = Prefix {
        rest: line,
        columns: 0,
        markers: 0,
        flattened: false,
    };
    while prefix.step(out).is_continue() {}
    let Prefix {
        rest,
        columns,
        markers,
        flattened,
    } = prefix;
    if markers == 0 && columns < 4 {
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let (hashes, title) = rest.split_at(hashes);
        if (1..=6).contains(&hashes.len()) && title.starts_with(char::is_alphabetic) {
            // `##Cíl` is a heading to whoever wrote it.
            out.push_str(hashes);
            out.push(' ');
            out.push_str(title);
            return flattened;
        }
    }
    out.push_str(rest);
    flattened
}

/// The quote marks, bullets, numbers and blanks at the head of a line.
struct Prefix<'a> {
    rest: &'a str,
    columns: usize,
    markers: usize,
    flattened: bool,
}

impl Prefix<'_> {
    fn step(&mut self, out: &mut String) -> ControlFlow<()> {
        let Some(c) = self.rest.chars().next() else {
            return ControlFlow::Break(());
        };
        let after = self.rest.get(c.len_utf8()..).unwrap_or_default();
        let apart = after.is_empty() || after.starts_with([' ', '\t']);
        match c {
            ' ' | '\t' => {
                self.columns += if c == '\t' { 4 } else { 1 };
                if self.columns <= MAX_INDENT {
                    out.push(c);
                }
                self.rest = after;
            }
            '>' => self.marker(">", after, out),
            '-' | '*' | '+' if apart => self.marker(c.encode_utf8(&mut [0; 4]), after, out),
            '•' => self.marker("- ", after, out),
            _ if apart && BULLETS.contains(c) => self.marker("-", after, out),
            _ if c.is_ascii_digit() => {
                let number = self.rest.len()
                    - self
                        .rest
                        .trim_start_matches(|c: char| c.is_ascii_digit())
                        .len();
                let (digits, tail) = self.rest.split_at(number);
                let apart = tail
                    .get(1..)
                    .is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']));
                if number > 9 || !apart || !tail.starts_with(['.', ')']) {
                    return ControlFlow::Break(());
                }
                if self.markers <= 1 && tail.starts_with('.') && dates::starts_with_date(self.rest)
                {
                    // "28. 10. 2025" is a date, and to Markdown the 28th item of a list.
                    out.push_str(digits);
                    out.push('\\');
                    self.rest = tail;
                    return ControlFlow::Break(());
                }
                let (marker, after) = self.rest.split_at(number + 1);
                self.marker(marker, after, out);
            }
            _ => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }
}

impl<'a> Prefix<'a> {
    fn marker(&mut self, marker: &str, after: &'a str, out: &mut String) {
        self.markers += 1;
        if self.markers <= MAX_NESTING {
            out.push_str(marker);
        } else {
            self.flattened = true;
        }
        self.rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(document: &str) -> (String, Vec<String>) {
        let mut warnings = Warnings::default();
        let text = clean(document, &mut warnings);
        (text, warnings.into_vec())
    }

    #[test]
    fn what_cannot_be_seen_is_dropped() {
        assert_eq!(
            cleaned("\u{feff}# C\u{ad}íl\u{200b}\r\nA\u{a0}B\rC\u{b}D"),
            ("# Cíl\nA B\nC\nD\n".to_owned(), vec![])
        );
        assert_eq!(
            cleaned("a\0b\u{7}"),
            (
                "ab\n".to_owned(),
                vec!["Control characters were dropped from the document.".to_owned()]
            )
        );
    }

    #[test]
    fn accents_are_composed() {
        assert_eq!(cleaned("Ci\u{301}l").0, "Cíl\n");
    }

    #[test]
    fn pasted_lists_become_lists() {
        assert_eq!(
            cleaned("•\tA\n– B\n  ▪ C\n•D").0,
            "-\tA\n- B\n  - C\n- D\n".replace("-\tA", "- \tA")
        );
        assert_eq!(cleaned("A – B\n–5 %").0, "A – B\n–5 %\n");
    }

    #[test]
    fn headings_without_a_space_are_headings() {
        assert_eq!(
            cleaned("##Cíl\n#1 v Evropě\n#######x").0,
            "## Cíl\n#1 v Evropě\n#######x\n"
        );
    }

    #[test]
    fn a_date_does_not_begin_a_list() {
        assert_eq!(
            cleaned("28. 10. 2025\n28. října 2025\n28. Rozsah\n1. 2. etapa").0,
            "28\\. 10. 2025\n28\\. října 2025\n28. Rozsah\n1. 2. etapa\n"
        );
    }

    #[test]
    fn nesting_is_cut_and_said_once() {
        let (text, warnings) = cleaned(&format!(
            "{}a\n{}b",
            "> ".repeat(10_000),
            "- ".repeat(10_000)
        ));
        assert_eq!(text.matches('>').count(), MAX_NESTING);
        assert_eq!(text.matches('-').count(), MAX_NESTING);
        assert_eq!(
            warnings,
            ["Lists or quotes nested deeper than 32 levels were flattened."]
        );
    }
}
