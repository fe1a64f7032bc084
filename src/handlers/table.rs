//! The handlers of one table: its details, joins and lineage.

use std::sync::Arc;

use http::header::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use super::catalog::{Part, TableLine};
use super::shelf::{Shelf, Subject};
use crate::catalog::{Catalog, Found, TableId, Via};
use crate::conditional::{self, Prepared};
use crate::error::Error;
use crate::explorer::tools::{self, RelationshipLine, Tools};
use crate::filters::{Parameters, Segment};
use crate::openapi::errors::{InternalError, NotFound, Unprocessable};
use crate::openapi::parameters::{Held, InParts, TablePath};
use crate::pipeline::structure::{ColumnRole, Join};
use crate::pipeline::{Knowledge, rounded};
use crate::text;

/// The longest name that an error repeats, in characters.
const SHOWN_MAX: usize = 100;

/// The table of a name, and those of the same name in other schemas.
///
/// # Errors
/// 404 with close names.
pub(super) async fn called(name: &str, tools: &Tools) -> Result<(TableId, Vec<TableId>), Error> {
    let mut found = tools.knowledge().catalog.named(name).into_iter();
    if let Some(table) = found.next() {
        return Ok((table, found.collect()));
    }
    let missing = name.to_owned();
    // Every name of the catalog is compared.
    let looked = tools.off_the_workers("the search for close names", move |tools| {
        tools.knowledge().catalog.find(&missing)
    });
    match looked.await {
        Some(Found::Table { table, also_in }) => Ok((table, also_in)),
        Some(Found::Nothing { suggestions }) => Err(Error::NoTable {
            name: text::shorten(name, SHOWN_MAX),
            suggestions,
        }),
        None => Err(Error::Internal),
    }
}

/// One table, in all details.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableDetails<'a> {
    /// What lists of tables show.
    #[serde(flatten)]
    line: TableLine<'a>,
    /// Its columns, by position.
    columns: Vec<ColumnLine<'a>>,
    /// Columns by which the business knows a row.
    #[schema(example = json!(["purchase_order_number"]))]
    business_key: Vec<&'a str>,
    /// Columns of the primary key, declared or inferred; empty where it is unknown.
    #[schema(example = json!(["purchase_order_number"]))]
    primary_key: Vec<&'a str>,
    /// What one row stands for; null where it is unknown.
    #[schema(example = "one row per purchase order item", required)]
    grain: Option<&'a str>,
    /// Numeric columns that reports aggregate.
    #[schema(example = json!(["net_order_value"]))]
    measures: Vec<&'a str>,
    /// Columns that describe.
    #[schema(example = json!(["order_text"]))]
    attributes: Vec<&'a str>,
    /// Columns that hold dates or times.
    #[schema(example = json!(["order_date"]))]
    date_columns: Vec<&'a str>,
    /// Why it has its class, in words.
    #[schema(example = "its name begins with factv_; 6 foreign keys, 3 measures")]
    rationale: &'a str,
    /// Id of the owner, its own or its schema's; null where the catalog names none.
    #[schema(required, example = "u-1024")]
    owner: Option<&'a str>,
    /// Security classification, its own or its schema's; null where the catalog gives none.
    #[schema(required, example = "internal")]
    security_classification: Option<&'a str>,
    /// Status of its record in the catalog.
    #[schema(required, example = "Approved")]
    status: Option<&'a str>,
    /// How well its record is written, 0–100, as the catalog rates it.
    #[schema(required, minimum = 0, maximum = 100, example = 80.0)]
    articulation_score: Option<f64>,
    /// Whether a steward validated its record; null where the catalog does not say.
    #[schema(required, example = true)]
    validated: Option<bool>,
    /// Where its data comes from and goes to.
    lineage: Lineage,
    /// Full names of the tables of the same name in other schemas.
    #[schema(example = json!([]))]
    also_in: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnLine<'a> {
    /// Name as in the database.
    #[schema(example = "dim_supplier_key")]
    name: &'a str,
    /// Technical type; null where the catalog gives none.
    #[serde(rename = "type")]
    #[schema(example = "LONG", required)]
    data_type: Option<&'a str>,
    /// Whether it may be empty; null where the catalog does not say.
    #[schema(required, example = false)]
    nullable: Option<bool>,
    /// Whether it belongs to the primary key, declared or inferred.
    #[schema(example = false)]
    is_primary_key: bool,
    /// Whether it refers to another table, declared or inferred.
    #[schema(example = true)]
    is_foreign_key: bool,
    /// What it refers to; null where it is no foreign key.
    #[schema(required)]
    target: Option<Target<'a>>,
    /// Whether reports aggregate it.
    #[schema(example = false)]
    is_measure: bool,
    /// What the catalog says about it; null where it says nothing.
    #[schema(required, example = "Foreign key to dimv_supplier.")]
    description: Option<&'a str>,
}

