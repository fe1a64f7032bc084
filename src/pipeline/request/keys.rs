//! `Key: value` in its many spellings.

use std::ops::Range;

use super::dates::starts_with_date;
use super::prose::{bare_name, separator};
use super::text::Text;
use super::vocabulary::{Field, Section, find_exact, word_ranges};

/// A longer key is a sentence with a colon in it.
const MAX_KEY_WORDS: usize = 5;
const MAX_KEY_CHARS: usize = 40;
/// Words of a key that follows a value in the same line.
const MAX_INNER_KEY_WORDS: usize = 3;

/// A key as written, and the rest of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keyed {
    pub(super) key: String,
    pub(super) value: Text,
    /// The key is bold, so it was meant as one.
    pub(super) bold: bool,
}

/// Reads `Key: value`, `**Key:** value`, `**Key**: value`, and for a key we know `**Key** – value`.
pub(super) fn keyed(text: &Text) -> Option<Keyed> {
    let after = |at: usize| text.plain.get(at + 1..).unwrap_or_default();
    // The colon of an address or a time has no blank behind it.
    let divides = |at: usize| {
        after(at).is_empty()
            || after(at).starts_with([' ', '\n'])
            || at == text.bold
            || at + 1 == text.bold
    };
    let colon = text.top_level().find(|(at, c)| *c == ':' && divides(*at));
    if let Some((at, _)) = colon
        && let Some(key) = key(&text.slice(0..at))
    {
        return Some(Keyed {
            key,
            value: text.slice(at + 1..text.plain.len()),
            bold: text.bold >= at,
        });
    }
    known(text).or_else(|| submitted(text))
}

/// A key that we know, without a colon: bold, or with a dash behind it.
fn known(text: &Text) -> Option<Keyed> {
    let dash = separator(text, false).map(|mark| mark.start);
    let end = if text.bold > 0 { text.bold } else { dash? };
    let key = key(&text.slice(0..end))?;
    find_exact(&key).filter(|hit| text.bold > 0 || !hit.vague)?;
    let rest = text.plain.get(end..).unwrap_or_default().trim_start();
    let value = rest.trim_start_matches(|c: char| c.is_whitespace() || "–—-=→".contains(c));
    // "**Cíl** projektu je …" goes on as a sentence.
    let divided = value.len() < rest.len() || value.starts_with(char::is_uppercase);
    let value = text.slice(text.plain.len() - value.len()..text.plain.len());
    (divided && !value.is_blank()).then_some(Keyed {
        key,
        value,
        bold: text.bold > 0,
    })
}

/// "Submitted on 28 October 2025".
fn submitted(text: &Text) -> Option<Keyed> {
    let words = word_ranges(&text.plain).take(MAX_KEY_WORDS);
    let ends: Vec<usize> = words.map(|word| word.end).collect();
    ends.into_iter().find_map(|end| {
        let (key, value) = text.plain.split_at_checked(end)?;
        let dated = starts_with_date(value.trim_start());
        let hit = if dated { find_exact(key) } else { None };
        hit.filter(|hit| hit.section == Section::Field(Field::SubmittedAt))?;
        Some(Keyed {
            key: bare_name(key),
            value: text.slice(end..text.plain.len()),
            bold: false,
        })
    })
}

fn key(text: &Text) -> Option<String> {
    let key = bare_name(&text.plain);
    let sane = key.contains(char::is_alphabetic)
        && key.chars().nth(MAX_KEY_CHARS).is_none()
        && key.split_whitespace().nth(MAX_KEY_WORDS).is_none()
        && !text.plain.contains([':', '?', '!', '"', '\n'])
        && text.code.is_empty();
    sane.then_some(key)
}

