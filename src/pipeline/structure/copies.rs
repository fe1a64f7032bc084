//! Copies of tables: backups, snapshots of a year, temporary ones.

use std::collections::{HashMap, HashSet};

use crate::catalog::{Catalog, SchemaId, TableId};
use crate::text;

/// Words that call a table a copy of the one named without them.
const COPY_WORDS: &[&str] = &[
    "bak", "backup", "bkp", "bck", "copy", "old", "tmp", "temp", "new", "test", "archiv",
    "archive", "arch", "zaloha", "kopie", "kopia", "orig", "save", "saved", "deleted", "snapshot",
];

/// The share of its columns that a copy has from its original.
const COLUMNS_SHARED_MIN: f64 = 0.7;

/// The original of every table of the scope that is a copy of another of its schema: the
/// names differ by words such as `bak`, `tmp` or a number alone, and the columns agree.
pub(super) fn originals(catalog: &Catalog, scope: &[TableId]) -> HashMap<TableId, TableId> {
    let mut by_name: HashMap<(SchemaId, Vec<String>), TableId> = HashMap::new();
    for id in scope {
        let table = catalog.table(*id);
        by_name
            .entry((table.schema, text::identifier_words(&table.name)))
            .or_insert(*id);
    }
    scope
        .iter()
        .filter_map(|id| {
            let table = catalog.table(*id);
            let words = text::identifier_words(&table.name);
            let kept = without_marks(&words);
            let base = (kept.len() < words.len() && !kept.is_empty())
                .then(|| by_name.get(&(table.schema, kept)))
                .flatten()?;
            shares_columns(catalog, *id, *base).then_some((*id, *base))
        })
        .collect()
}

/// The words of a name that do not mark a copy: `orders` of `copy_of_orders_2023`.
fn without_marks(words: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut behind_mark = false;
    for word in words {
        let number = word.chars().all(char::is_numeric);
        // `orders_v2` is a copy of `orders`; `v_orders` is a view.
        if number && kept.len() > 1 && kept.last().is_some_and(|last| last == "v") {
            kept.pop();
        }
        behind_mark =
            number || COPY_WORDS.contains(&word.as_str()) || (behind_mark && word == "of");
        if !behind_mark {
            kept.push(word.clone());
        }
    }
    kept
}

fn shares_columns(catalog: &Catalog, copy: TableId, base: TableId) -> bool {
    let known: HashSet<String> = catalog
        .table(base)
        .columns
        .iter()
        .map(|column| column.name.to_lowercase())
        .collect();
    let columns = &catalog.table(copy).columns;
    let shared = columns
        .iter()
        .filter(|column| known.contains(&column.name.to_lowercase()))
        .count();
    #[expect(
        clippy::cast_precision_loss,
        reason = "tables have thousands of columns at most"
    )]
    let share = shared as f64 / columns.len().max(1) as f64;
    columns.is_empty() || share >= COLUMNS_SHARED_MIN
}
