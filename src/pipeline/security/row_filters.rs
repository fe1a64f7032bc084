//! How access to the rows of facts can be restricted: by a table that says which user may
//! see which unit of the organisation, or, where there is none, by the units themselves.

use std::collections::{BTreeMap, HashMap, HashSet};

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::category::Category;
use super::detection::Finding;
use super::lexicon::{Word, WordSet};
use super::{LIKELY, context, weights};
use crate::catalog::{Catalog, Column, TableId, TypeFamily};
use crate::pipeline::mapping::Mapping;
use crate::pipeline::rounded;
use crate::pipeline::structure::{Analysis, Class, DimensionKind, Join, Origin};

/// A path with a join below this confidence is doubtful.
pub const DOUBTFUL_JOIN: f64 = 0.7;
/// The longest path from a fact to a unit, in joins.
const STEPS_MAX: usize = 3;
/// How many facts a proposal looks at.
const FACTS_MAX: usize = 50;
/// How many units of the organisation are looked at; ways lead to each through the whole scope.
const UNITS_MAX: usize = 100;
/// How many proposals there are at most.
const FILTERS_MAX: usize = 12;
/// A join to a view in a role says a little less of the unit than one to the unit itself.
const IN_A_ROLE: f64 = 0.9;
/// What a unit's column in a fact is worth that joins to no table: the name alone.
const BY_NAME_ALONE: f64 = 0.6;

/// Points for a table that says who may see what, as log-odds.
mod points {
    /// Few tables are.
    pub(super) const PRIOR: f64 = -2.0;
    /// It relates others.
    pub(super) const BRIDGE: f64 = 1.0;
    /// Its name or description speaks of access.
    pub(super) const SPEAKS_OF_ACCESS: f64 = 1.8;
    /// A column of it is a user; required.
    pub(super) const USER: f64 = 1.8;
    /// Another is a unit of the organisation; required.
    pub(super) const UNIT: f64 = 0.8;
}

static ACCESS: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "authorization authorisation authorized authority permission permissions security access \
         entitlement privilege rls acl",
        "oprávnění oprávnenie oprávnenia přístup přístupy prístup prístupy přístupová prístupové",
    )
});

/// Units of an organisation that data are handed out by, and how usual that is, 0–1.
const UNITS: [(&str, f64); 30] = [
    ("purchasing organization", 0.95),
    ("purchasing organisation", 0.95),
    ("sales organization", 0.95),
    ("sales organisation", 0.95),
    ("purch org", 0.9),
    ("sales org", 0.9),
    ("company code", 0.95),
    ("company", 0.85),
    ("legal entity", 0.95),
    ("business unit", 0.95),
    ("organization", 0.9),
    ("organisation", 0.9),
    ("org unit", 0.95),
    ("plant", 0.85),
    ("branch", 0.85),
    ("division", 0.8),
    ("department", 0.75),
    ("territory", 0.8),
    ("region", 0.75),
    ("cost center", 0.75),
    ("cost centre", 0.75),
    ("profit center", 0.75),
    ("profit centre", 0.75),
    ("nákupní organizace", 0.95),
    ("nákupná organizácia", 0.95),
    ("závod", 0.85),
    ("středisko", 0.75),
    ("stredisko", 0.75),
    ("pobočka", 0.85),
    ("oddělení", 0.75),
];
/// Fields of SAP for such units.
const UNIT_FIELDS: [(&str, f64); 6] = [
    ("bukrs", 0.95),
    ("werks", 0.85),
    ("ekorg", 0.95),
    ("vkorg", 0.95),
    ("kostl", 0.75),
    ("prctr", 0.75),
];

