//! Questions about columns: of which table, or searched for by what.

use super::{Aspect, Cue, Intent, Reading, Topic};

/// Words before what a column's name is to hold.
const SEARCH_LEADS: &[&str] = &[
    "ktere", "ktera", "ktory", "ktery", "ktore", "ktora", "jake", "ake", "which", "what", "with",
    "s", "se", "so", "about", "o", "ktorych", "kterych", "for", "pro", "pre",
];

impl Reading<'_> {
    pub(super) fn columns(&mut self) -> Option<Intent> {
        let count = self.cues.has(Cue::Count);
        let aspect = if count {
            Aspect::CountColumns
        } else {
            Aspect::Columns
        };
        if let Some(pattern) = self.slots.patterns.first().cloned()
            && self.slots.tables.is_empty()
        {
            return Some(Intent::SearchColumns { pattern, count });
        }
        if let Some(table) = self.named_table() {
            return Some(Intent::Details { table, aspect });
        }
        if let Some(pattern) = self.slots.quoted.first().cloned() {
            return Some(Intent::SearchColumns { pattern, count });
        }
        if let Some(pattern) = self.searched_term() {
            return Some(Intent::SearchColumns { pattern, count });
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

    /// The term that columns are searched by.
    fn searched_term(&self) -> Option<String> {
        let known = self.terms.iter().find(|term| term.known);
        let term = known.or(self.terms.first())?;
        let words = if term.known {
            &term.known_part
        } else {
            &term.text
        };
        self.searches(term.start, term.end).then(|| words.clone())
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
