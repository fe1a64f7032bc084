//! Questions about tables and schemas in number: lists, counts, overviews.

use super::{Cue, Intent, Reading, TableType, Topic, slots};

impl Reading<'_> {
    pub(super) fn list(&mut self) -> Option<Intent> {
        self.schemas_for_terms();
        let table_type = self.table_type();
        if !self.slots.tables.is_empty() {
            let explained = self.cues.has(Cue::Why);
            return match table_type {
                Some(_) if !explained => Some(self.joins()),
                _ => self.details(),
            };
        }
        let listed = [Cue::Tables, Cue::Facts, Cue::Dimensions, Cue::Bridges];
        let about_tables = self.cues.any(&listed) || table_type.is_some();
        let all_known = self.terms.iter().all(|term| term.known);
        let known = self.terms.iter().any(|term| term.known) && (about_tables || all_known);
        if known || !self.slots.quoted.is_empty() {
            return self.mapping();
        }
        if !self.slots.patterns.is_empty() {
            return self.mapping();
        }
        if !self.slots.unknown.is_empty() {
            return self.details();
        }
        if self.points_back()
            && let Some(intent) = self.list_of_spoken(table_type)
        {
            return Some(intent);
        }
        let listable = about_tables
            || !self.slots.schemas.is_empty()
            || self.slots.unknown_schema.is_some()
            || self.cues.has(Cue::Most);
        // "Tables about unicorns" are not all tables.
        let qualified = self
            .terms
            .iter()
            .any(|term| self.cues.follows_a_list(term.start));
        match (listable, qualified) {
            (true, false) => Some(self.list_here(table_type)),
            (true, true) => self.mapping(),
            (false, _) => None,
        }
    }

    pub(super) fn list_here(&self, table_type: Option<TableType>) -> Intent {
        // "Which of them are in X": of the type that was listed.
        let listed = self
            .focus
            .filter(|focus| focus.topic == Some(Topic::Tables) && self.cues.has(Cue::Them));
        let table_type = table_type.or(listed.and_then(|focus| focus.table_type));
        Intent::List {
            schema: self.slots.label(&self.knowledge.catalog),
            table_type,
            count: self.cues.has(Cue::Count),
            widest: self.cues.has(Cue::Most),
        }
    }

    /// Whether the question speaks of "it" or "them" and names nothing.
    fn points_back(&self) -> bool {
        let back = self.cues.any(&[Cue::It, Cue::Them, Cue::Only])
            || self.is_elliptic()
            || (self.cues.has(Cue::Count)
                && !self.cues.has(Cue::Tables)
                && self.table_type().is_none());
        back && self.slots.schemas.is_empty() && !self.cues.has(Cue::Catalog)
    }

    /// "Bridges?" after a list: of a type, and nothing else is said.
    fn is_elliptic(&self) -> bool {
        let in_schema = self
            .focus
            .is_some_and(|focus| focus.topic == Some(Topic::Tables) && !focus.schemas.is_empty());
        let says_a_type = |place: usize| {
            self.cues.at(place).is_some_and(|cue| {
                matches!(
                    cue,
                    Cue::Facts | Cue::Dimensions | Cue::Bridges | Cue::Filler
                )
            })
        };
        in_schema && self.table_type().is_some() && (0..self.tokens.len()).all(says_a_type)
    }

    /// Of what the last answer listed, what the question asks for.
    fn list_of_spoken(&self, table_type: Option<TableType>) -> Option<Intent> {
        let focus = self.focus?;
        if focus.topic == Some(Topic::Tables) {
            return Some(Intent::List {
                schema: slots::label(&self.knowledge.catalog, &focus.schemas),
                table_type: table_type.or(focus.table_type),
                count: self.cues.has(Cue::Count),
                widest: self.cues.has(Cue::Most),
            });
        }
        (!focus.tables.is_empty()).then(|| Intent::Spoken {
            tables: focus.tables.clone(),
            table_type,
        })
    }

    pub(super) fn schemas(&mut self) -> Intent {
        self.schemas_for_terms();
        if self.slots.schemas.is_empty() && self.slots.unknown_schema.is_none() {
            return Intent::Schemas;
        }
        let listed = self.cues.has(Cue::Tables) || self.table_type().is_some();
        let described = !listed && self.cues.any(&[Cue::Describe, Cue::Catalog]);
        if described {
            self.overview()
        } else {
            self.list_here(self.table_type())
        }
    }

    pub(super) fn overview(&self) -> Intent {
        Intent::Overview {
            schema: self.slots.label(&self.knowledge.catalog),
        }
    }
}