/// A proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowFilter {
    /// The unit that rows are handed out by: the full name of its table, or the name of a
    /// column that facts have.
    #[schema(example = "dm_bs_purchase.dimv_plant")]
    pub unit: String,
    /// Whether `unit` is a table.
    #[schema(example = true)]
    pub is_table: bool,
    /// The table that says which user may see which unit; null where the scope has none,
    /// and one has to be made.
    #[schema(required)]
    pub user_table: Option<UserTable>,
    /// How sure the proposal is, 0–1; the paths have their own.
    #[schema(minimum = 0, maximum = 1, example = 0.8)]
    pub confidence: f64,
    /// The facts it reaches, requested ones as far as there are any; up to 50.
    #[schema(max_items = 50)]
    pub facts: Vec<FactPath>,
    /// Facts that no path leads from: they stay open unless something else protects them.
    #[schema(example = json!(["dm_bs_purchase.factv_contract"]))]
    pub unreached: Vec<String>,
}

/// A table of users and what they may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UserTable {
    /// Full name.
    #[schema(example = "dm_bs_purchase.bridge_user_plant")]
    pub table: String,
    /// What the catalog says of it.
    #[schema(required, example = "Which user may see which plant.")]
    pub description: Option<String>,
    /// The column that is the user.
    #[schema(example = "user_name")]
    pub user_column: String,
    /// Its columns that are the unit.
    #[schema(example = json!(["dim_plant_key"]))]
    pub columns: Vec<String>,
    /// The columns of the unit's table that they refer to.
    #[schema(example = json!(["dim_plant_key"]))]
    pub unit_columns: Vec<String>,
    /// The column from whose day on a row holds.
    #[schema(required, example = "valid_from")]
    pub valid_from: Option<String>,
    /// The column up to whose day it holds.
    #[schema(required, example = "valid_to")]
    pub valid_to: Option<String>,
    /// Id of its owner, or of its schema's.
    #[schema(required, example = "u-1024")]
    pub owner: Option<String>,
}

/// How a fact comes to the unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FactPath {
    /// Full name of the fact.
    #[schema(example = "dm_bs_purchase.factv_purchase_order_item")]
    pub fact: String,
    /// Whether the request needs it.
    #[schema(example = true)]
    pub requested: bool,
    /// The joins, from the fact to the unit; none where the fact itself has the column.
    pub steps: Vec<PathStep>,
    /// The column of the fact, where there are no steps.
    #[schema(required, example = "plant_code")]
    pub column: Option<String>,
    /// The product of the joins' confidences, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.9)]
    pub confidence: f64,
    /// Whether a join on the way is doubtful (below 0.7): check it before relying on it.
    #[schema(example = false)]
    pub doubtful: bool,
}

/// One join of a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathStep {
    /// The table with the foreign key.
    #[schema(example = "dm_bs_purchase.factv_purchase_order_item")]
    pub from: String,
    /// The foreign key.
    #[schema(example = json!(["dim_plant_key"]))]
    pub from_columns: Vec<String>,
    /// The table it refers to.
    #[schema(example = "dm_bs_purchase.dimv_plant")]
    pub to: String,
    /// The key there.
    #[schema(example = json!(["dim_plant_key"]))]
    pub to_columns: Vec<String>,
    /// Said by the catalog or inferred.
    pub origin: Origin,
    /// How sure the join is, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.9)]
    pub confidence: f64,
}

/// Proposes filters: first those that a user table serves, then the units without one.
pub(super) fn propose(
    catalog: &Catalog,
    mapping: &Mapping,
    analysis: &Analysis,
    findings: &BTreeMap<TableId, &[Finding]>,
) -> Vec<RowFilter> {
    let excluded: HashSet<&str> = mapping
        .report
        .excluded
        .iter()
        .map(|table| table.table.as_str())
        .collect();
    let usable = |id: &TableId| !excluded.contains(catalog.full_name(*id).as_str());
    let scope: Vec<TableId> = mapping.scope.iter().copied().filter(usable).collect();
    let planner = Planner {
        catalog,
        analysis,
        findings,
        requested: mapping.requested.iter().copied().collect(),
        facts: facts(analysis, mapping, &scope),
        usable: scope.iter().copied().collect(),
        in_roles: in_roles(analysis, &scope),
        scope,
    };
    planner.propose()
}

