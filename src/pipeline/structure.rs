//! Tool 2: facts, dimensions, bridges and how they join.
//!
//! Works on names, types, positions, nullability and descriptions only; no row of data
//! is ever read. [`analyse`] is a pure function of the catalog and the tables in scope;
//! [`describe`] turns its result into what clients see.

mod calendars;
mod candidates;
mod classes;
mod clues;
mod composites;
mod convention;
mod copies;
mod dimensions;
mod evidence;
mod grain;
mod hierarchies;
mod index;
mod joins;
mod keys;
mod lexicon;
mod names;
mod profile;
mod rationale;
mod reference;
mod report;
#[cfg(test)]
mod tests;
mod vocabulary;
mod weighing;
mod weights;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use classes::{Unclassifiable, WeighedClass};
pub use clues::{Clue, Likely};
pub use dimensions::RolePlayed;
pub use hierarchies::{Hierarchy, Through};
pub use joins::WeighedJoin;
pub use keys::{Key, Origin};
pub use names::NamedClass;
pub use report::{
    BridgeItem, DimensionItem, FactItem, HierarchyItem, ItemHead, Relationship, RoleItem,
    StructureMetrics, StructureReport, UnclassifiedItem, describe,
};
pub use weights::Signal;

use crate::catalog::{Catalog, Column, Table, TableId};
use names::{ColumnName, TableName};
use vocabulary::Vocabulary;

/// What a table is in a dimensional model (Kimball and Ross, The Data Warehouse Toolkit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Measurements of a business process at one grain.
    Fact,
    /// The context of measurements.
    Dimension(DimensionKind),
    /// Resolves a many-to-many relation, or says who may see what.
    Bridge,
    /// Nothing in the catalog decides; the rationale says what is missing.
    Unclassified,
}

/// The class of a table, as lists of tables show it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    ToSchema,
)]
#[serde(rename_all = "UPPERCASE")]
#[schema(example = "FACT")]
pub enum TableType {
    /// A fact.
    #[serde(alias = "fact", alias = "Fact")]
    Fact,
    /// A dimension of any kind.
    #[serde(alias = "dimension", alias = "Dimension")]
    Dimension,
    /// A bridge.
    #[serde(alias = "bridge", alias = "Bridge")]
    Bridge,
    /// Nothing decides what it is.
    #[serde(alias = "view", alias = "View")]
    View,
}

impl TableType {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fact => "FACT",
            Self::Dimension => "DIMENSION",
            Self::Bridge => "BRIDGE",
            Self::View => "VIEW",
        }
    }
}

impl Class {
    /// The type that lists of tables show.
    #[must_use]
    pub fn table_type(self) -> TableType {
        match self {
            Self::Fact => TableType::Fact,
            Self::Dimension(_) => TableType::Dimension,
            Self::Bridge => TableType::Bridge,
            Self::Unclassified => TableType::View,
        }
    }
}

/// Kinds of dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DimensionKind {
    /// Master data: suppliers, materials.
    Master,
    /// Days and their calendar attributes.
    Calendar,
    /// A short list of codes and their texts.
    Lookup,
    /// Another dimension under the name of a role, such as the invoicing supplier.
    RolePlaying {
        /// The dimension that plays the role.
        of: TableId,
    },
}

impl DimensionKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Calendar => "calendar",
            Self::Lookup => "lookup",
            Self::RolePlaying { .. } => "role_playing",
        }
    }
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// Part of the primary key.
    Key,
    /// Points at another table.
    ForeignKey,
    /// A number that reports aggregate.
    Measure,
    /// A date or point in time of the business.
    Date,
    /// Anything else the business reads.
    Attribute,
    /// Filled by the loading process.
    Technical,
}

/// One table, analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct Classified {
    /// Fact, dimension, bridge or unclassified.
    pub class: Class,
    /// How sure that is, 0–1.
    pub confidence: f64,
    /// Why, in words.
    pub rationale: String,
    /// The primary key; `None` where it is unknown.
    pub key: Option<Key>,
    /// Places of the columns by which the business knows a row.
    pub business_key: Vec<usize>,
    /// What each column is for, by place.
    pub roles: Vec<ColumnRole>,
    /// What one row stands for, in words; `None` where it is unknown.
    pub grain: Option<String>,
    /// What keeps it from having a class; `None` where it has one.
    pub lacking: Option<Unclassifiable>,
    /// The roles a dimension plays in facts that refer to it more than once.
    pub roles_played: Vec<RolePlayed>,
    /// The hierarchies of a dimension.
    pub hierarchies: Vec<Hierarchy>,
}

