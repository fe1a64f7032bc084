//! Foreign keys, each whole: all columns of a composite one together.

use std::collections::HashMap;

use super::{Doubt, Relationship, SURE};
use crate::pipeline::structure::{DimensionItem, JoinKind};

/// A foreign key.
pub(super) struct Key<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    /// Its columns, and the columns they point at.
    pub(super) columns: Vec<(&'a str, &'a str)>,
    pub(super) kind: JoinKind,
    /// That of its least sure column, 0–1.
    pub(super) confidence: f64,
    pub(super) evidence: &'a [String],
}

impl<'a> Key<'a> {
    /// The columns that hold it, in an order that does not depend on where they stand.
    pub(super) fn held_in(&self) -> Vec<&'a str> {
        let mut columns: Vec<&str> = self.columns.iter().map(|(from, _)| *from).collect();
        columns.sort_unstable();
        columns
    }

    /// The role that a dimension plays by it, in words, where it plays several.
    pub(super) fn role<'d>(&self, dimension: &'d DimensionItem) -> Option<&'d str> {
        let holds = |column: &str| self.columns.iter().any(|(from, _)| *from == column);
        let mut roles = dimension.roles.iter();
        let role = roles.find(|role| role.fact == self.from && holds(&role.column))?;
        Some(&role.role)
    }

    /// Why a join by it is not to be trusted, as far as the two tables tell.
    pub(super) fn doubt(&self, dimension: &DimensionItem) -> Option<Doubt<'a>> {
        let points_at = |column: &String| self.columns.iter().any(|(_, to)| to == column);
        let key = &dimension.primary_key;
        if self.confidence < SURE {
            Some(Doubt::Unsure)
        } else if key.is_empty() || !key.iter().all(points_at) {
            Some(Doubt::NoKey)
        } else {
            None
        }
    }
}

/// All foreign keys, by the table that holds them and the one they point at.
pub(super) struct Keys<'a> {
    all: Vec<Key<'a>>,
    outgoing: HashMap<&'a str, Vec<usize>>,
    incoming: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(relationships: &'a [Relationship]) -> Self {
        let mut all: Vec<Key<'a>> = Vec::new();
        let mut composite: HashMap<u32, usize> = HashMap::new();
        for join in relationships {
            let column = (join.from_column.as_str(), join.to_column.as_str());
            let known = join.group.and_then(|group| composite.get(&group));
            if let Some(key) = known.and_then(|place| all.get_mut(*place)) {
                key.columns.push(column);
                key.confidence = key.confidence.min(join.confidence);
                continue;
            }
            if let Some(group) = join.group {
                composite.insert(group, all.len());
            }
            all.push(Key {
                from: &join.from_table,
                to: &join.to_table,
                columns: vec![column],
                kind: join.kind,
                confidence: join.confidence,
                evidence: &join.evidence,
            });
        }
        let mut keys = Self {
            all,
            outgoing: HashMap::new(),
            incoming: HashMap::new(),
        };
        for (place, key) in keys.all.iter().enumerate() {
            keys.outgoing.entry(key.from).or_default().push(place);
            keys.incoming.entry(key.to).or_default().push(place);
        }
        keys
    }

    /// The keys that a table holds, by its columns.
    pub(super) fn from(&self, table: &str) -> impl Iterator<Item = &Key<'a>> {
        self.at(self.outgoing.get(table))
    }

    /// The keys that point at a table.
    pub(super) fn to(&self, table: &str) -> impl Iterator<Item = &Key<'a>> {
        self.at(self.incoming.get(table))
    }

    fn at(&self, places: Option<&Vec<usize>>) -> impl Iterator<Item = &Key<'a>> {
        let places = places.cloned().unwrap_or_default();
        places.into_iter().filter_map(|place| self.all.get(place))
    }
}
