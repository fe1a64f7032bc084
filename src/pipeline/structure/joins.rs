//! Which column points at which table: one parent for every child column.
//!
//! Candidates are found through indexes on subjects and key names, never by comparing
//! all pairs, so time grows with the number of columns.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::keys::Origin;
use super::names::{ColumnName, KeyWord, NamedClass};
use super::{Cardinality, Join, JoinKind, Subject};
use crate::catalog::{Catalog, Column, TypeFamily};
use crate::text;

/// What a candidate starts from and what moves it, in units of confidence (0–1). Set on
/// the sample catalog; see `ARCHITECTURE.md` for what is planned to calibrate them.
mod weight {
    /// The description of the column names the table it refers to.
    pub(super) const STATED: f64 = 0.97;
    /// The column is named after the table.
    pub(super) const SUBJECT: f64 = 0.90;
    /// The column is named after the table, with a role before it.
    pub(super) const ROLE: f64 = 0.84;
    /// A date key and the calendar of its schema.
    pub(super) const CALENDAR: f64 = 0.74;
    /// The column is called exactly as the key.
    pub(super) const SAME_NAME: f64 = 0.06;
    /// The prefix of the column agrees with the class of the table, or contradicts it.
    pub(super) const CLASS_AGREES: f64 = 0.03;
    pub(super) const CLASS_CONTRADICTS: f64 = -0.12;
    /// A surrogate key against a business key, or the other way round.
    pub(super) const OTHER_KIND_OF_KEY: f64 = -0.15;
    /// Tables of different schemas: of one scope, as `dm_bs_…` and `dm_bs_…`, or of two.
    pub(super) const OTHER_SCHEMA: f64 = -0.08;
    pub(super) const OTHER_SCOPE: f64 = -0.14;
    /// A type that the catalog does not tell.
    pub(super) const TYPE_UNKNOWN: f64 = -0.04;
    /// A log or staging table as the parent.
    pub(super) const TECHNICAL: f64 = -0.30;
    /// All columns of a composite key are there under their names.
    pub(super) const COMPOSITE: f64 = 0.90;
    /// Below this nothing is claimed.
    pub(super) const LEAST: f64 = 0.55;
    pub(super) const MOST: f64 = 0.99;
}

/// The most columns of a composite key that is followed.
const COMPOSITE_MAX: usize = 5;

/// How many tables of one name in other schemas are weighed for one column: without a
/// bound, a catalog of a thousand marts of the same tables would be compared mart by mart.
const FOREIGN_PARENTS_MAX: usize = 64;

/// A table a column may point at.
struct Candidate {
    parent: usize,
    parent_column: usize,
    role: Vec<String>,
    origin: Origin,
    confidence: f64,
    evidence: Vec<String>,
}

/// The look-ups over the tables of the scope.
struct Index<'t, 'c> {
    catalog: &'c Catalog,
    tables: &'t [Subject<'c>],
    /// Tables by what they are about.
    by_subject: HashMap<String, Vec<usize>>,
    /// Tables by the lower-cased name of their single-column key.
    by_key_name: HashMap<String, Vec<usize>>,
    /// Words that the names of all schemas hold.
    common_words: BTreeSet<String>,
    /// The places of the tables in `tables`, by id.
    place: HashMap<crate::catalog::TableId, usize>,
}

