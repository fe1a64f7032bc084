//! The documents of a run: made from its [`Outputs`] and nothing else, so that the same run
//! gives the same bytes, today and after a restart.

pub mod summary;

pub(crate) mod joins;
pub(crate) mod markdown;

mod archive;
mod diagram_document;
mod governance_report;
mod power_query;
mod query;
mod security_report;
mod sql;

use serde::Serialize;

pub use archive::{ARCHIVE, Unpackable};

use crate::pipeline::Outputs;
use crate::wording::Language;
use crate::wording::phrases::Phrase;
use sql::Dialect;

/// A document of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Artifact {
    /// What was asked against what the catalog holds, for a steering committee.
    GovernanceReport,
    /// Sensitive columns, classification, masking and row-level security, in the language of
    /// the request.
    SecurityReport,
    /// Which tables the entities of the request mean, as JSON.
    Mapping,
    /// Facts, dimensions and joins, as JSON.
    Structure,
    /// The audit of the documentation, as JSON.
    QualityReport,
    /// The diagram, in Markdown that GitHub and wikis draw.
    Diagram,
    /// The facts with their dimensions, and the metrics, in standard SQL.
    Query,
    /// The same in Databricks SQL.
    QueryDatabricks,
    /// The facts with their dimensions in Power Query M.
    PowerQuery,
}

impl Artifact {
    /// All of them, in the order they are listed.
    pub const ALL: &[Self] = &[
        Self::GovernanceReport,
        Self::SecurityReport,
        Self::Mapping,
        Self::Structure,
        Self::QualityReport,
        Self::Diagram,
        Self::Query,
        Self::QueryDatabricks,
        Self::PowerQuery,
    ];

    /// The document of a file's name.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|artifact| artifact.file_name() == name)
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::GovernanceReport => "governance_report.md",
            Self::SecurityReport => "security_report.md",
            Self::Mapping => "mapping.json",
            Self::Structure => "structure.json",
            Self::QualityReport => "quality_report.json",
            Self::Diagram => "diagram.md",
            Self::Query => "query.sql",
            Self::QueryDatabricks => "query_databricks.sql",
            Self::PowerQuery => "query.m",
        }
    }

    /// What its bytes are, by the ending of its name.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self.file_name().rsplit('.').next() {
            Some("md") => "text/markdown; charset=utf-8",
            Some("json") => "application/json",
            Some("sql") => "application/sql",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// What it is for, in one sentence.
    #[must_use]
    pub fn description(self, language: Language) -> &'static str {
        let phrase = match self {
            Self::GovernanceReport => GOVERNANCE_REPORT,
            Self::SecurityReport => SECURITY_REPORT,
            Self::Mapping => MAPPING,
            Self::Structure => STRUCTURE,
            Self::QualityReport => QUALITY_REPORT,
            Self::Diagram => DIAGRAM,
            Self::Query => QUERY,
            Self::QueryDatabricks => QUERY_DATABRICKS,
            Self::PowerQuery => POWER_QUERY,
        };
        phrase.text(language)
    }

    /// Its text.
    #[must_use]
    pub fn render(self, outputs: &Outputs) -> String {
        match self {
            Self::GovernanceReport => governance_report::render(outputs),
            Self::SecurityReport => security_report::render(outputs),
            Self::Mapping => json(&outputs.tool1_output),
            Self::Structure => json(&outputs.tool2_output),
            Self::QualityReport => json(&outputs.tool3_output),
            Self::Diagram => diagram_document::render(outputs),
            Self::Query => sql::render(outputs, Dialect::Ansi),
            Self::QueryDatabricks => sql::render(outputs, Dialect::Databricks),
            Self::PowerQuery => power_query::render(outputs),
        }
    }
}

