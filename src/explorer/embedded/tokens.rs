//! A question taken apart into words, identifiers and quoted text.

use crate::text;

/// How many words of a question are looked at; nobody asks longer.
const TOKENS_MAX: usize = 120;
/// The longest quoted text that is taken as one name, in bytes.
const QUOTED_MAX: usize = 120;

/// Marks that open quoted text, and those that close it.
const QUOTES: &[(char, &[char])] = &[
    ('`', &['`']),
    ('"', &['"']),
    ('„', &['“', '”', '"']),
    ('“', &['”', '“', '"']),
    ('»', &['«']),
    ('«', &['»']),
    ('\'', &['\'']),
];

/// A word, an identifier or a quoted text of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'q> {
    /// As it stands in the question, without quotes.
    pub(super) surface: &'q str,
    /// Lower case, without accents.
    pub(super) folded: String,
    /// Its stems.
    pub(super) slavic: String,
    pub(super) english: String,
    /// Whether it stood in quotes or backticks.
    pub(super) quoted: bool,
    /// Whether a comma or the like stands before it.
    pub(super) after_break: bool,
    /// The word that it is taken for, where it is misspelt.
    meant: Option<String>,
}

impl<'q> Token<'q> {
    fn new(surface: &'q str, quoted: bool, after_break: bool) -> Self {
        let folded = text::fold(surface);
        Self {
            surface,
            slavic: text::slavic_stem(&folded),
            english: text::english_stem(&folded),
            folded,
            quoted,
            after_break,
            meant: None,
        }
    }

    /// The word, spelt as it is meant.
    pub(super) fn word(&self) -> &str {
        self.meant.as_deref().unwrap_or(self.surface)
    }

    /// Takes it for another word from now on.
    pub(super) fn correct(&mut self, word: String) {
        self.folded = text::fold(&word);
        self.slavic = text::slavic_stem(&self.folded);
        self.english = text::english_stem(&self.folded);
        self.meant = Some(word);
    }

    /// Whether it is written as names in databases are.
    pub(super) fn is_identifier(&self) -> bool {
        let lower_then_upper = self
            .surface
            .chars()
            .zip(self.surface.chars().skip(1))
            .any(|(a, b)| a.is_lowercase() && b.is_uppercase());
        self.surface.contains('_')
            || self.surface.trim_matches('.').contains('.')
            || (lower_then_upper && !self.surface.contains(' '))
    }

    /// The pattern of names that it is, where it is one: `*_key`, or `_key` for short.
    pub(super) fn pattern(&self) -> Option<String> {
        let name = self.surface.replace('%', "*");
        if !name.chars().any(char::is_alphanumeric) {
            return None;
        }
        if name.contains('*') {
            return Some(name);
        }
        match (name.starts_with('_'), name.ends_with('_')) {
            (true, true) => Some(format!("*{name}*")),
            (true, false) => Some(format!("*{name}")),
            (false, true) => Some(format!("{name}*")),
            (false, false) => None,
        }
    }
}

/// The tokens of a question, in order; the first of them where there are very many.
pub(super) fn tokens(question: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = question;
    let mut after_break = false;
    let mut inside_word = false;
    while let Some(c) = rest.chars().next() {
        if found.len() == TOKENS_MAX {
            break;
        }
        if !inside_word && let Some((quoted, after)) = quoted(rest) {
            found.push(Token::new(quoted, true, after_break));
            rest = after;
            after_break = false;
            continue;
        }
        if belongs(c) {
            let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            // A pattern may end in a question mark of its own; a question does too.
            let ends = word.ends_with(['.', '?']);
            let word = word.trim_matches(['.', '?']);
            if word.chars().any(char::is_alphanumeric) {
                found.push(Token::new(word, false, after_break));
                after_break = false;
            }
            after_break |= ends;
            rest = after;
            inside_word = true;
            continue;
        }
        after_break |= matches!(c, ',' | ';' | ':' | '\n' | '(' | ')' | '!' | '/');
        inside_word = false;
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    found
}

/// The parts of a question between commas, full stops and the like: where each begins,
/// and where the next does.
pub(super) fn clauses(tokens: &[Token<'_>]) -> Vec<(usize, usize)> {
    let breaks = tokens.iter().enumerate().skip(1);
    let mut starts: Vec<usize> = vec![0];
    starts.extend(
        breaks
            .filter(|(_, token)| token.after_break)
            .map(|(place, _)| place),
    );
    let ends = starts.iter().copied().skip(1).chain([tokens.len()]);
    starts.iter().copied().zip(ends).collect()
}

fn belongs(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '*' | '%' | '?' | '$' | '#')
}

/// The text in the quotes that `rest` begins with, and what follows them.
fn quoted(rest: &str) -> Option<(&str, &str)> {
    let first = rest.chars().next()?;
    let (_, closing) = QUOTES.iter().find(|(open, _)| *open == first)?;
    let inside = rest.get(first.len_utf8()..)?;
    let (end, close) = inside
        .char_indices()
        .take_while(|(place, c)| *place <= QUOTED_MAX && *c != '\n')
        .find(|(_, c)| closing.contains(c))?;
    let text = inside.get(..end)?.trim();
    let after = inside.get(end + close.len_utf8()..)?;
    text.chars()
        .any(char::is_alphanumeric)
        .then_some((text, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surfaces(question: &str) -> Vec<&str> {
        tokens(question).iter().map(|token| token.surface).collect()
    }

    #[test]
    fn names_patterns_and_quotes_stay_whole() {
        assert_eq!(
            surfaces("What's dm_bs_purchase.factv_contract? And `Order Details`, „nákup“ *_key."),
            [
                "What",
                "s",
                "dm_bs_purchase.factv_contract",
                "And",
                "Order Details",
                "nákup",
                "*_key"
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_is_no_quote() {
        assert_eq!(
            surfaces("list \"tables of bs"),
            ["list", "tables", "of", "bs"]
        );
        assert!(surfaces("").is_empty() && surfaces("?!… ``").is_empty());
    }
}
