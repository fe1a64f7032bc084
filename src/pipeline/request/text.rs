//! Text of one block, without Markdown but with what Markdown said about it.

use std::ops::Range;

/// Characters of one block that are kept; what a list of 500 long items could hold, and no more.
const MAX_BYTES: usize = 20_000;

/// Plain text with single spaces, its bold head, and the code in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) plain: String,
    /// Bytes from the start that are bold.
    pub(super) bold: usize,
    /// Where the code spans are.
    pub(super) code: Vec<Range<usize>>,
    /// There was more than is kept.
    pub(super) cut: bool,
    /// A letter or a digit was pushed; looking for one at each push would be quadratic.
    worded: bool,
}

impl Text {
    /// Text that says of itself no more than its words.
    pub(super) fn plain(text: &str) -> Self {
        let mut plain = Self::default();
        plain.push(text, false);
        plain
    }

    /// Adds what one event of the parser brought.
    pub(super) fn push(&mut self, text: &str, bold: bool) {
        let bold_so_far = self.bold == self.plain.len() || !self.worded;
        for c in text.chars() {
            if self.plain.len() >= MAX_BYTES {
                self.cut = true;
                break;
            }
            if !c.is_whitespace() {
                self.worded |= c.is_alphanumeric();
                self.plain.push(c);
            } else if c == '\n' {
                let end = self.plain.trim_end().len();
                self.plain.truncate(end);
                self.plain.push('\n');
            } else if !self.plain.is_empty() && !self.plain.ends_with([' ', '\n']) {
                self.plain.push(' ');
            }
        }
        if bold && bold_so_far {
            self.bold = self.plain.len();
        }
    }

    /// Adds a code span.
    pub(super) fn push_code(&mut self, code: &str, bold: bool) {
        let start = self.plain.len();
        self.push(code, bold);
        if self.plain.len() > start {
            self.code.push(start..self.plain.len());
        }
    }

    /// Adds another text behind a blank.
    pub(super) fn append(&mut self, other: &Self) {
        self.push(" ", false);
        let start = self.plain.len();
        self.push(&other.plain, other.bold > 0);
        self.code.extend(
            other
                .code
                .iter()
                .map(|range| range.start + start..range.end + start),
        );
        // Cut where the text was: a range that reaches past it would name nothing.
        let end = self.plain.len();
        self.code.retain(|range| range.end <= end);
    }

    /// The part of it in a range, blanks around it taken off.
    pub(super) fn slice(&self, range: Range<usize>) -> Self {
        let Some(part) = self.plain.get(range.clone()) else {
            return Self::default();
        };
        let start = range.start + part.len() - part.trim_start().len();
        let part = part.trim();
        let end = start + part.len();
        // The spans are in order; a look through all of them for each part of a long text would be quadratic.
        let first = self.code.partition_point(|code| code.start < start);
        let spans = self
            .code
            .iter()
            .skip(first)
            .take_while(|code| code.end <= end);
        Self {
            plain: part.to_owned(),
            bold: self.bold.clamp(start, end) - start,
            code: spans
                .map(|code| code.start - start..code.end - start)
                .collect(),
            cut: self.cut,
            worded: part.contains(char::is_alphanumeric),
        }
    }

    /// The text without blanks around it.
    pub(super) fn trimmed(&self) -> Self {
        self.slice(0..self.plain.len())
    }

    /// Whether there is a letter or a digit in it.
    pub(super) fn is_blank(&self) -> bool {
        !self.worded
    }

    /// Whether nothing that counts is left outside its bold head.
    pub(super) fn is_bold(&self) -> bool {
        self.bold > 0
            && self
                .plain
                .get(self.bold..)
                .is_some_and(|rest| !rest.contains(char::is_alphanumeric))
    }

    /// Whether it is code and nothing else.
    pub(super) fn is_code(&self) -> bool {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let code = self
            .code
            .iter()
            .filter_map(|range| self.plain.get(range.clone()));
        !self.code.is_empty() && code.map(letters).sum::<usize>() == letters(&self.plain)
    }

    /// Its characters outside code and brackets, each with its place.
    pub(super) fn top_level(&self) -> impl Iterator<Item = (usize, char)> {
        let mut code = self.code.iter().peekable();
        let mut depth = 0_usize;
        // A bracket that is never closed is no bracket.
        let brackets = self.plain.matches('(').count() == self.plain.matches(')').count();
        self.plain.char_indices().filter(move |(at, c)| {
            while code.next_if(|range| range.end <= *at).is_some() {}
            if code.peek().is_some_and(|range| range.contains(at)) {
                return false;
            }
            match c {
                '(' if brackets => depth += 1,
                ')' if brackets => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Text {
        let mut text = Text::default();
        text.push("  Dodavatelé ", true);
        text.push(" (viz ", false);
        text.push_code("dimv_supplier", false);
        text.push(")  – data", false);
        text
    }

    #[test]
    fn marks_stay_with_their_words() {
        let text = sample();
        assert_eq!(text.plain, "Dodavatelé (viz dimv_supplier) – data");
        assert_eq!(text.plain.get(..text.bold), Some("Dodavatelé "));
        assert_eq!(text.slice(17..31).code.first(), Some(&(0..13)));
        assert_eq!(text.slice(17..31).plain, "dimv_supplier)".to_owned());
        assert_eq!(
            text.slice(0..12),
            Text {
                plain: "Dodavatelé".to_owned(),
                bold: 11,
                worded: true,
                ..Text::default()
            }
        );
    }

    #[test]
    fn brackets_and_code_are_not_top_level() {
        let top: String = sample().top_level().map(|(_, c)| c).collect();
        assert_eq!(top, "Dodavatelé  – data");
        assert_eq!(Text::plain("a (b").top_level().count(), 4);
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let text = Text::plain(&"á ".repeat(1_000_000));
        assert!(text.cut && text.plain.len() <= MAX_BYTES + 4);
    }
}
