//! The documents of stored results: made where they hold no other task up, and summarised
//! by a model for those who ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::artifacts::summary::{Draft, Summarised};
use crate::artifacts::{self, Artifact, File};
use crate::error::Error;
use crate::explorer::tools::Tools;
use crate::model::Model;
use crate::pipeline::Outputs;

/// How many summaries a model writes at one time; a call beyond goes without.
const SUMMARIES_MAX: usize = 2;

/// Makes documents of results.
#[derive(Clone)]
pub struct Documents {
    tools: Tools,
    model: Option<Model>,
    /// How long the model may take for a summary.
    patience: Duration,
    summaries: Arc<Semaphore>,
}

impl Documents {
    /// Documents made in the places of the look-ups, so that both together occupy no more
    /// threads than are meant for them; summaries by `model`, where there is one.
    #[must_use]
    pub fn new(tools: Tools, model: Option<Model>, patience: Duration) -> Self {
        Self {
            tools,
            model,
            patience,
            summaries: Arc::new(Semaphore::new(SUMMARIES_MAX)),
        }
    }

    /// All documents of a result, the file with all of them last.
    ///
    /// # Errors
    /// [`Error::BrokenDocument`].
    pub async fn all(&self, result: Bytes) -> Result<(Outputs, Vec<File>), Error> {
        self.made(move || {
            let outputs = outputs_of(&result)?;
            let mut files = artifacts::files(&outputs);
            files.push(archive(&outputs, &files)?);
            Ok((outputs, files))
        })
        .await
    }

    /// One document of a result.
    ///
    /// # Errors
    /// [`Error::NoArtifact`], [`Error::BrokenDocument`].
    pub async fn one(&self, result: Bytes, name: String) -> Result<File, Error> {
        if name == artifacts::ARCHIVE {
            return self
                .made(move || {
                    let outputs = outputs_of(&result)?;
                    archive(&outputs, &artifacts::files(&outputs))
                })
                .await;
        }
        let artifact = Artifact::of_file(&name).ok_or(Error::NoArtifact { name })?;
        self.made(move || Ok(artifacts::file(artifact, &outputs_of(&result)?)))
            .await
    }

    /// The governance report with a model's summary, or a line that says why it has none.
    ///
    /// # Errors
    /// [`Error::NoModel`], [`Error::BrokenDocument`].
    pub async fn summarised(&self, result: Bytes) -> Result<File, Error> {
        let model = self.model.as_ref().ok_or(Error::NoModel)?;
        let (draft, mut file) = self
            .made(move || {
                let outputs = outputs_of(&result)?;
                let file = artifacts::file(Artifact::GovernanceReport, &outputs);
                Ok((Draft::of(&outputs), file))
            })
            .await?;
        // Nobody waits in a line for a model: it may take a minute each.
        let place = self.summaries.try_acquire();
        let patience = if place.is_ok() {
            self.patience
        } else {
            Duration::ZERO
        };
        let (report, became) = draft.summarised(model, patience).await;
        match became {
            Summarised::Written => {}
            Summarised::Refused(foreign) => {
                log::warn!("a model's summary was refused: \"{foreign}\" is not in the report");
            }
            Summarised::Unavailable(error) => {
                log::warn!("model: no summary: {}", error.for_operator());
            }
        }
        file.bytes = report.into_bytes();
        Ok(file)
    }

    async fn made<T: Send + 'static>(
        &self,
        make: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.tools
            .off_the_workers("making a document", move |_| make())
            .await
            .unwrap_or(Err(Error::BrokenDocument))
    }
}

fn outputs_of(result: &[u8]) -> Result<Outputs, Error> {
    serde_json::from_slice(result).map_err(|error| {
        log::error!("a stored result cannot be read: {error}");
        Error::BrokenDocument
    })
}

fn archive(outputs: &Outputs, files: &[File]) -> Result<File, Error> {
    artifacts::archived(outputs, files).map_err(|error| {
        log::error!("{error}");
        Error::BrokenDocument
    })
}
