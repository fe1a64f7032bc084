//! The look-ups by which joins are found: tables by words, initials and keys.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Subject;
use super::keys;
use super::names::{self, ColumnName};
use super::reference;
use super::vocabulary::Vocabulary;
use super::weights::Signal;
use crate::catalog::{Catalog, SchemaId, TableId};
use crate::text;

/// How many tables are weighed for one word of a column: a word that stands in more names
/// than that says nothing by itself, and without a bound a catalog of a thousand marts of
/// the same tables would be compared mart by mart.
pub(super) const TABLES_OF_A_WORD_MAX: usize = 64;

/// The look-ups over the tables of the scope.
pub(super) struct Index<'t, 'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) tables: &'t [Subject<'c>],
    pub(super) vocabulary: &'t Vocabulary,
    /// Tables by what they are about, the words joined by spaces.
    pub(super) by_subject: HashMap<String, Vec<usize>>,
    /// Tables by what they are about, written in one word.
    pub(super) by_fused_subject: HashMap<String, Vec<usize>>,
    /// Tables by the last word of what they are about, and by each of its words.
    pub(super) by_last_word: HashMap<&'t str, Vec<usize>>,
    pub(super) by_word: HashMap<&'t str, Vec<usize>>,
    pub(super) by_initials: HashMap<String, Vec<usize>>,
    /// Tables by the lower-cased name of their single-column key, and by that name without
    /// the prefix of its table.
    pub(super) by_key_name: HashMap<String, Vec<usize>>,
    pub(super) by_plain_key_name: HashMap<&'t str, Vec<usize>>,
    /// Names of columns, without the prefix of their table, that most tables have.
    pub(super) everywhere: HashSet<&'t str>,
    /// Words that the names of several tables begin with, as modules of an application.
    pub(super) modules: HashSet<&'t str>,
    /// Whether hardly a column of the scope has a key word.
    pub(super) terse: bool,
    pub(super) calendars: Vec<usize>,
    pub(super) people: Vec<usize>,
    /// The words of the names of schemas that tell them from others: not those of all.
    pub(super) schema_words: HashMap<SchemaId, BTreeSet<String>>,
    /// The places of the tables in `tables`, by id.
    pub(super) place: HashMap<TableId, usize>,
}

/// Tables of people, the likelier first.
pub(super) const PEOPLE: &[&str] = &[
    "user", "person", "employe", "member", "people", "staff", "account",
];

