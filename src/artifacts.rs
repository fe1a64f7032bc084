//! The documents of a run: made from its [`Outputs`] and nothing else, so that the same run
//! gives the same bytes, today and after a restart.

use serde::Serialize;

use crate::pipeline::Outputs;

/// A document of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Artifact {
    /// Facts, dimensions and joins, as JSON.
    Structure,
    /// The audit of the documentation, as JSON.
    QualityReport,
    /// Which tables the entities of the request mean, as JSON.
    Mapping,
    /// The diagram, in Markdown that GitHub and wikis draw.
    Diagram,
}

impl Artifact {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 4] = [
        Self::Mapping,
        Self::Structure,
        Self::QualityReport,
        Self::Diagram,
    ];

    /// The name of its file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Structure => "structure.json",
            Self::QualityReport => "quality_report.json",
            Self::Mapping => "mapping.json",
            Self::Diagram => "diagram.md",
        }
    }

    /// Its text.
    #[must_use]
    pub fn render(self, outputs: &Outputs) -> String {
        match self {
            Self::Structure => json(&outputs.tool2_output),
            Self::QualityReport => json(&outputs.tool3_output),
            Self::Mapping => json(&outputs.tool1_output),
            Self::Diagram => format!("```mermaid\n{}```\n", outputs.diagram),
        }
    }
}

/// JSON for people: indented, with a line break at its end.
fn json(value: &impl Serialize) -> String {
    // The outputs hold no map with keys that are no strings, the one thing that could fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