/// All joins of the scope, by child table and column.
pub(super) fn find(catalog: &Catalog, tables: &[Subject<'_>]) -> Vec<Join> {
    let index = Index::new(catalog, tables);
    let composites = index.composite_joins();
    let mut joins: Vec<Join> = Vec::new();
    for (child, table) in tables.iter().enumerate() {
        let mut own: Vec<(Option<KeyWord>, Join)> = Vec::new();
        for (place, name) in table.columns.iter().enumerate() {
            let best = index.best_parent(child, place, name);
            own.extend(
                best.and_then(|best| index.join(child, place, best))
                    .map(|join| (name.key_word, join)),
            );
        }
        // Where a surrogate key leads to a table, its business key beside it is a copied attribute.
        let led: HashSet<_> = own
            .iter()
            .filter(|(word, _)| *word == Some(KeyWord::Surrogate))
            .map(|(_, join)| (join.to, join.role.clone()))
            .collect();
        own.retain(|(word, join)| {
            *word != Some(KeyWord::Natural) || !led.contains(&(join.to, join.role.clone()))
        });
        joins.extend(own.into_iter().map(|(_, join)| join));
    }
    // A composite reference says more than the shortcut to the header through one of its columns.
    let covered: HashSet<_> = composites
        .iter()
        .map(|join| (join.from, join.from_column))
        .collect();
    joins.retain(|join| !covered.contains(&(join.from, join.from_column)));
    joins.extend(composites);
    joins.sort_by_key(|join| (join.from, join.from_column, join.to));
    joins
}

impl<'t, 'c> Index<'t, 'c> {
    fn new(catalog: &'c Catalog, tables: &'t [Subject<'c>]) -> Self {
        let mut by_subject: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_key_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, table) in tables.iter().enumerate() {
            if !table.name.subject.is_empty() {
                by_subject
                    .entry(table.name.subject.join(" "))
                    .or_default()
                    .push(place);
            }
            if let Some(name) = table
                .single_key()
                .and_then(|key| table.table.columns.get(key))
            {
                by_key_name
                    .entry(name.name.to_lowercase())
                    .or_default()
                    .push(place);
            }
        }
        let common_words = catalog
            .schemas()
            .iter()
            .map(|schema| {
                text::identifier_words(&schema.name)
                    .into_iter()
                    .collect::<BTreeSet<_>>()
            })
            .reduce(|shared, next| shared.intersection(&next).cloned().collect())
            .unwrap_or_default();
        let place = tables
            .iter()
            .enumerate()
            .map(|(place, table)| (table.id, place))
            .collect();
        Self {
            catalog,
            tables,
            by_subject,
            by_key_name,
            common_words,
            place,
        }
    }

    fn best_parent(&self, child: usize, place: usize, name: &ColumnName) -> Option<Candidate> {
        let table = self.tables.get(child)?;
        let column = table.table.columns.get(place)?;
        // A table's own key points nowhere: views over one base share its name.
        if table.single_key() == Some(place) {
            return None;
        }
        let mut candidates = self.stated(child, column);
        if name.key_word.is_some() && !name.subject.is_empty() && !names_own_table(table, name) {
            candidates.extend(self.named_after(child, column, name));
            if candidates.is_empty() {
                candidates.extend(self.same_key_name(child, column, name));
                candidates.extend(self.calendar(child, column, name));
            }
        }
        candidates.retain(|candidate| candidate.confidence >= weight::LEAST);
        // Ties go to the table that comes first in the catalog, so that runs agree.
        candidates.into_iter().reduce(|best, next| {
            if next.confidence > best.confidence {
                next
            } else {
                best
            }
        })
    }

    /// Of tables of one name the ones that a child can mean: those of its own schema, else
    /// the first [`FOREIGN_PARENTS_MAX`] of others. Lists of places are in the order of the
    /// scope, and so by schema.
    fn nearest<'l>(&self, child: usize, parents: &'l [usize]) -> &'l [usize] {
        let schema_of = |place: &usize| self.tables.get(*place).map(|table| table.table.schema);
        let own = schema_of(&child);
        let start = parents.partition_point(|place| schema_of(place) < own);
        let end = parents.partition_point(|place| schema_of(place) <= own);
        match parents.get(start..end) {
            Some(near) if near.iter().any(|place| *place != child) => near,
            _ => parents.get(..FOREIGN_PARENTS_MAX).unwrap_or(parents),
        }
    }

    /// Parents that the column's own description names.
    fn stated(&self, child: usize, column: &Column) -> Vec<Candidate> {
        let texts = [
            &column.documentation.description,
            &column.documentation.source_description,
        ];
        let mut found = Vec::new();
        for description in texts.into_iter().flatten() {
            for named in referenced_tables(description) {
                let named = self.catalog.named(named);
                let mut parents: Vec<usize> = named
                    .iter()
                    .filter_map(|id| self.place.get(id).copied())
                    .collect();
                parents.sort_unstable();
                found.extend(self.nearest(child, &parents).iter().filter_map(|parent| {
                    let quote = format!("description: \"{}\"", text::shorten(description, 120));
                    self.candidate(
                        child,
                        column,
                        None,
                        *parent,
                        Vec::new(),
                        (weight::STATED, Origin::Declared, quote),
                    )
                }));
            }
        }
        found
    }

    /// Parents whose subject is the column's, whole or after a role.
    fn named_after(&self, child: usize, column: &Column, name: &ColumnName) -> Vec<Candidate> {
        for cut in 0..name.subject.len() {
            let (role, subject) = name.subject.split_at(cut);
            let Some(parents) = self.by_subject.get(&subject.join(" ")) else {
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "a name has a handful of words")]
            let start = if cut == 0 {
                weight::SUBJECT
            } else {
                weight::ROLE - 0.02 * (cut - 1) as f64
            };
            let found: Vec<Candidate> = self
                .nearest(child, parents)
                .iter()
                .filter(|parent| **parent != child || cut > 0)
                .filter_map(|parent| {
                    let about = format!(
                        "column {} is named after {}",
                        column.name,
                        self.tables.get(*parent)?.table.name
                    );
                    let start = (start, Origin::Inferred, about);
                    self.candidate(child, column, Some(name), *parent, role.to_vec(), start)
                })
                .filter(|candidate| candidate.confidence >= weight::LEAST)
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// Parents whose key is called exactly as the column, though neither table's name says so.
    fn same_key_name(&self, child: usize, column: &Column, name: &ColumnName) -> Vec<Candidate> {
        let parents = self.by_key_name.get(&column.name.to_lowercase());
        parents
            .into_iter()
            .flat_map(|parents| self.nearest(child, parents))
            .filter(|parent| **parent != child)
            .filter_map(|parent| {
                let about = format!("no table is called after column {}", column.name);
                self.candidate(
                    child,
                    column,
                    Some(name),
                    *parent,
                    Vec::new(),
                    (weight::ROLE, Origin::Inferred, about),
                )
            })
            .collect()
    }

    /// The calendars, for a date key that no dimension of its own serves.
    fn calendar(&self, child: usize, column: &Column, name: &ColumnName) -> Vec<Candidate> {
        let Some((last, role)) = name.subject.split_last() else {
            return Vec::new();
        };
        if !CALENDAR_WORDS.contains(&last.as_str()) {
            return Vec::new();
        }
        CALENDAR_WORDS
            .iter()
            .filter_map(|word| self.by_subject.get(*word))
            .flat_map(|parents| self.nearest(child, parents))
            .filter_map(|parent| {
                let about = format!("column {} is a date key", column.name);
                let start = (weight::CALENDAR, Origin::Inferred, about);
                self.candidate(child, column, Some(name), *parent, role.to_vec(), start)
            })
            .collect()
    }

    /// Weighs one pair; `None` where the parent has no key or the types cannot meet.
    fn candidate(
        &self,
        child: usize,
        column: &Column,
        name: Option<&ColumnName>,
        parent: usize,
        role: Vec<String>,
        (start, origin, about): (f64, Origin, String),
    ) -> Option<Candidate> {
        let (child, target) = (self.tables.get(child)?, self.tables.get(parent)?);
        let mut confidence = start;
        let mut evidence = vec![about];
        let parent_column = key_for(target, column, name)?;
        let key = target.table.columns.get(parent_column)?;
        if !column.family.can_join(key.family) {
            return None;
        }
        if column.name.eq_ignore_ascii_case(&key.name) {
            confidence += weight::SAME_NAME;
            evidence.push(format!("same name as the key of {}", target.table.name));
        } else {
            evidence.push(format!("key of {} is {}", target.table.name, key.name));
        }
        if column.family == TypeFamily::Unknown || key.family == TypeFamily::Unknown {
            confidence += weight::TYPE_UNKNOWN;
            evidence.push("type unknown".to_owned());
        } else if let Some(data_type) = &column.data_type {
            evidence.push(format!("type {data_type} fits"));
        }
        if let Some(name) = name {
            match (name.class, target.name.named_class()) {
                (Some(a), Some(b)) if a == b => confidence += weight::CLASS_AGREES,
                (Some(_), Some(_)) => confidence += weight::CLASS_CONTRADICTS,
                _ => {}
            }
            let other_kind = target
                .columns
                .get(parent_column)
                .is_some_and(|key| key.key_word != name.key_word);
            if other_kind || target.single_key() != Some(parent_column) {
                confidence += weight::OTHER_KIND_OF_KEY;
                evidence.push("joins on a business key".to_owned());
            }
        }
        if target.name.named_class() == Some(NamedClass::Technical) {
            confidence += weight::TECHNICAL;
        }
        if child.table.schema != target.table.schema {
            confidence += self.distance(child, target);
            evidence.push(format!(
                "in another schema, {}",
                self.catalog.schema_name(target.id)
            ));
        }
        if !role.is_empty() {
            evidence.push(format!(
                "role: {}",
                role_words(&column.name, role.len(), name)
            ));
        }
        let confidence = confidence.min(weight::MOST);
        Some(Candidate {
            parent,
            parent_column,
            role,
            origin,
            confidence,
            evidence,
        })
    }

    /// What it costs a join to lead from one schema to another: less where their names
    /// share a word that not all schemas bear, nothing within one.
    fn distance(&self, child: &Subject<'_>, parent: &Subject<'_>) -> f64 {
        if child.table.schema == parent.table.schema {
            return 0.0;
        }
        let words =
            |table: &Subject<'_>| text::identifier_words(self.catalog.schema_name(table.id));
        let target = words(parent);
        let telling = |word: &String| target.contains(word) && !self.common_words.contains(word);
        if words(child).iter().any(telling) {
            weight::OTHER_SCHEMA
        } else {
            weight::OTHER_SCOPE
        }
    }

    fn join(&self, child: usize, place: usize, best: Candidate) -> Option<Join> {
        let (from, to) = (self.tables.get(child)?, self.tables.get(best.parent)?);
        Some(Join {
            from: from.id,
            from_column: place,
            to: to.id,
            to_column: best.parent_column,
            // Refined once the classes of both ends are known.
            kind: if from.id == to.id {
                JoinKind::SelfReference
            } else {
                JoinKind::Reference
            },
            cardinality: Cardinality::ManyToOne,
            origin: best.origin,
            confidence: best.confidence,
            evidence: best.evidence,
            role: (!best.role.is_empty()).then(|| best.role.join(" ")),
            group: None,
        })
    }

    /// Joins on a key of several columns: a child that holds them all, under their names,
    /// and the nearest of the tables that have this key.
    fn composite_joins(&self) -> Vec<Join> {
        let mut parents: BTreeMap<Vec<String>, (String, Vec<usize>)> = BTreeMap::new();
        for (place, table) in self.tables.iter().enumerate() {
            if let Some((own_name, names)) = self.composite_key(table) {
                parents
                    .entry(names)
                    .or_insert_with(|| (own_name, Vec::new()))
                    .1
                    .push(place);
            }
        }
        let wanted: BTreeSet<&String> = parents.keys().flatten().collect();
        let columns: Vec<HashMap<String, usize>> = self
            .tables
            .iter()
            .map(|table| column_places(table, &wanted))
            .collect();
        let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, columns) in columns.iter().enumerate() {
            for name in columns.keys() {
                holders.entry(name.as_str()).or_default().push(place);
            }
        }
        let mut joins = Vec::new();
        let mut group = 0;
        for (names, (own_name, parents)) in &parents {
            for child in holders
                .get(own_name.as_str())
                .into_iter()
                .flatten()
                .copied()
            {
                let Some(places) = columns.get(child).and_then(|columns| {
                    names
                        .iter()
                        .map(|name| columns.get(name).copied())
                        .collect::<Option<Vec<usize>>>()
                }) else {
                    continue;
                };
                if let Some((table, target)) = self.composite_parent(child, parents) {
                    group += 1;
                    joins.extend(composite_join(
                        table,
                        target,
                        &places,
                        group,
                        self.distance(table, target),
                    ));
                }
            }
        }
        joins
    }

    /// The child and the nearest of the tables of a key that it can refer to.
    fn composite_parent(
        &self,
        child: usize,
        parents: &[usize],
    ) -> Option<(&Subject<'c>, &Subject<'c>)> {
        let table = self.tables.get(child)?;
        self.nearest(child, parents)
            .iter()
            .filter_map(|parent| self.tables.get(*parent))
            .filter(|target| target.id != table.id && !same_key(table, target))
            .reduce(|best, next| {
                if self.distance(table, next) > self.distance(table, best) {
                    next
                } else {
                    best
                }
            })
            .map(|target| (table, target))
    }

    /// The column of a composite key that is the table's own, and all its columns, lower
    /// case. Keys made of foreign keys alone identify a combination, which others can
    /// hold without meaning this table.
    fn composite_key(&self, table: &Subject<'_>) -> Option<(String, Vec<String>)> {
        let key = table
            .key
            .as_ref()
            .filter(|key| (2..=COMPOSITE_MAX).contains(&key.columns.len()))?;
        let name = |place: &usize| {
            table
                .table
                .columns
                .get(*place)
                .map(|column| column.name.to_lowercase())
        };
        let own = key.columns.iter().find(|place| {
            table.columns.get(**place).is_some_and(|column| {
                column.key_word == Some(KeyWord::Natural)
                    && (column.subject == table.name.subject
                        || !self.by_subject.contains_key(&column.subject.join(" ")))
            })
        })?;
        Some((
            name(own)?,
            key.columns.iter().map(name).collect::<Option<_>>()?,
        ))
    }
}

