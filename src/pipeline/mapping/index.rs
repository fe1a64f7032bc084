//! The words of a catalog: which tables hold a key, and in which of their fields.

use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::{Catalog, Column, Documentation, TableId};
use crate::glossary::{Glossary, Kind, Term};

/// Where in a table's metadata a word stands, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Name,
    BusinessName,
    Schema,
    /// The entity that a description begins with: what the table is about.
    DescriptionHead,
    Description,
    ColumnName,
    ColumnDescription,
}

impl Field {
    /// What a meeting in this field is worth against one in the name, 0–1. Set on the
    /// sample catalog.
    pub(super) fn weight(self) -> f64 {
        match self {
            Self::Name => 1.0,
            Self::BusinessName => 0.97,
            Self::DescriptionHead => 0.85,
            Self::Description => 0.75,
            Self::ColumnName => 0.55,
            Self::Schema => 0.45,
            Self::ColumnDescription => 0.4,
        }
    }
}

/// One place in which a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) table: TableId,
    pub(super) field: Field,
    /// The first column, where the field is one of columns.
    pub(super) column: Option<u32>,
}

/// Where a key stands.
#[derive(Debug, Default)]
struct Occurrences {
    postings: Vec<Posting>,
    /// How many tables hold it in their name.
    names: u32,
}

/// A key's place among all keys of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KeyId(u32);

/// An inverted index over names, descriptions and columns of all tables.
#[derive(Debug, Default)]
pub struct SearchIndex {
    ids: HashMap<Box<str>, KeyId>,
    /// By place of the key.
    occurrences: Vec<Occurrences>,
    /// Keys of each table's name without its class prefix, by place of the table.
    names: Vec<Vec<Box<str>>>,
}

/// Texts of a catalog repeat from table to table; each is read once.
type Texts<'c> = HashMap<&'c str, Rc<[KeyId]>>;

impl SearchIndex {
    /// Reads every name and description of the catalog once. Linear in its text.
    #[must_use]
    pub fn new(catalog: &Catalog, glossary: &Glossary) -> Self {
        let mut index = Self::default();
        let (mut column_names, mut column_texts) = (Texts::new(), Texts::new());
        let schemas: HashMap<&str, Rc<[KeyId]>> = catalog
            .schemas()
            .iter()
            .map(|schema| {
                (
                    &*schema.name,
                    index.keys(glossary.read_identifier(&schema.name)),
                )
            })
            .collect();
        for (id, table) in catalog.tables() {
            let posting = |field| Posting {
                table: id,
                field,
                column: None,
            };
            let name = subject_terms(glossary, &table.name);
            index.names.push(spellings(name.clone()));
            let name = index.keys(name);
            index.add(&name, posting(Field::Name));
            if let Some(schema) = schemas.get(catalog.schema_name(id)) {
                index.add(schema, posting(Field::Schema));
            }
            if let Some(business_name) = &table.documentation.business_name {
                let keys = index.keys(glossary.read(business_name));
                index.add(&keys, posting(Field::BusinessName));
            }
            for description in descriptions(&table.documentation) {
                let terms = glossary.read(description);
                let head = terms
                    .first()
                    .filter(|term| term.kind == Some(Kind::Entity))
                    .cloned();
                let (head, terms) = (index.keys(head), index.keys(terms));
                index.add(&head, posting(Field::DescriptionHead));
                index.add(&terms, posting(Field::Description));
            }
            for (place, column) in (0..).zip(&table.columns) {
                let posting = |field| Posting {
                    table: id,
                    field,
                    column: Some(place),
                };
                let name = column_names
                    .entry(&column.name)
                    .or_insert_with(|| index.keys(glossary.read_identifier(&column.name)));
                index.add(name, posting(Field::ColumnName));
                for text in texts_of(column) {
                    let text = column_texts
                        .entry(text)
                        .or_insert_with(|| index.keys(glossary.read(text)));
                    index.add(text, posting(Field::ColumnDescription));
                }
            }
        }
        index
    }

    /// The ids of all spellings of all keys of these terms, each once.
    fn keys(&mut self, terms: impl IntoIterator<Item = Term>) -> Rc<[KeyId]> {
        spellings(terms)
            .into_iter()
            .map(|key| self.id(key))
            .collect()
    }