impl Classified {
    /// The columns that serve as `role`, by position.
    pub fn columns_of<'c>(
        &'c self,
        table: &'c Table,
        role: ColumnRole,
    ) -> impl Iterator<Item = &'c Column> {
        table
            .columns
            .iter()
            .zip(&self.roles)
            .filter(move |(_, known)| **known == role)
            .map(|(column, _)| column)
    }
}

/// What two joined tables are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "fact_to_dimension")]
pub enum JoinKind {
    /// A fact and its context.
    FactToDimension,
    /// A fact and the fact it is a part or a consequence of.
    FactToFact,
    /// An outrigger: one dimension refers to another.
    DimensionToDimension,
    /// One leg of a bridge.
    Bridge,
    /// A hierarchy inside one table.
    SelfReference,
    /// A reference between tables of which one is unclassified.
    Reference,
}

/// How many rows of the one table meet how many of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "many_to_one")]
pub enum Cardinality {
    /// Many rows of `from` meet one of `to`.
    ManyToOne,
    /// One row of `from` meets at most one of `to`.
    OneToOne,
}

/// A foreign key: one column, or one column of several where `group` is set.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// The table that holds the foreign key.
    pub from: TableId,
    /// Place of the foreign key's column.
    pub from_column: usize,
    /// The table it points at.
    pub to: TableId,
    /// Place of the key column there.
    pub to_column: usize,
    /// What the two tables are to each other.
    pub kind: JoinKind,
    /// How many rows meet how many.
    pub cardinality: Cardinality,
    /// Said by the catalog or inferred.
    pub origin: Origin,
    /// How sure the join is, 0–1.
    pub confidence: f64,
    /// Why, in words a person can check.
    pub evidence: Vec<String>,
    /// The role the target plays (stems), such as `invoic`.
    pub role: Option<String>,
    /// Shared by the columns of one composite key.
    pub group: Option<u32>,
}

/// A set of tables, analysed together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Analysis {
    /// The tables, in the order they were given.
    pub scope: Vec<TableId>,
    classified: HashMap<TableId, Classified>,
    /// All joins between them, by child table and column.
    pub joins: Vec<Join>,
    /// Places in `joins` by child table, and by parent table.
    outgoing: HashMap<TableId, Vec<usize>>,
    incoming: HashMap<TableId, Vec<usize>>,
}

impl Analysis {
    /// The findings about one table; `None` for one that is not in scope.
    #[must_use]
    pub fn of(&self, table: TableId) -> Option<&Classified> {
        self.classified.get(&table)
    }

    /// The type of a table; one out of scope is a view.
    #[must_use]
    pub fn table_type(&self, table: TableId) -> TableType {
        self.of(table)
            .map_or(TableType::View, |found| found.class.table_type())
    }

    /// The joins whose foreign key the table holds, by column.
    pub fn joins_from(&self, table: TableId) -> impl Iterator<Item = &Join> {
        self.outgoing
            .get(&table)
            .into_iter()
            .flatten()
            .filter_map(|place| self.joins.get(*place))
    }

    /// Of each column that is a foreign key the surest join, by place: a column of a
    /// composite key can also point at a table on its own.
    #[must_use]
    pub fn targets_of(&self, table: TableId) -> BTreeMap<usize, &Join> {
        let mut targets: BTreeMap<usize, &Join> = BTreeMap::new();
        for join in self.joins_from(table) {
            let surest = targets.entry(join.from_column).or_insert(join);
            if join.confidence > surest.confidence {
                *surest = join;
            }
        }
        targets
    }

    /// The joins that point at the table.
    pub fn joins_to(&self, table: TableId) -> impl Iterator<Item = &Join> {
        self.incoming
            .get(&table)
            .into_iter()
            .flatten()
            .filter_map(|place| self.joins.get(*place))
    }

    fn index_joins(&mut self) {
        for (place, join) in self.joins.iter().enumerate() {
            self.outgoing.entry(join.from).or_default().push(place);
            self.incoming.entry(join.to).or_default().push(place);
        }
    }
}

