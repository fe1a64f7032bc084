//! The analysis as clients see it: `tool2_output`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Analysis, Cardinality, Class, Classified, ColumnRole, DimensionKind, Hierarchy, JoinKind,
    Origin, Through, Unclassifiable,
};
use crate::catalog::{Catalog, Table, TableId};
use crate::pipeline::rounded;

/// `tool2_output`: every table in scope, and how the tables join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StructureReport {
    /// Measurements of business processes.
    pub facts: Vec<FactItem>,
    /// Their context.
    pub dimensions: Vec<DimensionItem>,
    /// Tables that relate others to each other.
    pub bridges: Vec<BridgeItem>,
    /// Tables of which the catalog does not say enough.
    pub unclassified: Vec<UnclassifiedItem>,
    /// All joins, `from` holding the foreign key.
    pub relationships: Vec<Relationship>,
    /// Counts over the scope.
    pub metrics: StructureMetrics,
}

impl StructureReport {
    /// What all items of all classes have in common.
    pub fn heads(&self) -> impl Iterator<Item = &ItemHead> {
        let facts = self.facts.iter().map(|item| &item.head);
        let dimensions = self.dimensions.iter().map(|item| &item.head);
        let bridges = self.bridges.iter().map(|item| &item.head);
        facts
            .chain(dimensions)
            .chain(bridges)
            .chain(self.unclassified.iter().map(|item| &item.head))
    }
}

/// What all items have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ItemHead {
    /// Short name.
    #[schema(example = "factv_purchase_order")]
    pub name: String,
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.factv_purchase_order")]
    pub full_name: String,
    /// Schema name.
    #[schema(example = "dm_bs_purchase")]
    pub schema: String,
    /// Whether the request asks for it.
    #[schema(example = true)]
    pub requested: bool,
    /// How sure the class is, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    pub confidence: f64,
    /// Why it has this class, in words.
    #[schema(example = "its name begins with factv_; 6 foreign keys, 3 measures")]
    pub rationale: String,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FactItem {
    /// Name, confidence and rationale.
    #[serde(flatten)]
    pub head: ItemHead,
    /// What one row stands for, or `"unknown"`.
    #[schema(example = "one row per purchase order")]
    pub grain: String,
    /// Columns of the primary key; empty where it is unknown.
    #[schema(example = json!(["purchase_order_number"]))]
    pub primary_key: Vec<String>,
    /// Columns by which the business knows a row.
    #[schema(example = json!(["purchase_order_number"]))]
    pub business_key: Vec<String>,
    /// Numeric columns that reports aggregate.
    #[schema(example = json!(["net_order_value"]))]
    pub measures: Vec<String>,
    /// Columns that hold dates or times, and foreign keys to a calendar.
    #[schema(example = json!(["order_date"]))]
    pub date_columns: Vec<String>,
    /// Columns that are none of these and say something about a row: numbers of documents,
    /// states, references to tables that are not known.
    #[serde(default)]
    #[schema(required, example = json!(["order_status"]))]
    pub attributes: Vec<String>,
    /// Full names of the dimensions it points at.
    #[schema(example = json!(["dm_bs_purchase.dimv_supplier"]))]
    pub dimensions: Vec<String>,
}

/// A dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DimensionItem {
    /// Name, confidence and rationale.
    #[serde(flatten)]
    pub head: ItemHead,
    /// `master`, `calendar`, `lookup` or `role_playing`.
    #[schema(example = "role_playing")]
    pub kind: String,
    /// The full name of the dimension that plays the role, for `role_playing`.
    #[schema(required, example = "dm_bs_purchase.dimv_supplier")]
    pub role_of: Option<String>,
    /// Columns of the primary key; empty where it is unknown.
    #[schema(example = json!(["dim_supplier_key"]))]
    pub primary_key: Vec<String>,
    /// Columns by which the business knows a row.
    #[schema(example = json!(["supplier_number"]))]
    pub business_key: Vec<String>,
    /// Columns that describe its members.
    #[schema(example = json!(["supplier_name"]))]
    pub attributes: Vec<String>,
    /// The roles it plays in facts that refer to it more than once.
    #[serde(default)]
    #[schema(required)]
    pub roles: Vec<RoleItem>,
    /// Its levels, inside it and above it.
    #[serde(default)]
    #[schema(required)]
    pub hierarchies: Vec<HierarchyItem>,
}

/// One role of a dimension in one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DimensionRole)]
pub struct RoleItem {
    /// Full name of the fact.
    #[schema(example = "dm_bs_purchase.factv_purchase_order")]
    pub fact: String,
    /// The fact's column that refers to the dimension.
    #[schema(example = "dim_invoicing_supplier_key")]
    pub column: String,
    /// The role, in the words of that column.
    #[schema(example = "invoicing")]
    pub role: String,
}

/// Levels that figures roll up along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DimensionHierarchy)]
pub struct HierarchyItem {
    /// The levels, the finest first: columns, or full names of tables for `joins`.
    #[schema(example = json!(["day", "month", "year"]))]
    pub levels: Vec<String>,
    /// What the hierarchy goes through.
    pub through: Through,
}

