//! How well each table is documented, and whom to ask about it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Field, WEIGHTS, coverage, has, score};
use crate::catalog::{Catalog, TableId};
use crate::pipeline::mapping::Mapping;

/// How many tables are judged one by one: those the request needs come first.
const TABLES_MAX: usize = 200;

/// How well one table is documented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableQuality {
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    pub full_name: String,
    /// Whether the request needs it.
    #[schema(example = true)]
    pub requested: bool,
    /// 0–1, by the terms and weights of the report's score.
    #[schema(minimum = 0, maximum = 1, example = 0.85)]
    pub quality_score: f64,
    /// The fields it lacks; descriptions of columns, where one has none.
    #[schema(example = json!(["owner"]))]
    pub missing: Vec<Field>,
    /// Whom to ask; null where neither the table nor its schema names anybody.
    #[schema(required)]
    pub owner: Option<Owner>,
    /// How completely it is documented, 0–100, as the catalog says.
    #[schema(required, minimum = 0, maximum = 100, example = 80.0)]
    pub articulation_score: Option<f64>,
    /// Whether a steward validated it, where the catalog says.
    #[schema(required, example = true)]
    pub validated: Option<bool>,
    /// How many columns it has.
    #[schema(example = 22)]
    pub columns: usize,
    /// How many of them have a description.
    #[schema(example = 22)]
    pub described_columns: usize,
}

/// Who answers for a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TableOwner)]
pub struct Owner {
    /// The owner's id in the catalog.
    #[schema(example = "u-1024")]
    pub id: String,
    /// What the catalog names the owner for.
    pub of: OwnerOf,
}

/// What an owner was named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "schema")]
pub enum OwnerOf {
    /// The table itself.
    Table,
    /// Its schema, where the table names nobody.
    Schema,
}

/// The tables in scope one by one, those the request needs first and in its order.
pub(super) fn judge(catalog: &Catalog, mapping: &Mapping) -> Vec<TableQuality> {
    let requested: HashSet<TableId> = mapping.requested.iter().copied().collect();
    let others = mapping.scope.iter().filter(|id| !requested.contains(id));
    let tables = mapping.requested.iter().chain(others).take(TABLES_MAX);
    tables
        .map(|id| table(catalog, *id, requested.contains(id)))
        .collect()
}

fn table(catalog: &Catalog, id: TableId, requested: bool) -> TableQuality {
    let documentation = &catalog.table(id).documentation;
    let covered = coverage(catalog, &[id]);
    let columns = covered.fields.get(&Field::ColumnDescription);
    TableQuality {
        full_name: catalog.full_name(id),
        requested,
        quality_score: score(&super::score_terms(&covered)),
        missing: WEIGHTS
            .iter()
            .map(|(field, _)| *field)
            .filter(|field| !has(catalog, id, *field))
            .collect(),
        owner: owner(catalog, id),
        articulation_score: documentation.articulation_score,
        validated: documentation.validated,
        columns: covered.columns,
        described_columns: columns.map_or(0, |columns| columns.covered),
    }
}

fn owner(catalog: &Catalog, id: TableId) -> Option<Owner> {
    let own = &catalog.table(id).documentation.owner;
    catalog.owner(id).map(|owner| Owner {
        id: owner.to_owned(),
        of: if own.is_some() {
            OwnerOf::Table
        } else {
            OwnerOf::Schema
        },
    })
}