fn in_roles(analysis: &Analysis, scope: &[TableId]) -> HashMap<TableId, Vec<TableId>> {
    let mut views: HashMap<TableId, Vec<TableId>> = HashMap::new();
    for id in scope {
        let class = analysis.of(*id).map(|found| found.class);
        if let Some(Class::Dimension(DimensionKind::RolePlaying { of })) = class {
            views.entry(of).or_default().push(*id);
        }
    }
    views
}

/// The requested facts; without any, those in scope.
fn facts(analysis: &Analysis, mapping: &Mapping, scope: &[TableId]) -> Vec<TableId> {
    let are_facts = |tables: &[TableId]| -> Vec<TableId> {
        let is_fact = |id: &&TableId| {
            analysis
                .of(**id)
                .is_some_and(|found| found.class == Class::Fact)
        };
        let facts = tables.iter().filter(is_fact);
        facts.take(FACTS_MAX).copied().collect()
    };
    let requested = are_facts(&mapping.requested);
    if requested.is_empty() {
        are_facts(scope)
    } else {
        requested
    }
}

struct Planner<'c> {
    catalog: &'c Catalog,
    analysis: &'c Analysis,
    findings: &'c BTreeMap<TableId, &'c [Finding]>,
    requested: HashSet<TableId>,
    facts: Vec<TableId>,
    /// The tables that a filter may use.
    scope: Vec<TableId>,
    /// The same, to look one up.
    usable: HashSet<TableId>,
    /// The views in a role, by the dimension that plays it.
    in_roles: HashMap<TableId, Vec<TableId>>,
}

/// The joins of a way up to a unit, from the fact on, and how sure they are together.
type Way<'c> = (f64, Vec<&'c Join>);

impl<'c> Planner<'c> {
    fn propose(&self) -> Vec<RowFilter> {
        if self.facts.is_empty() {
            return Vec::new();
        }
        let users = self.user_tables();
        let mut filters = Vec::new();
        for (unit, strength) in self.units() {
            let ways = self.ways_to(unit);
            let served: Vec<_> = users.iter().filter(|(_, to, _)| *to == unit).collect();
            let table = self.catalog.full_name(unit);
            for (user_table, _, confidence) in &served {
                let user_table = Some(user_table.clone());
                filters.extend(self.filter(&table, &ways, user_table, *confidence));
            }
            if served.is_empty() {
                filters.extend(self.filter(&table, &ways, None, strength));
            }
        }
        filters.extend(self.by_columns());
        filters.sort_by(|a, b| {
            let rank = |f: &RowFilter| (f.user_table.is_none(), !f.is_table);
            rank(a)
                .cmp(&rank(b))
                .then_with(|| b.confidence.total_cmp(&a.confidence))
                .then_with(|| b.facts.len().cmp(&a.facts.len()))
        });
        filters.truncate(FILTERS_MAX);
        filters
    }

    /// The dimensions that are units of the organisation, and how usual it is to hand data
    /// out by them. A view in a role stands for the dimension that plays it.
    fn units(&self) -> Vec<(TableId, f64)> {
        let units = self.scope.iter().filter_map(|id| {
            let class = self.analysis.of(*id)?.class;
            let base = match class {
                Class::Dimension(DimensionKind::RolePlaying { .. } | DimensionKind::Calendar)
                | Class::Fact
                | Class::Bridge
                | Class::Unclassified => return None,
                Class::Dimension(DimensionKind::Master | DimensionKind::Lookup) => *id,
            };
            Some((base, unit_of_name(&self.catalog.table(*id).name)?))
        });
        units.take(UNITS_MAX).collect()
    }

