//! Which columns identify a row: flagged keys first, else what the names promise.

use super::Subject;
use super::names::{ColumnName, KeyWord, NamedClass};

/// Where knowledge of a key or a join comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The catalog says so.
    Declared,
    /// Names and types suggest it.
    Inferred,
}

/// The primary key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Places of its columns in the table.
    pub columns: Vec<usize>,
    /// Flagged in the catalog, or suggested by names.
    pub origin: Origin,
}

/// The primary key of a table: its flagged columns, else the columns that are named
/// after the table. `None` where neither is there: an unknown key is not guessed.
pub(super) fn primary_key(table: &Subject<'_>) -> Option<Key> {
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
    let columns = surrogate_key(table)
        .map(|place| vec![place])
        .or_else(|| natural_key(table))?;
    Some(Key {
        columns,
        origin: Origin::Inferred,
    })
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

fn surrogate_key(table: &Subject<'_>) -> Option<usize> {
    // `dim_contract_key` in `factv_contract` is the key of the dimension of that name.
    let of_this_class = |name: &ColumnName| {
        let (column, table) = (name.class, table.name.named_class());
        column.is_none() || table.is_none() || column == table
    };
    let surrogate =
        |name: &ColumnName| name.key_word == Some(KeyWord::Surrogate) && of_this_class(name);
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
    own.or_else(plain).or_else(of_base)
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
