//! The words of a catalog: which tables hold a key, and in which of their fields.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::compounds::Dictionary;
use super::names::NameReader;
use super::similar::{Alike, SimilarWords};
use crate::catalog::{Catalog, Column, Documentation, TableId};
use crate::glossary::{Glossary, Kind, Term};
use crate::pipeline::structure::Analysis;
use crate::text::fold;

/// Where in a table's metadata a word stands.
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

/// One place in which a key stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Posting {
    pub(super) table: TableId,
    pub(super) field: Field,
    /// The first column, where the field is one of columns.
    pub(super) column: Option<u32>,
    /// How surely the word means the key, 0–1: less for one that is cut short.
    pub(super) strength: f32,
}

/// A key's place among all keys of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct KeyId(u32);

/// A key that a name holds, and how surely.
pub(super) type Held = (KeyId, f32);

/// Where a key stands.
#[derive(Debug, Default)]
struct Occurrences {
    postings: Vec<Posting>,
    /// How many tables hold it in their name, and in names of columns.
    names: u32,
    columns: u32,
}

/// An inverted index over names, descriptions and columns of all tables.
#[derive(Debug, Default)]
pub struct SearchIndex {
    ids: HashMap<Box<str>, KeyId>,
    /// By place of the key.
    occurrences: Vec<Occurrences>,
    /// Keys of each table's name without its class word, by place of the table.
    names: Vec<Vec<Held>>,
    /// Keys of each distinct name of a column, and their places by table and column.
    column_names: Vec<Arc<[Held]>>,
    columns: Vec<Vec<u32>>,
    /// The tables one join away, by place of the table.
    neighbours: Vec<Vec<TableId>>,
    /// How compounds are taken apart.
    dictionary: Dictionary,
    /// Words of names and of the glossary, for words that are neither.
    similar: SimilarWords,
}

/// Texts of a catalog repeat from table to table; each is read once.
type Texts<'c> = HashMap<&'c str, Arc<[Held]>>;

impl SearchIndex {
    /// Reads every name and description of the catalog once. Linear in its text.
    #[must_use]
    pub fn new(catalog: &Catalog, glossary: &Glossary) -> Self {
        let mut builder = Builder::new(catalog, glossary);
        for (id, table) in catalog.tables() {
            builder.name(catalog, id);
            builder.documentation(id, &table.documentation);
            builder.columns(id, &table.columns);
        }
        builder.finish()
    }

    /// The index, knowing which tables are one join away.
    #[must_use]
    pub fn with_neighbours(mut self, structure: &Analysis) -> Self {
        self.neighbours = vec![Vec::new(); self.names.len()];
        for join in &structure.joins {
            if join.from == join.to {
                continue;
            }
            if let Some(known) = self.neighbours.get_mut(join.from.index())
                && !known.contains(&join.to)
                && known.len() < NEIGHBOURS_MAX
            {
                known.push(join.to);
            }
        }
        self
    }

    fn id(&mut self, key: &str) -> KeyId {
        if let Some(known) = self.ids.get(key) {
            return *known;
        }
        let id = KeyId(u32::try_from(self.occurrences.len()).unwrap_or(u32::MAX));
        self.ids.insert(key.into(), id);
        self.occurrences.push(Occurrences::default());
        id
    }

    fn add(&mut self, keys: &[Held], posting: Posting) {
        for (KeyId(key), strength) in keys {
            let Some(known) = self.occurrences.get_mut(*key as usize) else {
                continue;
            };
            // Tables come one after the other, so a repetition is among the last few.
            let mut of_table = known
                .postings
                .iter_mut()
                .rev()
                .take_while(|known| known.table == posting.table);
            if let Some(same) = of_table.find(|known| known.field == posting.field) {
                if *strength > same.strength {
                    *same = Posting {
                        strength: *strength,
                        ..posting
                    };
                }
                continue;
            }
            known.postings.push(Posting {
                strength: *strength,
                ..posting
            });
            known.names += u32::from(posting.field == Field::Name);
            known.columns += u32::from(posting.field == Field::ColumnName);
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

    /// The id of a key that stands anywhere.
    pub(super) fn key(&self, key: &str) -> Option<KeyId> {
        self.ids.get(key).copied()
    }

    /// Keys of a table's name, its class word left out.
    pub(super) fn name_keys(&self, table: TableId) -> &[Held] {
        self.names.get(table.index()).map_or(&[], Vec::as_slice)
    }

    /// The keys of the names of a table's columns, by place.
    pub(super) fn column_keys(&self, table: TableId) -> impl Iterator<Item = &[Held]> {
        let columns = self.columns.get(table.index());
        columns.into_iter().flatten().map(|name| {
            self.column_names
                .get(*name as usize)
                .map_or(&[][..], |keys| keys)
        })
    }

    /// The tables that this one points at.
    pub(super) fn neighbours(&self, table: TableId) -> &[TableId] {
        self.neighbours
            .get(table.index())
            .map_or(&[], Vec::as_slice)
    }

    /// The words of a compound; `None` for any other word.
    pub(super) fn parts(&self, word: &str) -> Option<Vec<String>> {
        self.dictionary.split(word).map(|parts| parts.words)
    }

    /// The known words most like a folded one.
    pub(super) fn alike(&self, word: &str) -> Vec<Alike<'_>> {
        self.similar.like(word)
    }

    /// How telling a key is: rare ones weigh more (inverse document frequency, Robertson
    /// and Spärck Jones 1976, over tables that hold the key in their name; where none does,
    /// over those that have it in the name of a column).
    pub(super) fn rarity(&self, key: &str) -> f64 {
        let known = self.occurrences(key);
        self.rarity_of(known)
    }

    /// The same by id.
    pub(super) fn rarity_by_id(&self, key: KeyId) -> f64 {
        self.rarity_of(self.occurrences.get(key.0 as usize))
    }

    fn rarity_of(&self, known: Option<&Occurrences>) -> f64 {
        let (names, columns) = known.map_or((0, 0), |known| (known.names, known.columns));
        let holding = if names > 0 { names } else { columns };
        #[expect(
            clippy::cast_precision_loss,
            reason = "a catalog has far fewer than 2^52 tables"
        )]
        let (tables, holding) = (self.names.len() as f64, f64::from(holding));
        (1.0 + tables / (holding + 0.5)).ln()
    }
}