    /// From every table the surest way to a unit of at most [`STEPS_MAX`] joins.
    fn ways_to(&self, unit: TableId) -> HashMap<TableId, Way<'c>> {
        let mut ways: HashMap<TableId, Way<'c>> = HashMap::from([(unit, (1.0, Vec::new()))]);
        let mut frontier = vec![unit];
        for view in self.in_roles.get(&unit).into_iter().flatten() {
            ways.insert(*view, (IN_A_ROLE, Vec::new()));
            frontier.push(*view);
        }
        for _ in 0..STEPS_MAX {
            let mut reached = Vec::new();
            for id in frontier {
                let Some((confidence, way)) = ways.get(&id).cloned() else {
                    continue;
                };
                for join in self.analysis.joins_to(id) {
                    let confidence = confidence * join.confidence;
                    let known = ways.get(&join.from).map_or(0.0, |(known, _)| *known);
                    if join.from != id && self.usable.contains(&join.from) && confidence > known {
                        let way = std::iter::once(join).chain(way.iter().copied()).collect();
                        ways.insert(join.from, (confidence, way));
                        reached.push(join.from);
                    }
                }
            }
            frontier = reached;
        }
        ways
    }

    /// The filter by one unit; null where no fact comes to it.
    fn filter(
        &self,
        unit: &str,
        ways: &HashMap<TableId, Way<'c>>,
        user_table: Option<UserTable>,
        confidence: f64,
    ) -> Option<RowFilter> {
        let mut paths = Vec::new();
        let mut unreached = Vec::new();
        for fact in &self.facts {
            match ways.get(fact) {
                Some((confidence, way)) if !way.is_empty() => {
                    paths.push(self.path(*fact, *confidence, way));
                }
                Some(_) | None => unreached.push(self.catalog.full_name(*fact)),
            }
        }
        (!paths.is_empty()).then(|| RowFilter {
            unit: unit.to_owned(),
            is_table: true,
            user_table,
            confidence: rounded(confidence),
            facts: paths,
            unreached,
        })
    }

    fn path(&self, fact: TableId, confidence: f64, way: &[&Join]) -> FactPath {
        let steps: Vec<PathStep> = way.iter().map(|join| self.step(join)).collect();
        FactPath {
            fact: self.catalog.full_name(fact),
            requested: self.requested.contains(&fact),
            doubtful: steps.iter().any(|step| step.confidence < DOUBTFUL_JOIN),
            steps,
            column: None,
            confidence: rounded(confidence),
        }
    }

    fn step(&self, join: &Join) -> PathStep {
        let joined: Vec<&Join> = match join.group {
            None => vec![join],
            Some(group) => self
                .analysis
                .joins_from(join.from)
                .filter(|other| other.group == Some(group) && other.to == join.to)
                .collect(),
        };
        let name = |id, place: usize| column_name(self.catalog, id, place);
        PathStep {
            from: self.catalog.full_name(join.from),
            from_columns: joined
                .iter()
                .map(|join| name(join.from, join.from_column))
                .collect(),
            to: self.catalog.full_name(join.to),
            to_columns: joined
                .iter()
                .map(|join| name(join.to, join.to_column))
                .collect(),
            origin: join.origin,
            confidence: rounded(join.confidence),
        }
    }

    /// The tables that say which user may see which unit, with the unit and how sure that is.
    fn user_tables(&self) -> Vec<(UserTable, TableId, f64)> {
        let units: HashSet<TableId> = self.units().into_iter().map(|(unit, _)| unit).collect();
        let mut found = Vec::new();
        for id in &self.scope {
            let Some((log_odds, user)) = self.access(*id) else {
                continue;
            };
            let mut seen = HashSet::new();
            for join in self.analysis.joins_from(*id) {
                let unit = match self.analysis.of(join.to).map(|found| found.class) {
                    Some(Class::Dimension(DimensionKind::RolePlaying { of })) => of,
                    _ => join.to,
                };
                if join.from_column == user || !units.contains(&unit) || seen.contains(&unit) {
                    continue;
                }
                if let Some(table) = self.user_table(*id, user, join, unit) {
                    seen.insert(unit);
                    let confidence = weights::probability(log_odds + points::UNIT);
                    found.push((table, unit, confidence));
                }
            }
        }
        found
    }

    /// How much a table looks like one of access, and the place of its user's column; `None`
    /// for one that has none, or neither relates others nor speaks of access.
    fn access(&self, id: TableId) -> Option<(f64, usize)> {
        let table = self.catalog.table(id);
        let is_bridge = self.analysis.of(id)?.class == Class::Bridge;
        let documentation = &table.documentation;
        let texts = [
            &documentation.description,
            &documentation.source_description,
            &documentation.czech_description,
            &documentation.business_name,
        ];
        let mut words = texts
            .into_iter()
            .flatten()
            .flat_map(|text| Word::of_text(text))
            .chain(Word::of_name(&table.name));
        let speaks_of_access = words.any(|word| ACCESS.holds(&word));
        if !is_bridge && !speaks_of_access {
            return None;
        }
        let user = self.user_column(id)?;
        let mut log_odds = points::PRIOR + points::USER;
        if is_bridge {
            log_odds += points::BRIDGE;
        }
        if speaks_of_access {
            log_odds += points::SPEAKS_OF_ACCESS;
        }
        Some((log_odds, user))
    }

    /// A login, else the number of a person, else a key of a table of persons.
    fn user_column(&self, id: TableId) -> Option<usize> {
        let findings = self.findings.get(&id).copied().unwrap_or_default();
        let of = |category: Category| {
            let finding = findings
                .iter()
                .find(|finding| finding.category == category && finding.confidence >= LIKELY);
            finding.map(|finding| finding.column)
        };
        let to_persons = || {
            let joins = self.analysis.joins_from(id);
            let mut to_persons = joins.filter(|join| {
                let words = Word::of_name(&self.catalog.table(join.to).name);
                words.iter().any(|word| context::PERSONS.holds(word))
            });
            to_persons.next().map(|join| join.from_column)
        };
        of(Category::Login)
            .or_else(|| of(Category::PersonId))
            .or_else(to_persons)
    }

    /// `None` where it is not known which columns of the unit it refers to.
    fn user_table(
        &self,
        id: TableId,
        user: usize,
        join: &Join,
        unit: TableId,
    ) -> Option<UserTable> {
        let table = self.catalog.table(id);
        let step = self.step(join);
        let unit_columns = self.columns_of_unit(unit, join.to, step.to_columns)?;
        let bound = |wanted: &[&str]| -> Option<String> {
            let is_day = |column: &&Column| {
                matches!(column.family, TypeFamily::Date | TypeFamily::Timestamp)
            };
            let mut days = table.columns.iter().filter(is_day);
            let bound = days.find(|column| {
                let words = Word::of_name(&column.name);
                words
                    .iter()
                    .any(|word| wanted.contains(&word.written.as_str()))
            });
            bound.map(|column| column.name.to_string())
        };
        Some(UserTable {
            table: step.from,
            description: table.documentation.best_description().map(str::to_owned),
            user_column: column_name(self.catalog, id, user),
            columns: step.from_columns,
            unit_columns,
            valid_from: bound(&["from", "start", "od", "begin"]),
            valid_to: bound(&["to", "end", "do", "until", "thru"]),
            owner: self.catalog.owner(id).map(str::to_owned),
        })
    }

    /// The unit's columns that columns of it, or of a view of it in a role, stand for. The
    /// rows of the view are those of the unit, so its key is the unit's key; its other
    /// columns keep their names.
    fn columns_of_unit(
        &self,
        unit: TableId,
        to: TableId,
        to_columns: Vec<String>,
    ) -> Option<Vec<String>> {
        if to == unit {
            return Some(to_columns);
        }
        let key = |id: TableId| -> Vec<String> {
            let key = self.analysis.of(id).and_then(|found| found.key.as_ref());
            let places = key.map_or(&[][..], |key| key.columns.as_slice());
            let names = places
                .iter()
                .map(|place| column_name(self.catalog, id, *place));
            names.collect()
        };
        let of_key = same_key(&to_columns, &key(to), &key(unit));
        of_key.or_else(|| {
            let columns = &self.catalog.table(unit).columns;
            let has = |name: &String| columns.iter().any(|column| *column.name == **name);
            to_columns.iter().all(has).then_some(to_columns)
        })
    }

    /// Units that facts name in a column that joins to no table, by the column's name.
    fn by_columns(&self) -> Vec<RowFilter> {
        let mut by_name: BTreeMap<String, (f64, Vec<FactPath>)> = BTreeMap::new();
        for fact in &self.facts {
            let joined = self.analysis.targets_of(*fact);
            let columns = self.catalog.table(*fact).columns.iter().enumerate();
            for (place, column) in columns {
                let Some(strength) = unit_of_column(&column.name) else {
                    continue;
                };
                if joined.contains_key(&place) {
                    continue;
                }
                let (known, paths) = by_name
                    .entry(column.name.to_lowercase())
                    .or_insert((strength, Vec::new()));
                *known = known.max(strength);
                paths.push(FactPath {
                    fact: self.catalog.full_name(*fact),
                    requested: self.requested.contains(fact),
                    steps: Vec::new(),
                    column: Some(column.name.to_string()),
                    confidence: rounded(strength),
                    doubtful: false,
                });
            }
        }
        let filter = |(unit, (strength, facts)): (String, (f64, Vec<FactPath>))| {
            let reached: HashSet<&str> = facts.iter().map(|path| path.fact.as_str()).collect();
            let all = self.facts.iter().map(|fact| self.catalog.full_name(*fact));
            let unreached = all
                .filter(|fact| !reached.contains(fact.as_str()))
                .collect();
            RowFilter {
                unit,
                is_table: false,
                user_table: None,
                confidence: rounded(strength * BY_NAME_ALONE),
                facts,
                unreached,
            }
        };
        by_name.into_iter().map(filter).collect()
    }
}

