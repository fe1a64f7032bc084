//! Which columns of a table a well-known metric can be computed from.

use std::collections::HashSet;

use super::Sources;
use super::formula::{Computation, FORMULAS, Formula, Need};
use super::index::{Field, Held, KeyId};
use super::metrics::ColumnKind;
use crate::catalog::{Column, TableId, TypeFamily};
use crate::glossary::{Kind, Term};
use crate::pipeline::structure;
use crate::text;

/// How much better a less plain way has to be.
const PLAINER: f64 = 0.05;
/// What each further word asked for, and each word of a column's name, takes away.
const FURTHER: f64 = 0.03;
const LONGER: f64 = 0.02;
/// What a column adds that has a word of the metric's subject.
const ABOUT: f64 = 0.1;

/// A column found for a need.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub(super) place: usize,
    pub(super) kind: ColumnKind,
    /// How well its name fits, 0–1.
    pub(super) score: f64,
    /// What it is to the metric.
    pub(super) role: &'static str,
}

/// The columns of a table for all needs of one way.
pub(super) struct Computed {
    pub(super) said: &'static str,
    pub(super) fits: Vec<Fit>,
    /// The mean of how well they fit.
    pub(super) fit: f64,
}

/// The first formula of whose groups the terms have one word each.
pub(super) fn formula_of(terms: &[Term]) -> Option<&'static Formula> {
    let has = |name: &&str| terms.iter().any(|term| term.term.as_deref() == Some(*name));
    FORMULAS.iter().find(|formula| {
        let mut groups = formula.when.iter();
        groups.all(|group| group.iter().any(has))
    })
}

/// The tables that have a word of each need of any way in names of their columns.
pub(super) fn tables_for(sources: Sources<'_>, formula: &Formula) -> HashSet<TableId> {
    let mut tables = HashSet::new();
    for way in formula.ways {
        let mut needs = way.needs.iter().map(|need| tables_with(sources, need));
        let first = needs.next().unwrap_or_default();
        tables.extend(needs.fold(first, |so_far, next| &so_far & &next));
    }
    tables
}

fn tables_with(sources: Sources<'_>, need: &Need) -> HashSet<TableId> {
    let keys = need
        .words
        .iter()
        .flat_map(|words| sources.glossary.read(words));
    let keys = keys.filter_map(|term| term.keys.last()?.first().cloned());
    keys.flat_map(|key| sources.index.postings(&key))
        .filter(|posting| posting.field == Field::ColumnName)
        .map(|posting| posting.table)
        .collect()
}

/// The plainest way in which a table has all columns for a metric.
pub(super) fn compute(
    sources: Sources<'_>,
    formula: &Formula,
    terms: &[Term],
    table: TableId,
) -> Option<Computed> {
    let mut best: Option<Computed> = None;
    for way in formula.ways {
        if let Some(computed) = by_way(sources, way, terms, table)
            && best
                .as_ref()
                .is_none_or(|best| computed.fit > best.fit + PLAINER)
        {
            best = Some(computed);
        }
    }
    best
}

fn by_way(
    sources: Sources<'_>,
    way: &'static Computation,
    terms: &[Term],
    table: TableId,
) -> Option<Computed> {
    let mut fits: Vec<Fit> = Vec::new();
    for need in way.needs {
        let taken: Vec<usize> = fits.iter().map(|fit| fit.place).collect();
        fits.push(column_for(sources, need, terms, table, &taken)?);
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
    let fit = fits.iter().map(|fit| fit.score).sum::<f64>() / fits.len().max(1) as f64;
    Some(Computed {
        said: way.said,
        fits,
        fit,
    })
}

/// The column of a table that fits a need best, other than those taken.
pub(super) fn column_for(
    sources: Sources<'_>,
    need: &Need,
    terms: &[Term],
    table: TableId,
    taken: &[usize],
) -> Option<Fit> {
    let Sources {
        catalog,
        index,
        glossary,
    } = sources;
    let subject = keys_of(
        sources,
        terms.iter().filter(|term| term.kind == Some(Kind::Entity)),
    );
    let wanted: Vec<Vec<KeyId>> = need
        .words
        .iter()
        .filter_map(|words| {
            let keys = glossary.read(words).into_iter().flat_map(|term| term.keys);
            keys.map(|key| index.key(key.first()?)).collect()
        })
        .collect();
    let columns = catalog.table(table).columns.iter();
    let mut best: Option<Fit> = None;
    for (place, (column, held)) in columns.zip(index.column_keys(table)).enumerate() {
        if taken.contains(&place) || !is_of(column, need.kind) {
            continue;
        }
        let fitting = wanted
            .iter()
            .position(|keys| keys.iter().all(|key| holds(held, *key)));
        let Some(nth) = fitting else { continue };
        #[expect(clippy::cast_precision_loss, reason = "names have few words")]
        let plain = 1.0 - FURTHER * nth as f64 - LONGER * held.len() as f64;
        let about = subject.iter().any(|key| holds(held, *key));
        let fit = (plain + if about { ABOUT } else { 0.0 }).clamp(0.0, 1.0);
        if best.as_ref().is_none_or(|best| fit > best.score) {
            best = Some(Fit {
                place,
                kind: need.kind,
                score: fit,
                role: need.role,
            });
        }
    }
    best
}

/// The keys of terms that stand anywhere in the catalog.
pub(super) fn keys_of<'t>(
    sources: Sources<'_>,
    terms: impl Iterator<Item = &'t Term>,
) -> Vec<KeyId> {
    let keys = terms.flat_map(|term| &term.keys).flatten();
    keys.filter_map(|key| sources.index.key(key)).collect()
}

pub(super) fn holds(held: &[Held], key: KeyId) -> bool {
    held.iter().any(|(known, _)| *known == key)
}

pub(super) fn is_of(column: &Column, kind: ColumnKind) -> bool {
    kind_of(column) == Some(kind)
        // A document's number is counted, whatever else it may be.
        || (kind == ColumnKind::Key && is_number(&column.name))
}

fn is_number(name: &str) -> bool {
    let words = text::identifier_words(name);
    let numbers = ["number", "no", "nr", "num", "id"];
    words.len() > 1
        && words
            .last()
            .is_some_and(|last| numbers.contains(&last.as_str()))
}

/// What a column can be to a metric; `None` for what only describes.
pub(super) fn kind_of(column: &Column) -> Option<ColumnKind> {
    let words = text::identifier_words(&column.name);
    let has = |word: &str| words.iter().any(|known| known == word);
    let first = words.first().map(String::as_str);
    let asks = matches!(first, Some("is" | "has")) || has("flag") || has("indicator");
    match column.family {
        TypeFamily::Boolean => Some(ColumnKind::Flag),
        _ if asks => Some(ColumnKind::Flag),
        TypeFamily::Date | TypeFamily::Timestamp => Some(ColumnKind::Date),
        _ if words.iter().any(|word| word.ends_with("date")) => Some(ColumnKind::Date),
        _ if structure::names_a_key(&column.name) || column.primary_key == Some(true) => {
            Some(ColumnKind::Key)
        }
        // `custkey`: no separator tells the key word.
        _ if is_number(&column.name) || words.last().is_some_and(|last| last.ends_with("key")) => {
            Some(ColumnKind::Key)
        }
        TypeFamily::Integer | TypeFamily::Decimal | TypeFamily::Unknown => {
            Some(ColumnKind::Measure)
        }
        TypeFamily::Text => None,
    }
}
