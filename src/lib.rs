//! Metadata Copilot Pipeline API: maps a business request onto a data catalog, tells
//! facts from dimensions, finds how the tables join, audits how well they are documented,
//! and draws the result as a Mermaid ER diagram.
//!
//! Start reading at [`routes`], the list of endpoints, or at [`pipeline::run`], the main
//! job. `ARCHITECTURE.md` has the map and the invariants.

pub mod access;
pub mod analyze;
pub mod artifacts;
pub mod authorization;
pub mod catalog;
pub mod chat;
pub mod client;
pub mod command_line;
pub mod compression;
pub mod conditional;
pub mod config;
pub mod correlation;
pub mod cors;
pub mod documents;
mod embedded;
pub mod error;
pub mod explorer;
pub mod filters;
pub mod glossary;
pub mod handlers;
pub mod healthcheck;
pub mod metrics;
pub mod model;
pub mod openapi;
pub mod pipeline;
pub mod places;
pub mod problem_details;
pub mod rates;
pub mod routes;
pub mod runs;
pub mod security_headers;
pub mod serve;
pub mod service;
pub mod sessions;
pub mod state;
pub mod text;
pub mod trace_context;
pub mod websocket;
pub mod wording;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use artifacts::summary;
use authorization::Tokens;
use catalog::{Catalog, ExportError, LoadReport};
use chat::{Admission, Chat};
use client::ClientAddresses;
use config::Config;
use cors::Cors;
use documents::Documents;
use embedded::{Embedded, embedded};
use explorer::agent::AgentLimits;
use explorer::enrichment::Freshness;
use explorer::tools::Tools;
use explorer::{Answers, EMBEDDED_PACE, Explorer};
use metrics::Metrics;
use model::Model;
use model::budget::TokenBudget;
use pipeline::Knowledge;
use places::Places;
use rates::Rates;
use runs::{Pipeline, Runs};
use serve::Connections;
pub use serve::{GRACE, listen, serve};
use sessions::Sessions;
use state::State;

/// The sample catalog that is built into the program.
const SAMPLE_CATALOG: Embedded = embedded!("data/catalog.json");

/// Under which name the state keeps what was spent of the day's tokens.
const SPENT_TOKENS: &str = "tokens";

/// The application: handles that the routes hand on to their handlers.
#[derive(Clone)]
pub struct App {
    /// Catalog, index and structure.
    pub knowledge: Arc<Knowledge>,
    /// What runs have produced.
    pub sessions: Sessions,
    /// What writes it down, for the next start.
    pub state: State,
    /// The runs under way.
    pub runs: Runs,
    /// The conversations.
    pub chat: Chat,
    /// The connections that are open.
    pub connections: Connections,
    /// How many sockets may be open.
    pub admission: Admission,
    /// How many may watch runs.
    pub event_streams: Places,
    /// How often one client may ask.
    pub rates: Rates,
    /// How it is known who calls.
    pub clients: ClientAddresses,
    /// What the model may read and write today.
    pub budget: TokenBudget,
    /// What the Explorer looks things up with.
    pub tools: Tools,
    /// What answers questions.
    pub explorer: Arc<dyn Answers>,
    /// What operators see.
    pub metrics: Metrics,
    /// What makes documents of results.
    pub documents: Documents,
    /// Who may call from a browser.
    pub cors: Arc<Cors>,
    /// Who may call at all.
    pub tokens: Arc<Tokens>,
    /// The most bytes of a request document.
    pub document_bytes: usize,
    /// When it was put together.
    pub started: Started,
}

/// When the service started.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    /// By the clock on the wall.
    pub at: jiff::Timestamp,
    /// By the clock that never goes back.
    pub monotonic: std::time::Instant,
}

impl Started {
    fn now() -> Self {
        Self {
            at: jiff::Timestamp::now(),
            monotonic: std::time::Instant::now(),
        }
    }
}

/// Why the catalog cannot be loaded; one line for the log.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{setting}: {} cannot be read: {cause}", path.display())]
    Unreadable {
        /// What names the file: a variable or an option.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is no export.
    #[error("{setting}: {} {cause}", path.display())]
    NoExport {
        /// What names the file: a variable or an option.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Where and why.
        cause: ExportError,
    },
}

/// Loads the catalog that is configured.
///
/// # Errors
/// A file that cannot be read or is no export.
pub fn load_catalog(config: &Config) -> Result<(Catalog, LoadReport), LoadError> {
    load_export("CATALOG_PATH", config.catalog_path.as_deref())
}