impl<'t, 'c> Index<'t, 'c> {
    pub(super) fn new(
        catalog: &'c Catalog,
        tables: &'t [Subject<'c>],
        vocabulary: &'t Vocabulary,
    ) -> Self {
        let place = tables
            .iter()
            .enumerate()
            .map(|(place, table)| (table.id, place))
            .collect();
        let mut index = Self {
            catalog,
            tables,
            vocabulary,
            by_subject: HashMap::new(),
            by_fused_subject: HashMap::new(),
            by_last_word: HashMap::new(),
            by_word: HashMap::new(),
            by_initials: HashMap::new(),
            by_key_name: HashMap::new(),
            by_plain_key_name: HashMap::new(),
            everywhere: everywhere(tables),
            modules: modules(tables),
            terse: keys::is_terse(tables),
            calendars: Vec::new(),
            people: Vec::new(),
            schema_words: telling_words(catalog),
            place,
        };
        for (place, table) in tables
            .iter()
            .enumerate()
            .filter(|(_, table)| table.copy_of.is_none())
        {
            index.add_names(place, table);
            index.add_key(place, table);
        }
        index
    }

    fn add_names(&mut self, place: usize, table: &'t Subject<'c>) {
        let subject = table.name.subject.as_slice();
        let Some(last) = subject.last() else { return };
        self.by_subject
            .entry(subject.join(" "))
            .or_default()
            .push(place);
        self.by_fused_subject
            .entry(subject.concat())
            .or_default()
            .push(place);
        self.by_last_word.entry(last).or_default().push(place);
        for word in subject.iter().collect::<BTreeSet<_>>() {
            self.by_word.entry(word).or_default().push(place);
        }
        for form in reference::initial_forms(subject) {
            self.by_initials.entry(form).or_default().push(place);
        }
        let dates = || {
            let parts = table.columns.iter();
            parts
                .filter(|name| names::is_part_of_date(&name.subject))
                .count()
        };
        if names::CALENDAR_WORDS.contains(&last.as_str()) && (subject.len() == 1 || dates() > 2) {
            self.calendars.push(place);
        }
        if PEOPLE.contains(&last.as_str()) {
            self.people.push(place);
        }
    }

    fn add_key(&mut self, place: usize, table: &'t Subject<'c>) {
        let Some(key) = table.single_key() else {
            return;
        };
        let bare = table.columns.get(key).is_none_or(ColumnName::is_bare_key);
        if let Some(column) = table.table.columns.get(key).filter(|_| !bare) {
            self.by_key_name
                .entry(column.name.to_lowercase())
                .or_default()
                .push(place);
        }
        if let Some(plain) = table.plain_names.get(key).filter(|_| !bare) {
            self.by_plain_key_name.entry(plain).or_default().push(place);
        }
    }

    /// Of tables of one name the ones that a child can mean: those of its own schema, else
    /// the first [`TABLES_OF_A_WORD_MAX`] of others. Lists of places are in the order of the
    /// scope, and so by schema.
    pub(super) fn nearest<'l>(&self, child: usize, parents: &'l [usize]) -> &'l [usize] {
        let schema_of = |place: &usize| self.tables.get(*place).map(|table| table.table.schema);
        let own = schema_of(&child);
        let start = parents.partition_point(|place| schema_of(place) < own);
        let end = parents.partition_point(|place| schema_of(place) <= own);
        match parents.get(start..end) {
            Some(near) if near.iter().any(|place| *place != child) => near,
            _ => parents.get(..TABLES_OF_A_WORD_MAX).unwrap_or(parents),
        }
    }

    /// The [`Self::nearest`] of the tables of a list, where they are few enough to tell
    /// anything: of a hundred tables of one name none is meant.
    pub(super) fn few<'l>(&self, child: usize, tables: Option<&'l Vec<usize>>) -> &'l [usize] {
        let near = tables.map(|tables| self.nearest(child, tables));
        near.filter(|near| near.len() <= TABLES_OF_A_WORD_MAX)
            .unwrap_or_default()
    }

    /// The table of an id; `None` for one out of scope.
    pub(super) fn subject_of(&self, id: TableId) -> Option<&'t Subject<'c>> {
        self.tables.get(*self.place.get(&id)?)
    }

    /// What it means for a join to lead from one schema to another: less where their names
    /// share a word that not all schemas bear, nothing within one.
    pub(super) fn distance(&self, child: &Subject<'_>, parent: &Subject<'_>) -> Option<Signal> {
        if child.table.schema == parent.table.schema {
            return None;
        }
        let words = |table: &Subject<'_>| self.schema_words.get(&table.table.schema);
        let alike = words(child)
            .zip(words(parent))
            .is_some_and(|(a, b)| !a.is_disjoint(b));
        Some(if alike {
            Signal::OtherSchema
        } else {
            Signal::OtherScope
        })
    }
}

/// The words of the name of every schema, without those that the names of all hold.
fn telling_words(catalog: &Catalog) -> HashMap<SchemaId, BTreeSet<String>> {
    let mut words: HashMap<SchemaId, BTreeSet<String>> = catalog
        .schemas_with_ids()
        .map(|(id, schema)| {
            let words = text::identifier_words(&schema.name);
            (id, words.into_iter().collect())
        })
        .collect();
    let common = words
        .values()
        .cloned()
        .reduce(|shared, next| shared.intersection(&next).cloned().collect())
        .unwrap_or_default();
    for words in words.values_mut() {
        words.retain(|word| !common.contains(word));
    }
    words
}

/// Names of columns, without the prefix of their table, that more than half of the tables
/// have: who loaded the row and when says nothing about any other table.
fn everywhere<'t>(tables: &'t [Subject<'_>]) -> HashSet<&'t str> {
    keys::tables_with_each(tables.iter())
        .into_iter()
        .filter(|(_, with)| keys::is_everywhere(*with, tables.len()))
        .map(|(name, _)| name)
        .collect()
}

/// The fewest tables whose names begin with a word, for it to be a module's.
const MODULE_TABLES: usize = 3;

/// Words that the names of several tables begin with.
fn modules<'t>(tables: &'t [Subject<'_>]) -> HashSet<&'t str> {
    let mut beginnings: HashMap<&str, usize> = HashMap::new();
    for table in tables {
        if let Some(first) = table.name.subject.first() {
            *beginnings.entry(first).or_default() += 1;
        }
    }
    beginnings
        .into_iter()
        .filter(|(_, tables)| *tables >= MODULE_TABLES)
        .map(|(word, _)| word)
        .collect()
}
