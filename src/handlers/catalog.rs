//! The handlers of the catalog as a whole: lists of tables and schemas, searches over them.

use std::sync::Arc;

use http::header::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use super::shelf::{Shelf, Subject};
use crate::catalog::{Catalog, TableId};
use crate::conditional::{self, Prepared};
use crate::error::Error;
use crate::explorer::tools::{self, Tools};
use crate::filters::{Paging, Parameters};
use crate::glossary::Glossary;
use crate::openapi::errors::{InternalError, Unprocessable};
use crate::openapi::parameters::{ColumnName, Held, InParts, Tables, Term};
use crate::pipeline::mapping::{self, Candidate};
use crate::pipeline::structure::{Analysis, TableType};
use crate::pipeline::{Knowledge, rounded};
use crate::text;

/// The longest text that is searched for, in characters.
pub const SEARCH_MAX: usize = 400;
/// The longest name of a schema that is looked for, in characters.
const SCHEMA_MAX: usize = 256;
/// Table types as the query names them.
const TYPES: [(&str, TableType); 4] = [
    ("FACT", TableType::Fact),
    ("DIMENSION", TableType::Dimension),
    ("BRIDGE", TableType::Bridge),
    ("VIEW", TableType::View),
];

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part<T: ToSchema> {
    /// The items of this part, in the order of the list.
    pub items: Vec<T>,
    /// How many items the whole list has.
    #[schema(example = 45)]
    pub total: usize,
    /// The most items this part could have.
    #[schema(example = 100)]
    pub limit: usize,
    /// How many items of the list come before this part.
    #[schema(example = 0)]
    pub offset: usize,
}

impl<T: ToSchema> Part<T> {
    /// The part of a list that is asked for; items outside it are not made.
    pub fn of<I>(list: Vec<I>, paging: Paging, make: impl FnMut(I) -> T) -> Self {
        let total = list.len();
        let asked_for = list.into_iter().skip(paging.offset()).take(paging.limit());
        Self {
            items: asked_for.map(make).collect(),
            total,
            limit: paging.limit(),
            offset: paging.offset(),
        }
    }
}

/// A list as a whole, as clients have always had it, or the part that is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum List<T: ToSchema> {
    /// Without `limit` and `offset`: all items.
    All(Vec<T>),
    /// With either.
    Part(Part<T>),
}

impl<T: ToSchema> List<T> {
    fn of<I>(list: Vec<I>, paging: Paging, make: impl FnMut(I) -> T) -> Self {
        if paging.is_asked_for() {
            Self::Part(Part::of(list, paging, make))
        } else {
            Self::All(list.into_iter().map(make).collect())
        }
    }
}

/// A table in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableLine<'a> {
    /// Name as in the database.
    #[schema(example = "factv_purchase_order")]
    name: &'a str,
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.factv_purchase_order")]
    full_name: String,
    /// Its class; `VIEW` where nothing decides it.
    table_type: TableType,
    /// Name of its schema.
    #[schema(example = "dm_bs_purchase")]
    schema: &'a str,
    /// What the catalog says about it; null where it says nothing.
    #[schema(required, example = "Purchase orders, one row each.")]
    description: Option<&'a str>,
    /// How many columns the catalog lists.
    #[schema(example = 27)]
    column_count: usize,
    /// How sure the class is, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    confidence: f64,
}

impl<'a> TableLine<'a> {
    pub(super) fn of(catalog: &'a Catalog, structure: &Analysis, id: TableId) -> Self {
        let table = catalog.table(id);
        let found = structure.of(id);
        Self {
            name: &table.name,
            full_name: catalog.full_name(id),
            table_type: structure.table_type(id),
            schema: catalog.schema_name(id),
            description: table.documentation.best_description(),
            column_count: table.columns.len(),
            confidence: rounded(found.map_or(0.0, |found| found.confidence)),
        }
    }
}

