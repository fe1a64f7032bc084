//! Which columns of a table meet a phrase.

use super::Sources;
use super::index::{Held, KeyId};
use super::query::Query;
use super::search::COLUMNS_MAX;
use crate::catalog::TableId;

/// A column that meets this much less of the phrase than the best is not named.
const BEHIND_MAX: f64 = 0.1;
/// The least share of the phrase that a column meets.
const SHARE_MIN: f64 = 0.3;

/// The columns of one table that meet a phrase.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The place of the best one.
    pub(super) best: Option<usize>,
    /// Places of the words of the phrase that it meets.
    pub(super) met: Vec<usize>,
    /// Whether these are all words of the phrase.
    pub(super) whole: bool,
    /// Places of all that are worth naming, best first.
    pub(super) columns: Vec<usize>,
}

/// Weighs the columns of a table against a phrase: what of the phrase a column's name
/// meets, then how much of the name that is. Words that the table's own name meets count
/// little: every column of `customer` is about customers.
pub(super) fn of(sources: Sources<'_>, query: &Query, table: TableId) -> Found {
    let index = sources.index;
    let wanted: Vec<Vec<(KeyId, f64)>> = query
        .keys
        .iter()
        .map(|key| {
            let ways = key.ways.iter();
            ways.filter_map(|way| Some((index.key(&way.key)?, way.strength)))
                .collect()
        })
        .collect();
    let meets = |held: &[Held], place: usize| -> f64 {
        let ways = wanted.get(place).into_iter().flatten();
        ways.filter_map(|(key, strength)| {
            let (_, sure) = held.iter().find(|(held, _)| held == key)?;
            Some(strength * f64::from(*sure))
        })
        .fold(0.0, f64::max)
    };
    let name = index.name_keys(table);
    let left: Vec<f64> = query
        .keys
        .iter()
        .enumerate()
        .map(|(place, key)| key.weight * (1.0 - 0.8 * meets(name, place)))
        .collect();
    let total: f64 = left.iter().sum();
    if total <= 0.0 {
        return Found::default();
    }
    let mut ranked: Vec<(f64, f64, usize)> = Vec::new();
    for (place, held) in index.column_keys(table).enumerate() {
        let met: f64 = left
            .iter()
            .enumerate()
            .map(|(word, weight)| weight * meets(held, word))
            .sum();
        if met <= 0.0 {
            continue;
        }
        let fits = held
            .iter()
            .filter(|(key, _)| wanted.iter().flatten().any(|(wanted, _)| wanted == key))
            .count();
        #[expect(clippy::cast_precision_loss, reason = "names have few words")]
        let specific = fits as f64 / held.len().max(1) as f64;
        ranked.push((met / total, specific, place));
    }
    ranked.sort_by(|a, b| {
        let rank = |one: &(f64, f64, usize)| one.0 * (0.75 + 0.25 * one.1);
        rank(b).total_cmp(&rank(a)).then(a.2.cmp(&b.2))
    });
    let Some((share, _, best)) = ranked.first().copied() else {
        return Found::default();
    };
    let held = index.column_keys(table).nth(best).unwrap_or_default();
    let met: Vec<usize> = (0..query.keys.len())
        .filter(|word| meets(held, *word) > 0.0)
        .collect();
    let columns = if share < SHARE_MIN {
        Vec::new()
    } else {
        let near = ranked
            .iter()
            .filter(|(other, ..)| share - other <= BEHIND_MAX);
        near.map(|(.., place)| *place).take(COLUMNS_MAX).collect()
    };
    Found {
        best: Some(best),
        whole: met.len() == query.keys.len(),
        met,
        columns,
    }
}
