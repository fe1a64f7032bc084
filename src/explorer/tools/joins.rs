//! The joins of a table, composite keys taken as one.

use std::collections::BTreeMap;

use super::RelationshipLine;
use crate::catalog::{Catalog, TableId};
use crate::pipeline::rounded;
use crate::pipeline::structure::{Analysis, Join};

/// A foreign key: all the columns of one join.
#[derive(Debug, Clone)]
pub struct JoiningKey<'a> {
    first: &'a Join,
    /// The other columns of a composite key.
    more: Vec<&'a Join>,
}

/// The keys by which a table joins others: those that it holds first.
#[must_use]
pub fn keys_joining(structure: &Analysis, id: TableId) -> Vec<JoiningKey<'_>> {
    grouped(of(structure, id))
}

/// The joins that a table takes part in, one with itself once.
pub(super) fn of(structure: &Analysis, id: TableId) -> Vec<&Join> {
    let incoming = structure.joins_to(id).filter(|join| join.from != id);
    structure.joins_from(id).chain(incoming).collect()
}

/// The table at the other end of a join.
pub(super) fn other_end(join: &Join, id: TableId) -> TableId {
    if join.from == id { join.to } else { join.from }
}

/// The columns of each composite key together.
pub(super) fn grouped(joins: Vec<&Join>) -> Vec<JoiningKey<'_>> {
    let mut keys: Vec<JoiningKey<'_>> = Vec::new();
    let mut place_of: BTreeMap<u32, usize> = BTreeMap::new();
    for join in joins {
        let known = join.group.and_then(|group| place_of.get(&group).copied());
        if let Some(key) = known.and_then(|place| keys.get_mut(place)) {
            key.more.push(join);
            continue;
        }
        if let Some(group) = join.group {
            place_of.insert(group, keys.len());
        }
        keys.push(JoiningKey {
            first: join,
            more: Vec::new(),
        });
    }
    keys
}

/// A key as answers show it.
#[must_use]
pub fn relationship_line(catalog: &Catalog, key: &JoiningKey<'_>) -> RelationshipLine {
    let join = key.first;
    let names = |end: fn(&Join) -> (TableId, usize)| -> Vec<String> {
        std::iter::once(&join)
            .chain(&key.more)
            .map(|join| end(join))
            .filter_map(|(table, place)| catalog.table(table).columns.get(place))
            .map(|column| column.name.to_string())
            .collect()
    };
    RelationshipLine {
        from_table: catalog.full_name(join.from),
        from_columns: names(|join| (join.from, join.from_column)),
        to_table: catalog.full_name(join.to),
        to_columns: names(|join| (join.to, join.to_column)),
        cardinality: join.cardinality,
        origin: join.origin,
        confidence: rounded(join.confidence),
        evidence: join.evidence.clone(),
    }
}