/// What a foreign key points at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForeignKeyTarget)]
pub struct Target<'a> {
    /// Full name of the table.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    table: String,
    /// The key column there.
    #[schema(example = "dim_supplier_key")]
    column: &'a str,
    /// How sure, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.91)]
    confidence: f64,
}

/// Whether the catalog says anything.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "known")]
pub enum Knownness {
    /// It does.
    Known,
    /// It does not, which is not to say that there is nothing.
    Unknown,
}

impl Knownness {
    fn of(something: bool) -> Self {
        if something {
            Self::Known
        } else {
            Self::Unknown
        }
    }
}

/// Where a table's data comes from and goes to, as far as the catalog says.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lineage {
    /// Whether the catalog states a source.
    upstream_status: Knownness,
    /// The stated sources.
    upstream: Vec<Source>,
    /// Whether another table states this one as its source.
    downstream_status: Knownness,
    /// Full names of those tables.
    #[schema(example = json!(["dm_bs_purchase.factv_delivery_performance"]))]
    downstream: Vec<String>,
}

/// A stated source of a table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TableSource)]
pub struct Source {
    /// As the catalog names it.
    #[schema(example = "EKPO")]
    name: String,
    /// Full name of the table of this catalog that is meant; null where none or several could be.
    #[schema(required, example = "dm_bs_purchase.factv_purchase_order_item")]
    table: Option<String>,
    /// How the catalog states it.
    via: Vec<Via>,
    /// Which columns come from it.
    columns: Vec<crate::catalog::SourceSystemColumn>,
}

impl Lineage {
    fn of(catalog: &Catalog, id: TableId) -> Self {
        let upstream: Vec<Source> = catalog
            .upstream(id)
            .iter()
            .map(|source| Source {
                name: source.name.clone(),
                table: source.table.map(|table| catalog.full_name(table)),
                via: source.via.clone(),
                columns: source.columns.clone(),
            })
            .collect();
        let downstream: Vec<String> = catalog
            .downstream(id)
            .iter()
            .map(|user| catalog.full_name(*user))
            .collect();
        Self {
            upstream_status: Knownness::of(!upstream.is_empty()),
            upstream,
            downstream_status: Knownness::of(!downstream.is_empty()),
            downstream,
        }
    }
}

/// Shows one table
///
/// Its columns, keys, grain, measures, lineage, and what the catalog says about it.
#[utoipa::path(
    get,
    path = "/api/tables/{name}",
    operation_id = "getTable",
    tag = "Catalog",
    params(TablePath, Held),
    responses(
        (status = 200, description = "The table.", body = TableDetails),
        (status = 304, description = "It is as it was."),
        NotFound,
        InternalError,
    ),
)]
pub async fn details(
    name: Segment,
    headers: HeaderMap,
    tools: Tools,
    shelf: Shelf,
) -> Result<Response, Error> {
    let (id, also_in) = called(&name.0, &tools).await?;
    let tables = [&[id][..], &also_in].concat();
    let details = || {
        let details = details_of(tools.knowledge(), id, &also_in).ok_or(Error::NoTable {
            name: text::shorten(&name.0, SHOWN_MAX),
            suggestions: vec![],
        })?;
        Prepared::json(&details)
    };
    Ok(shelf
        .answer(Subject::Table(tables), details)?
        .answer(&headers))
}