/// A line of several keys: `**Sponsor:** X | **Date:** Y`, `**Sponsor:** X **Date:** Y`.
pub(super) fn keyed_parts(text: &Text) -> Option<Vec<Text>> {
    let plain = text.plain.as_str();
    let mut cuts: Vec<Range<usize>> = plain
        .match_indices(" | ")
        .map(|(at, bar)| at..at + bar.len())
        .collect();
    if cuts.is_empty() && text.bold > 0 {
        let colons = text
            .top_level()
            .filter(|(at, c)| *c == ':' && *at > text.bold);
        cuts.extend(
            colons
                .filter_map(|(at, _)| inner_key(plain, at))
                .map(|at| at..at),
        );
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for cut in cuts {
        parts.push(text.slice(from..cut.start));
        from = cut.end;
    }
    parts.push(text.slice(from..plain.len()));
    (parts.len() > 1 && parts.iter().all(|part| keyed(part).is_some())).then_some(parts)
}

/// Where in a value a key that we know begins, with its colon at a place.
fn inner_key(plain: &str, colon: usize) -> Option<usize> {
    let before = plain.get(..colon)?;
    let starts = before
        .rmatch_indices(' ')
        .take(MAX_INNER_KEY_WORDS)
        .map(|(at, _)| at + 1);
    let known = |start: &usize| before.get(*start..).and_then(find_exact).is_some();
    starts.filter(known).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bold(bold: &str, rest: &str) -> Text {
        let mut text = Text::default();
        text.push(bold, true);
        text.push(rest, false);
        text
    }

    fn read(text: &Text) -> Option<(String, String, bool)> {
        keyed(text).map(|keyed| (keyed.key, keyed.value.plain, keyed.bold))
    }

    #[test]
    fn every_spelling_of_key_and_value_is_read() {
        let sponsor = |bold| Some(("Sponsor".to_owned(), "Jan Novák".to_owned(), bold));
        assert_eq!(read(&Text::plain("Sponsor: Jan Novák")), sponsor(false));
        assert_eq!(read(&Text::plain("Sponsor : Jan Novák")), sponsor(false));
        assert_eq!(read(&bold("Sponsor:", " Jan Novák")), sponsor(true));
        assert_eq!(read(&bold("Sponsor:", "Jan Novák")), sponsor(true));
        assert_eq!(read(&bold("Sponsor", ": Jan Novák")), sponsor(true));
        assert_eq!(read(&bold("Sponsor", " – Jan Novák")), sponsor(true));
        assert_eq!(read(&bold("Sponsor", " Jan Novák")), sponsor(true));
        assert_eq!(read(&Text::plain("Sponsor – Jan Novák")), sponsor(false));
        assert_eq!(read(&bold("Unheard of", " – Jan Novák")), None);
        assert_eq!(read(&bold("Sponsor", " of the project is Jan")), None);
        let submitted = Some((
            "Submitted on".to_owned(),
            "28 October 2025".to_owned(),
            false,
        ));
        assert_eq!(
            read(&Text::plain("Submitted on 28 October 2025")),
            submitted
        );
    }

    #[test]
    fn addresses_times_and_sentences_are_no_keys() {
        for text in [
            "https://example.com/a: b",
            "10:30: b",
            "Schůzka v 10:30 v Praze",
            "Tohle je dlouhá věta, která pokračuje: dál",
            "Co s tím?: nic",
            "30: 10",
            "(viz: níže)",
        ] {
            assert_eq!(read(&Text::plain(text)), None, "{text}");
        }
    }

    #[test]
    fn a_line_may_hold_several_keys() {
        let parts = keyed_parts(&Text::plain("Sponsor: X | Date: Y")).expect("two keys");
        assert_eq!(
            parts
                .iter()
                .map(|part| part.plain.as_str())
                .collect::<Vec<_>>(),
            ["Sponsor: X", "Date: Y"]
        );
        assert_eq!(
            keyed_parts(&bold("Sponsor:", " X Y Project name: Z")).map(|parts| parts.len()),
            Some(2)
        );
        assert_eq!(
            keyed_parts(&Text::plain("Sponsor: X Project name: Z")),
            None
        );
        assert_eq!(keyed_parts(&Text::plain("Sponsor: X | Y")), None);
    }
}
