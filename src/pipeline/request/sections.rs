//! The content of a section, to plain text and lists of it.

use super::outline::Piece;
use super::prose::{
    Led, bare_name, enumeration, is_list_of_lines, joined, led_enumeration, sentences, separator,
    value,
};
use super::text::Text;
use super::vocabulary::{Section, is_any};
use super::warnings::Warnings;

/// Entries of one list of the request.
pub(super) const MAX_ITEMS: usize = 500;
/// Characters of one entry.
pub(super) const MAX_TEXT: usize = 2_000;
/// Characters of the goal.
const MAX_GOAL: usize = 10_000;

/// Heads of the column that numbers the rows of a table.
const ORDINALS: &str = ", c, id, no, nr, p c, poradi, poradie, cislo, number, rank";

/// A text of at most so many characters.
pub(super) fn cut(text: String, most: usize, warnings: &mut Warnings) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    warnings.add(format!("Texts longer than {most} characters were cut."));
    text.get(..end).unwrap_or_default().trim_end().to_owned()
}

/// Whether a list has room; where not, that is said by the name of the list.
pub(super) fn has_room(length: usize, name: &str, warnings: &mut Warnings) -> bool {
    if length >= MAX_ITEMS {
        warnings.add(format!(
            "The list of {name} was cut to its first {MAX_ITEMS} entries."
        ));
    }
    length < MAX_ITEMS
}

/// All text of a section: lines of a paragraph joined, paragraphs and items on lines of their own.
pub(super) fn text(pieces: &[Piece], warnings: &mut Warnings) -> Option<String> {
    let mut text = String::new();
    for piece in pieces {
        let mut add = |line: &str| {
            if let Some(line) = value(line) {
                text.push_str(if text.is_empty() { "" } else { "\n" });
                text.push_str(&line);
            }
        };
        match piece {
            Piece::Paragraph { lines, .. } | Piece::Value(lines) => add(&joined(lines).plain),
            Piece::Item { text, .. } | Piece::Subheading(text) => add(&text.plain),
            Piece::Code(lines) => lines.iter().for_each(|line| add(&line.plain)),
            Piece::Table(rows) => {
                for row in rows.iter().skip(1) {
                    let cells = row
                        .iter()
                        .filter_map(|cell| value(&cell.plain))
                        .collect::<Vec<_>>();
                    add(&cells.join(", "));
                }
            }
        }
    }
    (!text.is_empty()).then(|| cut(text, MAX_GOAL, warnings))
}

/// A list of plain texts as it is being read.
pub(super) struct List {
    pub(super) entries: Vec<String>,
    /// The list in warnings.
    name: &'static str,
    /// The entries are names: "SAP a Ariba" is two of them, and a paragraph beside a list is only a remark.
    names: bool,
    /// `a` is the English article.
    english: bool,
    full: bool,
}

impl List {
    /// An empty list for what some sections hold.
    pub(super) fn new(sections: &[Section], english: bool) -> Self {
        let name = match sections {
            [Section::ScopeOut, ..] => "exclusions",
            [Section::Sources, ..] => "sources",
            [Section::Constraints, ..] => "constraints",
            [Section::Deliverables, ..] => "deliverables",
            _ => "scope items",
        };
        Self {
            entries: Vec::new(),
            name,
            names: sections == [Section::Sources],
            english,
            full: false,
        }
    }

