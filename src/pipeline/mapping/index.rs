//! The words of a catalog: which tables hold a key, and in which of their fields.

use std::collections::HashMap;

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

/// An inverted index over names, descriptions and columns of all tables.
#[derive(Debug, Default)]
pub struct SearchIndex {
    keys: HashMap<Box<str>, Occurrences>,
    /// Keys of each table's name without its class prefix, by place of the table.
    names: Vec<Vec<Box<str>>>,
}

impl SearchIndex {
    /// Reads every name and description of the catalog once. Linear in its text.
    #[must_use]
    pub fn new(catalog: &Catalog, glossary: &Glossary) -> Self {
        let mut index = Self::default();
        // Column names repeat from table to table; each is read once.
        let mut column_names: HashMap<&str, Vec<Box<str>>> = HashMap::new();
        let schema_keys: HashMap<&str, Vec<Box<str>>> = catalog
            .schemas()
            .iter()
            .map(|schema| (&*schema.name, keys(glossary.read_identifier(&schema.name))))
            .collect();
        for (id, table) in catalog.tables() {
            let name = keys(subject_terms(glossary, &table.name));
            index.add(
                &name,
                Posting {
                    table: id,
                    field: Field::Name,
                    column: None,
                },
            );
            index.names.push(name);
            if let Some(schema) = schema_keys.get(catalog.schema_name(id)) {
                index.add(
                    schema,
                    Posting {
                        table: id,
                        field: Field::Schema,
                        column: None,
                    },
                );
            }
            if let Some(business_name) = &table.documentation.business_name {
                let posting = Posting {
                    table: id,
                    field: Field::BusinessName,
                    column: None,
                };
                index.add(&keys(glossary.read(business_name)), posting);
            }
            for description in descriptions(&table.documentation) {
                let terms = glossary.read(description);
                let head = terms
                    .first()
                    .filter(|term| term.kind == Some(Kind::Entity))
                    .cloned();
                let posting = |field| Posting {
                    table: id,
                    field,
                    column: None,
                };
                index.add(&keys(head), posting(Field::DescriptionHead));
                index.add(&keys(terms), posting(Field::Description));
            }
            for (place, column) in (0..).zip(&table.columns) {
                let name = column_names
                    .entry(&column.name)
                    .or_insert_with(|| keys(glossary.read_identifier(&column.name)));
                index.add(
                    name,
                    Posting {
                        table: id,
                        field: Field::ColumnName,
                        column: Some(place),
                    },
                );
                for text in column_texts(column) {
                    let posting = Posting {
                        table: id,
                        field: Field::ColumnDescription,
                        column: Some(place),
                    };
                    index.add(&keys(glossary.read(text)), posting);
                }
            }
        }
        index
    }

    fn add(&mut self, keys: &[Box<str>], posting: Posting) {
        for key in keys {
            let known = match self.keys.get_mut(key) {
                Some(known) => known,
                None => self.keys.entry(key.clone()).or_default(),
            };
            // Tables come one after the other, so a repetition is among the last few.
            let of_table = known
                .postings
                .iter()
                .rev()
                .take_while(|known| known.table == posting.table);
            if !of_table
                .into_iter()
                .any(|known| known.field == posting.field)
            {
                known.postings.push(posting);
                known.names += u32::from(posting.field == Field::Name);
            }
        }
    }

    pub(super) fn postings(&self, key: &str) -> &[Posting] {
        self.keys
            .get(key)
            .map_or(&[], |known| known.postings.as_slice())
    }

    /// Keys of a table's name, its class prefix left out.
    pub(super) fn name_keys(&self, table: TableId) -> &[Box<str>] {
        self.names.get(table.index()).map_or(&[], Vec::as_slice)
    }

    /// How telling a key is: rare ones weigh more (inverse document frequency, Robertson
    /// and Spärck Jones 1976, over tables that hold the key in their name).
    pub(super) fn rarity(&self, key: &str) -> f64 {
        let named = self.keys.get(key).map_or(0, |known| known.names);
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
fn keys(terms: impl IntoIterator<Item = Term>) -> Vec<Box<str>> {
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

fn column_texts(column: &Column) -> impl Iterator<Item = &str> {
    descriptions(&column.documentation).chain(column.documentation.business_name.as_deref())
}
