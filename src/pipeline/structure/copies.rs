//! Copies of tables: backups, snapshots of a year, temporary ones.

use std::collections::{HashMap, HashSet};

use crate::catalog::{Catalog, SchemaId, TableId};
use crate::text;

/// Words that call a table a copy of the one named without them.
const COPY_WORDS: &[&str] = &[
    "bak", "backup", "bkp", "bck", "copy", "old", "tmp", "temp", "new", "test", "archiv",
    "archive", "arch", "zaloha", "kopie", "kopia", "orig", "save", "saved", "deleted", "snapshot",
    "v",
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
    let mut behind_mark = false;
    let kept = words.iter().filter(|word| {
        let mark = marks_a_copy(word) || (behind_mark && *word == "of");
        behind_mark = mark;
        !mark
    });
    kept.cloned().collect()
}

fn marks_a_copy(word: &str) -> bool {
    COPY_WORDS.contains(&word) || word.chars().all(char::is_numeric)
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
