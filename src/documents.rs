//! The documents of stored results: made where they hold no other task up, and summarised
//! by a model for those who ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::artifacts::summary::{Draft, Summarised};
use crate::artifacts::{self, Artifact, File};
use crate::error::Error;
use crate::explorer::tools::Tools;
use crate::model::Model;
use crate::pipeline::Outputs;
use crate::text;

/// How many summaries a model writes at one time. Nobody waits in a line for one: it may take a
/// minute each.
const SUMMARIES_MAX: usize = 2;
/// How many calls are made documents for at one time.
const AT_ONCE: usize = 2;
/// How many calls may wait for that, or be served.
const ADMITTED_MAX: usize = 34;

/// How much of what a model said is logged, in characters.
const FOREIGN_MAX: usize = 120;

/// Makes documents of results.
#[derive(Clone)]
pub struct Documents {
    tools: Tools,
    model: Option<Model>,
    /// How long the model may take for a summary.
    patience: Duration,
    summaries: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    underway: Arc<Semaphore>,
    /// Ends the wait for a model.
    interrupted: CancellationToken,
}

impl Documents {
    /// Documents made in places of their own, so that they take none from those who chat;
    /// summaries by `model`, where there is one.
    #[must_use]
    pub fn new(tools: Tools, model: Option<Model>, patience: Duration) -> Self {
        Self {
            tools,
            model,
            patience,
            summaries: Arc::new(Semaphore::new(SUMMARIES_MAX)),
            admitted: Arc::new(Semaphore::new(ADMITTED_MAX)),
            underway: Arc::new(Semaphore::new(AT_ONCE)),
            interrupted: CancellationToken::new(),
        }
    }

    /// Waits for no model any more: whoever does is told that the service is stopping.
    pub fn interrupt(&self) {
        self.interrupted.cancel();
    }

    /// Whether there is a model for summaries.
    ///
    /// # Errors
    /// [`Error::NoModel`].
    pub fn can_summarise(&self) -> Result<(), Error> {
        self.model.as_ref().map(|_| ()).ok_or(Error::NoModel)
    }

    /// All documents of a result, the file with all of them last.
    ///
    /// # Errors
    /// [`Error::TooManyDocuments`], [`Error::BrokenDocument`].
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
    /// [`Error::NoArtifact`], [`Error::TooManyDocuments`], [`Error::BrokenDocument`].
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
    /// [`Error::NoModel`], [`Error::TooManyDocuments`], [`Error::BrokenDocument`]; [`Error::Stopping`] after
    /// [`Documents::interrupt`].
    pub async fn summarised(&self, result: Bytes) -> Result<File, Error> {
        let model = self.model.as_ref().ok_or(Error::NoModel)?;
        let _place = self
            .summaries
            .try_acquire()
            .map_err(|_| Error::TooManyDocuments)?;
        let (draft, mut file) = self
            .made(move || {
                let outputs = outputs_of(&result)?;
                let file = artifacts::file(Artifact::GovernanceReport, &outputs);
                Ok((Draft::of(&outputs), file))
            })
            .await?;
        let (report, became) = tokio::select! {
            biased;
            summarised = draft.summarised(model, self.patience) => summarised,
            () = self.interrupted.cancelled() => return Err(Error::Stopping),
        };
        match became {
            Summarised::Written => {}
            Summarised::Refused(foreign) => {
                // The model's words: quoted, or they could write lines of their own.
                let foreign = text::shorten(&foreign, FOREIGN_MAX);
                log::warn!("a model's summary was refused: {foreign:?} is not in the report");
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
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| Error::TooManyDocuments)?;
        let place = Arc::clone(&self.underway).acquire_owned().await;
        self.tools
            .on_a_thread("making a document", move |_| {
                let document = make();
                drop((place, admitted));
                document
            })
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
