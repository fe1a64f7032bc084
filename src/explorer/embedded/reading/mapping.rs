//! Questions where business terms are held.

use super::{Cue, Glossary, Intent, Kind, Note, Reading, TableId, Wanted, terms};
use crate::glossary::Term;

/// How many terms that no table holds are looked for among columns.
const COLUMN_SEARCHES_MAX: usize = 3;

/// What tables have in columns of their own instead of the whole.
const PARTS: &[(&str, &[&str])] = &[("address", &["street", "postal_code", "city", "country"])];

/// How surely a table holds two things that are said together not to ask for one alone.
const SURE: f64 = 0.8;

/// Words between two that are one thing.
const OF: &[&str] = &[
    "of", "for", "on", "from", "na", "o", "pro", "pre", "k", "ku", "ke", "za", "z", "ze", "zo",
];

impl Reading<'_> {
    pub(super) fn mapping(&mut self) -> Option<Intent> {
        if let Some(pattern) = self.slots.patterns.first() {
            return Some(Intent::SearchColumns {
                pattern: pattern.clone(),
                count: self.cues.has(Cue::Count),
                within: None,
            });
        }
        if let Some(intent) = self.attribute_of_entity() {
            return Some(intent);
        }
        let quoted = self.slots.quoted.iter().cloned();
        let mut texts: Vec<String> = Vec::new();
        for text in quoted.chain(self.joined_terms()) {
            let head = self.head_of(&text);
            texts.push(text);
            texts.extend(head);
        }
        if texts.is_empty() {
            let named = !self.slots.tables.is_empty() || !self.slots.unknown.is_empty();
            return if named { self.details() } else { None };
        }
        let wanted = Intent::Mapping(Wanted {
            text: texts.join(", "),
            table_type: self.table_type(),
            schemas: self.slots.schemas.clone(),
        });
        let counts_rows = self.cues.has(Cue::Count)
            && !self.cues.any(&[Cue::Tables, Cue::Columns, Cue::Schemas])
            && self.table_type().is_none();
        if counts_rows {
            self.notes.push(Note::NoRows);
        }
        let columns = texts.iter().filter_map(|text| self.column_for(text));
        let mut intents: Vec<Intent> = columns.take(COLUMN_SEARCHES_MAX).collect();
        if intents.is_empty() {
            return Some(wanted);
        }
        intents.insert(0, wanted);
        Some(Intent::Each { intents, more: 0 })
    }

    /// "The price of an order item", "adresa dodavatele": the table of the thing, and the
    /// columns there that are called so.
    fn attribute_of_entity(&mut self) -> Option<Intent> {
        let texts = self.joined_terms();
        let text = texts.join(" ");
        let first = texts.first()?;
        // A price that many tables speak of is still the price of the thing.
        let stands_alone = if texts.len() > 1 {
            self.names_table(first)
        } else {
            self.holds(first)
        };
        if texts.len() > 2 || !self.slots.quoted.is_empty() || stands_alone {
            return None;
        }
        let words = Glossary::embedded().read(&text);
        let (first, rest) = words.split_first()?;
        let begins = rest.first()?.position;
        let thing: Vec<&str> = text.split_whitespace().skip(begins).collect();
        let thing = thing.join(" ");
        let is_attribute = matches!(first.kind, Some(Kind::Attribute | Kind::Measure));
        let all_known = rest.iter().all(|word| word.kind.is_some());
        if !is_attribute || !all_known {
            return None;
        }
        let (tables, _) = terms::table_of(self.knowledge, &thing, None, &self.slots.schemas, &[])?;
        let table = *tables.first()?;
        let patterns = self.called_in(first, table);
        if patterns.is_empty() {
            return None;
        }
        let wanted = Intent::Mapping(Wanted {
            text: thing,
            table_type: self.table_type(),
            schemas: self.slots.schemas.clone(),
        });
        let columns = patterns.into_iter().map(|pattern| Intent::SearchColumns {
            pattern,
            count: false,
            within: Some(table),
        });
        let intents = [wanted].into_iter().chain(columns).collect();
        Some(Intent::Each { intents, more: 0 })
    }

    /// What columns of a table are called that hold an attribute, or its parts.
    fn called_in(&self, first: &Term, table: TableId) -> Vec<String> {
        let catalog = &self.knowledge.catalog;
        let called = super::columns::singular(first);
        let english = first.meaning.as_deref().unwrap_or(&called).to_owned();
        let in_table = |pattern: &str| {
            let columns = catalog.table(table).columns.iter();
            let name = pattern.to_lowercase();
            columns
                .map(|column| column.name.to_lowercase())
                .any(|column| column.contains(&name))
        };
        let parts = PARTS.iter().find(|(whole, _)| *whole == english);
        let parts = parts.map_or(&[] as &[&str], |(_, parts)| parts);
        let mut patterns: Vec<String> = vec![first.surface.clone(), called, english];
        patterns.retain(|pattern| in_table(pattern));
        patterns.truncate(1);
        if patterns.is_empty() {
            patterns.extend(
                parts
                    .iter()
                    .filter(|part| in_table(part))
                    .map(|part| (*part).to_owned()),
            );
        }
        patterns
    }

    /// The first word of a term that no table holds as a whole, where all its words are of
    /// the business and a table holds that one.
    fn head_of(&self, text: &str) -> Option<String> {
        let words = Glossary::embedded().read(text);
        if words.len() < 2 || words.iter().any(|word| word.kind.is_none()) || self.holds(text) {
            return None;
        }
        let first = words.into_iter().next()?.surface;
        self.holds(&first).then_some(first)
    }

    /// The columns that are called so, where no table holds a term.
    fn column_for(&self, text: &str) -> Option<Intent> {
        if self.holds(text) {
            return None;
        }
        let terms = Glossary::embedded().read(text).into_iter();
        let mut known = terms.filter(|term| term.kind.is_some_and(|kind| kind != Kind::Modifier));
        let index = &self.knowledge.index;
        let in_names = |term: &Term| {
            term.keys.iter().all(|key| {
                key.iter()
                    .any(|key| index.names(key) && !index.names_tables(key))
            })
        };
        known.find(in_names).map(|term| Intent::SearchColumns {
            pattern: super::columns::singular(&term),
            count: false,
            within: None,
        })
    }

    /// The terms of the question; "costs of transport" is one where a table holds both, and
    /// stands before its first part where that alone is surer.
    fn joined_terms(&self) -> Vec<String> {
        let best =
            |text: &str| terms::table_of(self.knowledge, text, None, &self.slots.schemas, &[]);
        let surer_alone = |(tables, held): &(Vec<TableId>, f64), alone: &str| {
            best(alone).is_some_and(|(others, sure)| {
                let elsewhere = others.first() != tables.first();
                sure > *held && (elsewhere || *held < SURE)
            })
        };
        let mut joined: Vec<(String, usize)> = Vec::new();
        for term in &self.terms {
            let between = self.tokens.get(term.start.wrapping_sub(1));
            let held = match (joined.last(), between) {
                (Some((before, end)), Some(between))
                    if end + 1 == term.start && OF.contains(&between.folded.as_str()) =>
                {
                    let text = format!("{before} {} {}", between.word(), term.text);
                    best(&text).map(|held| (text, surer_alone(&held, before)))
                }
                _ => None,
            };
            match held {
                Some((text, surer_alone)) => {
                    let place = joined.len() - 1;
                    joined.insert(place, (text, term.end));
                    if !surer_alone {
                        joined.pop();
                    }
                }
                None => joined.push((term.text.clone(), term.end)),
            }
        }
        joined.into_iter().map(|(text, _)| text).collect()
    }

    /// Whether any table holds a term. Tables are only searched where their names do not
    /// tell, and once: that takes long in a large catalog.
    fn holds(&self, text: &str) -> bool {
        if self.names_table(text) {
            return true;
        }
        if let Some(held) = self.held.borrow().get(text) {
            return *held;
        }
        let held = terms::table_of(self.knowledge, text, None, &[], &[]).is_some();
        self.held.borrow_mut().insert(text.to_owned(), held);
        held
    }

    /// Whether a term is a single word that stands in the name of a table.
    fn names_table(&self, text: &str) -> bool {
        let index = &self.knowledge.index;
        let words = Glossary::embedded().read(text);
        let [word] = words.as_slice() else {
            return false;
        };
        let mut keys = word.keys.iter().flatten();
        word.keys.len() == 1 && keys.any(|key| index.names_tables(key))
    }
}
