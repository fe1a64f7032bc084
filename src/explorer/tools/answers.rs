//! What each tool answers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Page;
use crate::catalog::{TableId, Via};
use crate::pipeline::mapping::MatchStatus;
use crate::pipeline::quality::{Field, Priority, RiskLevel, Severity};
use crate::pipeline::structure::{Cardinality, ColumnRole, Origin, TableType};

/// Answer of `list_tables`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TablesAnswer {
    /// The schemas that were meant, the first of them where there are many; empty for the
    /// whole catalog.
    pub schemas: Vec<String>,
    /// How many they are.
    pub schema_count: usize,
    /// The type that was asked for.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub table_type: Option<TableType>,
    /// How many tables there are of each type, whatever type was asked for.
    pub by_type: BTreeMap<TableType, usize>,
    /// The tables, by name.
    #[serde(flatten)]
    pub tables: Page<TableLine>,
}

/// A table in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableLine {
    /// The table.
    #[serde(skip)]
    pub id: TableId,
    /// `schema.table`.
    pub full_name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub table_type: TableType,
    /// How many columns it has.
    pub columns: usize,
    /// What the catalog says about it.
    pub description: Option<String>,
}

/// Answer of `get_table_details`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableDetails {
    /// The table.
    #[serde(skip)]
    pub id: TableId,
    /// `schema.table`.
    pub full_name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub table_type: TableType,
    /// How sure the type is, 0–1.
    pub confidence: f64,
    /// Why it is of this type.
    pub rationale: String,
    /// What one row stands for; `None` where it is unknown.
    pub grain: Option<String>,
    /// What the catalog says about it.
    pub description: Option<String>,
    /// Id of the owner, its own or its schema's.
    pub owner: Option<String>,
    /// Security classification, its own or its schema's.
    pub security_classification: Option<String>,
    /// Columns of the primary key; empty where it is unknown.
    pub primary_key: Vec<String>,
    /// Columns by which the business knows a row.
    pub business_key: Vec<String>,
    /// Full names of the tables of this name in other schemas.
    pub also_in: Vec<String>,
    /// Its columns, by position.
    pub columns: Page<ColumnLine>,
}

/// A column in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnLine {
    /// Name as in the database.
    pub name: String,
    /// Technical type.
    #[serde(rename = "type")]
    pub data_type: Option<String>,
    /// What it is for.
    pub role: ColumnRole,
    /// Where a foreign key points: `schema.table.column`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What the catalog says about it.
    pub description: Option<String>,
}

/// Answer of `find_relationships`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RelationshipsAnswer {
    /// Full name of the table asked about.
    pub table: String,
    /// Full name of the other table, where two were asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_table: Option<String>,
    /// Full names of tables that both join; only where the two do not join directly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connected_through: Vec<String>,
    /// The tables, the one asked about first.
    #[serde(skip)]
    pub tables: Vec<TableId>,
    /// The joins, those whose foreign key the table holds first.
    #[serde(flatten)]
    pub relationships: Page<RelationshipLine>,
}

/// A join, with all columns of its key.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Join)]
pub struct RelationshipLine {
    /// Full name of the table that holds the foreign key.
    #[schema(example = "dm_bs_purchase.factv_purchase_order")]
    pub from_table: String,
    /// Columns of the foreign key.
    #[schema(example = json!(["dim_supplier_key"]))]
    pub from_columns: Vec<String>,
    /// Full name of the table it points at.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    pub to_table: String,
    /// Columns of the key there, in the same order.
    #[schema(example = json!(["dim_supplier_key"]))]
    pub to_columns: Vec<String>,
    /// How many rows meet how many.
    pub cardinality: Cardinality,
    /// Said by the catalog or inferred.
    pub origin: Origin,
    /// How sure, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.91)]
    pub confidence: f64,
    /// Why.
    #[schema(example = json!(["same name as the key of dimv_supplier"]))]
    pub evidence: Vec<String>,
}

/// A column that was searched for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnHit {
    /// Its table.
    #[serde(skip)]
    pub id: TableId,
    /// Full name of its table.
    pub table: String,
    /// Its name.
    pub column: String,
    /// Technical type.
    #[serde(rename = "type")]
    pub data_type: Option<String>,
    /// What the catalog says about it.
    pub description: Option<String>,
}

/// Answer of `get_lineage`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineageAnswer {
    /// Full name of the table asked about.
    pub table: String,
    /// The table, and those of its sources and users that the catalog holds.
    #[serde(skip)]
    pub tables: Vec<TableId>,
    /// Where its data comes from; empty is "the catalog does not say".
    pub upstream: Page<SourceLine>,
    /// Full names of the tables that name it as a source; empty is "none known".
    pub downstream: Page<String>,
}

/// A source of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceLine {
    /// As the catalog names it.
    pub name: String,
    /// Full name of the table of this catalog that is meant, where there is exactly one.
    pub table: Option<String>,
    /// How the catalog states it.
    pub via: Vec<Via>,
    /// Which columns come from it: `column <- source column`.
    pub columns: Vec<String>,
}

/// Answer of `map_entities`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappingAnswer {
    /// The tables found, best of each entity, in the order of the text.
    #[serde(skip)]
    pub tables: Vec<TableId>,
    /// The entities of the text.
    #[serde(flatten)]
    pub entities: Page<EntityLine>,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

/// An entity and the tables that hold it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityLine {
    /// As the text names it.
    pub entity: String,
    /// Whether a table was found.
    pub status: MatchStatus,
    /// The tables, best first.
    pub candidates: Vec<CandidateLine>,
}

/// A table that holds an entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateLine {
    /// `schema.table`.
    pub full_name: String,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Why.
    pub evidence: Vec<String>,
}

/// Answer of `assess_quality`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityAnswer {
    /// The schemas that were meant, the first of them where there are many; empty for the
    /// whole catalog.
    pub schemas: Vec<String>,
    /// How many they are.
    pub schema_count: usize,
    /// Tables in them.
    pub tables: usize,
    /// Columns of those.
    pub columns: usize,
    /// 0–1.
    pub quality_score: f64,
    /// How risky it is to build on these tables.
    pub risk_level: RiskLevel,
    /// Why the risk is at this level.
    pub risk_reason: String,
    /// Per field of documentation, the share that has it, 0–1.
    pub coverage: BTreeMap<Field, Option<f64>>,
    /// What is wrong, gravest first.
    pub anomalies: Page<Finding>,
    /// What to do, most urgent first.
    pub recommendations: Page<Todo>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// In words.
    pub message: String,
    /// How many assets it concerns.
    pub affected_count: usize,
    /// The first of them.
    pub affected: Vec<String>,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Todo {
    /// How urgent it is.
    pub priority: Priority,
    /// In words.
    pub message: String,
    /// How many assets it concerns.
    pub affected_count: usize,
    /// The first of them.
    pub affected: Vec<String>,
}