/// Whether a column identifies its own table: `supplier_number` in `dimv_supplier`, and in
/// its role `dimv_invoicing_supplier`.
fn names_own_table(table: &Subject<'_>, name: &ColumnName) -> bool {
    let of_other_class = name.class.is_some() && name.class != table.name.named_class();
    let of_base =
        name.key_word == Some(KeyWord::Natural) && table.name.subject.ends_with(&name.subject);
    !of_other_class && (name.subject == table.name.subject || of_base)
}

/// Words (stems) that end the name of a calendar or of a date key.
const CALENDAR_WORDS: &[&str] = &["dat", "date", "calendar", "day", "tim"];

/// The column of the parent that the child's column must equal: its key; for a business
/// key beside a surrogate the column of the very same name.
fn key_for(parent: &Subject<'_>, column: &Column, name: Option<&ColumnName>) -> Option<usize> {
    let same_name = || {
        let place = parent
            .table
            .columns
            .iter()
            .position(|other| other.name.eq_ignore_ascii_case(&column.name))?;
        parent.business_key.contains(&place).then_some(place)
    };
    let Some(key) = parent.single_key() else {
        return same_name();
    };
    let word = parent.columns.get(key).and_then(|key| key.key_word);
    match name.and_then(|name| name.key_word) {
        Some(KeyWord::Natural) if word == Some(KeyWord::Surrogate) => same_name(),
        _ => Some(key),
    }
}