/// How many tables one join away are looked at.
const NEIGHBOURS_MAX: usize = 24;

/// An index while it is built.
struct Builder<'c> {
    index: SearchIndex,
    glossary: &'c Glossary,
    reader: NameReader<'c>,
    schemas: HashMap<&'c str, Arc<[Held]>>,
    column_names: HashMap<&'c str, u32>,
    column_texts: Texts<'c>,
    /// Words of names, for the look-up of similar ones.
    words: HashSet<String>,
}

impl<'c> Builder<'c> {
    fn new(catalog: &'c Catalog, glossary: &'c Glossary) -> Self {
        let names = catalog.tables().map(|(_, table)| &*table.name);
        let reader = NameReader::new(glossary, Dictionary::new(glossary, names));
        let mut builder = Self {
            index: SearchIndex::default(),
            glossary,
            reader,
            schemas: HashMap::new(),
            column_names: HashMap::new(),
            column_texts: Texts::new(),
            words: HashSet::new(),
        };
        for schema in catalog.schemas() {
            let held = builder.held(&schema.name);
            builder.schemas.insert(&schema.name, held);
        }
        builder
    }

    /// The keys of a name, each once.
    fn held(&mut self, name: &str) -> Arc<[Held]> {
        let mut held: Vec<Held> = Vec::new();
        for (key, strength) in self.reader.keys(name) {
            let id = self.index.id(&key);
            if !held.iter().any(|(known, _)| *known == id) {
                held.push((id, strength));
            }
        }
        held.into()
    }

    /// The keys of a text, each once.
    fn spoken(&mut self, terms: impl IntoIterator<Item = Term>) -> Arc<[Held]> {
        let mut held: Vec<Held> = Vec::new();
        for key in terms.into_iter().flat_map(|term| term.keys).flatten() {
            let id = self.index.id(&key);
            if !held.iter().any(|(known, _)| *known == id) {
                held.push((id, 1.0));
            }
        }
        held.into()
    }

    fn name(&mut self, catalog: &'c Catalog, id: TableId) {
        let table = catalog.table(id);
        let subject = NameReader::subject(&table.name);
        let held = self.held(&subject);
        self.words.extend(self.reader.words(&subject));
        self.index.add(&held, posting(id, Field::Name));
        self.index.names.push(held.to_vec());
        if let Some(schema) = self.schemas.get(catalog.schema_name(id)).cloned() {
            self.index.add(&schema, posting(id, Field::Schema));
        }
    }

    fn documentation(&mut self, id: TableId, documentation: &'c Documentation) {
        if let Some(business_name) = &documentation.business_name {
            let keys = self.spoken(self.glossary.read(business_name));
            self.index.add(&keys, posting(id, Field::BusinessName));
        }
        for description in descriptions(documentation) {
            let terms = self.glossary.read(description);
            let head = terms
                .first()
                .filter(|term| term.kind == Some(Kind::Entity))
                .cloned();
            let (head, terms) = (self.spoken(head), self.spoken(terms));
            self.index.add(&head, posting(id, Field::DescriptionHead));
            self.index.add(&terms, posting(id, Field::Description));
        }
    }

    fn columns(&mut self, id: TableId, columns: &'c [Column]) {
        let mut places = Vec::with_capacity(columns.len());
        for (place, column) in (0..).zip(columns) {
            let at = |field| Posting {
                column: Some(place),
                ..posting(id, field)
            };
            let name = self.column_name(&column.name);
            places.push(name);
            if let Some(held) = self.index.column_names.get(name as usize).cloned() {
                self.index.add(&held, at(Field::ColumnName));
            }
            for text in texts_of(column) {
                let held = if let Some(known) = self.column_texts.get(text) {
                    known.clone()
                } else {
                    let held = self.spoken(self.glossary.read(text));
                    self.column_texts.insert(text, held.clone());
                    held
                };
                self.index.add(&held, at(Field::ColumnDescription));
            }
        }
        self.index.columns.push(places);
    }

    fn column_name(&mut self, name: &'c str) -> u32 {
        if let Some(known) = self.column_names.get(name) {
            return *known;
        }
        let held = self.held(name);
        self.words.extend(self.reader.words(name));
        let place = u32::try_from(self.index.column_names.len()).unwrap_or(u32::MAX);
        self.index.column_names.push(held);
        self.column_names.insert(name, place);
        place
    }

    fn finish(self) -> SearchIndex {
        let mut index = self.index;
        let forms = self
            .glossary
            .forms()
            .iter()
            .map(|form| form.folded.to_owned());
        let mut words: Vec<String> = self
            .words
            .into_iter()
            .map(|word| fold(&word))
            .chain(forms)
            .collect();
        words.sort_unstable();
        words.dedup();
        index.similar = SimilarWords::new(words.iter().map(String::as_str));
        index.dictionary = self.reader.into_dictionary();
        // It stays as long as the program runs.
        index.occurrences.shrink_to_fit();
        for known in &mut index.occurrences {
            known.postings.shrink_to_fit();
        }
        index
    }
}

fn posting(table: TableId, field: Field) -> Posting {
    Posting {
        table,
        field,
        column: None,
        strength: 1.0,
    }
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
