//! What a client can show beside an answer: a diagram, which view to switch to, figures.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::tools::Tools;
use super::{Focus, Topic};
use crate::catalog::{SchemaId, TableId};
use crate::pipeline::diagram;
use crate::pipeline::structure::{Origin, TableType};
use crate::runs::rfc3339;

/// The most tables of a diagram beside an answer; more than this is a list.
const DIAGRAM_TABLES_MAX: usize = 25;
/// The most neighbours drawn around a single table.
const NEIGHBOURS_MAX: usize = 12;
/// Columns of each table in a diagram.
const DIAGRAM_COLUMNS: usize = 5;

/// What goes along with an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Enrichment {
    /// Mermaid text of the tables that the answer is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "erDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n"
    )]
    pub diagram: Option<String>,
    /// Which view would suit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub canvas_trigger: Option<CanvasTrigger>,
    /// Figures of the schema in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub metrics: Option<Metrics>,
}

/// What a client's canvas could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CanvasAction, example = "switch_view")]
pub enum Action {
    /// Show another view.
    SwitchView,
    /// Begin an analysis: the person describes a project.
    NewAnalysis,
    /// Stay.
    None,
}

/// The views of a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CanvasView, example = "table_list")]
pub enum ViewType {
    /// Tables with their columns, and the joins between them.
    ErDiagram,
    /// Lines of a list.
    TableList,
    /// Tables and what connects them.
    RelationshipGraph,
}

/// A proposal to the client.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CanvasTrigger {
    /// What to do.
    pub action: Action,
    /// The view it is about.
    pub view_type: ViewType,
    /// Full name of the main table.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dm_bs_logistics.factv_shipment")]
    pub entity_name: Option<String>,
    /// Why, in words.
    #[schema(example = "the answer is a list of tables")]
    pub reason: &'static str,
    /// How sure it is that the person wants this, 0–1; clients act by themselves from 0.6.
    #[schema(minimum = 0, maximum = 1, example = 0.75)]
    pub confidence: f64,
}

/// Figures of a schema.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SchemaMetrics)]
pub struct Metrics {
    /// Tables in it.
    #[schema(example = 16)]
    pub total_tables: usize,
    /// Columns of those.
    #[schema(example = 198)]
    pub total_columns: usize,
    /// Facts among the tables.
    #[schema(example = 4)]
    pub facts_count: usize,
    /// Dimensions among them.
    #[schema(example = 12)]
    pub dimensions_count: usize,
    /// Joins between them, a composite key counted once.
    #[schema(example = 31)]
    pub relationships_count: usize,
    /// Of those, the ones the catalog declares.
    #[schema(example = 9)]
    pub declared_relationships_count: usize,
    /// Tool 3's score, 0–100.
    #[schema(required, minimum = 0, maximum = 100, example = 71.3)]
    pub quality_score: Option<f64>,
    /// The schema.
    #[schema(example = "dm_bs_logistics")]
    pub schema_name: String,
    /// When the catalog was read.
    #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
    pub as_of: String,
    /// Whether the catalog's file has changed since.
    #[schema(example = false)]
    pub is_stale: bool,
}

/// When the catalog was read, and from where.
#[derive(Debug, Clone)]
pub struct Freshness {
    read_at: Timestamp,
    file: Option<(PathBuf, SystemTime)>,
}

impl Freshness {
    /// Of a catalog that is read now, from a file or from what is built in.
    #[must_use]
    pub fn now(file: Option<PathBuf>) -> Self {
        let file = file.and_then(|path| {
            let changed = std::fs::metadata(&path).and_then(|file| file.modified());
            Some((path, changed.ok()?))
        });
        Self {
            read_at: Timestamp::now(),
            file,
        }
    }

    fn is_stale(&self) -> bool {
        let Some((path, changed)) = &self.file else {
            return false;
        };
        let now = std::fs::metadata(path).and_then(|file| file.modified());
        now.is_ok_and(|now| now != *changed)
    }
}

/// Makes what goes along with an answer of this focus. `certainty`, 0–1, is how surely the
/// topic is the one the person meant. A question that was not understood brings nothing.
#[must_use]
pub fn enrich(tools: &Tools, freshness: &Freshness, focus: &Focus, certainty: f64) -> Enrichment {
    if focus.topic.is_none() {
        return Enrichment::default();
    }
    let drawn = tables_to_draw(tools, focus);
    let knowledge = tools.knowledge();
    let diagram = (!drawn.is_empty()).then(|| {
        diagram::picture_only(
            &knowledge.catalog,
            &knowledge.structure,
            &drawn,
            DIAGRAM_COLUMNS,
        )
        .mermaid()
    });
    Enrichment {
        canvas_trigger: canvas_trigger(tools, focus, diagram.is_some(), certainty),
        diagram,
        metrics: schema_in_question(tools, focus)
            .map(|schema| metrics_of(tools, freshness, schema)),
    }
}

