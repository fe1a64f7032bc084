//! What is written of a session, as JSON, and how it is read back.
//!
//! A session is written in parts, because they change at different times: a small record that follows
//! its run, what the run has found (once), and each turn of its conversation (once). Tables and
//! schemas are written by name, and looked up again in the catalog that is loaded then.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::clock;
use crate::catalog::{Catalog, SchemaId, TableId};
use crate::explorer::thread::{Thread, Turn};
use crate::explorer::{Focus, Language, Topic};
use crate::pipeline::structure::TableType;
use crate::pipeline::{Drawn, Step};
use crate::runs::events::{RunEvent, RunEvents};
use crate::sessions::{Digest, KeyUse, RunKey, Session, Snapshot, Status};

/// The format of what is written here. To be raised with each change that an older program would read
/// wrongly.
pub(super) const FORMAT: u32 = 1;

/// What follows the run of a session.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    format: u32,
    /// Tells whether what else is written belongs to this session, or to an earlier one of its id.
    pub(super) incarnation: Uuid,
    status: Status,
    step: Option<Step>,
    error: Option<String>,
    /// Where there is a result.
    result_tag: Option<Arc<str>>,
    events: Option<Vec<RunEvent>>,
    /// The number of the oldest turn that is written.
    pub(super) first_turn: usize,
    /// The number after the newest one, which is how many there were in all.
    pub(super) turns: usize,
    key: Option<KeyRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeyRecord {
    name: Digest,
    call: Digest,
    /// Milliseconds since 1970.
    made: u64,
}

/// What a run has found, beside the result itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    diagram: Arc<str>,
    scope: Vec<String>,
    requested: Vec<String>,
    max_columns: usize,
}

/// A question and its answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct TurnRecord {
    question: String,
    answer: String,
    complete: bool,
    topic: Option<Topic>,
    tables: Vec<String>,
    schemas: Vec<String>,
    table_type: Option<TableType>,
    language: Language,
}

/// Why something written cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON, or not of its shape.
    #[error("{0}")]
    Shape(#[from] serde_json::Error),
    /// A later version of the program wrote it.
    #[error("it has format {0}, and this version reads {FORMAT}")]
    Newer(u32),
    /// A part of it is missing.
    #[error("its {0} is missing")]
    Missing(&'static str),
}

/// The one field that every format has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Record {
    /// What follows the run of a session, `now` in milliseconds since 1970.
    #[must_use]
    pub fn of(snapshot: &Snapshot, now: u64) -> Self {
        let Snapshot {
            session, key_age, ..
        } = snapshot;
        let key = session.key.map(|KeyUse { key, .. }| KeyRecord {
            name: key.name,
            call: key.call,
            made: clock::ago(now, key_age.unwrap_or_default()),
        });
        Self {
            format: FORMAT,
            incarnation: session.incarnation,
            status: session.status,
            step: session.step,
            error: session.error.clone(),
            result_tag: session.result_tag.clone(),
            events: session.events.as_ref().map(|events| {
                let mut told = events.told();
                if session.status == Status::Running {
                    // It may have ended since; then it is written again, with its result.
                    told.retain(|event| !event.is_last());
                }
                told
            }),
            first_turn: session.thread.first(),
            turns: session.thread.count(),
            key,
        }
    }

    /// A record as it was written.
    ///
    /// # Errors
    /// It is none, or of a later version.
    pub fn read(json: &[u8]) -> Result<Self, Unreadable> {
        let Format { format } = serde_json::from_slice(json)?;
        if format > FORMAT {
            return Err(Unreadable::Newer(format));
        }
        Ok(serde_json::from_slice(json)?)
    }

    /// Whether there is a result.
    #[must_use]
    pub fn has_result(&self) -> bool {
        self.result_tag.is_some()
    }

    /// The session that this is the record of. Without all its turns it is another one to those who
    /// write it: the numbers of its turns are others.
    ///
    /// # Errors
    /// [`Unreadable::Missing`]: what its run has found is not among what was `found`.
    pub fn session(
        self,
        found: Option<(Bytes, Outcome)>,
        turns: Vec<Turn>,
        idle: Duration,
        now: u64,
        catalog: &Catalog,
    ) -> Result<Snapshot, Unreadable> {
        let thread = Thread::restored(turns, self.turns);
        let all_turns = (thread.first(), thread.count()) == (self.first_turn, self.turns);
        let fresh = Session::new(self.status);
        let mut session = Session {
            step: self.step,
            error: self.error,
            events: self
                .events
                .map(|told| Arc::new(RunEvents::told_before(told))),
            thread: Arc::new(thread),
            incarnation: if all_turns {
                self.incarnation
            } else {
                fresh.incarnation
            },
            ..fresh
        };
        if let Some(tag) = self.result_tag {
            let (result, outcome) = found.ok_or(Unreadable::Missing("result"))?;
            session.result = Some(result);
            session.result_tag = Some(tag);
            session.drawn = Some(Arc::new(outcome.drawn(catalog)));
            session.diagram = Some(outcome.diagram);
        } else if self.status == Status::Completed {
            return Err(Unreadable::Missing("result"));
        }
        let key_age = self.key.as_ref().map(|key| clock::since(key.made, now));
        session.key = self.key.map(|KeyRecord { name, call, .. }| KeyUse {
            key: RunKey { name, call },
            made: 0,
        });
        Ok(Snapshot {
            session,
            idle,
            key_age,
        })
    }
}