    fn id(&mut self, key: Box<str>) -> KeyId {
        let next = KeyId(u32::try_from(self.occurrences.len()).unwrap_or(u32::MAX));
        let id = *self.ids.entry(key).or_insert(next);
        if id == next {
            self.occurrences.push(Occurrences::default());
        }
        id
    }

    fn add(&mut self, keys: &[KeyId], posting: Posting) {
        for KeyId(key) in keys {
            let Some(known) = self.occurrences.get_mut(*key as usize) else {
                continue;
            };
            // Tables come one after the other, so a repetition is among the last few.
            let mut of_table = known
                .postings
                .iter()
                .rev()
                .take_while(|known| known.table == posting.table);
            if !of_table.any(|known| known.field == posting.field) {
                known.postings.push(posting);
                known.names += u32::from(posting.field == Field::Name);
            }
        }
    }

    fn occurrences(&self, key: &str) -> Option<&Occurrences> {
        self.occurrences.get(self.ids.get(key)?.0 as usize)
    }

    /// Whether any table, column or description holds a word of this key.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        !self.postings(key).is_empty()
    }

    /// Whether any table or column has a word of this key in its name.
    #[must_use]
    pub fn names(&self, key: &str) -> bool {
        let of_names = [Field::Name, Field::BusinessName, Field::ColumnName];
        let mut postings = self.postings(key).iter();
        postings.any(|posting| of_names.contains(&posting.field))
    }

    /// Whether any table has a word of this key in its name.
    #[must_use]
    pub fn names_tables(&self, key: &str) -> bool {
        self.occurrences(key).is_some_and(|known| known.names > 0)
    }

    /// The keys that stand in names of tables.
    pub fn words_of_names(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().filter_map(|(key, KeyId(place))| {
            let known = self.occurrences.get(*place as usize)?;
            (known.names > 0).then_some(&**key)
        })
    }

    pub(super) fn postings(&self, key: &str) -> &[Posting] {
        self.occurrences(key)
            .map_or(&[], |known| known.postings.as_slice())
    }

    /// Keys of a table's name, its class prefix left out.
    pub(super) fn name_keys(&self, table: TableId) -> &[Box<str>] {
        self.names.get(table.index()).map_or(&[], Vec::as_slice)
    }

    /// How telling a key is: rare ones weigh more (inverse document frequency, Robertson
    /// and Spärck Jones 1976, over tables that hold the key in their name).
    pub(super) fn rarity(&self, key: &str) -> f64 {
        let named = self.occurrences(key).map_or(0, |known| known.names);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a catalog has far fewer than 2^52 tables"
        )]
        let (tables, named) = (self.names.len() as f64, f64::from(named));
        (1.0 + tables / (named + 0.5)).ln()
    }
}

/// The terms of a table's name without the prefix that gives its class.
pub(super) fn subject_terms(glossary: &Glossary, name: &str) -> Vec<Term> {
    let mut terms = glossary.read_identifier(name);
    if terms.len() > 1
        && terms
            .first()
            .is_some_and(|term| CLASS_PREFIXES.contains(&term.surface.as_str()))
    {
        terms.remove(0);
    }
    terms
}

/// Prefixes that say what kind of table it is and nothing of what it is about.
const CLASS_PREFIXES: &[&str] = &[
    "fact", "factv", "fct", "dim", "dimv", "rel", "relv", "bridge", "brg", "stg", "tbl", "vw", "v",
];

/// All spellings of all keys, each once, in order.
fn spellings(terms: impl IntoIterator<Item = Term>) -> Vec<Box<str>> {
    let mut all: Vec<Box<str>> = Vec::new();
    for key in terms.into_iter().flat_map(|term| term.keys).flatten() {
        if !all.iter().any(|known| **known == *key) {
            all.push(key.into());
        }
    }
    all
}

fn descriptions(documentation: &Documentation) -> impl Iterator<Item = &str> {
    [
        &documentation.description,
        &documentation.source_description,
        &documentation.czech_description,
    ]
    .into_iter()
    .filter_map(|text| text.as_deref())
}

fn texts_of(column: &Column) -> impl Iterator<Item = &str> {
    descriptions(&column.documentation).chain(column.documentation.business_name.as_deref())
}