    /// Adds the entries of a section; says whether they had to be read out of a sentence.
    pub(super) fn read(&mut self, pieces: &[Piece], warnings: &mut Warnings) -> bool {
        let mut loose = false;
        let listed = pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Item { .. } | Piece::Table(_)));
        // "SAP, modul nákupu" among other items is one source; by itself it may be two.
        let only = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Item { .. }))
            .count()
            == 1;
        let mut pieces = pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let next = pieces.peek();
            match piece {
                Piece::Item { text, depth } => {
                    let encloses =
                        matches!(next, Some(Piece::Item { depth: inner, .. }) if inner > depth);
                    let group = text.plain.ends_with(':') && encloses;
                    if only {
                        self.single(text, warnings);
                    } else if !group {
                        self.add(&text.plain, warnings);
                    }
                }
                Piece::Paragraph { depth: 1.., lines } => self.extend_last(&joined(lines).plain),
                Piece::Paragraph { lines, .. } => {
                    let leads_in = lines.last().is_some_and(|line| line.plain.ends_with(':'));
                    let remark = listed && self.names;
                    if !leads_in && !remark {
                        loose |= self.paragraph(lines, warnings);
                    }
                }
                Piece::Value(lines) => loose |= self.paragraph(lines, warnings),
                Piece::Table(rows) => self.table(rows, warnings),
                Piece::Code(lines) => lines
                    .iter()
                    .for_each(|line| self.add(&line.plain, warnings)),
                Piece::Subheading(text) => match next {
                    // A heading over a list is a heading; over text it is what the text is about.
                    Some(Piece::Item { .. } | Piece::Table(_) | Piece::Code(_)) => {}
                    Some(Piece::Paragraph { lines, .. }) => {
                        self.add(
                            &format!("{}: {}", bare_name(&text.plain), joined(lines).plain),
                            warnings,
                        );
                        pieces.next();
                    }
                    _ => self.add(&text.plain, warnings),
                },
            }
        }
        loose
    }

    fn add(&mut self, entry: &str, warnings: &mut Warnings) {
        if self.full {
            return;
        }
        let Some(entry) = value(entry.trim_end_matches([';', ','])) else {
            return;
        };
        self.full = !has_room(self.entries.len(), self.name, warnings);
        if !self.full {
            self.entries.push(cut(entry, MAX_TEXT, warnings));
        }
    }

    /// The only item of a section.
    fn single(&mut self, text: &Text, warnings: &mut Warnings) {
        match enumeration(text, self.english).filter(|_| self.names) {
            Some(parts) => {
                for part in parts {
                    self.add(&part.plain, warnings);
                }
            }
            None => self.add(&text.plain, warnings),
        }
    }

    /// More text of the last item.
    fn extend_last(&mut self, text: &str) {
        if let (Some(last), Some(text)) = (self.entries.last_mut(), value(text))
            && last.len() + text.len() < MAX_TEXT
        {
            last.push_str(if last.ends_with(['.', ':', '!', '?']) {
                " "
            } else {
                ": "
            });
            last.push_str(&text);
        }
    }

    /// Says whether the entries had to be read out of a sentence.
    fn paragraph(&mut self, lines: &[Text], warnings: &mut Warnings) -> bool {
        if is_list_of_lines(lines) {
            for line in lines {
                self.add(&line.plain, warnings);
            }
            return false;
        }
        let text = joined(lines);
        let several = text.top_level().any(|(_, c)| matches!(c, ',' | ';'));
        let sentences = sentences(&text);
        let led: Vec<Led> = if self.names {
            sentences
                .iter()
                .filter_map(|sentence| led_enumeration(sentence, self.english))
                .collect()
        } else {
            Vec::new()
        };
        if !led.is_empty() {
            // The other sentences are remarks on what this one names.
            for name in led.into_iter().flat_map(|led| led.names) {
                self.add(&name.plain, warnings);
            }
            return true;
        }
        if let Some(parts) = enumeration(&text, self.english).filter(|_| several || self.names) {
            for part in parts {
                self.add(&part.plain, warnings);
            }
            return false;
        }
        for sentence in sentences {
            self.add(&sentence.plain, warnings);
        }
        false
    }

    fn table(&mut self, rows: &[Vec<Text>], warnings: &mut Warnings) {
        let column = first_named(rows);
        for cell in rows.iter().skip(1).filter_map(|row| row.get(column)) {
            self.add(&cell.plain, warnings);
        }
    }
}

/// The first column of a table that does more than number its rows.
pub(super) fn first_named(rows: &[Vec<Text>]) -> usize {
    let header = rows.first().map(Vec::as_slice).unwrap_or_default();
    header
        .iter()
        .position(|cell| !is_any(&cell.plain, ORDINALS))
        .unwrap_or_default()
}

/// The goal of a document that names none: the first paragraph of prose.
pub(super) fn first_prose<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Option<&'a Piece> {
    const GREETINGS: &str = "dobry den, dobry, ahoj, hezky den, vazeny pane, vazena pani, vazeni, vazeni kolegove, \
        mili, hello, hi, hi all, hi team, dear, dear all, dear team, hello team, zdravim, \
        zdravicka";
    let words = |piece: &Piece| match piece {
        Piece::Paragraph { lines, .. } => {
            let text = joined(lines);
            let greeting = is_any(&text.plain, GREETINGS)
                || text.plain.ends_with(',')
                || text.plain.ends_with(':');
            if greeting {
                0
            } else {
                text.plain.split_whitespace().count()
            }
        }
        _ => 0,
    };
    let mut short = None;
    for piece in pieces {
        match words(piece) {
            0 => {}
            1..=3 => short = short.or(Some(piece)),
            _ => return Some(piece),
        }
    }
    short
}

/// Splits a description off a name, where a mark divides them.
pub(super) fn split_description(text: &Text, equals: bool) -> (Text, Option<Text>) {
    match separator(text, equals) {
        Some(mark) => (
            text.slice(0..mark.start),
            Some(text.slice(mark.end..text.plain.len())),
        ),
        None => (text.clone(), None),
    }
}
