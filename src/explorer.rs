//! The Explorer: answers questions about the catalog with tools, in the asker's language.
//!
//! Two explorers share the tools: [`agent`] asks a model, [`embedded`] needs none.
//! [`Explorer`] chooses between them, and sees to it that a person gets an answer, or is
//! told in words why not.

pub mod agent;
pub mod embedded;
pub mod enrichment;
pub mod thread;
pub mod tools;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::{SchemaId, TableId};
use crate::model::{Model, ModelError};
use crate::pipeline::mapping::MappingReport;
use crate::pipeline::quality::QualityReport;
use crate::pipeline::request::Request;
use crate::pipeline::structure::{StructureMetrics, TableType};
pub use crate::wording::Language;
use agent::{AgentLimits, Question};
use embedded::Understood;
use enrichment::{Enrichment, Freshness};
use thread::Thread;
use tools::{Outcome, ToolFailure, Tools};

/// Which explorer answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatMode, example = "embedded")]
pub enum Mode {
    /// A language model, with the tools.
    Model,
    /// The rules in this program, with the same tools.
    Embedded,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Focus {
    /// Whether it is about anything in the catalog; answers that found nothing are not.
    #[must_use]
    pub fn is_about_something(&self) -> bool {
        !self.tables.is_empty() || !self.schemas.is_empty()
    }
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
    /// Whether anybody watches the text grow.
    fn is_watched(&self) -> bool {
        true
    }
}

/// A listener of single calls, which see the whole answer only.
pub struct Unwatched;

impl Listener for Unwatched {
    fn tool(&mut self, _name: &str, _words: &str) {}

    fn text(&mut self, _piece: &str) {}

    fn is_watched(&self) -> bool {
        false
    }
}

/// A question, and what belongs to its session.
#[derive(Debug, Clone)]
pub struct Ask {
    /// As the person wrote it.
    pub question: String,
    /// What was said before.
    pub thread: Arc<Thread>,
    /// The stored result of the session's run.
    pub run: Option<Bytes>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The whole text, in Markdown.
    pub text: String,
    /// Which explorer gave it.
    pub mode: Mode,
    /// What it is about.
    pub focus: Focus,
    /// What goes along with it.
    pub enrichment: Enrichment,
}

/// Why there is no answer, or none to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelErrorCode, example = "filtered")]
pub enum Trouble {
    /// The model's endpoint refuses its settings: key, deployment, address.
    ModelMisconfigured,
    /// The answer broke off after a part of it was shown.
    Interrupted,
    /// The endpoint's content filter refused the question or the answer.
    Filtered,
    /// The conversation is longer than the model can read.
    #[serde(rename = "conversation_too_long")]
    TooLong,
    /// The tokens that the model may read and write in one day are spent.
    BudgetSpent,
    /// The program failed; the log says how.
    Internal,
}

impl Trouble {
    /// What the person reads.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ModelMisconfigured => {
                "The language model refuses the settings of this service. Its operator finds the reason in the log."
            }
            Self::Interrupted => {
                "The language model broke off in the middle of the answer. Ask again; the part above is incomplete."
            }
            Self::Filtered => {
                "The content filter of the language model stopped this answer. Please put the question in other words."
            }
            Self::TooLong => {
                "The conversation has become too long for the language model. Go on in a new session."
            }
            Self::BudgetSpent => {
                "The language model has done as much as it may in one day. Ask again after midnight UTC."
            }
            Self::Internal => {
                "The answer failed with an internal error. It was logged; please ask again."
            }
        }
    }
}

/// A failed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub trouble: Trouble,
    /// What the person had read by then.
    pub said: String,
    /// What the question was about.
    pub focus: Focus,
}

impl Failure {
    /// The program failed before it had said anything.
    #[must_use]
    pub fn internal(focus: Focus) -> Self {
        Self {
            trouble: Trouble::Internal,
            said: String::new(),
            focus,
        }
    }
}

/// Whatever can answer questions; tests put others than [`Explorer`] in its place.
pub trait Answers: Send + Sync {
    /// Answers a question, telling the listener what happens on the way. Dropping the
    /// future ends all work on it.
    fn answer<'a>(
        &'a self,
        ask: &'a Ask,
        listener: &'a mut dyn Listener,
    ) -> BoxFuture<'a, Result<Answer, Failure>>;
}

/// How fast the embedded explorer's text appears: a pause after each piece, so that it
/// reads like one that is being written.
pub const EMBEDDED_PACE: Duration = Duration::from_millis(12);

/// The Explorer.
pub struct Explorer {
    tools: Tools,
    model: Option<Model>,
    limits: AgentLimits,
    freshness: Freshness,
    pace: Duration,
}

impl Explorer {
    /// Over these tools; with a model where one is configured.
    #[must_use]
    pub fn new(
        tools: Tools,
        model: Option<Model>,
        limits: AgentLimits,
        freshness: Freshness,
        pace: Duration,
    ) -> Self {
        Self {
            tools,
            model,
            limits,
            freshness,
            pace,
        }
    }