/// A bridge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BridgeItem {
    /// Name, confidence and rationale.
    #[serde(flatten)]
    pub head: ItemHead,
    /// What one row stands for, or `"unknown"`.
    #[schema(example = "unknown")]
    pub grain: String,
    /// Full names of the tables it relates.
    #[schema(example = json!(["dm_bs_purchase.dimv_supplier", "dm_bs_purchase.dimv_material"]))]
    pub connects: Vec<String>,
}

/// A table without a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnclassifiedItem {
    /// Name, confidence and rationale.
    #[serde(flatten)]
    pub head: ItemHead,
    /// What keeps it from being classified.
    #[schema(example = "no column is listed")]
    pub reason: String,
    /// `technical`, `copy` or `unknown`.
    #[serde(default)]
    #[schema(required, example = "unknown")]
    pub kind: String,
    /// Full name of the table it is a copy of, for `copy`.
    #[serde(default)]
    #[schema(required, example = "dm_bs_purchase.dimv_supplier")]
    pub copy_of: Option<String>,
}

/// A foreign key; one entry per column of a composite one, sharing `group`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Relationship {
    /// Full name of the table that holds the foreign key.
    #[schema(example = "dm_bs_purchase.factv_purchase_order")]
    pub from_table: String,
    /// The foreign key's column.
    #[schema(example = "dim_supplier_key")]
    pub from_column: String,
    /// Full name of the table it points at.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    pub to_table: String,
    /// The key column there.
    #[schema(example = "dim_supplier_key")]
    pub to_column: String,
    /// What the two tables are to each other.
    pub kind: JoinKind,
    /// How many rows of `from` meet how many of `to`.
    pub cardinality: Cardinality,
    /// Said by the catalog or inferred.
    pub origin: Origin,
    /// How sure it is, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.91)]
    pub confidence: f64,
    /// Why, in words a person can check.
    #[schema(example = json!(["same name as the key of dimv_supplier"]))]
    pub evidence: Vec<String>,
    /// Shared by the columns of one composite key.
    #[schema(required, example = 1)]
    pub group: Option<u32>,
}

/// Counts over the tables in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StructureMetrics {
    /// Tables in scope.
    #[schema(example = 45)]
    pub total_tables: usize,
    /// Their columns.
    #[schema(example = 612)]
    pub total_columns: usize,
    /// Facts among them.
    #[schema(example = 14)]
    pub facts_count: usize,
    /// Dimensions among them.
    #[schema(example = 27)]
    pub dimensions_count: usize,
    /// Bridges among them.
    #[schema(example = 1)]
    pub bridges_count: usize,
    /// Tables without a class.
    #[schema(example = 3)]
    pub unclassified_count: usize,
    /// Foreign keys; a composite one counts once.
    #[schema(example = 98)]
    pub relationships_count: usize,
    /// Those of them that the catalog declares.
    #[schema(example = 31)]
    pub declared_relationships_count: usize,
}

/// The wire form of an analysis; `requested` are the tables the request asks for.
#[must_use]
pub fn describe(catalog: &Catalog, analysis: &Analysis, requested: &[TableId]) -> StructureReport {
    let requested: HashSet<TableId> = requested.iter().copied().collect();
    let mut report = StructureReport {
        facts: Vec::new(),
        dimensions: Vec::new(),
        bridges: Vec::new(),
        unclassified: Vec::new(),
        relationships: analysis
            .joins
            .iter()
            .filter_map(|join| relationship(catalog, join))
            .collect(),
        metrics: StructureMetrics::default(),
    };
    for id in &analysis.scope {
        let Some(found) = analysis.of(*id) else {
            continue;
        };
        let table = catalog.table(*id);
        let head = ItemHead {
            name: table.name.to_string(),
            full_name: catalog.full_name(*id),
            schema: catalog.schema_name(*id).to_owned(),
            requested: requested.contains(id),
            confidence: rounded(found.confidence),
            rationale: found.rationale.clone(),
        };
        report.metrics.total_tables += 1;
        report.metrics.total_columns += table.columns.len();
        match found.class {
            Class::Fact => report.facts.push(fact(catalog, analysis, *id, found, head)),
            Class::Dimension(kind) => report
                .dimensions
                .push(dimension(catalog, *id, found, kind, head)),
            Class::Bridge => report.bridges.push(BridgeItem {
                head,
                grain: known_grain(found),
                connects: parents(analysis, *id)
                    .map(|to| catalog.full_name(to))
                    .collect(),
            }),
            Class::Unclassified => {
                report.unclassified.push(unclassified(catalog, found, head));
            }
        }
    }
    let metrics = &mut report.metrics;
    metrics.facts_count = report.facts.len();
    metrics.dimensions_count = report.dimensions.len();
    metrics.bridges_count = report.bridges.len();
    metrics.unclassified_count = report.unclassified.len();
    let mut seen = HashSet::new();
    // Of a composite key the first column counts.
    for join in analysis
        .joins
        .iter()
        .filter(|join| join.group.is_none_or(|group| seen.insert(group)))
    {
        metrics.relationships_count += 1;
        metrics.declared_relationships_count += usize::from(join.origin == Origin::Declared);
    }
    report
}

