//! What a question names: tables, schemas, columns, patterns.

use std::collections::{BTreeSet, HashMap};

use super::cues::{Cue, Cues};
use super::language;
use super::nearest::{TYPO_LETTERS_MIN, nearest};
use super::terms;
use super::tokens::Token;
use crate::catalog::{Catalog, SchemaId, TableId};
use crate::glossary::{Glossary, Kind};
use crate::pipeline::{Knowledge, mapping};
use crate::text;

/// The most words of a name with spaces.
const NAME_WORDS_MAX: usize = 4;

/// How a table was recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum How {
    /// By its name.
    Exact,
    /// By a name that is nearly its own.
    Nearly,
    /// By words of the business, this surely.
    Words(f64),
}

/// A table that a question speaks of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    /// As the question calls it.
    pub(super) asked: String,
    /// The tables of that name, by schema.
    pub(super) ids: Vec<TableId>,
    pub(super) how: How,
}

/// What a question names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Slots {
    pub(super) tables: Vec<Mention>,
    pub(super) schemas: Vec<SchemaId>,
    /// Schemas that two words mean separately, to be compared.
    pub(super) schema_groups: Vec<SchemaId>,
    /// A schema that the question names and the catalog does not have.
    pub(super) unknown_schema: Option<String>,
    /// What a misspelt schema was taken for.
    pub(super) schema_typo: Option<(String, String)>,
    /// Names of columns and patterns of them.
    pub(super) patterns: Vec<String>,
    /// A column named with its table, `table.column`: the tables of that name that have it.
    pub(super) column: Option<(Vec<TableId>, String)>,
    /// Names of nothing in the catalog.
    pub(super) unknown: Vec<String>,
    /// Quoted text that names nothing.
    pub(super) quoted: Vec<String>,
    /// Per token, whether it is one of the above.
    pub(super) taken: Vec<bool>,
    /// Per token, the schemas that it can mean where it is no business term.
    pub(super) maybe_schema: Vec<Vec<SchemaId>>,
}

