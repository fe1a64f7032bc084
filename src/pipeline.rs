//! The pipeline: a business request in, an analysed data mart and its diagram out.
//!
//! Five tools and the diagram, each a pure function from typed input to typed output:
//! no I/O, no clock, the same output for the same input.

pub mod diagram;
pub mod mapping;
pub mod quality;
pub mod request;
pub mod security;
pub mod structure;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::{Catalog, TableId};
use crate::glossary::Glossary;
use diagram::Picture;
use mapping::{MappingReport, SearchIndex};
use quality::{QualityReport, RiskLevel};
use request::Request;
use security::{KnownColumns, SecurityReport};
use structure::{Analysis, StructureReport};

/// The steps of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "tool1")]
pub enum Step {
    /// Tool 0 reads the request.
    Tool0,
    /// Tool 1 maps its entities onto tables.
    Tool1,
    /// Tool 2 analyses the structure of the scope.
    Tool2,
    /// Tool 3 audits the documentation, and Tool 4 what needs protection.
    Tool3,
    /// The diagram is drawn.
    Diagram,
}

impl Step {
    /// How much of a run lies before this step, 0–1.
    #[must_use]
    pub fn progress(self) -> f64 {
        match self {
            Self::Tool0 => 0.0,
            Self::Tool1 => 0.2,
            Self::Tool2 => 0.4,
            Self::Tool3 => 0.6,
            Self::Diagram => 0.8,
        }
    }

    /// How much of a run lies behind once this step has ended, 0–1.
    #[must_use]
    pub fn progress_after(self) -> f64 {
        match self {
            Self::Tool0 => Self::Tool1.progress(),
            Self::Tool1 => Self::Tool2.progress(),
            Self::Tool2 => Self::Tool3.progress(),
            Self::Tool3 => Self::Diagram.progress(),
            Self::Diagram => 1.0,
        }
    }
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// A step begins.
    Begun(Step),
    /// A step has ended.
    Ended(Step, Counts),
}

/// What a step has found, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Counts {
    /// Tool 0.
    Request {
        /// Things whose data is requested.
        #[schema(example = 15)]
        entities: usize,
        /// Things to be measured.
        #[schema(example = 4)]
        metrics: usize,
        /// Statements of what is left out.
        #[schema(example = 2)]
        scope_out: usize,
    },
    /// Tool 1.
    Mapping {
        /// Tables of the schemas in scope.
        #[schema(example = 45)]
        tables_in_scope: usize,
        /// Entities that a table was found for.
        #[schema(example = 15)]
        matched: usize,
        /// Entities that none was found for.
        #[schema(example = 0)]
        no_match: usize,
        /// Tables the request rules out.
        #[schema(example = 3)]
        excluded: usize,
    },
    /// Tool 2.
    Structure {
        /// Facts in scope.
        #[schema(example = 14)]
        facts: usize,
        /// Dimensions in scope.
        #[schema(example = 27)]
        dimensions: usize,
        /// Bridges in scope.
        #[schema(example = 1)]
        bridges: usize,
        /// Tables without a class.
        #[schema(example = 3)]
        unclassified: usize,
        /// Joins; a composite key counts once.
        #[schema(example = 98)]
        relationships: usize,
    },
    /// Tool 3.
    Quality {
        /// Things that are wrong.
        #[schema(example = 6)]
        anomalies: usize,
        /// Things to do.
        #[schema(example = 9)]
        recommendations: usize,
        /// How well the tables are documented, 0–1.
        #[schema(minimum = 0, maximum = 1, example = 0.85)]
        quality_score: f64,
        /// How risky it is to build on the tables.
        risk_level: RiskLevel,
    },
    /// The diagram.
    Diagram {
        /// Tables drawn.
        #[schema(example = 24)]
        tables: usize,
        /// Lines between them.
        #[schema(example = 98)]
        relationships: usize,
    },
}

/// Which tables a run drew, to draw them anew: larger, smaller, around one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The tables in scope.
    pub scope: Vec<TableId>,
    /// Those the request asks for.
    pub requested: Vec<TableId>,
    /// Columns per table.
    pub max_columns: usize,
}

impl Drawn {
    /// Bytes of the lists.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (self.scope.len() + self.requested.len()) * size_of::<TableId>()
    }
}

/// Everything the tools know beside the request: built once at start, never changed.
#[derive(Debug)]
pub struct Knowledge {
    /// The catalog.
    pub catalog: Catalog,
    /// Its words.
    pub index: SearchIndex,
    /// The structure of the whole catalog, for questions about single tables.
    pub structure: Analysis,
    /// What of it needs protection, as far as runs have asked.
    pub known_columns: KnownColumns,
}

impl Knowledge {
    /// Indexes and analyses a catalog. Linear in its size.
    #[must_use]
    pub fn new(catalog: Catalog) -> Self {
        let everything: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
        let structure = structure::analyse(&catalog, &everything);
        let index = SearchIndex::new(&catalog, Glossary::embedded()).with_neighbours(&structure);
        Self {
            known_columns: KnownColumns::new(&catalog),
            catalog,
            index,
            structure,
        }
    }
}

impl Knowledge {
    /// Works out what runs would else have to wait for, the first of them most, while `goes_on` says
    /// so. Takes about as long as [`Knowledge::new`], so it is done beside serving.
    pub fn learn(&self, goes_on: impl Fn() -> bool) {
        self.known_columns.learn(&self.catalog, goes_on);
    }

