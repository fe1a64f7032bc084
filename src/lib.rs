//! Metadata Copilot Pipeline API: maps a business request onto a data catalog, tells
//! facts from dimensions, finds how the tables join, audits how well they are documented,
//! and draws the result as a Mermaid ER diagram.
//!
//! Start reading at [`routes`], the list of endpoints, or at [`pipeline::run`], the main
//! job. `ARCHITECTURE.md` has the map and the invariants.

pub mod catalog;
pub mod config;
pub mod cors;
pub mod error;
pub mod explorer;
pub mod filters;
pub mod glossary;
pub mod handlers;
pub mod healthcheck;
pub mod model;
pub mod pipeline;
pub mod routes;
pub mod runs;
pub mod sessions;
pub mod text;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use catalog::{Catalog, ExportError, LoadReport};
use config::Config;
use cors::Cors;
use pipeline::Knowledge;
use runs::{Pipeline, Runs};
use sessions::Sessions;

/// The sample catalog that is built into the program.
const SAMPLE_CATALOG: &[u8] = include_bytes!("../data/catalog.json");

/// How long answers and runs that are under way may take after the signal to stop.
/// Platforms kill after 10 s or so.
pub const GRACE: Duration = Duration::from_secs(8);

/// The application: handles that the routes hand on to their handlers.
#[derive(Clone)]
pub struct App {
    /// Catalog, index and structure.
    pub knowledge: Arc<Knowledge>,
    /// What runs have produced.
    pub sessions: Sessions,
    /// The runs under way.
    pub runs: Runs,
    /// Who may call from a browser.
    pub cors: Arc<Cors>,
    /// The most bytes of a request document.
    pub document_bytes: usize,
}

/// Why the catalog cannot be loaded; one line for the log.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("CATALOG_PATH: {} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is no export.
    #[error("CATALOG_PATH: {} {cause}", path.display())]
    NoExport {
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
    let (path, json) = match &config.catalog_path {
        None => (
            PathBuf::from("(bundled sample)"),
            Cow::Borrowed(SAMPLE_CATALOG),
        ),
        Some(path) => {
            let json = std::fs::read(path).map_err(|cause| LoadError::Unreadable {
                path: path.clone(),
                cause,
            })?;
            (path.clone(), Cow::Owned(json))
        }
    };
    Catalog::from_export(&json).map_err(|cause| LoadError::NoExport { path, cause })
}

impl App {
    /// Puts the application together around a loaded catalog.
    #[must_use]
    pub fn new(config: &Config, catalog: Catalog) -> Self {
        let knowledge = Arc::new(Knowledge::new(catalog));
        let known = Arc::clone(&knowledge);
        let pipeline = Arc::new(move |request, on_step: &mut dyn FnMut(_)| {
            pipeline::run(&known, request, on_step)
        });
        Self::with_pipeline(config, knowledge, pipeline)
    }

    /// The same with another pipeline, for tests of what surrounds it.
    #[must_use]
    pub fn with_pipeline(
        config: &Config,
        knowledge: Arc<Knowledge>,
        pipeline: Arc<Pipeline>,
    ) -> Self {
        let sessions = Sessions::new(config.limits);
        Self {
            knowledge,
            runs: Runs::new(sessions.clone(), pipeline, config.limits),
            sessions,
            cors: Arc::new(Cors::new(config.cors_origins.clone())),
            document_bytes: config.limits.document_bytes,
        }
    }
}

/// Serves on a bound listener until `stop`, then lets what is under way end, for at most
/// [`GRACE`].
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) {
    let (runs, stopping, sessions) = (app.runs.clone(), app.runs.clone(), app.sessions.clone());
    let server = warp::serve(routes::routes(app))
        .incoming(listener)
        .graceful(stop.clone().cancelled_owned());
    let drained = async {
        server.run().await;
        runs.drained().await;
    };
    // The grace period begins at the signal: around `run` it would cap our uptime.
    let overdue = async {
        stop.cancelled().await;
        stopping.refuse();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = drained => log::info!("stopped: everything under way has ended"),
        () = overdue => log::warn!("stopped after {} s with work under way", GRACE.as_secs()),
        never = sessions.keep_swept() => match never {},
    }
}