/// A table with its names taken apart, as the steps of the analysis pass it on.
struct Subject<'c> {
    id: TableId,
    table: &'c Table,
    name: TableName,
    columns: Vec<ColumnName>,
    /// The words of the columns' names, without the prefix that all columns of the table bear.
    words: Vec<Vec<String>>,
    /// The columns' names in stems, without the prefix that all columns of the table bear:
    /// `o_custkey` and `c_custkey` are both `cust key`.
    plain_names: Vec<String>,
    /// The numbers of the columns' names, see [`Names`], and their places by number.
    name_numbers: Vec<u32>,
    by_name: Vec<(u32, usize)>,
    /// Places of the columns without a key word that sound like numbers that are measured.
    sounds_measured: HashSet<usize>,
    key: Option<Key>,
    business_key: Vec<usize>,
    /// The table it is a copy of.
    copy_of: Option<TableId>,
}

/// The tables of a scope with their names taken apart and their keys found.
struct Subjects<'c> {
    vocabulary: Vocabulary,
    tables: Vec<Subject<'c>>,
}

impl<'c> Subjects<'c> {
    fn new(catalog: &'c Catalog, scope: &[TableId]) -> Self {
        // By schema and name, as all look-ups by place rely on; and no table twice.
        let scope: BTreeSet<TableId> = scope.iter().copied().collect();
        let scope: Vec<TableId> = scope.into_iter().collect();
        let names = names::table_names(catalog, &scope);
        let originals = copies::originals(catalog, &scope);
        let vocabulary = Vocabulary::new(names.iter());
        let mut numbers = Names::default();
        let mut tables: Vec<Subject<'c>> = scope
            .iter()
            .zip(names)
            .map(|(id, name)| Subject {
                copy_of: originals.get(id).copied(),
                ..Subject::new(*id, catalog.table(*id), name, &vocabulary, &mut numbers)
            })
            .collect();
        let usage = keys::Usage::new(&tables, &vocabulary);
        let keys: Vec<Option<Key>> = tables
            .iter()
            .map(|table| keys::primary_key(table, &usage))
            .collect();
        for (table, key) in tables.iter_mut().zip(keys) {
            table.key = key;
            table.business_key = keys::business_key(table);
        }
        Self { vocabulary, tables }
    }
}

impl<'c> Subject<'c> {
    /// A table whose key is not known yet.
    fn new(
        id: TableId,
        table: &'c Table,
        name: TableName,
        vocabulary: &Vocabulary,
        numbers: &mut Names,
    ) -> Self {
        let words = names::column_words(table, &name, vocabulary);
        let columns: Vec<ColumnName> = words.iter().cloned().map(ColumnName::of_words).collect();
        let names = table.columns.iter();
        let name_numbers: Vec<u32> = names.map(|column| numbers.of(&column.name)).collect();
        let mut by_name: Vec<(u32, usize)> = name_numbers.iter().copied().zip(0..).collect();
        by_name.sort_unstable();
        let sounds_measured = columns
            .iter()
            .zip(&table.columns)
            .enumerate()
            .filter(|(_, (name, column))| {
                let stems = || -> Vec<words::Stem> {
                    let stems = names::stems(&column.name);
                    stems.iter().map(|stem| words::Stem::of(stem)).collect()
                };
                name.key_word.is_none() && names::sounds_like_measure(&stems())
            })
            .map(|(place, _)| place)
            .collect();
        Self {
            id,
            table,
            name,
            plain_names: words
                .iter()
                .map(|words| names::stemmed(words).join(" "))
                .collect(),
            columns,
            words,
            name_numbers,
            by_name,
            sounds_measured,
            key: None,
            business_key: Vec::new(),
            copy_of: None,
        }
    }

    /// The places of the columns that are called as a column of another table is, in any
    /// case (ASCII), in their order.
    fn places_called_as(&self, other: &Subject<'_>, place: usize) -> impl Iterator<Item = usize> {
        let number = other.name_numbers.get(place).copied();
        let start = self
            .by_name
            .partition_point(|(known, _)| Some(*known) < number);
        let same = self.by_name.iter().skip(start);
        same.take_while(move |(known, _)| Some(*known) == number)
            .map(|(_, place)| *place)
    }

    /// The name of a column in stems, without the prefix of the table.
    fn plain_name(&self, place: usize) -> &str {
        self.plain_names.get(place).map_or("", String::as_str)
    }

