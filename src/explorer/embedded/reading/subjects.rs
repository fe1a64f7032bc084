//! The tables that a question is about, and what it goes on with.

use super::{Aspect, Cue, Focus, Goal, Intent, Note, Reading, Shown, Token, Topic, slots, terms};
use crate::catalog::{SchemaId, TableId};
use crate::explorer::embedded::slots::{How, Mention};
use crate::pipeline::structure::TableType;

/// Places in a list, as people call them.
const PLACES: &[(Cue, usize)] = &[
    (Cue::First, 0),
    (Cue::Second, 1),
    (Cue::Third, 2),
    (Cue::Fourth, 3),
    (Cue::Fifth, 4),
];

/// The most tables of a list that a question is answered for.
const EACH_MAX: usize = 4;

/// Words that ask for a table, not about one.
const WHAT: &[&str] = &[
    "co", "cim", "what", "which", "ktere", "ktera", "ktore", "ktora", "kdo", "kto", "who",
];
/// "And with X?"
const WITH: &[&str] = &["s", "se", "so", "na", "with", "to"];

impl Reading<'_> {
    /// Of tables that share a name: in a schema that is asked for, else where another
    /// table of the question is alone, else where the conversation is, else the first.
    pub(super) fn choose(&mut self, ids: &[TableId]) -> Option<TableId> {
        let catalog = &self.knowledge.catalog;
        let schema = |id: &TableId| catalog.table(*id).schema;
        let asked = self.slots.schemas.clone();
        let certain: Vec<SchemaId> = self
            .slots
            .tables
            .iter()
            .filter_map(|mention| match mention.ids.as_slice() {
                [only] => Some(schema(only)),
                _ => None,
            })
            .collect();
        let table = [asked, certain, self.near()]
            .iter()
            .find_map(|near| ids.iter().find(|id| near.contains(&schema(id))))
            .or(ids.first())
            .copied()?;
        let others: Vec<TableId> = ids.iter().copied().filter(|id| *id != table).collect();
        let note = Note::AlsoIn { table, others };
        let in_asked = ids
            .iter()
            .filter(|id| self.slots.schemas.contains(&schema(id)));
        let explicit = in_asked.count() == 1;
        if ids.len() > 1 && !explicit && !self.notes.contains(&note) {
            self.notes.push(note);
        }
        Some(table)
    }

    /// The schemas that the conversation is in.
    fn near(&self) -> Vec<SchemaId> {
        let Some(focus) = self.focus else {
            return Vec::new();
        };
        let of_table = focus
            .tables
            .first()
            .map(|id| self.knowledge.catalog.table(*id).schema);
        focus.schemas.iter().copied().chain(of_table).collect()
    }

    pub(super) fn full_name(&self, id: TableId) -> String {
        self.knowledge.catalog.full_name(id)
    }

    pub(super) fn take_mention(&mut self, mention: &Mention) -> Option<TableId> {
        let table = self.choose(&mention.ids)?;
        let asked = mention.asked.clone();
        match mention.how {
            How::Exact => {}
            How::Nearly => self.notes.push(Note::Nearly { asked, table }),
            How::Words(confidence) => self.notes.push(Note::Words {
                asked,
                table,
                confidence,
            }),
        }
        Some(table)
    }

    /// The tables that a term means: those of one name.
    fn mention_for(&self, term: &str, table_type: Option<TableType>) -> Option<Mention> {
        let (ids, confidence) = terms::table_of(
            self.knowledge,
            term,
            table_type,
            &self.slots.schemas,
            &self.near(),
        )?;
        let catalog = &self.knowledge.catalog;
        let name = &catalog.table(*ids.first()?).name;
        let of_name = |id: &TableId| catalog.table(*id).name == *name;
        Some(Mention {
            asked: term.to_owned(),
            ids: ids.iter().copied().filter(of_name).collect(),
            how: How::Words(confidence),
        })
    }

    /// The table that a term means.
    fn table_for(&mut self, term: &str, table_type: Option<TableType>) -> Option<TableId> {
        let mention = self.mention_for(term, table_type)?;
        self.take_mention(&mention)
    }

    /// The table that the question names, or the name of none.
    pub(super) fn named_table(&mut self) -> Option<String> {
        if let Some(mention) = self.slots.tables.first().cloned() {
            let table = self.take_mention(&mention)?;
            return Some(self.full_name(table));
        }
        self.slots.unknown.first().cloned()
    }

    /// The table that the question is about: named, by business words, or spoken of before.
    pub(super) fn subject(&mut self) -> Option<String> {
        if let Some(name) = self.named_table() {
            return Some(name);
        }
        let table_type = self.table_type();
        let known = self.terms.iter().filter(|term| term.known);
        let words: Vec<String> = self
            .slots
            .quoted
            .iter()
            .cloned()
            .chain(known.map(|term| term.text.clone()))
            .collect();
        if !words.is_empty() {
            let found = words
                .iter()
                .find_map(|term| self.table_for(term, table_type));
            return found
                .map(|table| self.full_name(table))
                .or_else(|| words.first().cloned());
        }
        if let Some(table) = self.spoken_table() {
            return Some(self.full_name(table));
        }
        let unknown = self.terms.first().map(|term| term.text.clone());
        let of_table = [Cue::Tables, Cue::Columns, Cue::Facts, Cue::Dimensions];
        unknown.filter(|_| self.cues.any(&of_table))
    }

    /// The table that was spoken of: the place in the list that is asked for, else the main one.
    fn spoken_table(&self) -> Option<TableId> {
        let focus = self.focus?;
        if !self.slots.schemas.is_empty() {
            return None;
        }
        match self.place() {
            Some(place) => focus.tables.get(place).copied(),
            None => focus.tables.first().copied(),
        }
    }

    /// "The first with the third": the tables at these places, where there are several.
    fn places_spoken_of(&self) -> Vec<String> {
        let Some(focus) = self.focus else {
            return Vec::new();
        };
        let asked = PLACES.iter().filter(|(cue, _)| self.cues.has(*cue));
        let tables = asked.filter_map(|(_, place)| focus.tables.get(*place));
        let found: Vec<String> = tables.map(|id| self.full_name(*id)).collect();
        if found.len() > 1 { found } else { Vec::new() }
    }

    /// The place in the last list that the question speaks of.
    fn place(&self) -> Option<usize> {
        let focus = self.focus?;
        // The main table of such an answer stands before its list.
        let ahead = usize::from(matches!(
            focus.topic,
            Some(Topic::Relationships | Topic::Lineage)
        ));
        if self.cues.has(Cue::Last) {
            return focus.tables.len().checked_sub(1);
        }
        PLACES
            .iter()
            .find(|(cue, _)| self.cues.has(*cue))
            .map(|(_, place)| place + ahead)
    }

    pub(super) fn details(&mut self) -> Option<Intent> {
        let aspect = self.aspect();
        if let Some(each) = self.of_each(|table| Intent::Details { table, aspect }) {
            return Some(each);
        }
        let pair = self.slots.tables.len() == 2 && !self.cues.has(Cue::Describe);
        if pair && aspect == Aspect::Everything {
            return Some(self.joins());
        }
        let named = !self.slots.tables.is_empty() || !self.slots.unknown.is_empty();
        if !named {
            self.schemas_for_terms_of_details();
        }
        let known = self.terms.iter().find(|term| term.known).cloned();
        if let (false, Some(term)) = (named, known) {
            return match self.table_for(&term.text, self.table_type()) {
                Some(table) => Some(Intent::Details {
                    table: self.full_name(table),
                    aspect,
                }),
                None => self.mapping(),
            };
        }
        if !named && self.slots.label(&self.knowledge.catalog).is_some() {
            let listed = self.table_type().is_some() || self.cues.has(Cue::Tables);
            let of_schema = matches!(
                aspect,
                Aspect::Everything | Aspect::Owner | Aspect::Security
            );
            return (!listed && of_schema).then(|| self.overview());
        }
        if !named && aspect == Aspect::Everything && self.cues.has(Cue::Catalog) {
            return Some(self.overview());
        }
        if !named && !self.slots.patterns.is_empty() {
            return self.mapping();
        }
        // "What is the weather": nothing of it points at what was spoken of.
        let strange = !self.terms.is_empty() && !self.cues.has(Cue::It);
        let found = if named || !strange || self.cues.has(Cue::Tables) {
            self.subject()
        } else {
            None
        };
        if let Some(table) = found {
            return Some(Intent::Details { table, aspect });
        }
        let asks_for_one = aspect != Aspect::Everything || self.cues.has(Cue::Tables);
        (asks_for_one && !strange).then_some(Intent::WhichTable(Topic::Details))
    }

    /// "What is the purchase schema" is about a schema, "what is a purchase" is not.
    fn schemas_for_terms_of_details(&mut self) {
        if self.cues.has(Cue::Schemas) {
            self.schemas_for_terms();
        }
    }

    /// Up to two tables, in the order they are spoken of.
    fn pair(&mut self) -> Vec<String> {
        let type_of_term = self.table_type().filter(|_| self.slots.tables.is_empty());
        let terms = self.terms.iter().filter(|term| term.known);
        let by_words: Vec<Mention> = terms
            .filter_map(|term| self.mention_for(&term.text, type_of_term))
            .collect();
        // All are known before the first is chosen: one can tell where the other is.
        self.slots.tables.extend(by_words);
        self.slots.tables.truncate(2);
        let mut names: Vec<String> = Vec::new();
        for mention in self.slots.tables.clone() {
            if let Some(table) = self.take_mention(&mention) {
                names.push(self.full_name(table));
            }
        }
        names.extend(self.slots.unknown.clone());
        if names.is_empty() {
            names = self.places_spoken_of();
        }
        let back = self.cues.any(&[Cue::It, Cue::Them]) || self.joins_with_spoken();
        if let Some(table) = self.spoken_table()
            && (names.is_empty() || (names.len() == 1 && back))
        {
            names.insert(0, self.full_name(table));
        }
        names.dedup();
        names.truncate(2);
        names
    }

    /// "How does it join with suppliers": the other table is the one spoken of.
    fn joins_with_spoken(&self) -> bool {
        let asks_what = |token: &Token<'_>| WHAT.contains(&token.folded.as_str());
        let first = self.terms.iter().map(|term| term.start);
        let named = (0..self.tokens.len())
            .filter(|place| self.slots.taken.get(*place).copied().unwrap_or_default());
        let introduced = first.chain(named).any(|start| {
            let before = start
                .checked_sub(1)
                .and_then(|place| self.tokens.get(place));
            before.is_some_and(|token| WITH.contains(&token.folded.as_str()))
        });
        introduced && !self.tokens.iter().any(asks_what)
    }

    pub(super) fn joins(&mut self) -> Intent {
        let mut names = self.pair().into_iter();
        let Some(table) = names.next() else {
            let column = self.slots.patterns.first().cloned();
            return column.map_or(Intent::WhichTable(Topic::Relationships), |pattern| {
                Intent::SearchColumns {
                    pattern,
                    count: false,
                    within: None,
                }
            });
        };
        let other = names.next();
        let table_type = self.table_type().filter(|_| other.is_none());
        Intent::Joins {
            table,
            other,
            table_type,
        }
    }

    pub(super) fn compare(&mut self) -> Option<Intent> {
        let named = !self.slots.tables.is_empty();
        if let ([one, two, ..], false) = (self.slots.schema_groups.as_slice(), named) {
            let catalog = &self.knowledge.catalog;
            let name = |id: SchemaId| catalog.schema(id).name.to_string();
            let schemas = [name(*one), name(*two)];
            return Some(Intent::CompareSchemas { schemas });
        }
        // One name, in two schemas.
        if let ([mention], [_, _, ..]) =
            (self.slots.tables.as_slice(), self.slots.schemas.as_slice())
            && let [one, two, ..] = mention.ids.as_slice()
        {
            let tables = [self.full_name(*one), self.full_name(*two)];
            return Some(Intent::CompareTables { tables });
        }
        let tables: [String; 2] = self.pair().try_into().ok()?;
        Some(Intent::CompareTables { tables })
    }

    /// What is asked of each of the tables that were listed, where the question speaks of
    /// them and names none; the first of them where there are many.
    pub(super) fn of_each(&self, ask: impl Fn(String) -> Intent) -> Option<Intent> {
        let focus = self.focus?;
        let listed = focus.tables.len() > 1
            && !matches!(
                focus.topic,
                Some(Topic::Details | Topic::Relationships | Topic::Lineage)
            );
        if !listed || !self.cues.has(Cue::Them) || self.names_something() || self.place().is_some()
        {
            return None;
        }
        let tables = focus.tables.iter().take(EACH_MAX);
        Some(Intent::Each {
            intents: tables.map(|id| ask(self.full_name(*id))).collect(),
            more: focus.tables.len().saturating_sub(EACH_MAX),
        })
    }

    /// Goes on with what was asked before, where the question says little by itself.
    pub(super) fn continued(&mut self, goal: Option<Goal>) -> Option<Intent> {
        let focus = self.focus?;
        let topic = focus.topic?;
        let lead = self.cues.at(0) == Some(Cue::And);
        let empty_handed = focus.tables.is_empty() && !self.slots.tables.is_empty();
        let named = !self.slots.tables.is_empty() || !self.slots.unknown.is_empty();
        let terms = self.terms.iter().any(|term| term.known);
        if let Some(place) = self.place()
            && !named
            && !terms
            && self.slots.schemas.is_empty()
        {
            return Some(match focus.tables.get(place) {
                Some(table) => self.about(topic, self.full_name(*table)),
                None => Intent::NoSuchPlace,
            });
        }
        if !lead && !empty_handed {
            return None;
        }
        if topic == Topic::Relationships
            && let Some(intent) = self.joined_with(focus)
        {
            return Some(intent);
        }
        if named || (terms && topic != Topic::Mapping && topic != Topic::Tables) {
            let table = self.subject()?;
            return Some(self.about(topic, table));
        }
        if terms {
            return None;
        }
        self.elsewhere(focus, topic, goal)
    }

    /// "And with X?": how the table spoken of joins another.
    fn joined_with(&mut self, focus: &Focus) -> Option<Intent> {
        let main = focus.tables.first()?;
        let mut words = self.tokens.iter().map(|token| token.folded.as_str());
        if !words.any(|word| WITH.contains(&word)) {
            return None;
        }
        Some(Intent::Joins {
            table: self.full_name(*main),
            other: Some(self.subject()?),
            table_type: None,
        })
    }

    /// "And in X?", "and the dimensions?": the same of another schema or type.
    fn elsewhere(&mut self, focus: &Focus, topic: Topic, goal: Option<Goal>) -> Option<Intent> {
        let catalog = &self.knowledge.catalog;
        let label = self.slots.label(catalog);
        match (&label, topic) {
            (Some(_), Topic::Quality) => self.quality(),
            (Some(_), Topic::Diagram) => Some(Intent::Diagram(Shown::Schemas(label))),
            (Some(_), _) => Some(self.list_here(self.table_type().or(focus.table_type))),
            (None, Topic::Tables) if self.table_type().is_some() && goal == Some(Goal::List) => {
                Some(Intent::List {
                    schema: slots::label(catalog, &focus.schemas),
                    table_type: self.table_type(),
                    count: self.cues.has(Cue::Count),
                    widest: false,
                })
            }
            _ => None,
        }
    }

    /// What a topic asks of one table.
    fn about(&self, topic: Topic, table: String) -> Intent {
        match topic {
            Topic::Relationships => Intent::Joins {
                table,
                other: None,
                table_type: None,
            },
            Topic::Lineage => Intent::Lineage {
                table,
                direction: self.direction(),
            },
            Topic::Diagram => Intent::Diagram(Shown::Table(table)),
            _ => Intent::Details {
                table,
                aspect: self.aspect(),
            },
        }
    }

    /// What is meant where only names are given.
    pub(super) fn by_names_alone(&mut self) -> Intent {
        if !self.slots.tables.is_empty() || !self.slots.unknown.is_empty() {
            return self.details().unwrap_or(Intent::NotUnderstood);
        }
        self.schemas_for_terms();
        let labelled = self.slots.label(&self.knowledge.catalog).is_some();
        if labelled && self.terms.is_empty() {
            return self.list_here(self.table_type());
        }
        let all_known = !self.terms.is_empty() && self.terms.iter().all(|term| term.known);
        let named = !self.slots.patterns.is_empty() || !self.slots.quoted.is_empty();
        let meant = if named || all_known {
            self.mapping()
        } else {
            None
        };
        meant.unwrap_or(Intent::NotUnderstood)
    }
}
