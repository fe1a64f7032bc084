//! The Explorer: answers questions about the catalog with tools, in the asker's language.
//!
//! Two explorers share the tools and the words of the wire: `agent` asks a model,
//! `embedded` needs none. `Explorer` chooses between them.

pub mod embedded;
pub mod thread;
pub mod tools;

use serde::{Deserialize, Serialize};

use crate::catalog::{SchemaId, TableId};
use crate::pipeline::mapping::MappingReport;
use crate::pipeline::quality::QualityReport;
use crate::pipeline::request::Request;
use crate::pipeline::structure::{StructureMetrics, TableType};

/// Which explorer answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A language model, with the tools.
    Model,
    /// The rules in this program, with the same tools.
    Embedded,
}

/// The languages that are understood and spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// čeština
    Czech,
    /// slovenčina
    Slovak,
    /// English
    #[default]
    English,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Which tables, facts, dimensions, schemas there are, and how many.
    Tables,
    /// One table: what it is, its grain, its columns.
    Details,
    /// Which tables have columns of a name.
    Columns,
    /// How tables join.
    Relationships,
    /// Where data comes from and goes to.
    Lineage,
    /// An ER diagram, asked for in so many words.
    Diagram,
    /// How well something is documented.
    Quality,
    /// Which tables hold business terms.
    Mapping,
    /// What the run of this session found.
    Run,
    /// A request to analyse: a document, or a project described.
    Analysis,
    /// What the Explorer can do.
    Help,
}

/// What an answer was about: what its diagram shows, and what "its columns" means next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Focus {
    /// The topic; `None` where the question was not understood.
    pub topic: Option<Topic>,
    /// The tables, the main one first.
    pub tables: Vec<TableId>,
    /// The schemas that were asked about.
    pub schemas: Vec<SchemaId>,
    /// The type of table that was asked about.
    pub table_type: Option<TableType>,
    /// The language of the question.
    pub language: Language,
}

/// What the run of a session has found, read back from its stored result.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RunFindings {
    /// The request, read.
    pub tool0_output: Request,
    /// The tables it is about.
    pub tool1_output: MappingReport,
    /// Counts of the structure.
    pub tool2_output: RunStructure,
    /// How well they are documented.
    pub tool3_output: QualityReport,
    /// Remarks for the reader.
    pub warnings: Vec<String>,
}

/// What of a run's structure a conversation needs; the rest is asked of the tools.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RunStructure {
    /// Counts.
    pub metrics: StructureMetrics,
}

/// Hears what an explorer does while it works on an answer.
pub trait Listener: Send {
    /// A look-up begins; `words` say which (`Calling list_tables with …`).
    fn tool(&mut self, name: &str, words: &str);
    /// The next piece of the answer's text.
    fn text(&mut self, piece: &str);
}