/// Lists tables
///
/// All by name and schema, or those of a schema, of a class, with a text in name or description. Without
/// `limit` and `offset` the answer is an array, with either it says how many there are.
#[utoipa::path(
    get,
    path = "/api/tables",
    operation_id = "listTables",
    tag = "Catalog",
    params(Tables, InParts, Held),
    responses(
        (status = 200, description = "The tables.", body = List<TableLine>),
        (status = 304, description = "They are as they were."),
        Unprocessable,
        InternalError,
    ),
)]
pub async fn list_tables(
    mut query: Parameters,
    headers: HeaderMap,
    knowledge: Arc<Knowledge>,
    shelf: Shelf,
) -> Result<Response, Error> {
    let schema = query.text("schema", 0..=SCHEMA_MAX);
    let wanted = query.text("q", 0..=SEARCH_MAX);
    let of_type = query.choice("type", &TYPES);
    let paging = query.paging();
    query.checked()?;
    let Knowledge {
        catalog, structure, ..
    } = &*knowledge;
    let line = |id| TableLine::of(catalog, structure, id);
    let is_narrowed = schema.is_some() || of_type.is_some() || wanted.is_some();
    if !is_narrowed && !paging.is_asked_for() {
        let all = || Prepared::json(&List::of(catalog.list(None), paging, line));
        return Ok(shelf.answer(Subject::Tables, all)?.answer(&headers));
    }
    let schema = schema.as_deref().map(str::trim);
    let mut tables = catalog.list(schema.filter(|schema| !schema.is_empty()));
    if let Some(of_type) = of_type {
        tables.retain(|id| structure.table_type(*id) == of_type);
    }
    let wanted = text::fold(wanted.as_deref().unwrap_or_default().trim());
    if !wanted.is_empty() {
        tables.retain(|id| mentions(catalog, *id, &wanted));
    }
    conditional::json(&headers, &List::of(tables, paging, line))
}

/// Whether a table's full name or description holds a text, accents and case aside.
fn mentions(catalog: &Catalog, id: TableId, folded: &str) -> bool {
    let description = catalog.table(id).documentation.best_description();
    text::fold(&catalog.full_name(id)).contains(folded)
        || description.is_some_and(|description| text::fold(description).contains(folded))
}

/// A schema in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaLine<'a> {
    /// Name as in the database.
    #[schema(example = "dm_bs_purchase")]
    name: &'a str,
    /// What the catalog says about it; null where it says nothing.
    #[schema(required, example = "The purchasing data mart.")]
    description: Option<&'a str>,
    /// How many tables it has.
    #[schema(example = 29)]
    table_count: usize,
    /// How many columns they have together.
    #[schema(example = 412)]
    column_count: usize,
    /// Id of its owner; null where the catalog names none.
    #[schema(required, example = "u-1024")]
    owner: Option<&'a str>,
    /// Security classification; null where the catalog gives none.
    #[schema(required, example = "internal")]
    security_classification: Option<&'a str>,
}

/// Lists schemas
///
/// All by name. Without `limit` and `offset` the answer is an array, with either it says how many there are.
#[utoipa::path(
    get,
    path = "/api/schemas",
    operation_id = "listSchemas",
    tag = "Catalog",
    params(InParts, Held),
    responses(
        (status = 200, description = "The schemas.", body = List<SchemaLine>),
        (status = 304, description = "They are as they were."),
        Unprocessable,
        InternalError,
    ),
)]
pub async fn schemas(
    mut query: Parameters,
    headers: HeaderMap,
    knowledge: Arc<Knowledge>,
) -> Result<Response, Error> {
    let paging = query.paging();
    query.checked()?;
    let catalog = &knowledge.catalog;
    let schemas = catalog.schemas().iter().collect();
    let lines = List::of(schemas, paging, |schema| {
        let columns = |id: &TableId| catalog.table(*id).columns.len();
        SchemaLine {
            name: &schema.name,
            description: schema.documentation.best_description(),
            table_count: schema.tables.len(),
            column_count: schema.tables.iter().map(columns).sum(),
            owner: schema.documentation.owner.as_deref(),
            security_classification: schema.documentation.security_classification.as_deref(),
        }
    });
    conditional::json(&headers, &lines)
}

/// A column that was searched for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnFound {
    /// Name as in the database.
    #[schema(example = "supplier_name")]
    name: String,
    /// Full name of its table.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    table: String,
    /// Technical type; null where the catalog gives none.
    #[serde(rename = "type")]
    #[schema(example = "STRING", required)]
    data_type: Option<String>,
    /// Whether it may be empty; null where the catalog does not say.
    #[schema(required, example = true)]
    nullable: Option<bool>,
    /// Whether it belongs to the table's primary key, declared or inferred.
    #[schema(example = false)]
    is_primary_key: bool,
    /// Whether it refers to another table, declared or inferred.
    #[schema(example = false)]
    is_foreign_key: bool,
    /// What the catalog says about it; null where it says nothing.
    #[schema(required, example = "Name of the supplier.")]
    description: Option<String>,
}

