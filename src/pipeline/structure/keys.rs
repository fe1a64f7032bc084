//! Which columns identify a row: flagged keys first, else what the names promise.

use std::collections::{HashMap, HashSet};

use super::Subject;
use super::index::TABLES_OF_A_WORD_MAX;
use super::names::{self, ColumnName, KeyWord, NamedClass};
use super::reference::Said;
use super::vocabulary::Vocabulary;
use crate::catalog::TypeFamily;

/// Where knowledge of a key or a join comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(example = "declared")]
pub enum Origin {
    /// The catalog says so.
    Declared,
    /// Names and types suggest it.
    Inferred,
}

/// The primary key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Places of its columns in the table, in their order.
    pub columns: Vec<usize>,
    /// Flagged in the catalog, or suggested by names.
    pub origin: Origin,
}

/// What the rest of the scope says about keys.
pub(super) struct Usage<'v> {
    vocabulary: &'v Vocabulary,
    tables: usize,
    /// Whether hardly a column of the scope has a key word, as in schemas of terse names
    /// (`KUNNR`, `MATNR`): there its absence says nothing.
    terse: bool,
    /// How many tables have a column of a name, table prefixes left out.
    tables_with: HashMap<&'v str, usize>,
    /// Subjects of tables by their last word.
    by_last_word: HashMap<String, Vec<Vec<String>>>,
}

/// The fewest tables of which half can be said to be many.
const EVERYWHERE_TABLES: usize = 6;

impl<'v> Usage<'v> {
    pub(super) fn new(tables: &'v [Subject<'_>], vocabulary: &'v Vocabulary) -> Self {
        let originals = || tables.iter().filter(|table| table.copy_of.is_none());
        let mut usage = Self {
            vocabulary,
            tables: tables.len(),
            terse: is_terse(tables),
            tables_with: tables_with_each(originals()),
            by_last_word: HashMap::new(),
        };
        for table in originals() {
            if let Some(last) = table.name.subject.last() {
                let known = usage.by_last_word.entry(last.clone()).or_default();
                if known.len() < TABLES_OF_A_WORD_MAX && !known.contains(&table.name.subject) {
                    known.push(table.name.subject.clone());
                }
            }
        }
        usage
    }

    /// How many tables have a column that is called so, table prefixes left out.
    fn tables_with(&self, plain_name: &str) -> usize {
        self.tables_with
            .get(plain_name)
            .copied()
            .unwrap_or_default()
    }

    /// Whether so many tables have a column of this name that it says nothing about any.
    fn is_everywhere(&self, plain_name: &str) -> bool {
        is_everywhere(self.tables_with(plain_name), self.tables)
    }

    /// How well a column is named after the best of the tables other than its own, in a
    /// role or not; `None` where it is named after none.
    fn rank_of_another(&self, table: &Subject<'_>, name: &ColumnName) -> Option<i64> {
        let end = if name.key_first {
            name.subject.first()?
        } else {
            name.subject.last()?
        };
        let meanings = self.vocabulary.meanings(end);
        let said = Said::new(self.vocabulary, name);
        meanings
            .iter()
            .filter_map(|(word, _)| self.by_last_word.get(&**word))
            .flatten()
            .filter(|subject| **subject != table.name.subject)
            .filter_map(|subject| said.naming(subject, &table.name.subject))
            .filter(|naming| naming.missing_tail == 0 && naming.missing_head <= 1)
            .map(|naming| naming.rank())
            .max()
    }

    /// Whether a column is named after a table other than its own, and better than after it.
    fn names_another(&self, table: &Subject<'_>, name: &ColumnName) -> bool {
        let own = Said::new(self.vocabulary, name).naming(&table.name.subject, &[]);
        let own = own.filter(|own| own.role == 0).map(|own| own.rank());
        self.rank_of_another(table, name)
            .is_some_and(|other| own.is_none_or(|own| other > own))
    }
}