    async fn answer_with(
        &self,
        model: &Model,
        heard: &Heard,
        ask: &Ask,
        listener: &mut dyn Listener,
    ) -> Result<Option<Answer>, Failure> {
        let question = Question {
            text: &ask.question,
            language: heard.understood.language,
            thread: &ask.thread,
            run: heard.run.as_ref(),
        };
        match agent::answer(model, &self.tools, self.limits, &question, listener).await {
            Ok(told) => {
                // The model may have understood what the rules did not.
                let found = Some(Topic::Mapping).filter(|_| !told.tables.is_empty());
                let focus = Focus {
                    topic: heard.focus.topic.or(found),
                    tables: told.tables,
                    ..heard.focus.clone()
                };
                self.finished(told.text, Mode::Model, focus, MODEL_CERTAINTY)
                    .await
                    .map(Some)
            }
            Err(broken) => {
                log::warn!("model: {}", broken.cause.for_operator());
                let trouble = match broken.cause {
                    ModelError::Filtered(_) => Trouble::Filtered,
                    ModelError::TooLong(_) => Trouble::TooLong,
                    ModelError::BudgetSpent => Trouble::BudgetSpent,
                    cause if !cause.is_down() => Trouble::ModelMisconfigured,
                    _ if broken.said.is_empty() => return Ok(None),
                    _ => Trouble::Interrupted,
                };
                Err(Failure {
                    trouble,
                    said: broken.said,
                    focus: heard.focus.clone(),
                })
            }
        }
    }

    async fn answer_embedded(
        &self,
        heard: Heard,
        listener: &mut dyn Listener,
    ) -> Result<Answer, Failure> {
        let mut outcomes: Vec<Result<Outcome, ToolFailure>> = Vec::new();
        for call in heard.understood.calls() {
            let name = call.name();
            listener.tool(name, &call.in_words());
            let outcome = self.tools.run(call).await;
            if let Err(failure) = &outcome {
                listener.tool(name, &failure.to_string());
            }
            outcomes.push(outcome);
        }
        let worded = self
            .tools
            .off_the_workers("wording an answer", move |tools| {
                embedded::word(
                    tools.knowledge(),
                    heard.run.as_ref(),
                    &heard.understood,
                    &outcomes,
                )
            })
            .await
            .ok_or_else(|| Failure::internal(heard.focus))?;
        for piece in embedded::pieces(&worded.text) {
            listener.text(piece);
            if listener.is_watched() {
                tokio::time::sleep(self.pace).await;
            }
        }
        self.finished(worded.text, Mode::Embedded, worded.focus, 1.0)
            .await
    }

    async fn finished(
        &self,
        text: String,
        mode: Mode,
        focus: Focus,
        certainty: f64,
    ) -> Result<Answer, Failure> {
        let (freshness, about) = (self.freshness.clone(), focus.clone());
        let enrichment = self
            .tools
            .off_the_workers("what goes along with an answer", move |tools| {
                enrichment::enrich(tools, &freshness, &about, certainty)
            })
            .await
            // The answer is worth more than what goes along with it.
            .unwrap_or_default();
        Ok(Answer {
            text,
            mode,
            focus,
            enrichment,
        })
    }

    /// Reads the question, and the run of its session, where it holds up nobody else.
    async fn hear(&self, ask: &Ask) -> Option<Heard> {
        let ask = ask.clone();
        self.tools
            .off_the_workers("reading a question", move |tools| {
                let run = ask.run.as_deref().and_then(findings);
                let focus = ask.thread.focus();
                let understood = embedded::understand(
                    tools.knowledge(),
                    focus.as_ref(),
                    run.as_ref(),
                    &ask.question,
                );
                let focus = Focus {
                    topic: understood.topic,
                    language: understood.language,
                    ..Focus::default()
                };
                Heard {
                    understood,
                    run,
                    focus,
                }
            })
            .await
    }
}

/// How surely the topic of a question is the one that the model answered, 0–1: it is read
/// by rules, and the model may have seen further.
const MODEL_CERTAINTY: f64 = 0.9;

/// A question, read.
struct Heard {
    understood: Understood,
    run: Option<RunFindings>,
    focus: Focus,
}

fn findings(result: &[u8]) -> Option<RunFindings> {
    serde_json::from_slice(result)
        .inspect_err(|error| log::error!("a stored result cannot be read: {error}"))
        .ok()
}

impl Answers for Explorer {
    fn answer<'a>(
        &'a self,
        ask: &'a Ask,
        listener: &'a mut dyn Listener,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(async move {
            let heard = self
                .hear(ask)
                .await
                .ok_or_else(|| Failure::internal(Focus::default()))?;
            if let Some(model) = &self.model
                && let Some(answer) = self.answer_with(model, &heard, ask, listener).await?
            {
                return Ok(answer);
            }
            self.answer_embedded(heard, listener).await
        })
    }
}