    /// The structure of these tables alone: a table outside must not take a join away from
    /// one inside. Analysed anew unless they are the whole catalog.
    #[must_use]
    pub fn structure_of(&self, scope: &[TableId]) -> Cow<'_, Analysis> {
        if scope == self.structure.scope {
            Cow::Borrowed(&self.structure)
        } else {
            Cow::Owned(structure::analyse(&self.catalog, scope))
        }
    }
}

/// What a run is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// The business request, in Markdown.
    pub document: String,
    /// A schema, or a word of schema names; `None`: what the document names, else all.
    pub scope: Option<String>,
    /// Columns per table in the diagram.
    pub max_columns: usize,
    /// Remarks on the call itself, handed through to the result.
    pub warnings: Vec<String>,
}

/// What a run has found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outputs {
    /// Tool 0: the request, read.
    pub tool0_output: Request,
    /// Tool 1: the tables it is about.
    pub tool1_output: MappingReport,
    /// Tool 2: facts, dimensions and joins of the scope.
    pub tool2_output: StructureReport,
    /// Tool 3: how well they are documented.
    pub tool3_output: QualityReport,
    /// Tool 4: what needs protection, and how.
    #[serde(default)]
    #[schema(required)]
    pub tool4_output: SecurityReport,
    /// The Mermaid ER diagram.
    #[schema(
        example = "erDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n"
    )]
    pub diagram: String,
    /// Remarks for the reader.
    #[schema(example = json!(["Unknown option \"colour\" was ignored."]))]
    pub warnings: Vec<String>,
    /// What the diagram shows.
    #[serde(skip)]
    pub drawn: Drawn,
}

/// Runs all tools; `tell` hears of each step as it begins and as it ends.
pub fn run(knowledge: &Knowledge, request: RunRequest, tell: &mut dyn FnMut(Progress)) -> Outputs {
    let catalog = &knowledge.catalog;
    let mut warnings = request.warnings;

    tell(Progress::Begun(Step::Tool0));
    let mut tool0_output = request::read(&request.document);
    warnings.append(&mut tool0_output.warnings);
    tell(Progress::Ended(
        Step::Tool0,
        Counts::of_request(&tool0_output),
    ));

    tell(Progress::Begun(Step::Tool1));
    let sources = mapping::Sources {
        catalog,
        index: &knowledge.index,
        glossary: Glossary::embedded(),
    };
    let mut mapping = mapping::map(sources, &tool0_output, request.scope.as_deref());
    warnings.append(&mut mapping.warnings);
    tell(Progress::Ended(
        Step::Tool1,
        Counts::of_mapping(&mapping.report),
    ));

    tell(Progress::Begun(Step::Tool2));
    let analysis = &*knowledge.structure_of(&mapping.scope);
    let tool2_output = structure::describe(catalog, analysis, &mapping.requested);
    tell(Progress::Ended(
        Step::Tool2,
        Counts::of_structure(&tool2_output),
    ));

    tell(Progress::Begun(Step::Tool3));
    let tool3_output = quality::assess(catalog, &mapping, analysis);
    let tool4_output = security::assess(catalog, &knowledge.known_columns, &mapping, analysis);
    tell(Progress::Ended(
        Step::Tool3,
        Counts::of_quality(&tool3_output),
    ));

    tell(Progress::Begun(Step::Diagram));
    let picture = diagram::picture(catalog, analysis, &mapping.requested, request.max_columns);
    let diagram = picture.mermaid();
    tell(Progress::Ended(Step::Diagram, Counts::of_picture(&picture)));

    Outputs {
        tool0_output,
        tool1_output: mapping.report,
        tool2_output,
        tool3_output,
        tool4_output,
        diagram,
        warnings,
        drawn: Drawn {
            scope: mapping.scope,
            requested: mapping.requested,
            max_columns: request.max_columns,
        },
    }
}

impl Counts {
    fn of_request(request: &Request) -> Self {
        Self::Request {
            entities: request.entities.len(),
            metrics: request.metrics.len(),
            scope_out: request.scope_out.len(),
        }
    }

    fn of_mapping(report: &MappingReport) -> Self {
        Self::Mapping {
            tables_in_scope: report.stats.tables_in_scope,
            matched: report.stats.matched,
            no_match: report.stats.no_match,
            excluded: report.stats.excluded,
        }
    }

    fn of_structure(report: &StructureReport) -> Self {
        Self::Structure {
            facts: report.metrics.facts_count,
            dimensions: report.metrics.dimensions_count,
            bridges: report.metrics.bridges_count,
            unclassified: report.metrics.unclassified_count,
            relationships: report.metrics.relationships_count,
        }
    }

    fn of_quality(report: &QualityReport) -> Self {
        Self::Quality {
            anomalies: report.anomalies.len(),
            recommendations: report.recommendations.len(),
            quality_score: report.quality_score,
            risk_level: report.risk_level,
        }
    }

    fn of_picture(picture: &Picture) -> Self {
        Self::Diagram {
            tables: picture.table_count(),
            relationships: picture.edge_count(),
        }
    }
}

/// A confidence as it goes over the wire: two decimals, which is more than it deserves.
#[must_use]
pub(crate) fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}