fn column_places(table: &Subject<'_>, wanted: &BTreeSet<&String>) -> HashMap<String, usize> {
    let names = table
        .table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| (column.name.to_lowercase(), place));
    names.filter(|(name, _)| wanted.contains(name)).collect()
}

/// Tables of one and the same key are siblings, not parent and child.
fn same_key(a: &Subject<'_>, b: &Subject<'_>) -> bool {
    let names = |table: &Subject<'_>| -> Option<BTreeSet<String>> {
        let key = table.key.as_ref()?;
        key.columns
            .iter()
            .map(|place| Some(table.table.columns.get(*place)?.name.to_lowercase()))
            .collect()
    };
    names(a).is_some_and(|key| names(b) == Some(key))
}

fn composite_join(
    child: &Subject<'_>,
    parent: &Subject<'_>,
    places: &[usize],
    group: u32,
    distance: f64,
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
    let mut confidence = weight::COMPOSITE;
    let mut evidence = vec![format!(
        "holds all {} columns of the key of {}",
        key.len(),
        parent.table.name
    )];
    if child.table.schema != parent.table.schema {
        confidence += distance;
        evidence.push("in another schema".to_owned());
    }
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

/// The role as written: `invoicing` of `dim_invoicing_supplier_key`.
fn role_words(column: &str, length: usize, name: Option<&ColumnName>) -> String {
    let skipped = usize::from(name.is_some_and(|name| name.class.is_some()));
    text::identifier_words(column)
        .into_iter()
        .skip(skipped)
        .take(length)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Phrases by which a description declares a reference, folded.
const REFERENCE_LEADS: &[&str] = &[
    "foreign key to",
    "foreign key of",
    "foreign key for",
    "fk to",
    "references",
    "reference to",
    "refers to",
    "points to",
    "cizi klic na",
    "cizi klic do",
    "cudzi kluc na",
    "cudzi kluc do",
    "odkaz na",
    "odkazuje na",
    "joins to",
    "key to",
];

/// The tables a description says the column refers to; only words that are identifiers.
fn referenced_tables(description: &str) -> Vec<&str> {
    let folded = text::fold(description);
    if !REFERENCE_LEADS.iter().any(|lead| folded.contains(lead)) {
        return Vec::new();
    }
    description
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_')))
        .filter(|word| word.contains('_') || word.contains('.'))
        .collect()
}
