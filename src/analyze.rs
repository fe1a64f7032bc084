//! One request analysed without a server: files in, documents out.

mod output;
mod progress_bar;

use std::fmt::Write as _;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;

use crate::artifacts::summary::{Draft, PATIENCE, Summarised};
use crate::artifacts::{self, Artifact, File, Unpackable};
use crate::command_line::{Analyze, OK, RISKY, Wording};
use crate::config::Config;
use crate::model::{BuildError, Model};
use crate::pipeline::quality::{Priority, RiskLevel};
use crate::pipeline::request::UNKNOWN;
use crate::pipeline::{self, Knowledge, Outputs, Progress, RunRequest};
use crate::{LoadError, load_export, text};
use progress_bar::ProgressBar;

pub use output::WriteError;

/// What stands for standard input.
const STDIN: &str = "-";
/// The longest name that is printed, in characters.
const NAME_MAX: usize = 120;
/// The longest reason that is printed, in characters.
const REASON_MAX: usize = 300;

/// Why an analysis has no outcome; one line for people.
#[derive(Debug, thiserror::Error)]
pub enum AnalyzeError {
    /// The request cannot be read.
    #[error("{request}: cannot be read: {cause}")]
    Unreadable {
        /// What was to be read.
        request: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The request is too large.
    #[error("{request}: is larger than {limit} bytes, the most that is read (MAX_DOCUMENT_BYTES)")]
    TooLarge {
        /// What was to be read.
        request: String,
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// The request is no text.
    #[error("{request}: is not UTF-8 text, from byte {from} on")]
    NotText {
        /// What was to be read.
        request: String,
        /// The first byte that is none, counted from 0.
        from: usize,
    },
    /// The request says nothing.
    #[error("{request}: is empty")]
    Empty {
        /// What was to be read.
        request: String,
    },
    /// The catalog cannot be loaded.
    #[error(transparent)]
    Catalog(#[from] LoadError),
    /// A model's words were asked for and there is none.
    #[error("--wording model: no model is configured; set OPENAI_API_KEY or OPENAI_BASE_URL")]
    NoModel,
    /// The model's client cannot be set up.
    #[error(transparent)]
    Model(#[from] BuildError),
    /// The model cannot be called.
    #[error("the model cannot be called: {0}")]
    Runtime(std::io::Error),
    /// The documents cannot be packed.
    #[error(transparent)]
    Unpackable(#[from] Unpackable),
    /// The documents cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
}

/// Analyses the request, writes its documents and prints the summary; the exit code.
///
/// # Errors
/// See [`AnalyzeError`]; no file of a document is then incomplete.
pub fn carry_out(config: &Config, arguments: &Analyze) -> Result<u8, AnalyzeError> {
    let document = read(&arguments.request, config.limits.document_bytes)?;
    let model = model(config, arguments.wording)?;
    let knowledge = Knowledge::new(catalog(config, arguments.catalog.as_deref())?);
    let watched = !arguments.quiet && std::io::stderr().is_terminal();
    let bar = watched.then(ProgressBar::new);
    let request = RunRequest {
        document,
        scope: arguments.scope.clone(),
        max_columns: arguments.max_columns.into(),
        warnings: Vec::new(),
    };
    let outputs = pipeline::run(&knowledge, request, &mut |progress: Progress| {
        if let Some(bar) = &bar {
            bar.show(&progress);
        }
    });
    drop(bar);
    let written = match &arguments.out {
        None => Vec::new(),
        Some(directory) => {
            let files = documents(&outputs, model.as_ref(), arguments.zip)?;
            output::write(directory, &files, arguments.force)?;
            files
        }
    };
    let risk = outputs.tool3_output.risk_level;
    let limit = arguments.fail_on.map(RiskLevel::from);
    let is_risky = limit.is_some_and(|limit| risk >= limit);
    if !arguments.quiet {
        let mut said = summary_of(&outputs);
        if let Some(directory) = &arguments.out {
            let (count, directory) = (written.len(), directory.display());
            // Writing to a string cannot fail.
            let _ = writeln!(said, "{count} files written to {directory}");
        }
        if is_risky {
            let _ = writeln!(said, "exit code {RISKY}: the risk is not below --fail-on");
        }
        // A reader that has gone needs no words.
        let _gone = std::io::stdout().write_all(said.as_bytes());
    }
    Ok(if is_risky { RISKY } else { OK })
}

fn catalog(config: &Config, named: Option<&Path>) -> Result<crate::catalog::Catalog, LoadError> {
    let loaded = match named {
        Some(path) => load_export("--catalog", Some(path)),
        None => crate::load_catalog(config),
    };
    loaded.map(|(catalog, _)| catalog)
}

/// The request as text, however long the file claims to be.
fn read(path: &Path, limit: usize) -> Result<String, AnalyzeError> {
    let from_stdin = path == Path::new(STDIN);
    let request = if from_stdin {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let unreadable = |cause| AnalyzeError::Unreadable {
        request: request.clone(),
        cause,
    };
    let source: Box<dyn Read> = if from_stdin {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(unreadable)?)
    };
    let mut bytes = Vec::new();
    // One more than is read shows that there is more.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    source
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() > limit {
        return Err(AnalyzeError::TooLarge { request, limit });
    }
    let document = String::from_utf8(bytes).map_err(|error| AnalyzeError::NotText {
        request: request.clone(),
        from: error.utf8_error().valid_up_to(),
    })?;
    if document.trim().is_empty() {
        return Err(AnalyzeError::Empty { request });
    }
    Ok(document)
}

/// The model, where its words are asked for.
fn model(config: &Config, wording: Wording) -> Result<Option<Model>, AnalyzeError> {
    match wording {
        Wording::Rules => Ok(None),
        Wording::Model => {
            let settings = config.model.as_ref().ok_or(AnalyzeError::NoModel)?;
            Ok(Some(Model::new(settings)?))
        }
    }
}

/// All files, the result itself among them.
fn documents(
    outputs: &Outputs,
    model: Option<&Model>,
    zip: bool,
) -> Result<Vec<File>, AnalyzeError> {
    let mut files = artifacts::files(outputs);
    if let Some(model) = model {
        let report = Artifact::GovernanceReport.file_name();
        let summarised = summarised(model, outputs)?;
        if let Some(file) = files.iter_mut().find(|file| file.name == report) {
            file.bytes = summarised.into_bytes();
        }
    }
    if zip {
        files.push(artifacts::archived(outputs, &files)?);
    }
    files.push(File {
        name: "result.json",
        media_type: "application/json",
        description: "",
        bytes: artifacts::json(outputs).into_bytes(),
    });
    Ok(files)
}

/// The governance report with the model's summary; what became of it goes to standard error.
fn summarised(model: &Model, outputs: &Outputs) -> Result<String, AnalyzeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(AnalyzeError::Runtime)?;
    let asked = Draft::of(outputs).summarised(model, PATIENCE);
    let (report, became) = runtime.block_on(asked);
    match became {
        Summarised::Written => {}
        Summarised::Refused(foreign) => {
            let foreign = printable(&foreign, NAME_MAX);
            eprintln!(
                "mcop-api: the model's summary was refused: \"{foreign}\" is not in the report"
            );
        }
        Summarised::Unavailable(error) => {
            eprintln!(
                "mcop-api: the model gave no summary: {}",
                error.for_operator()
            );
        }
    }
    Ok(report)
}

/// What the analysis found, in a few lines.
fn summary_of(outputs: &Outputs) -> String {
    let quality = &outputs.tool3_output;
    let mapping = &outputs.tool1_output;
    let structure = &outputs.tool2_output.metrics;
    let stats = &mapping.stats;
    let computed = mapping.metrics_matched();
    let of = |priority| quality.recommended(priority);
    let name = &outputs.tool0_output.project_metadata.project_name;
    let name = if name == UNKNOWN { "(no name)" } else { name };
    let risk = match quality.risk_level {
        RiskLevel::Low => "low",
        RiskLevel::Medium => "medium",
        RiskLevel::High => "high",
        RiskLevel::Critical => "critical",
    };
    format!(
        "{}\n\
         risk             {risk}: {}\n\
         quality score    {:.2}\n\
         entities         {} found, {} not found\n\
         metrics          {computed} with columns, {} without\n\
         tables           {} requested, {} in scope, {} ruled out\n\
         structure        {} facts, {} dimensions, {} bridges, {} unclassified, {} joins\n\
         recommendations  {} P0, {} P1, {} P2\n\
         warnings         {}\n",
        printable(name, NAME_MAX),
        printable(&quality.risk_reason, REASON_MAX),
        quality.quality_score,
        stats.matched,
        stats.no_match,
        mapping.metrics.len() - computed,
        stats.tables_requested,
        stats.tables_in_scope,
        stats.excluded,
        structure.facts_count,
        structure.dimensions_count,
        structure.bridges_count,
        structure.unclassified_count,
        structure.relationships_count,
        of(Priority::P0),
        of(Priority::P1),
        of(Priority::P2),
        outputs.warnings.len(),
    )
}

/// A text on one line that tells a terminal nothing but its letters.
fn printable(written: &str, max: usize) -> String {
    let line: String = written
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text::shorten(&line, max)
}
