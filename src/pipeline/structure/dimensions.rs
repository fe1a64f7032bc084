//! Kinds of dimension, and the roles a dimension plays.
//!
//! A role-playing dimension is one physical table that a fact refers to several times, each
//! time under another name (Kimball and Ross, The Data Warehouse Toolkit, chapter 6): as
//! views over one base, or as several foreign keys of one fact.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::names;
use super::profile::Profile;
use super::{Analysis, DimensionKind, Subject};
use crate::catalog::{Catalog, SchemaId, TableId, Via};

/// One of the roles that a dimension plays in a fact that refers to it more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePlayed {
    /// The fact.
    pub fact: TableId,
    /// Place of its column that refers to the dimension.
    pub column: usize,
    /// The role in words: `ship date`.
    pub role: String,
}

/// A lookup has no more business columns than this.
const LOOKUP_COLUMNS_MAX: usize = 5;
/// The share of a view's columns its base must have, for it to be a role of that base.
const ROLE_OVERLAP: f64 = 0.6;

/// The most traits, such as a city or an e-mail address, of what only has a code and a name.
const LOOKUP_TRAITS_MAX: usize = 1;

/// What kind of dimension a table is, and why: `coded` if its name is that of a list of
/// codes, `base` being what it is a role of.
pub(super) fn kind(
    profile: &Profile,
    coded: bool,
    base: Option<(TableId, String)>,
) -> (DimensionKind, String) {
    if let Some((base, why)) = base {
        return (DimensionKind::RolePlaying { of: base }, why);
    }
    if profile.calendar {
        return (
            DimensionKind::Calendar,
            "columns are parts of a date".to_owned(),
        );
    }
    let business = profile.own();
    let plain = profile.traits <= LOOKUP_TRAITS_MAX && profile.events + profile.lifetimes == 0;
    if (1..=LOOKUP_COLUMNS_MAX).contains(&business)
        && profile.parents.is_empty()
        && (coded || plain)
    {
        return (
            DimensionKind::Lookup,
            if business == 1 {
                "a list of codes: one column beside the key".to_owned()
            } else {
                format!("a list of codes: {business} columns beside the key")
            },
        );
    }
    (DimensionKind::Master, "a dimension of its own".to_owned())
}

/// The facts that refer to a dimension more than once, and in which roles: their columns
/// in words, the key word left out. A composite key counts once, by its first column.
pub(super) fn roles_played(
    analysis: &Analysis,
    dimension: TableId,
    is_fact: impl Fn(TableId) -> bool,
    role: impl Fn(TableId, usize) -> String,
) -> Vec<RolePlayed> {
    let mut columns: BTreeMap<TableId, Vec<usize>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for join in analysis.joins_to(dimension) {
        let once = join.group.is_none_or(|group| seen.insert(group));
        if once && join.from != dimension && is_fact(join.from) {
            columns.entry(join.from).or_default().push(join.from_column);
        }
    }
    columns
        .into_iter()
        .filter(|(_, columns)| columns.len() > 1)
        .flat_map(|(fact, columns)| columns.into_iter().map(move |column| (fact, column)))
        .map(|(fact, column)| RolePlayed {
            fact,
            column,
            role: role(fact, column),
        })
        .collect()
}

/// The tables of the scope by schema and subject, to find the base of a role-playing view.
pub(super) struct Bases<'s, 'c> {
    by_subject: HashMap<(SchemaId, String), Vec<&'s Subject<'c>>>,
    by_id: HashMap<TableId, &'s Subject<'c>>,
}

impl<'s, 'c> Bases<'s, 'c> {
    pub(super) fn new(subjects: &'s [Subject<'c>]) -> Self {
        let mut by_subject: HashMap<(SchemaId, String), Vec<&Subject<'c>>> = HashMap::new();
        for subject in subjects.iter().filter(|subject| subject.copy_of.is_none()) {
            let key = (subject.table.schema, subject.name.subject.join(" "));
            by_subject.entry(key).or_default().push(subject);
        }
        let by_id = subjects
            .iter()
            .map(|subject| (subject.id, subject))
            .collect();
        Self { by_subject, by_id }
    }

    /// The dimension that `view` is a role of, and why: its description says so, or its
    /// name ends in the base's and it has the base's columns.
    pub(super) fn base_of(
        &self,
        catalog: &Catalog,
        view: &Subject<'c>,
    ) -> Option<(TableId, String)> {
        let stated = catalog
            .upstream(view.id)
            .iter()
            .filter(|source| source.via.contains(&Via::Description))
            .filter_map(|source| self.by_id.get(&source.table?).copied())
            .find(|base| is_role_name(view, base));
        if let Some(base) = stated {
            // Where that is itself a role of something, the something.
            let first = self
                .shorter_names(base)
                .find(|other| overlap(base, other) >= ROLE_OVERLAP)
                .unwrap_or(base);
            let why = format!("role of {}, as its description says", first.table.name);
            return Some((first.id, why));
        }
        let base = self
            .shorter_names(view)
            .find(|base| view.table.columns.is_empty() || overlap(view, base) >= ROLE_OVERLAP)?;
        let why = format!("role of {}: its name and columns", base.table.name);
        Some((base.id, why))
    }

    /// Tables of the same schema that the view's name ends in, the longest name first.
    fn shorter_names(&self, view: &Subject<'c>) -> impl Iterator<Item = &'s Subject<'c>> {
        let subject = view.name.subject.as_slice();
        (1..subject.len())
            .filter_map(move |cut| {
                let ending = subject.get(cut..)?.join(" ");
                self.by_subject.get(&(view.table.schema, ending))
            })
            .flatten()
            .copied()
            .filter(move |base| is_role_name(view, base))
    }
}

/// A role is the base's name with words before it, in the same convention.
fn is_role_name(view: &Subject<'_>, base: &Subject<'_>) -> bool {
    view.id != base.id
        && view.name.named_class() == base.name.named_class()
        && view.name.subject.len() > base.name.subject.len()
        && view.name.subject.ends_with(&base.name.subject)
}

/// The share of the view's columns that the base has too, role words not counted.
fn overlap(view: &Subject<'_>, base: &Subject<'_>) -> f64 {
    let words = view
        .name
        .subject
        .len()
        .saturating_sub(base.name.subject.len());
    let role: &[String] = view.name.subject.get(..words).unwrap_or_default();
    let plain = |name: &str| -> String {
        let kept: Vec<String> = names::stems(name)
            .into_iter()
            .filter(|stem| !role.contains(stem))
            .collect();
        kept.join(" ")
    };
    let known: HashSet<String> = base
        .table
        .columns
        .iter()
        .map(|column| plain(&column.name))
        .collect();
    let shared = view
        .table
        .columns
        .iter()
        .filter(|column| known.contains(&plain(&column.name)))
        .count();
    #[expect(
        clippy::cast_precision_loss,
        reason = "tables have thousands of columns at most"
    )]
    let share = shared as f64 / view.table.columns.len().max(1) as f64;
    share
}