/// The columns of one key that those of another of the same rows stand for, by their places;
/// `None` where the columns are not the whole key.
pub(crate) fn same_key(
    columns: &[String],
    key: &[String],
    other: &[String],
) -> Option<Vec<String>> {
    if columns.len() != key.len() || key.len() != other.len() {
        return None;
    }
    let place = |column: &String| key.iter().position(|name| name == column);
    let names = columns
        .iter()
        .map(|column| other.get(place(column)?).cloned());
    names.collect()
}

fn column_name(catalog: &Catalog, id: TableId, place: usize) -> String {
    let column = catalog.table(id).columns.get(place);
    column.map_or_else(String::new, |column| column.name.to_string())
}

/// How usual it is to hand data out by what a table is called after: its name ends in a unit.
fn unit_of_name(name: &str) -> Option<f64> {
    ends_in_unit(&Word::of_name(name))
}

/// The same for a column, whose name may go on with "code" or "number".
fn unit_of_column(name: &str) -> Option<f64> {
    let folded = crate::text::fold(name.trim());
    let field = UNIT_FIELDS.iter().find(|(field, _)| *field == folded);
    if let Some((_, strength)) = field {
        return Some(*strength);
    }
    let mut words = Word::of_name(name);
    let whole = ends_in_unit(&words);
    let codes = ["code", "id", "number", "no", "key", "kod"];
    if words
        .last()
        .is_some_and(|last| codes.contains(&last.written.as_str()))
    {
        words.pop();
    }
    whole.or_else(|| ends_in_unit(&words))
}

static UNIT_PHRASES: Lazy<Vec<(Vec<Word>, f64)>> = Lazy::new(|| {
    let phrases = UNITS.iter();
    phrases
        .map(|(phrase, strength)| (Word::of_text(phrase), *strength))
        .collect()
});

fn ends_in_unit(words: &[Word]) -> Option<f64> {
    let ending = UNIT_PHRASES.iter().find(|(phrase, _)| {
        let tail = words.len().checked_sub(phrase.len());
        let tail = tail.and_then(|start| words.get(start..));
        tail.is_some_and(|tail| {
            tail.iter()
                .zip(phrase)
                .all(|(word, known)| word.meets(known))
        })
    });
    ending.map(|(_, strength)| *strength)
}