const SECURITY_REPORT: Phrase = Phrase(
    "Zpráva o bezpečnosti: osobní a citlivé sloupce, klasifikace, maskování a omezení řádků",
    "Správa o bezpečnosti: osobné a citlivé stĺpce, klasifikácia, maskovanie a obmedzenie riadkov",
    "Security report: personal and sensitive columns, classification, masking and row-level security",
);
const QUERY: Phrase = Phrase(
    "Dotazy v standardním SQL: každý požadovaný fakt se svými dimenzemi, a metriky",
    "Dopyty v štandardnom SQL: každý požadovaný fakt so svojimi dimenziami, a metriky",
    "Queries in standard SQL: each requested fact with its dimensions, and the metrics",
);
const QUERY_DATABRICKS: Phrase = Phrase(
    "Tytéž dotazy v SQL pro Databricks",
    "Tie isté dopyty v SQL pre Databricks",
    "The same queries in SQL for Databricks",
);
const POWER_QUERY: Phrase = Phrase(
    "Tytéž tabulky v jazyce M pro Power Query",
    "Tie isté tabuľky v jazyku M pre Power Query",
    "The same tables in M for Power Query",
);
const GOVERNANCE_REPORT: Phrase = Phrase(
    "Zpráva pro řízení dat: co se žádá, co katalog má, mezery a doporučení",
    "Správa pre riadenie dát: čo sa žiada, čo katalóg má, medzery a odporúčania",
    "Data governance report: what was asked, what the catalog holds, gaps and recommendations",
);
const MAPPING: Phrase = Phrase(
    "Které tabulky a sloupce odpovídají entitám a metrikám zadání",
    "Ktoré tabuľky a stĺpce zodpovedajú entitám a metrikám zadania",
    "The tables and columns for the entities and metrics of the request",
);
const STRUCTURE: Phrase = Phrase(
    "Fakty, dimenze a vazby v rozsahu",
    "Fakty, dimenzie a väzby v rozsahu",
    "Facts, dimensions and joins in scope",
);
const QUALITY_REPORT: Phrase = Phrase(
    "Kvalita dokumentace: pokrytí, nálezy, doporučení a riziko",
    "Kvalita dokumentácie: pokrytie, nálezy, odporúčania a riziko",
    "Quality of the documentation: coverage, findings, recommendations and risk",
);
const DIAGRAM: Phrase = Phrase(
    "ER diagram (Mermaid) s legendou a vazbami",
    "ER diagram (Mermaid) s legendou a väzbami",
    "ER diagram (Mermaid) with a legend and its joins",
);
const ALL_OF_THEM: Phrase = Phrase(
    "Všechny dokumenty v jednom souboru",
    "Všetky dokumenty v jednom súbore",
    "All documents in one file",
);

/// A document as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// What its bytes are.
    pub media_type: &'static str,
    /// What it is for, in the language of the request.
    pub description: &'static str,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// A document of a run as a file.
#[must_use]
pub fn file(artifact: Artifact, outputs: &Outputs) -> File {
    let language = Language::from(outputs.tool0_output.language);
    File {
        name: artifact.file_name(),
        media_type: artifact.media_type(),
        description: artifact.description(language),
        bytes: artifact.render(outputs).into_bytes(),
    }
}

/// The names of all files, the one with all documents last.
#[must_use]
pub fn file_names() -> Vec<&'static str> {
    let names = Artifact::ALL.iter().map(|artifact| artifact.file_name());
    names.chain([ARCHIVE]).collect()
}

/// All documents of a run as files, in the order they are listed.
#[must_use]
pub fn files(outputs: &Outputs) -> Vec<File> {
    Artifact::ALL
        .iter()
        .map(|artifact| file(*artifact, outputs))
        .collect()
}

/// All files in one.
///
/// # Errors
/// Together they are larger than the service packs.
pub fn archived(outputs: &Outputs, files: &[File]) -> Result<File, Unpackable> {
    let language = Language::from(outputs.tool0_output.language);
    Ok(File {
        name: ARCHIVE,
        media_type: "application/zip",
        description: ALL_OF_THEM.text(language),
        bytes: archive::pack(files)?,
    })
}

/// JSON for people: indented, with a line break at its end.
#[must_use]
pub fn json(value: &impl Serialize) -> String {
    // The outputs hold no map with keys that are no strings, the one thing that could fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