fn details_of<'k>(
    knowledge: &'k Arc<Knowledge>,
    id: TableId,
    also_in: &[TableId],
) -> Option<TableDetails<'k>> {
    let Knowledge {
        catalog, structure, ..
    } = &**knowledge;
    let (table, found) = (catalog.table(id), structure.of(id)?);
    let names = |role| -> Vec<&'k str> {
        let columns = found.columns_of(table, role);
        columns.map(|column| &*column.name).collect()
    };
    let at = |places: &[usize]| -> Vec<&'k str> {
        let columns = places.iter().filter_map(|place| table.columns.get(*place));
        columns.map(|column| &*column.name).collect()
    };
    let key = found.key.as_ref().map_or(&[][..], |key| &key.columns);
    let targets = structure.targets_of(id);
    let columns = table.columns.iter().enumerate();
    let columns = columns.map(|(place, column)| ColumnLine {
        name: &column.name,
        data_type: column.data_type.as_deref(),
        nullable: column.nullable,
        is_primary_key: key.contains(&place),
        is_foreign_key: targets.contains_key(&place),
        target: targets.get(&place).and_then(|join| target(catalog, join)),
        is_measure: found.roles.get(place) == Some(&ColumnRole::Measure),
        description: column.documentation.best_description(),
    });
    Some(TableDetails {
        line: TableLine::of(catalog, structure, id),
        columns: columns.collect(),
        business_key: at(&found.business_key),
        primary_key: at(key),
        grain: found.grain.as_deref(),
        measures: names(ColumnRole::Measure),
        attributes: names(ColumnRole::Attribute),
        date_columns: names(ColumnRole::Date),
        rationale: &found.rationale,
        owner: catalog.owner(id),
        security_classification: catalog.classification(id),
        status: table.documentation.status.as_deref(),
        articulation_score: table.documentation.articulation_score,
        validated: table.documentation.validated,
        lineage: Lineage::of(catalog, id),
        also_in: also_in
            .iter()
            .map(|other| catalog.full_name(*other))
            .collect(),
    })
}

fn target<'a>(catalog: &'a Catalog, join: &Join) -> Option<Target<'a>> {
    let column = catalog.table(join.to).columns.get(join.to_column)?;
    Some(Target {
        table: catalog.full_name(join.to),
        column: &column.name,
        confidence: rounded(join.confidence),
    })
}

/// How a table joins others.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relationships {
    /// Full name of the table.
    #[schema(example = "dm_bs_purchase.factv_purchase_order")]
    table: String,
    /// Its joins: those whose foreign key it holds first. A composite key is one of them.
    #[serde(flatten)]
    joins: Part<RelationshipLine>,
}

/// Says how a table joins others
///
/// In the structure of the whole catalog.
#[utoipa::path(
    get,
    path = "/api/tables/{name}/relationships",
    operation_id = "getTableRelationships",
    tag = "Catalog",
    params(TablePath, InParts, Held),
    responses(
        (status = 200, description = "The joins.", body = Relationships),
        (status = 304, description = "They are as they were."),
        NotFound,
        Unprocessable,
        InternalError,
    ),
)]
pub async fn relationships(
    name: Segment,
    mut query: Parameters,
    headers: HeaderMap,
    tools: Tools,
) -> Result<Response, Error> {
    let paging = query.paging();
    query.checked()?;
    let (id, _) = called(&name.0, &tools).await?;
    let Knowledge {
        catalog, structure, ..
    } = &**tools.knowledge();
    let keys = tools::keys_joining(structure, id);
    let answer = Relationships {
        table: catalog.full_name(id),
        joins: Part::of(keys, paging, |key| tools::relationship_line(catalog, &key)),
    };
    conditional::json(&headers, &answer)
}

/// Where a table's data comes from and goes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineageAnswer {
    /// Full name of the table.
    #[schema(example = "dm_bs_purchase.factv_purchase_order_item")]
    table: String,
    /// What the catalog says.
    #[serde(flatten)]
    lineage: Lineage,
}

/// Says where a table's data comes from and goes to
///
/// As far as the catalog says.
#[utoipa::path(
    get,
    path = "/api/tables/{name}/lineage",
    operation_id = "getTableLineage",
    tag = "Catalog",
    params(TablePath, Held),
    responses(
        (status = 200, description = "The lineage.", body = LineageAnswer),
        (status = 304, description = "It is as it was."),
        NotFound,
        InternalError,
    ),
)]
pub async fn lineage(name: Segment, headers: HeaderMap, tools: Tools) -> Result<Response, Error> {
    let (id, _) = called(&name.0, &tools).await?;
    let catalog = &tools.knowledge().catalog;
    let answer = LineageAnswer {
        table: catalog.full_name(id),
        lineage: Lineage::of(catalog, id),
    };
    conditional::json(&headers, &answer)
}
