//! Joins on keys of several columns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::index::Index;
use super::keys::Origin;
use super::names::{KeyWord, NamedClass};
use super::weights::{self, Signal};
use super::{Cardinality, Join, JoinKind, Subject};
use crate::catalog::TableId;

/// The most columns of a composite key that is followed.
const COMPOSITE_MAX: usize = 5;

/// How many tables of one and the same key are compared for each child.
const PARENTS_MAX: usize = 64;

/// Stems of the words that call a table after what it depends on: a return has the key of
/// its sale, and no sale that of a return.
const DEPENDENT_WORDS: &[&str] = &[
    "return",
    "refund",
    "reason",
    "detail",
    "note",
    "comment",
    "extension",
    "text",
    "translation",
    "history",
    "cancellation",
    "claim",
    "attribut",
    "discount",
    "adjustment",
    "log",
    "statu",
    "status",
    "payment",
    "delivery",
];

/// Adds the joins on composite keys: a child that holds all columns of a key, under their
/// names, and the nearest of the tables that have this key.
pub(super) fn add(index: &Index<'_, '_>, joins: &mut Vec<Join>) {
    let mut parents: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (place, table) in index
        .tables
        .iter()
        .enumerate()
        .filter(|(_, table)| table.copy_of.is_none())
    {
        if let Some(names) = composite_key(table, joins) {
            parents.entry(names).or_default().push(place);
        }
    }
    let wanted: BTreeSet<&str> = parents.keys().flatten().copied().collect();
    let columns: Vec<HashMap<&str, usize>> = index
        .tables
        .iter()
        .map(|table| {
            let names = table.plain_names.iter().map(String::as_str).zip(0..);
            names.filter(|(name, _)| wanted.contains(name)).collect()
        })
        .collect();
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, columns) in columns.iter().enumerate() {
        for name in columns.keys() {
            holders.entry(name).or_default().push(place);
        }
    }
    let mut group = 0;
    let mut composite: Vec<Join> = Vec::new();
    for (names, parents) in &parents {
        // Who holds the rarest column of the key may hold them all.
        let rarest = names
            .iter()
            .filter_map(|name| holders.get(name))
            .min_by_key(|tables| tables.len());
        for child in rarest.into_iter().flatten().copied() {
            let places = columns.get(child).and_then(|columns| {
                names
                    .iter()
                    .map(|name| columns.get(name).copied())
                    .collect::<Option<Vec<usize>>>()
            });
            let Some(places) = places else { continue };
            let Some((table, target)) = best_parent(index, child, parents) else {
                continue;
            };
            let found = composite_join(index, table, target, &places, group + 1);
            if !found.is_empty() {
                group += 1;
                composite.extend(found);
            }
        }
    }
    drop_shortcuts(index, joins, &composite);
    joins.extend(composite);
}

/// A composite reference to the part of a document says more than the shortcut to the
/// document through one of its columns.
fn drop_shortcuts(index: &Index<'_, '_>, joins: &mut Vec<Join>, composite: &[Join]) {
    let mut covered: HashMap<(TableId, usize), Vec<TableId>> = HashMap::new();
    for join in composite {
        let targets = covered.entry((join.from, join.from_column)).or_default();
        targets.push(join.to);
    }
    let is_part = |part: TableId, whole: TableId| {
        let subjects = index.subject_of(part).zip(index.subject_of(whole));
        subjects.is_some_and(|(part, whole)| {
            let (part, whole) = (&part.name.subject, &whole.name.subject);
            part.len() > whole.len() && part.starts_with(whole)
        })
    };
    joins.retain(|join| {
        let targets = covered.get(&(join.from, join.from_column));
        !targets
            .into_iter()
            .flatten()
            .any(|target| *target == join.to || is_part(*target, join.to))
    });
}

/// The child and the table of the key that it can refer to: in the nearest schema the one
/// that shares most words with it; of equals the first.
fn best_parent<'i, 'c>(
    index: &'i Index<'_, 'c>,
    child: usize,
    parents: &[usize],
) -> Option<(&'i Subject<'c>, &'i Subject<'c>)> {
    let table = index
        .tables
        .get(child)
        .filter(|table| table.copy_of.is_none())?;
    let shared = |target: &Subject<'_>| {
        let words = target.name.subject.iter();
        words
            .filter(|word| table.name.subject.contains(word))
            .count()
    };
    let rank = |target: &Subject<'_>| {
        let far = match index.distance(table, target) {
            None => 0,
            Some(Signal::OtherSchema) => 1,
            Some(_) => 2,
        };
        (far, std::cmp::Reverse(shared(target)))
    };
    index
        .nearest(child, parents)
        .iter()
        .take(PARENTS_MAX)
        .filter_map(|parent| index.tables.get(*parent))
        .filter(|target| target.id != table.id)
        .filter(|target| !same_key(table, target) || depends_on(table, target))
        .min_by_key(|target| rank(target))
        .map(|target| (table, target))
}