    /// The place of the key's column, where it has exactly one.
    fn single_key(&self) -> Option<usize> {
        match self.key.as_ref()?.columns.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

/// Numbers for names, the same in any case (ASCII): thousands of columns are looked up by
/// name for every pair of tables that is weighed.
#[derive(Default)]
struct Names(HashMap<String, u32>);

impl Names {
    fn of(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(name.to_ascii_lowercase()).or_insert(next)
    }
}

/// Analyses the tables of `scope` together. Time and memory grow with the number of
/// their columns.
#[must_use]
pub fn analyse(catalog: &Catalog, scope: &[TableId]) -> Analysis {
    let Subjects {
        vocabulary,
        tables: subjects,
    } = Subjects::new(catalog, scope);
    let mut analysis = Analysis {
        scope: scope.to_vec(),
        joins: joins::find(catalog, &subjects, &vocabulary),
        ..Analysis::default()
    };
    analysis.index_joins();
    let classified = classes::classify(catalog, &subjects, &analysis);
    let mut columns_of_key: HashMap<u32, Vec<usize>> = HashMap::new();
    for join in &analysis.joins {
        if let Some(group) = join.group {
            columns_of_key
                .entry(group)
                .or_default()
                .push(join.from_column);
        }
    }
    for join in &mut analysis.joins {
        join.kind = kind_of(join, &classified);
        let alone = [join.from_column];
        let columns = join
            .group
            .and_then(|group| columns_of_key.get(&group))
            .map_or(&alone[..], Vec::as_slice);
        let own_key = classified
            .get(&join.from)
            .and_then(|from| from.key.as_ref());
        let identifies =
            own_key.is_some_and(|key| key.columns.iter().all(|place| columns.contains(place)));
        join.cardinality = if identifies {
            Cardinality::OneToOne
        } else {
            Cardinality::ManyToOne
        };
    }
    analysis.classified = classified;
    analysis
}

/// Every possible join that is considered among the tables of `scope`, with what speaks
/// for it: what the weights are set on.
#[must_use]
pub fn weighed_joins(catalog: &Catalog, scope: &[TableId]) -> Vec<WeighedJoin> {
    let subjects = Subjects::new(catalog, scope);
    joins::weighed(catalog, &subjects.tables, &subjects.vocabulary)
}

/// What speaks for the class of every table of `scope`: what the weights are set on.
#[must_use]
pub fn weighed_classes(catalog: &Catalog, scope: &[TableId]) -> Vec<WeighedClass> {
    let subjects = Subjects::new(catalog, scope);
    let mut analysis = Analysis {
        joins: joins::find(catalog, &subjects.tables, &subjects.vocabulary),
        ..Analysis::default()
    };
    analysis.index_joins();
    classes::weighed(catalog, &subjects.tables, &analysis)
}

fn kind_of(join: &Join, classified: &HashMap<TableId, Classified>) -> JoinKind {
    let class = |id| {
        classified
            .get(&id)
            .map_or(Class::Unclassified, |found| found.class)
    };
    match (class(join.from), class(join.to)) {
        _ if join.from == join.to => JoinKind::SelfReference,
        (Class::Fact, Class::Dimension(_)) => JoinKind::FactToDimension,
        (Class::Fact, Class::Fact) => JoinKind::FactToFact,
        (Class::Dimension(_), Class::Dimension(_)) => JoinKind::DimensionToDimension,
        (Class::Bridge, _) => JoinKind::Bridge,
        _ => JoinKind::Reference,
    }
}

/// Whether a column's name says that it is a key made by the warehouse or application
/// (`dim_supplier_key`, `customer_id`), its own table's or another's.
#[must_use]
pub fn names_a_key(column: &str) -> bool {
    let name = ColumnName::parse(column);
    name.key_word == Some(names::KeyWord::Surrogate) && !name.subject.is_empty()
}

/// The class that a word of a naming convention stands for: `fact`, `dimv`, `stg`.
#[must_use]
pub fn class_word(word: &str) -> Option<NamedClass> {
    names::class_word(word)
}

/// The class that the convention of a table's name gives away (`fact_…`, `dim_…`).
#[must_use]
pub fn named_class(table: &str) -> Option<NamedClass> {
    TableName::parse(table).named_class()
}