/// The tables of the answer where a diagram of them says more than a list; a single table
/// together with its neighbours.
fn tables_to_draw(tools: &Tools, focus: &Focus) -> Vec<TableId> {
    let shows_structure = matches!(
        focus.topic,
        Some(Topic::Diagram | Topic::Relationships | Topic::Details | Topic::Mapping)
    );
    let many = focus.topic != Some(Topic::Diagram) && focus.tables.len() > DIAGRAM_TABLES_MAX;
    if !shows_structure || many {
        return Vec::new();
    }
    let mut tables = focus.tables.clone();
    if let &[only] = tables.as_slice() {
        let structure = &tools.knowledge().structure;
        let parents = structure.joins_from(only).map(|join| join.to);
        let children = structure.joins_to(only).map(|join| join.from);
        let mut seen = HashSet::from([only]);
        let around = parents.chain(children).filter(|id| seen.insert(*id));
        tables.extend(around.take(NEIGHBOURS_MAX));
    }
    tables
}

fn canvas_trigger(
    tools: &Tools,
    focus: &Focus,
    has_diagram: bool,
    certainty: f64,
) -> Option<CanvasTrigger> {
    use Action::{NewAnalysis, None as Stay, SwitchView};
    use ViewType::{ErDiagram, RelationshipGraph, TableList};
    let topic = focus.topic?;
    let nothing_to_show = focus.tables.is_empty();
    // The figures order the topics by how directly they ask for a view: a diagram in so
    // many words, joins, a list, one table; below 0.6 the client only offers it.
    let (action, view_type, reason, confidence) = match topic {
        Topic::Diagram if has_diagram => (SwitchView, ErDiagram, "a diagram was asked for", 0.95),
        Topic::Relationships if has_diagram => (
            SwitchView,
            RelationshipGraph,
            "the question is how tables join",
            0.8,
        ),
        Topic::Tables if !nothing_to_show => (
            SwitchView,
            TableList,
            "the answer is a list of tables",
            0.75,
        ),
        Topic::Details if has_diagram => (
            SwitchView,
            ErDiagram,
            "the question is about one table",
            0.65,
        ),
        Topic::Mapping if has_diagram => (
            SwitchView,
            ErDiagram,
            "tables were found for business terms",
            0.6,
        ),
        Topic::Columns if !nothing_to_show => (
            SwitchView,
            TableList,
            "the columns found belong to these tables",
            0.45,
        ),
        Topic::Lineage if !nothing_to_show => (
            SwitchView,
            RelationshipGraph,
            "the question is where data comes from",
            0.4,
        ),
        Topic::Analysis => (NewAnalysis, ErDiagram, "a project was described", 0.8),
        _ => (Stay, TableList, "nothing to show on a canvas", 1.0),
    };
    let catalog = &tools.knowledge().catalog;
    Some(CanvasTrigger {
        action,
        view_type,
        entity_name: focus.tables.first().map(|id| catalog.full_name(*id)),
        reason,
        confidence: crate::pipeline::rounded(confidence * certainty),
    })
}

/// The schema asked about, else the one that all tables of the answer are in.
fn schema_in_question(tools: &Tools, focus: &Focus) -> Option<SchemaId> {
    if let &[one] = focus.schemas.as_slice() {
        return Some(one);
    }
    let catalog = &tools.knowledge().catalog;
    let mut schemas = focus.tables.iter().map(|id| catalog.table(*id).schema);
    let first = schemas.next()?;
    (focus.schemas.is_empty() && schemas.all(|schema| schema == first)).then_some(first)
}

fn metrics_of(tools: &Tools, freshness: &Freshness, schema: SchemaId) -> Metrics {
    let knowledge = tools.knowledge();
    let (catalog, structure) = (&knowledge.catalog, &knowledge.structure);
    let tables = &catalog.schema(schema).tables;
    let of_type = |wanted| {
        let types = tables.iter().map(|id| structure.table_type(*id));
        types.filter(|table_type| *table_type == wanted).count()
    };
    let mut groups = HashSet::new();
    let (mut relationships_count, mut declared_relationships_count) = (0, 0);
    for join in tables.iter().flat_map(|id| structure.joins_from(*id)) {
        let inside = catalog.table(join.to).schema == schema;
        if inside && join.group.is_none_or(|group| groups.insert(group)) {
            relationships_count += 1;
            declared_relationships_count += usize::from(join.origin == Origin::Declared);
        }
    }
    Metrics {
        total_tables: tables.len(),
        total_columns: tables
            .iter()
            .map(|id| catalog.table(*id).columns.len())
            .sum(),
        facts_count: of_type(TableType::Fact),
        dimensions_count: of_type(TableType::Dimension),
        relationships_count,
        declared_relationships_count,
        quality_score: tools
            .quality_of(schema)
            .map(|report| (report.quality_score * 1000.0).round() / 10.0),
        schema_name: catalog.schema(schema).name.to_string(),
        as_of: rfc3339(freshness.read_at),
        is_stale: freshness.is_stale(),
    }
}