/// Finds what a question names.
pub(super) fn find(knowledge: &Knowledge, tokens: &[Token<'_>], cues: &Cues) -> Slots {
    let words = SchemaWords::of(&knowledge.catalog);
    let mut slots = Slots {
        taken: vec![false; tokens.len()],
        maybe_schema: vec![Vec::new(); tokens.len()],
        ..Slots::default()
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let length = slots.name_at(&knowledge.catalog, &words, tokens, cues, at);
        if length == 0 && (token.is_identifier() || token.quoted) {
            slots.unfamiliar(knowledge, &words, token);
        }
        let named = length.max(usize::from(token.is_identifier() || token.quoted));
        for taken in slots.taken.iter_mut().skip(at).take(named) {
            *taken = true;
        }
        at += named.max(1);
    }
    slots.schema_words(knowledge, &words, tokens, cues);
    slots
}

impl Slots {
    /// Takes the name that begins at a token, and says how many tokens it has; 0: none.
    fn name_at(
        &mut self,
        catalog: &Catalog,
        words: &SchemaWords,
        tokens: &[Token<'_>],
        cues: &Cues,
        at: usize,
    ) -> usize {
        let Some(token) = tokens.get(at) else {
            return 0;
        };
        if let Some(pattern) = token.pattern() {
            self.patterns.push(pattern);
            return 1;
        }
        let cue = cues.taken.get(at).copied().unwrap_or_default();
        for length in (1..=NAME_WORDS_MAX).rev() {
            let Some(part) = tokens.get(at..at + length) else {
                continue;
            };
            let inside = part.iter().skip(1);
            if length == 1 && cue && !token.quoted
                || inside.clone().any(|word| word.after_break || word.quoted)
            {
                continue;
            }
            let surfaces: Vec<&str> = part.iter().map(|word| word.surface).collect();
            for separator in [" ", "_"].iter().take(length.min(2)) {
                let name = surfaces.join(separator);
                let ids = catalog.named(&name);
                if !ids.is_empty() {
                    let how = How::Exact;
                    let asked = name;
                    self.tables.push(Mention { asked, ids, how });
                    return length;
                }
                if let Some(schema) = words.by_name.get(&text::fold(&name)) {
                    self.add_schema(*schema);
                    return length;
                }
            }
        }
        0
    }

    fn add_schema(&mut self, schema: SchemaId) {
        if !self.schemas.contains(&schema) {
            self.schemas.push(schema);
        }
        if !self.schema_groups.contains(&schema) {
            self.schema_groups.push(schema);
        }
    }

    /// An identifier or quoted text that is neither a table nor a schema.
    fn unfamiliar(&mut self, knowledge: &Knowledge, words: &SchemaWords, token: &Token<'_>) {
        let catalog = &knowledge.catalog;
        let name = token.surface;
        if let Some((table, column)) = name.rsplit_once('.') {
            let mut ids = catalog.named(table);
            ids.retain(|id| has_column(catalog, *id, column));
            if !ids.is_empty() {
                self.column = Some((ids, column.to_owned()));
                return;
            }
        }
        let meant = if token.is_identifier() {
            mapping::schemas_called(catalog, name)
        } else {
            Vec::new()
        };
        if !meant.is_empty() {
            self.schemas.extend(meant);
        } else if is_column(catalog, name) {
            self.patterns.push(name.to_owned());
        } else if token.quoted && !token.is_identifier() {
            self.quoted.push(name.to_owned());
        } else if let Some(schema) = words.nearest_name(name) {
            let meant = catalog.schema(schema).name.to_string();
            self.schema_typo = Some((name.to_owned(), meant));
            self.add_schema(schema);
        } else if let Some(ids) = nearest_tables(catalog, name) {
            let asked = name.to_owned();
            let how = How::Nearly;
            self.tables.push(Mention { asked, ids, how });
        } else if words.begins_like_one(name) {
            self.unknown_schema = Some(name.to_owned());
        } else if let Some(mention) = by_its_words(knowledge, name) {
            self.tables.push(mention);
        } else {
            self.unknown.push(name.to_owned());
        }
    }

    /// Schemas that are called by words of their names.
    fn schema_words(
        &mut self,
        knowledge: &Knowledge,
        words: &SchemaWords,
        tokens: &[Token<'_>],
        cues: &Cues,
    ) {
        let words_at = |(place, token): (usize, &Token<'_>)| {
            let free = self.free(cues, place);
            if free { words.meant(token) } else { Vec::new() }
        };
        let meant: Vec<Vec<SchemaId>> = tokens.iter().enumerate().map(words_at).collect();
        let is_word = |place: usize| meant.get(place).is_some_and(|ids| !ids.is_empty());
        let names_schema = |place: usize| cues.at(place) == Some(Cue::Schemas);
        for (place, token) in tokens.iter().enumerate() {
            if !self.free(cues, place) {
                continue;
            }
            let before = place.checked_sub(1);
            let lead = before.and_then(|before| tokens.get(before));
            let named = before.is_some_and(names_schema) || names_schema(place + 1);
            let introduced = lead.is_some_and(|lead| SCHEMA_LEADS.contains(&&*lead.folded));
            if !is_word(place) {
                self.strange_schema(knowledge, words, token, place, (named, introduced));
                continue;
            }
            // "in purchase orders": part of a term, not the schema.
            let part_of_term = self.free(cues, place + 1)
                && !is_word(place + 1)
                && tokens.get(place + 1).is_some_and(|next| !next.after_break);
            let ids = meant.get(place).cloned().unwrap_or_default();
            if is_label_only(token) || named || (introduced && !part_of_term) {
                self.narrow(&ids);
                self.take(place);
            } else if let Some(maybe) = self.maybe_schema.get_mut(place) {
                *maybe = ids;
            }
        }
    }

    /// Whether nothing takes a token yet.
    fn free(&self, cues: &Cues, place: usize) -> bool {
        let taken = |taken: &[bool]| taken.get(place).copied().unwrap_or(true);
        !taken(&self.taken) && !taken(&cues.taken)
    }

    /// A word where a schema's name would stand: a misspelt one, or one of no schema.
    fn strange_schema(
        &mut self,
        knowledge: &Knowledge,
        words: &SchemaWords,
        token: &Token<'_>,
        place: usize,
        (named, introduced): (bool, bool),
    ) {
        let misspelt = if is_known_word(knowledge, token) {
            None
        } else {
            words.nearest_word(&token.folded)
        };
        if let Some((word, ids)) = misspelt.filter(|_| named || introduced) {
            self.schema_typo = Some((token.surface.to_owned(), word));
            self.narrow(&ids);
            self.take(place);
        } else if named && self.schemas.is_empty() && !is_common(token) {
            self.unknown_schema = Some(token.surface.to_owned());
            self.take(place);
        }
    }

    fn take(&mut self, place: usize) {
        if let Some(taken) = self.taken.get_mut(place) {
            *taken = true;
        }
    }

    /// Several words mean the schemas that have all of them, or else those of either.
    pub(super) fn narrow(&mut self, ids: &[SchemaId]) {
        if self.schemas.is_empty() {
            self.schemas = ids.to_vec();
            return;
        }
        let both: Vec<SchemaId> = self
            .schemas
            .iter()
            .copied()
            .filter(|id| ids.contains(id))
            .collect();
        if both.is_empty() {
            self.schemas.extend(ids);
        } else {
            self.schemas = both;
        }
    }

    /// The label that means exactly these schemas to the tools.
    pub(super) fn label(&self, catalog: &Catalog) -> Option<String> {
        if let Some(unknown) = &self.unknown_schema
            && self.schemas.is_empty()
        {
            return Some(unknown.clone());
        }
        label(catalog, &self.schemas)
    }
}

/// The shortest label that means exactly these schemas to the tools; none for none.
pub(super) fn label(catalog: &Catalog, schemas: &[SchemaId]) -> Option<String> {
    let first = catalog.schema(*schemas.first()?);
    if schemas.len() == 1 {
        return Some(first.name.to_string());
    }
    let wanted: BTreeSet<usize> = schemas.iter().map(|id| id.index()).collect();
    let means_them = |word: &String| {
        let meant: BTreeSet<usize> = mapping::schemas_called(catalog, word)
            .iter()
            .map(|id| id.index())
            .collect();
        meant == wanted
    };
    let names: Vec<&str> = schemas
        .iter()
        .map(|id| &*catalog.schema(*id).name)
        .collect();
    let by_word = text::identifier_words(&first.name)
        .into_iter()
        .find(means_them);
    Some(by_word.unwrap_or_else(|| names.join(",")))
}

/// Words before the name of a schema.
const SCHEMA_LEADS: &[&str] = &[
    "v", "ve", "vo", "z", "ze", "zo", "in", "of", "from", "for", "pro", "pre", "co", "about",
    "with", "inside", "a",
];

/// The words of the schemas' names.
struct SchemaWords {
    by_name: HashMap<String, SchemaId>,
    by_word: HashMap<String, Vec<SchemaId>>,
    /// By the keys that the glossary compares words by.
    by_key: HashMap<String, Vec<SchemaId>>,
    first_words: BTreeSet<String>,
}

impl SchemaWords {
    fn of(catalog: &Catalog) -> Self {
        let mut words = Self {
            by_name: HashMap::new(),
            by_word: HashMap::new(),
            by_key: HashMap::new(),
            first_words: BTreeSet::new(),
        };
        for (id, schema) in catalog.schemas_with_ids() {
            words.by_name.insert(text::fold(&schema.name), id);
            let parts = text::identifier_words(&schema.name);
            words.first_words.extend(parts.first().cloned());
            let unique: BTreeSet<String> = parts.into_iter().collect();
            for part in unique {
                let key = text::english_stem(&part);
                words.by_key.entry(key).or_default().push(id);
                words.by_word.entry(part).or_default().push(id);
            }
        }
        words
    }

    /// The schemas with a word, or its translation, in their names.
    fn meant(&self, token: &Token<'_>) -> Vec<SchemaId> {
        if let Some(ids) = self.by_word.get(&token.folded) {
            return ids.clone();
        }
        let terms = Glossary::embedded().read(token.word());
        let key = match terms.as_slice() {
            [term] if term.kind.is_some() => term.keys.first(),
            _ => None,
        };
        key.into_iter()
            .flatten()
            .find_map(|key| self.by_key.get(key))
            .cloned()
            .unwrap_or_default()
    }

    /// The one word that is nearly this one.
    fn nearest_word(&self, folded: &str) -> Option<(String, Vec<SchemaId>)> {
        if folded.chars().count() < TYPO_LETTERS_MIN {
            return None;
        }
        let mut near = self
            .by_word
            .iter()
            .filter(|(word, _)| word.len() >= TYPO_LETTERS_MIN)
            .filter(|(word, _)| strsim::osa_distance(word, folded) <= 1);
        let (word, ids) = near.next()?;
        near.next().is_none().then(|| (word.clone(), ids.clone()))
    }

    /// The one schema whose name is nearly this.
    fn nearest_name(&self, name: &str) -> Option<SchemaId> {
        let names = self.by_name.iter();
        nearest(
            &text::fold(name),
            names.map(|(name, id)| (name.as_str(), *id)),
        )
    }

    /// Whether a name begins as the schemas' names do.
    fn begins_like_one(&self, name: &str) -> bool {
        !name.contains('.')
            && text::identifier_words(name)
                .first()
                .is_some_and(|first| self.first_words.contains(first))
    }
}

/// Whether a word is one of those that no schema is called by.
fn is_common(token: &Token<'_>) -> bool {
    language::is_common(&token.folded) || Glossary::embedded().read(token.word()).is_empty()
}

/// Whether a word of a schema's name is no word of the business, as `bs` is none.
fn is_label_only(token: &Token<'_>) -> bool {
    let terms = Glossary::embedded().read(token.word());
    terms.iter().all(|term| term.kind.is_none())
}

/// Whether the glossary or names in the catalog hold a word.
pub(super) fn is_known_word(knowledge: &Knowledge, token: &Token<'_>) -> bool {
    Glossary::embedded().read(token.word()).iter().any(|term| {
        let mut keys = term.keys.iter().flatten();
        // "New" alone is about nothing, unless something is called so.
        term.kind.is_some_and(|kind| kind != Kind::Modifier)
            || keys.any(|key| knowledge.index.names(key))
    })
}

/// Whether a table has a column of this name, in any case.
pub(super) fn has_column(catalog: &Catalog, id: TableId, name: &str) -> bool {
    let mut columns = catalog.table(id).columns.iter();
    columns.any(|column| text::fold(&column.name) == text::fold(name))
}

/// Whether any column has this name, in any case.
pub(super) fn is_column(catalog: &Catalog, name: &str) -> bool {
    catalog
        .tables()
        .flat_map(|(_, table)| &table.columns)
        .any(|column| column.name.len() == name.len() && column.name.eq_ignore_ascii_case(name))
}

/// The tables of the one name that is nearly this one, `schema.table` included.
fn nearest_tables(catalog: &Catalog, name: &str) -> Option<Vec<TableId>> {
    let (schema, short) = match name.rsplit_once('.') {
        Some((schema, short)) => (Some(text::fold(schema)), text::fold(short)),
        None => (None, text::fold(name)),
    };
    let found = nearest(
        &short,
        catalog.tables().map(|(id, table)| (&*table.name, id)),
    )?;
    let mut ids = catalog.named(&catalog.table(found).name);
    if let Some(schema) = schema {
        let at_home = |id: &TableId| text::fold(catalog.schema_name(*id)) == schema;
        if ids.iter().any(at_home) {
            ids.retain(at_home);
        }
    }
    Some(ids)
}

/// How surely the words of a name have to mean a table to be taken for its name.
const SURE: f64 = 0.9;

/// The table that a name means which lacks its prefix, such as `purchase_order`.
fn by_its_words(knowledge: &Knowledge, name: &str) -> Option<Mention> {
    let words = text::identifier_words(name);
    let (ids, confidence) = terms::table_of(knowledge, &words.join(" "), None, &[], &[])?;
    (words.len() > 1 && confidence >= SURE).then(|| Mention {
        asked: name.to_owned(),
        ids,
        how: How::Words(confidence),
    })
}
