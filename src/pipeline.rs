//! The pipeline: a business request in, an analysed data mart and its diagram out.
//!
//! Four tools and the diagram, each a pure function from typed input to typed output:
//! no I/O, no clock, the same output for the same input.

pub mod diagram;
pub mod mapping;
pub mod quality;
pub mod request;
pub mod structure;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, TableId};
use crate::glossary::Glossary;
use mapping::{MappingReport, SearchIndex};
use quality::QualityReport;
use request::Request;
use structure::{Analysis, StructureReport};

/// The steps of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Tool 0 reads the request.
    Tool0,
    /// Tool 1 maps its entities onto tables.
    Tool1,
    /// Tool 2 analyses the structure of the scope.
    Tool2,
    /// Tool 3 audits the documentation.
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
}

impl Knowledge {
    /// Indexes and analyses a catalog. Linear in its size.
    #[must_use]
    pub fn new(catalog: Catalog) -> Self {
        let everything: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
        let structure = structure::analyse(&catalog, &everything);
        let index = SearchIndex::new(&catalog, Glossary::embedded()).with_neighbours(&structure);
        Self {
            catalog,
            index,
            structure,
        }
    }
}

impl Knowledge {
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// Tool 0: the request, read.
    pub tool0_output: Request,
    /// Tool 1: the tables it is about.
    pub tool1_output: MappingReport,
    /// Tool 2: facts, dimensions and joins of the scope.
    pub tool2_output: StructureReport,
    /// Tool 3: how well they are documented.
    pub tool3_output: QualityReport,
    /// The Mermaid ER diagram.
    pub diagram: String,
    /// Remarks for the reader.
    pub warnings: Vec<String>,
}

/// Runs all tools; `on_step` is told each step as it begins.
pub fn run(knowledge: &Knowledge, request: RunRequest, on_step: &mut dyn FnMut(Step)) -> Outputs {
    let catalog = &knowledge.catalog;
    let mut warnings = request.warnings;

    on_step(Step::Tool0);
    let mut tool0_output = request::read(&request.document);
    warnings.append(&mut tool0_output.warnings);

    on_step(Step::Tool1);
    let sources = mapping::Sources {
        catalog,
        index: &knowledge.index,
        glossary: Glossary::embedded(),
    };
    let mut mapping = mapping::map(sources, &tool0_output, request.scope.as_deref());
    warnings.append(&mut mapping.warnings);

    on_step(Step::Tool2);
    let analysis = &*knowledge.structure_of(&mapping.scope);
    let tool2_output = structure::describe(catalog, analysis, &mapping.requested);

    on_step(Step::Tool3);
    let tool3_output = quality::assess(catalog, &mapping, analysis);

    on_step(Step::Diagram);
    let diagram = diagram::draw(catalog, analysis, &mapping.requested, request.max_columns);

    Outputs {
        tool0_output,
        tool1_output: mapping.report,
        tool2_output,
        tool3_output,
        diagram,
        warnings,
    }
}

/// A confidence as it goes over the wire: two decimals, which is more than it deserves.
#[must_use]
pub(crate) fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}