/// How many of the tables have a column of each name, table prefixes left out.
pub(super) fn tables_with_each<'t, 'c: 't>(
    tables: impl Iterator<Item = &'t Subject<'c>>,
) -> HashMap<&'t str, usize> {
    let mut tables_with: HashMap<&str, usize> = HashMap::new();
    for table in tables {
        let names: HashSet<&str> = table.plain_names.iter().map(String::as_str).collect();
        for name in names {
            *tables_with.entry(name).or_default() += 1;
        }
    }
    tables_with
}

/// Whether a name that so many tables `with` it have, of all, says nothing about any: more
/// than half of them.
pub(super) fn is_everywhere(with: usize, all: usize) -> bool {
    all >= EVERYWHERE_TABLES && with * 2 > all
}

/// The share of columns with a key word below which a scope's names are terse.
const TERSE_SHARE: f64 = 0.03;

/// Whether hardly a column of these tables has a key word.
pub(super) fn is_terse(tables: &[Subject<'_>]) -> bool {
    let columns = || tables.iter().flat_map(|table| &table.columns);
    let keyed = columns().filter(|name| name.key_word.is_some()).count();
    #[expect(clippy::cast_precision_loss, reason = "a number of columns")]
    let share = keyed as f64 / columns().count().max(1) as f64;
    tables.len() >= EVERYWHERE_TABLES && share < TERSE_SHARE
}

/// What speaks for a column as the key of its table, in points. Set on the development
/// sets of the evaluation: primary keys right without flags, see `docs/judgement.md`.
mod points {
    /// Called `id`, `key` or the like.
    pub(super) const BARE: f64 = 3.0;
    /// Named after the table, in all its words, with a key word.
    pub(super) const NAMED: f64 = 3.0;
    /// The same with the key word of a business key.
    pub(super) const NAMED_NATURAL: f64 = 2.0;
    /// Called `name`, as a text at the head of a table without another key.
    pub(super) const CALLED_NAME: f64 = 3.0;
    /// Named after a part of the table's name, or in abbreviated words.
    pub(super) const PARTLY_NAMED: f64 = 1.5;
    /// Has a key word at all.
    pub(super) const KEY_WORD: f64 = 1.0;
    /// Named after another table of the scope.
    pub(super) const NAMED_AFTER_ANOTHER: f64 = -3.0;
    /// The first column; the second.
    pub(super) const FIRST: f64 = 1.2;
    pub(super) const SECOND: f64 = 0.3;
    /// Never null in a table of which other columns may be; or the other way round.
    pub(super) const NOT_NULL: f64 = 0.6;
    pub(super) const NULLABLE: f64 = -2.0;
    /// For every doubling of the tables that have a column of the same name.
    pub(super) const USED_ELSEWHERE: f64 = 0.5;
    /// Of no type that keys have.
    pub(super) const ODD_TYPE: f64 = -2.5;
    /// A name without a key word.
    pub(super) const NO_KEY_WORD: f64 = -1.0;
    /// Below this no column is taken for the key.
    pub(super) const LEAST: f64 = 2.2;
}

/// The primary key of a table: its flagged columns, else the column, or the columns, that
/// position, names, types, nullability and the other tables' columns speak for. `None`
/// where nothing does: an unknown key is not guessed.
pub(super) fn primary_key(table: &Subject<'_>, usage: &Usage<'_>) -> Option<Key> {
    let flagged: Vec<usize> = places(table, |place, _| {
        table
            .table
            .columns
            .get(place)
            .is_some_and(|c| c.primary_key == Some(true))
    });
    if !flagged.is_empty() {
        return Some(Key {
            columns: flagged,
            origin: Origin::Declared,
        });
    }
    let columns = conventional_key(table)
        .map(|place| vec![place])
        .or_else(|| key_of_all(table))
        .or_else(|| natural_key(table).filter(|columns| columns.len() > 1))
        .or_else(|| part_key(table, usage))
        .or_else(|| required_key(table, usage))
        .or_else(|| likeliest_column(table, usage).map(|place| vec![place]))
        .or_else(|| natural_key(table))
        .or_else(|| combined_key(table, usage))?;
    Some(Key {
        columns,
        origin: Origin::Inferred,
    })
}

/// The surrogate key that the convention of a data mart names: `dim_contract_key` in
/// `dim_contract`.
fn conventional_key(table: &Subject<'_>) -> Option<usize> {
    // `dim_contract_key` in `factv_contract` is the key of the dimension of that name.
    let of_this_class = |name: &ColumnName| {
        let (column, table) = (name.class, table.name.named_class());
        column.is_none() || table.is_none() || column == table
    };
    let surrogate = |name: &ColumnName| {
        name.key_word == Some(KeyWord::Surrogate) && name.tail.is_empty() && of_this_class(name)
    };
    let own = table
        .columns
        .iter()
        .position(|name| surrogate(name) && name.subject == table.name.subject);
    let plain = || {
        table
            .columns
            .iter()
            .position(|name| surrogate(name) && name.subject.is_empty())
    };
    // A role-playing view can keep the key name of its base: `dim_supplier_key` at the
    // head of `dimv_invoicing_supplier`. A fact's first column is its first foreign key.
    let of_base = || {
        let first = table.columns.first()?;
        let named = table.name.named_class() == Some(NamedClass::Dimension);
        (named
            && surrogate(first)
            && !first.subject.is_empty()
            && table.name.subject.ends_with(&first.subject))
        .then_some(0)
    };
    match (own, plain()) {
        // Of both the first: `id` before `device_id`.
        (Some(own), Some(plain)) => Some(own.min(plain)),
        (own, plain) => own.or(plain).or_else(of_base),
    }
}

/// The column with the most points.
fn likeliest_column(table: &Subject<'_>, usage: &Usage<'_>) -> Option<usize> {
    if table.name.named_class() == Some(NamedClass::Bridge) {
        return None;
    }
    let any = |nullable| {
        let columns = &table.table.columns;
        columns
            .iter()
            .any(|column| column.nullable == Some(nullable))
    };
    let mixed = any(true) && any(false);
    let mut best: Option<(usize, f64)> = None;
    for place in 0..table.columns.len() {
        let points = points_of(table, place, mixed, usage).unwrap_or(f64::NEG_INFINITY);
        if points >= points::LEAST && best.is_none_or(|(_, most)| points > most) {
            best = Some((place, points));
        }
    }
    best.map(|(place, _)| place)
}

/// The points of one column; `mixed` says that some columns of the table can be null and
/// some cannot.
fn points_of(table: &Subject<'_>, place: usize, mixed: bool, usage: &Usage<'_>) -> Option<f64> {
    let (name, column) = (table.columns.get(place)?, table.table.columns.get(place)?);
    let subject = table.name.subject.as_slice();
    let mut sum = 0.0;
    let everywhere = table
        .plain_names
        .get(place)
        .is_some_and(|plain| usage.is_everywhere(plain));
    let own = Said::new(usage.vocabulary, name).naming(subject, &[]);
    let own = own.filter(|own| own.role == 0);
    let is_own = own.is_some_and(|own| own.is_whole());
    let called_name = name.subject == ["nam"] && name.key_word.is_none();
    if name.is_bare_key() {
        sum += points::BARE;
    } else if called_name && place == 0 && column.nullable != Some(true) {
        sum += points::CALLED_NAME;
    } else if usage.names_another(table, name) || everywhere {
        sum += points::NAMED_AFTER_ANOTHER;
    } else if name.tail.is_empty() && is_own {
        sum += match name.key_word {
            Some(KeyWord::Surrogate) => points::NAMED,
            Some(KeyWord::Natural) => points::NAMED_NATURAL,
            None => points::PARTLY_NAMED,
        };
    } else if own.is_some() || shares_a_word(&name.subject, subject) {
        sum += points::PARTLY_NAMED;
    }
    sum +=
        if name.key_word.is_some() || usage.terse || (is_date(column.family) && is_calendar(table))
        {
            points::KEY_WORD
        } else {
            points::NO_KEY_WORD
        };
    sum += match place {
        0 => points::FIRST,
        1 => points::SECOND,
        _ => 0.0,
    };
    match column.nullable {
        Some(false) if mixed => sum += points::NOT_NULL,
        Some(true) if mixed => sum += points::NULLABLE,
        _ => {}
    }
    let elsewhere = table
        .plain_names
        .get(place)
        .map_or(0, |plain| usage.tables_with(plain));
    if !name.is_bare_key() && (name.key_word.is_some() || usage.terse) && elsewhere > 1 {
        #[expect(clippy::cast_precision_loss, reason = "a number of tables")]
        let doublings = (elsewhere as f64).log2().min(4.0);
        sum += points::USED_ELSEWHERE * doublings;
    }
    let odd = match column.family {
        TypeFamily::Boolean => true,
        TypeFamily::Date | TypeFamily::Timestamp => !(is_own || (place == 0 && is_calendar(table))),
        TypeFamily::Decimal => name.key_word.is_none(),
        _ => false,
    };
    if odd {
        sum += points::ODD_TYPE;
    }
    Some(sum)
}

fn is_date(family: TypeFamily) -> bool {
    matches!(family, TypeFamily::Date | TypeFamily::Timestamp)
}

/// Whether a table is a calendar by its name.
fn is_calendar(table: &Subject<'_>) -> bool {
    matches!(table.name.subject.as_slice(), [only] if names::CALENDAR_WORDS.contains(&only.as_str()))
}

fn shares_a_word(a: &[String], b: &[String]) -> bool {
    a.iter().any(|word| b.contains(word))
}

/// The key of the parts of a document: the document's number or key, then the part's:
/// `l_orderkey` and `l_linenumber`.
fn part_key(table: &Subject<'_>, usage: &Usage<'_>) -> Option<Vec<usize>> {
    let own = |name: &ColumnName| {
        name.key_word == Some(KeyWord::Surrogate)
            && (name.subject.is_empty() || name.subject == table.name.subject)
    };
    if table.columns.iter().any(own) {
        return None;
    }
    let numbers_parts = |name: &ColumnName| {
        name.key_word == Some(KeyWord::Natural)
            && name
                .subject
                .last()
                .is_some_and(|last| PART_WORDS.contains(&last.as_str()))
            && !usage.names_another(table, name)
    };
    let part = table.columns.iter().position(numbers_parts)?;
    let part_name = table.columns.get(part)?;
    let head_words = part_name.subject.split_last()?.1;
    // Where the part's number spells the document, that document; else the nearest key before it.
    let document = table
        .columns
        .iter()
        .position(|name| {
            !head_words.is_empty() && name.key_word.is_some() && name.subject == head_words
        })
        .or_else(|| {
            (0..part).find(|place| {
                table
                    .columns
                    .get(*place)
                    .is_some_and(|name| name.key_word.is_some() && !name.subject.is_empty())
            })
        })?;
    let nullable = |place: usize| {
        table
            .table
            .columns
            .get(place)
            .is_some_and(|column| column.nullable == Some(true))
    };
    (!nullable(part) && !nullable(document)).then(|| vec![document.min(part), document.max(part)])
}

/// The most columns of a key that is put together from references.
const COMBINED_MAX: usize = 4;

/// The key of a table of nothing but keys, as bridges are: all of its columns.
fn key_of_all(table: &Subject<'_>) -> Option<Vec<usize>> {
    let subject = &table.name.subject;
    let refers = |name: &ColumnName| {
        name.key_word.is_some() && !name.is_bare_key() && name.subject != *subject
    };
    let columns = &table.table.columns;
    let few = (2..=COMBINED_MAX).contains(&columns.len());
    let required = columns.iter().all(|column| column.nullable != Some(true));
    (few && required && table.columns.iter().all(refers)).then(|| (0..columns.len()).collect())
}

/// The columns that may not be null, where the others may, all of them are keys, and none
/// of them is the table's own.
fn required_key(table: &Subject<'_>, usage: &Usage<'_>) -> Option<Vec<usize>> {
    let columns = &table.table.columns;
    let required = places(table, |place, _| {
        columns
            .get(place)
            .is_some_and(|column| column.nullable == Some(false))
    });
    let names = || {
        required
            .iter()
            .filter_map(|place| table.columns.get(*place))
    };
    let keyed = names().all(|name| name.key_word.is_some() && !name.is_bare_key());
    let foreign = names().any(|name| usage.names_another(table, name));
    let fits = (2..=COMBINED_MAX).contains(&required.len())
        && required.len() < columns.len()
        && keyed
        && foreign;
    fits.then_some(required)
}

/// The references that a table begins with, where nothing else in it is a key.
fn combined_key(table: &Subject<'_>, usage: &Usage<'_>) -> Option<Vec<usize>> {
    let columns = &table.table.columns;
    let refers = |place: usize| {
        table.columns.get(place).is_some_and(|name| {
            name.key_word.is_some()
                && !name.subject.is_empty()
                && columns
                    .get(place)
                    .is_some_and(|column| column.nullable != Some(true))
        })
    };
    let lead: Vec<usize> = (0..columns.len())
        .take_while(|place| refers(*place))
        .collect();
    let others = (lead.len()..columns.len())
        .filter(|place| {
            table
                .columns
                .get(*place)
                .is_some_and(|name| name.key_word == Some(KeyWord::Surrogate))
        })
        .count();
    let known = lead
        .iter()
        .filter(|place| {
            table
                .columns
                .get(**place)
                .is_some_and(|name| usage.names_another(table, name))
        })
        .count();
    ((2..=COMBINED_MAX).contains(&lead.len()) && others == 0 && known > 0).then_some(lead)
}

/// The columns by which the business knows a row, such as `supplier_number` beside the
/// surrogate `dim_supplier_key`; empty where there are none.
pub(super) fn business_key(table: &Subject<'_>) -> Vec<usize> {
    natural_key(table).unwrap_or_default()
}

fn places(table: &Subject<'_>, fits: impl Fn(usize, &ColumnName) -> bool) -> Vec<usize> {
    table
        .columns
        .iter()
        .enumerate()
        .filter(|(place, name)| fits(*place, name))
        .map(|(place, _)| place)
        .collect()
}

/// Stems of the words that number the parts of a document.
const PART_WORDS: &[&str] = &["item", "lin", "position", "row", "sequenc", "schedul"];

/// Business-key columns that spell the table's subject: alone (`supplier_number`), after
/// the key of what it is part of (`purchase_order_number`, `purchase_order_item_number`),
/// before the number of its own parts (`contract_number`, `contract_item_number`), or in
/// two halves (`purchase_order_number`, `item_number`). A role-playing dimension keeps
/// the business key of its base.
fn natural_key(table: &Subject<'_>) -> Option<Vec<usize>> {
    let subject = &table.name.subject;
    let natural =
        |name: &ColumnName| name.key_word == Some(KeyWord::Natural) && !name.subject.is_empty();
    let find = |wanted: &[String]| {
        table
            .columns
            .iter()
            .position(|name| natural(name) && name.subject == wanted)
    };
    if table.name.named_class() == Some(NamedClass::Dimension) {
        let found = (0..subject.len()).find_map(|cut| find(subject.get(cut..)?));
        return found.map(|place| vec![place]);
    }
    let heads = places(table, |_, name| {
        natural(name) && name.subject.len() < subject.len() && subject.starts_with(&name.subject)
    });
    let parts = places(table, |_, name| {
        let rest = name
            .subject
            .strip_prefix(subject.as_slice())
            .unwrap_or_default();
        natural(name)
            && !rest.is_empty()
            && rest.iter().all(|word| PART_WORDS.contains(&word.as_str()))
    });
    if let Some(whole) = find(subject) {
        let mut key: Vec<usize> = heads.into_iter().chain([whole]).chain(parts).collect();
        key.sort_unstable();
        return Some(key);
    }
    heads.into_iter().find_map(|head| {
        let tail = find(subject.get(table.columns.get(head)?.subject.len()..)?)?;
        Some(vec![head.min(tail), head.max(tail)])
    })
}