impl Outcome {
    /// What the run of a session has found, where it has.
    #[must_use]
    pub fn of(session: &Session, catalog: &Catalog) -> Option<Self> {
        let (diagram, drawn) = session.diagram.clone().zip(session.drawn.as_ref())?;
        Some(Self {
            diagram,
            scope: table_names(&drawn.scope, catalog),
            requested: table_names(&drawn.requested, catalog),
            max_columns: drawn.max_columns,
        })
    }

    fn drawn(&self, catalog: &Catalog) -> Drawn {
        Drawn {
            scope: tables(&self.scope, catalog),
            requested: tables(&self.requested, catalog),
            max_columns: self.max_columns,
        }
    }
}

impl TurnRecord {
    /// A turn, with the names of what it was about.
    #[must_use]
    pub fn of(turn: &Turn, catalog: &Catalog) -> Self {
        let Focus {
            topic,
            tables,
            schemas,
            table_type,
            language,
        } = &turn.focus;
        let schema_name = |id: &SchemaId| catalog.schema(*id).name.to_string();
        Self {
            question: turn.question.clone(),
            answer: turn.answer.clone(),
            complete: turn.complete,
            topic: *topic,
            tables: table_names(tables, catalog),
            schemas: schemas.iter().map(schema_name).collect(),
            table_type: *table_type,
            language: *language,
        }
    }

    /// The turn that this is the record of, about what the catalog still has of it.
    #[must_use]
    pub fn turn(self, catalog: &Catalog) -> Turn {
        let schema = |name: &String| {
            let mut all = catalog.schemas_with_ids();
            all.find(|(_, schema)| *schema.name == **name)
                .map(|(id, _)| id)
        };
        Turn {
            question: self.question,
            answer: self.answer,
            complete: self.complete,
            focus: Focus {
                topic: self.topic,
                tables: tables(&self.tables, catalog),
                schemas: self.schemas.iter().filter_map(schema).collect(),
                table_type: self.table_type,
                language: self.language,
            },
        }
    }
}

fn table_names(ids: &[TableId], catalog: &Catalog) -> Vec<String> {
    ids.iter().map(|id| catalog.full_name(*id)).collect()
}

/// The tables of these names; those that the catalog has no more are left out.
fn tables(names: &[String], catalog: &Catalog) -> Vec<TableId> {
    let of_name = |name: &String| {
        let mut alike = catalog.named(name).into_iter();
        // Names can be alike but for their case, or for where their dots are.
        alike.find(|id| catalog.full_name(*id) == *name)
    };
    names.iter().filter_map(of_name).collect()
}