/// Searches for columns
///
/// In all tables, by schema, table and position.
#[utoipa::path(
    get,
    path = "/api/columns",
    operation_id = "findColumns",
    tag = "Catalog",
    params(ColumnName, InParts, Held),
    responses(
        (status = 200, description = "The columns.", body = Part<ColumnFound>),
        (status = 304, description = "They are as they were."),
        Unprocessable,
        InternalError,
    ),
)]
pub async fn columns(
    mut query: Parameters,
    headers: HeaderMap,
    tools: Tools,
) -> Result<Response, Error> {
    let pattern = query.required_text("q", 1..=SEARCH_MAX);
    let paging = query.paging();
    query.checked()?;
    // Every column of the catalog is compared.
    let found = tools.off_the_workers("the search for columns", move |tools| {
        let knowledge = tools.knowledge();
        let places = tools::columns_called(&knowledge.catalog, &pattern);
        Part::of(places, paging, |(id, place)| {
            column_found(knowledge, id, place)
        })
    });
    conditional::json(&headers, &found.await.ok_or(Error::Internal)?)
}

fn column_found(knowledge: &Knowledge, id: TableId, place: usize) -> ColumnFound {
    let Knowledge {
        catalog, structure, ..
    } = knowledge;
    let column = catalog.table(id).columns.get(place);
    let key = structure.of(id).and_then(|found| found.key.as_ref());
    ColumnFound {
        name: column.map_or_else(String::new, |column| column.name.to_string()),
        table: catalog.full_name(id),
        data_type: column.and_then(|column| column.data_type.as_deref().map(Into::into)),
        nullable: column.and_then(|column| column.nullable),
        is_primary_key: key.is_some_and(|key| key.columns.contains(&place)),
        is_foreign_key: structure
            .joins_from(id)
            .any(|join| join.from_column == place),
        description: column
            .and_then(|column| column.documentation.best_description())
            .map(Into::into),
    }
}

/// Tables that a business term may mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// What was searched for.
    #[schema(example = "fakturující dodavatelé")]
    query: String,
    /// The tables, the one most probably meant first.
    #[serde(flatten)]
    found: Part<TableFound>,
}

/// A table that a business term may mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableFound {
    /// Name as in the database.
    #[schema(example = "dimv_invoicing_supplier")]
    name: String,
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.dimv_invoicing_supplier")]
    full_name: String,
    /// Name of its schema.
    #[schema(example = "dm_bs_purchase")]
    schema: String,
    /// Its class; `VIEW` where nothing decides it.
    table_type: TableType,
    /// What the catalog says about it; null where it says nothing.
    #[schema(required, example = "Suppliers that send invoices.")]
    description: Option<String>,
    /// How probably it is meant, 0–1; below 0.3 a run would not take it.
    #[schema(minimum = 0, maximum = 1, example = 0.94)]
    confidence: f64,
    /// Which words met what.
    #[schema(example = json!(["\"fakturující dodavatelé\" (invoicing supplier) is its business name"]))]
    evidence: Vec<String>,
    /// Its columns that meet the words, the best first; none where the table as such does.
    #[schema(example = json!([]))]
    columns: Vec<String>,
}

/// Searches for tables by business terms
///
/// The tables that terms in Czech, Slovak or English may mean, the most probable first, with the evidence.
#[utoipa::path(
    get,
    path = "/api/search",
    operation_id = "searchTables",
    tag = "Catalog",
    params(Term, InParts, Held),
    responses(
        (status = 200, description = "The tables.", body = SearchAnswer),
        (status = 304, description = "They are as they were."),
        Unprocessable,
        InternalError,
    ),
)]
pub async fn search(
    mut query: Parameters,
    headers: HeaderMap,
    tools: Tools,
) -> Result<Response, Error> {
    let phrase = query.required_text("q", 1..=SEARCH_MAX);
    let paging = query.paging();
    query.checked()?;
    let found = tools.off_the_workers("the search for tables", move |tools| {
        let knowledge = tools.knowledge();
        let sources = mapping::Sources {
            catalog: &knowledge.catalog,
            index: &knowledge.index,
            glossary: Glossary::embedded(),
        };
        let candidates = mapping::candidates_for(sources, &phrase);
        SearchAnswer {
            found: Part::of(candidates, paging, |(id, candidate)| {
                table_found(knowledge, id, candidate)
            }),
            query: phrase,
        }
    });
    conditional::json(&headers, &found.await.ok_or(Error::Internal)?)
}

fn table_found(knowledge: &Knowledge, id: TableId, candidate: Candidate) -> TableFound {
    let catalog = &knowledge.catalog;
    let description = catalog.table(id).documentation.best_description();
    TableFound {
        name: candidate.table,
        full_name: candidate.full_name,
        schema: catalog.schema_name(id).to_owned(),
        table_type: knowledge.structure.table_type(id),
        description: description.map(Into::into),
        confidence: candidate.confidence,
        evidence: candidate.evidence,
        columns: candidate.columns,
    }
}
