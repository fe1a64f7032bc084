//! Questions about columns: of which table, or searched for by what.

use super::{Aspect, Cue, Glossary, Intent, Note, Reading, Topic};
use crate::explorer::tools;
use crate::glossary::Term;
use crate::text;

/// Words before what a column's name is to hold.
const SEARCH_LEADS: &[&str] = &[
    "ktere", "ktera", "ktory", "ktery", "ktore", "ktora", "jake", "ake", "which", "what", "with",
    "s", "se", "so", "about", "o", "ktorych", "kterych", "for", "pro", "pre",
];

/// Words before what a column of a table is to hold.
const WITH: &[&str] = &[
    "s", "se", "so", "with", "o", "about", "pro", "pre", "for", "like",
];

/// A word as names of columns have it: they are singular.
pub(super) fn singular(term: &Term) -> String {
    if term.meaning.is_some() {
        return term.surface.clone();
    }
    let keys = term.keys.iter().filter_map(|spellings| spellings.first());
    let words: Vec<&str> = keys.map(String::as_str).collect();
    words.join(" ")
}

/// Columns of any table that are called so.
pub(super) fn searched(pattern: String, count: bool) -> Intent {
    Intent::SearchColumns {
        pattern,
        count,
        within: None,
    }
}

impl Reading<'_> {
    pub(super) fn columns(&mut self) -> Option<Intent> {
        let count = self.cues.has(Cue::Count);
        let aspect = if count {
            Aspect::CountColumns
        } else {
            Aspect::Columns
        };
        if let Some(each) = self.of_each(|table| Intent::Details { table, aspect }) {
            return Some(each);
        }
        if let Some(pattern) = self.slots.patterns.first().cloned()
            && self.slots.tables.is_empty()
        {
            return Some(searched(pattern, count));
        }
        if let Some(intent) = self.columns_within() {
            return Some(intent);
        }
        if let Some(table) = self.named_table() {
            return Some(Intent::Details { table, aspect });
        }
        if let Some(pattern) = self.slots.quoted.first().cloned() {
            return Some(searched(pattern, count));
        }
        if let Some(pattern) = self.searched_term() {
            return Some(searched(pattern, count));
        }
        if self.terms.is_empty()
            && let Some(pattern) = self.word_searched()
        {
            return Some(searched(pattern, count));
        }
        if count {
            self.schemas_for_terms();
        }
        if !self.terms.is_empty() {
            let table = self.subject()?;
            return Some(Intent::Details { table, aspect });
        }
        if count && self.cues.has(Cue::Tables) && self.slots.schemas.is_empty() {
            return Some(self.overview());
        }
        let nothing_spoken = self.focus.is_none_or(|focus| focus.tables.is_empty());
        let anywhere = !self.slots.schemas.is_empty() || self.cues.has(Cue::Catalog);
        if count && (anywhere || nothing_spoken) {
            let schemas = self.slots.schemas.clone();
            return Some(Intent::CountColumns { schemas });
        }
        Some(match self.subject() {
            Some(table) => Intent::Details { table, aspect },
            None => Intent::WhichTable(Topic::Columns),
        })
    }

    /// "Has X a column with a currency?"
    fn columns_within(&mut self) -> Option<Intent> {
        let [mention] = self.slots.tables.as_slice() else {
            return None;
        };
        let mention = mention.clone();
        let with = |start: usize| {
            let before = start.checked_sub(1);
            before.is_some_and(|place| {
                let word = self.tokens.get(place).map(|token| token.folded.as_str());
                word.is_some_and(|word| WITH.contains(&word))
                    || matches!(self.cues.at(place), Some(Cue::Contains | Cue::Named))
            })
        };
        let mut terms = self.terms.iter().filter(|term| term.known);
        let term = terms.find(|term| with(term.start));
        let named = self.slots.patterns.iter().chain(&self.slots.quoted);
        let pattern = named
            .chain(term.map(|term| &term.known_part))
            .next()
            .cloned()?;
        let table = self.take_mention(&mention)?;
        Some(Intent::SearchColumns {
            pattern,
            count: self.cues.has(Cue::Count),
            within: Some(table),
        })
    }

    /// "Columns with score": the last word, whatever it asks for elsewhere, where columns
    /// are called so.
    fn word_searched(&self) -> Option<String> {
        let last = self.tokens.len().checked_sub(1)?;
        let before = last.checked_sub(1)?;
        let lead = self.tokens.get(before)?;
        let introduced = WITH.contains(&lead.folded.as_str())
            || matches!(self.cues.at(before), Some(Cue::Contains | Cue::Named));
        let word = self.tokens.get(last)?.word().to_owned();
        (introduced && tools::fits_columns(&self.knowledge.catalog, &word)).then_some(word)
    }

    /// The term that columns are searched by.
    fn searched_term(&mut self) -> Option<String> {
        let known = self.terms.iter().find(|term| term.known);
        let term = known.or(self.terms.first())?;
        let words = if term.known {
            term.known_part.clone()
        } else {
            term.text.clone()
        };
        self.searches(term.start, term.end)
            .then(|| self.column_words(&words))
    }

    /// The words that columns are called by: all of them, else the last that some are, else
    /// the business term that has the word in its phrase.
    fn column_words(&mut self, words: &str) -> String {
        let catalog = &self.knowledge.catalog;
        let fits = |words: &str| tools::fits_columns(catalog, words);
        if fits(words) {
            return words.to_owned();
        }
        let terms = Glossary::embedded().read(words);
        let mut single = terms.iter().rev().map(singular);
        if let Some(word) = single.find(|word| fits(word)) {
            return word;
        }
        let (folded, stem) = (text::fold(words), text::slavic_stem(&text::fold(words)));
        let forms = Glossary::embedded().forms().iter();
        let of_word = forms.filter(|form| form.folded == folded || form.stem == stem);
        let Some(form) = of_word.into_iter().find(|form| fits(form.term)) else {
            return words.to_owned();
        };
        self.notes.push(Note::Word {
            asked: words.to_owned(),
            word: form.term.to_owned(),
        });
        form.term.to_owned()
    }

    /// Whether columns are searched by a term, and not those of a table called so.
    fn searches(&self, start: usize, end: usize) -> bool {
        let tables = [Cue::Tables, Cue::Facts, Cue::Dimensions, Cue::Bridges];
        let is_table = |place: usize| self.cues.at(place).is_some_and(|cue| tables.contains(&cue));
        let last = (0..start)
            .rev()
            .find(|place| is_table(*place) || self.cues.at(*place) == Some(Cue::Columns));
        // "The supplier table", "tabulka dodavatelů".
        if is_table(end) || last.is_some_and(is_table) {
            return false;
        }
        let leads = self
            .tokens
            .iter()
            .any(|token| SEARCH_LEADS.contains(&token.folded.as_str()));
        let searching = [Cue::Contains, Cue::Named, Cue::Where, Cue::Tables];
        leads || self.cues.any(&searching)
    }
}