fn relationship(catalog: &Catalog, join: &super::Join) -> Option<Relationship> {
    let column = |table: TableId, place: usize| {
        Some(catalog.table(table).columns.get(place)?.name.to_string())
    };
    Some(Relationship {
        from_table: catalog.full_name(join.from),
        from_column: column(join.from, join.from_column)?,
        to_table: catalog.full_name(join.to),
        to_column: column(join.to, join.to_column)?,
        kind: join.kind,
        cardinality: join.cardinality,
        origin: join.origin,
        confidence: rounded(join.confidence),
        evidence: join.evidence.clone(),
        group: join.group,
    })
}

fn fact(
    catalog: &Catalog,
    analysis: &Analysis,
    id: TableId,
    found: &Classified,
    head: ItemHead,
) -> FactItem {
    let table = catalog.table(id);
    let mut date_columns = names(found.columns_of(table, ColumnRole::Date));
    let is_calendar = |to: TableId| {
        let kind = |id| match analysis.of(id).map(|found| found.class) {
            Some(Class::Dimension(kind)) => Some(kind),
            _ => None,
        };
        match kind(to) {
            Some(DimensionKind::RolePlaying { of }) => kind(of) == Some(DimensionKind::Calendar),
            other => other == Some(DimensionKind::Calendar),
        }
    };
    let to_calendar = analysis.joins_from(id).filter(|join| is_calendar(join.to));
    date_columns.extend(names(
        to_calendar.filter_map(|join| table.columns.get(join.from_column)),
    ));
    FactItem {
        head,
        grain: known_grain(found),
        primary_key: key_names(table, found),
        business_key: at(table, &found.business_key),
        measures: names(found.columns_of(table, ColumnRole::Measure)),
        date_columns,
        attributes: names(found.columns_of(table, ColumnRole::Attribute)),
        dimensions: parents(analysis, id)
            .filter(|to| {
                analysis
                    .of(*to)
                    .is_some_and(|found| matches!(found.class, Class::Dimension(_)))
            })
            .map(|to| catalog.full_name(to))
            .collect(),
    }
}

fn dimension(
    catalog: &Catalog,
    id: TableId,
    found: &Classified,
    kind: DimensionKind,
    head: ItemHead,
) -> DimensionItem {
    let table = catalog.table(id);
    DimensionItem {
        head,
        kind: kind.name().to_owned(),
        role_of: match kind {
            DimensionKind::RolePlaying { of } => Some(catalog.full_name(of)),
            _ => None,
        },
        primary_key: key_names(table, found),
        business_key: at(table, &found.business_key),
        attributes: names(found.columns_of(table, ColumnRole::Attribute)),
        roles: found
            .roles_played
            .iter()
            .map(|played| RoleItem {
                fact: catalog.full_name(played.fact),
                column: at(catalog.table(played.fact), &[played.column]).concat(),
                role: played.role.clone(),
            })
            .collect(),
        hierarchies: found
            .hierarchies
            .iter()
            .map(|hierarchy| match hierarchy {
                Hierarchy::Attributes(places) => HierarchyItem {
                    levels: at(table, places),
                    through: Through::Attributes,
                },
                Hierarchy::Joins(tables) => HierarchyItem {
                    levels: tables.iter().map(|id| catalog.full_name(*id)).collect(),
                    through: Through::Joins,
                },
                Hierarchy::SelfReference(key, parent) => HierarchyItem {
                    levels: at(table, &[*key, *parent]),
                    through: Through::SelfReference,
                },
            })
            .collect(),
    }
}

fn unclassified(catalog: &Catalog, found: &Classified, head: ItemHead) -> UnclassifiedItem {
    let lacking = found.lacking.unwrap_or(Unclassifiable::Unknown);
    UnclassifiedItem {
        reason: head.rationale.clone(),
        head,
        kind: lacking.name().to_owned(),
        copy_of: match lacking {
            Unclassifiable::Copy { of } => Some(catalog.full_name(of)),
            _ => None,
        },
    }
}

fn known_grain(found: &Classified) -> String {
    found.grain.clone().unwrap_or_else(|| "unknown".to_owned())
}

/// The tables a table points at, each once, in the order of its columns.
fn parents(analysis: &Analysis, id: TableId) -> impl Iterator<Item = TableId> {
    let mut seen = HashSet::new();
    analysis
        .joins_from(id)
        .map(|join| join.to)
        .filter(move |to| seen.insert(*to))
}

fn names<'c>(columns: impl Iterator<Item = &'c crate::catalog::Column>) -> Vec<String> {
    columns.map(|column| column.name.to_string()).collect()
}

fn at(table: &Table, places: &[usize]) -> Vec<String> {
    names(places.iter().filter_map(|place| table.columns.get(*place)))
}

fn key_names(table: &Table, found: &Classified) -> Vec<String> {
    found
        .key
        .as_ref()
        .map(|key| at(table, &key.columns))
        .unwrap_or_default()
}