/// Tables of one and the same key are siblings as a rule, not parent and child.
fn same_key(a: &Subject<'_>, b: &Subject<'_>) -> bool {
    let names = |table: &Subject<'_>| -> Option<BTreeSet<String>> {
        let key = table.key.as_ref()?;
        key.columns
            .iter()
            .map(|place| table.plain_names.get(*place).cloned())
            .collect()
    };
    names(a).is_some_and(|key| names(b) == Some(key))
}

/// Whether a table of the same key is what the other depends on: by the words of their
/// names, or because the key is called after it.
fn depends_on(child: &Subject<'_>, parent: &Subject<'_>) -> bool {
    let dependent = |table: &Subject<'_>| {
        table
            .name
            .subject
            .iter()
            .any(|word| DEPENDENT_WORDS.contains(&word.as_str()))
    };
    let named = |table: &Subject<'_>| {
        let key = parent.key.as_ref().map(|key| key.columns.as_slice());
        key.unwrap_or_default()
            .iter()
            .filter_map(|place| parent.columns.get(*place))
            .any(|column| column.subject == table.name.subject)
    };
    let shares_a_word = child
        .name
        .subject
        .iter()
        .any(|word| parent.name.subject.contains(word));
    (shares_a_word && dependent(child) && !dependent(parent)) || (named(parent) && !named(child))
}

/// The columns of a composite key, each without the prefix of its table, where one of them
/// is the table's own. Keys made of foreign keys alone identify a
/// combination, which others can hold without meaning this table, unless it is called
/// after them all.
fn composite_key<'s>(table: &'s Subject<'_>, joins: &[Join]) -> Option<Vec<&'s str>> {
    let key = table
        .key
        .as_ref()
        .filter(|key| (2..=COMPOSITE_MAX).contains(&key.columns.len()))?;
    let names: Vec<&str> = key
        .columns
        .iter()
        .map(|place| table.plain_names.get(*place).map(String::as_str))
        .collect::<Option<_>>()?;
    let start = joins.partition_point(|join| join.from < table.id);
    let end = joins.partition_point(|join| join.from <= table.id);
    let foreign: Vec<usize> = joins
        .get(start..end)
        .into_iter()
        .flatten()
        .filter(|join| join.to != table.id)
        .map(|join| join.from_column)
        .collect();
    let has_own = key.columns.iter().any(|place| {
        !foreign.contains(place)
            && table.columns.get(*place).is_some_and(|column| {
                column.key_word == Some(KeyWord::Natural) || column.subject == table.name.subject
            })
    });
    let called_after_all = || {
        let said: String = key
            .columns
            .iter()
            .filter_map(|place| table.columns.get(*place))
            .map(|column| column.subject.concat())
            .collect();
        // A bridge is called so too, and nothing but its ends hold a bridge's key.
        let describes = table.columns.len() >= key.columns.len() + 2
            && table.name.named_class() != Some(NamedClass::Bridge);
        describes && said == table.name.subject.concat()
    };
    (has_own || called_after_all()).then_some(names)
}

fn composite_join(
    index: &Index<'_, '_>,
    child: &Subject<'_>,
    parent: &Subject<'_>,
    places: &[usize],
    group: u32,
) -> Vec<Join> {
    let key = parent
        .key
        .as_ref()
        .map(|key| key.columns.as_slice())
        .unwrap_or_default();
    let fits = places.iter().zip(key).all(|(from, to)| {
        let family = |table: &Subject<'_>, place: &usize| {
            table.table.columns.get(*place).map(|column| column.family)
        };
        family(child, from)
            .zip(family(parent, to))
            .is_some_and(|(a, b)| a.can_join(b))
    });
    if !fits {
        return Vec::new();
    }
    let mut signals = vec![(Signal::Composite, 1.0)];
    let mut evidence = vec![format!(
        "holds all {} columns of the key of {}",
        key.len(),
        parent.table.name
    )];
    if let Some(distance) = index.distance(child, parent) {
        signals.push((distance, 1.0));
        evidence.push("in another schema".to_owned());
    }
    let confidence = weights::confidence(&signals);
    places
        .iter()
        .zip(key)
        .map(|(from, to)| Join {
            from: child.id,
            from_column: *from,
            to: parent.id,
            to_column: *to,
            kind: JoinKind::Reference,
            cardinality: Cardinality::ManyToOne,
            origin: Origin::Inferred,
            confidence,
            evidence: evidence.clone(),
            role: None,
            group: Some(group),
        })
        .collect()
}