/// Loads an export, or the bundled sample where no file is named; errors say which
/// `setting` named it.
///
/// # Errors
/// A file that cannot be read or is no export.
pub fn load_export(
    setting: &'static str,
    path: Option<&Path>,
) -> Result<(Catalog, LoadReport), LoadError> {
    let (path, json) = match path {
        None => (Path::new("(bundled sample)"), SAMPLE_CATALOG.bytes()),
        Some(path) => {
            let json = std::fs::read(path).map_err(|cause| LoadError::Unreadable {
                setting,
                path: path.to_owned(),
                cause,
            })?;
            (path, json)
        }
    };
    Catalog::from_export(&json).map_err(|cause| LoadError::NoExport {
        setting,
        path: path.to_owned(),
        cause,
    })
}

impl App {
    /// Puts the application together around a loaded catalog, and a model where one is
    /// configured.
    #[must_use]
    pub fn new(config: &Config, catalog: Catalog, model: Option<Model>) -> Self {
        let knowledge = Arc::new(Knowledge::new(catalog));
        let known = Arc::clone(&knowledge);
        let pipeline = Arc::new(move |request, on_step: &mut dyn FnMut(_)| {
            pipeline::run(&known, request, on_step)
        });
        let tools = Tools::new(Arc::clone(&knowledge), config.limits.concurrent_runs.get());
        let mut limits = AgentLimits::default();
        if let Some(settings) = &config.model {
            limits.duration = settings.timeouts.total;
        }
        let metrics = Metrics::default();
        let budget = TokenBudget::new(config.limits.daily_tokens);
        let model = model.map(|model| {
            model
                .counted_by(metrics.clone())
                .limited_to(config.limits.model_calls)
                .paid_from(budget.clone())
        });
        let documents = Documents::new(tools.clone(), model.clone(), summary::PATIENCE);
        let explorer = Explorer::new(
            tools.clone(),
            model,
            limits,
            Freshness::now(config.catalog_path.clone()),
            EMBEDDED_PACE,
        );
        let app = Self {
            budget,
            documents,
            ..Self::assembled(config, tools, pipeline, Arc::new(explorer), metrics)
        };
        app.keep_budget();
        app
    }

    /// Has what was spent today outlive a restart, as far as anything does.
    fn keep_budget(&self) {
        let budget = self.budget.clone();
        self.state.take_over(SPENT_TOKENS, move |kept| {
            budget.restore(kept);
            budget.snapshot()
        });
        let state = self.state.clone();
        let keep = move |spent| state.set_figure(SPENT_TOKENS, spent);
        self.budget.kept_by(keep);
    }

    /// The same with another pipeline or explorer, for tests of what surrounds them.
    #[must_use]
    pub fn with_parts(
        config: &Config,
        tools: Tools,
        pipeline: Arc<Pipeline>,
        explorer: Arc<dyn Answers>,
    ) -> Self {
        Self::assembled(config, tools, pipeline, explorer, Metrics::default())
    }

    fn assembled(
        config: &Config,
        tools: Tools,
        pipeline: Arc<Pipeline>,
        explorer: Arc<dyn Answers>,
        metrics: Metrics,
    ) -> Self {
        let sessions = Sessions::new(config.limits);
        let state = State::open(config.state_dir.as_deref(), &sessions, tools.knowledge());
        let chat_limits = config.limits.chat;
        let rates = Rates::new(config.limits.rates, metrics.clone());
        Self {
            knowledge: Arc::clone(tools.knowledge()),
            runs: Runs::new(sessions.clone(), pipeline, config.limits, metrics.clone()),
            chat: Chat::new(
                sessions.clone(),
                Arc::clone(&explorer),
                chat_limits,
                metrics.clone(),
            )
            .with_tokens(config.tokens.clone()),
            explorer,
            connections: Connections::new(config.limits.connections),
            admission: Admission::new(&chat_limits, rates.clone(), metrics.clone()),
            event_streams: Places::new(
                config.limits.event_streams,
                Some(config.limits.event_streams_per_address),
            ),
            rates,
            budget: TokenBudget::new(config.limits.daily_tokens),
            documents: Documents::new(tools.clone(), None, summary::PATIENCE),
            tools,
            sessions,
            state,
            metrics,
            cors: Arc::new(Cors::new(config.cors_origins.clone())),
            tokens: Arc::new(config.tokens.clone()),
            clients: config.clients.clone(),
            document_bytes: config.limits.document_bytes,
            started: Started::now(),
        }
    }
}
