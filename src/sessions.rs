//! The session store: what runs have produced, kept for as long as someone uses it.

mod changes;
mod id;
mod keys;
#[cfg(all(test, feature = "schedules"))]
mod schedules;
mod store;
mod sync;
mod table;
mod turns;

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::explorer::thread::Thread;
use crate::pipeline::{Drawn, Step};
use crate::runs::events::RunEvents;
pub use changes::Changes;
pub use id::{BadSessionId, SESSION_ID_MAX, SessionId};
pub(crate) use keys::{Digest, KeyUse};
pub use keys::{KEY_TTL, KEYS_MAX, RunKey};
pub use store::{Begun, Sessions, Snapshot};
pub use turns::{TurnQueue, Waiting};

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SessionStatus, example = "completed")]
pub enum Status {
    /// A client has opened it and said nothing yet.
    Active,
    /// It has only ever chatted.
    Chat,
    /// Its run is waiting or under way.
    Running,
    /// Its run has a result.
    Completed,
    /// Its run ended without a result.
    Failed,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Chat => "chat",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What became of a wish to forget a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is forgotten.
    Done,
    /// Its run or an answer is under way, and it is kept.
    UnderWay,
    /// There is none of that id.
    NoSession,
}

/// How many sessions were forgotten since the start, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Nobody used them for their time to live.
    pub expired: u64,
    /// Others needed the room.
    pub evicted: u64,
}

/// What a run leaves behind.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The result, as JSON.
    pub result: Bytes,
    /// Its entity tag.
    pub result_tag: Arc<str>,
    /// The diagram, as Mermaid text.
    pub diagram: Arc<str>,
    /// The tables it shows.
    pub drawn: Arc<Drawn>,
    /// How long the run took, in seconds.
    pub seconds: f64,
}

impl Finished {
    fn bytes(&self) -> usize {
        self.result.len() + self.diagram.len() + self.drawn.bytes()
    }
}

/// A result that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The result has {bytes} bytes and the service keeps {limit}. Narrow the scope.")]
pub struct ResultTooLarge {
    /// Bytes that it has.
    pub bytes: usize,
    /// Bytes that all sessions together may have.
    pub limit: usize,
}

/// The state of a session, as it was at one moment.
#[derive(Debug, Clone)]
pub struct Session {
    /// Where it is in its life.
    pub status: Status,
    /// The step its run is in, or ended in.
    pub step: Option<Step>,
    /// The finished result, as JSON.
    pub result: Option<Bytes>,
    /// Its entity tag.
    pub result_tag: Option<Arc<str>>,
    /// The finished diagram, as Mermaid text.
    pub diagram: Option<Arc<str>>,
    /// The tables it shows.
    pub drawn: Option<Arc<Drawn>>,
    /// What its run has told; `None` where it has no run.
    pub events: Option<Arc<RunEvents>>,
    /// Why its run failed, in words for the client.
    pub error: Option<String>,
    /// What was said in its chat.
    pub thread: Arc<Thread>,
    /// Orders the turns of its chat.
    pub turns: Arc<TurnQueue>,
    /// What its client calls its run by.
    pub(crate) key: Option<KeyUse>,
    /// Tells it from an earlier session of the same id, which a client may have chosen.
    pub(crate) incarnation: Uuid,
}

impl Session {
    pub(crate) fn new(status: Status) -> Self {
        Self {
            status,
            step: None,
            result: None,
            result_tag: None,
            diagram: None,
            drawn: None,
            events: None,
            error: None,
            thread: Arc::default(),
            turns: Arc::default(),
            key: None,
            incarnation: Uuid::new_v4(),
        }
    }

    /// Whether it is to be kept whatever else there is: its run or an answer is under way.
    fn is_under_way(&self) -> bool {
        self.status == Status::Running || self.turns.is_in_use()
    }

    /// Bytes that the cap on all sessions counts.
    pub(crate) fn bytes(&self) -> usize {
        self.result.as_ref().map_or(0, Bytes::len)
            + self.diagram.as_ref().map_or(0, |diagram| diagram.len())
            + self.drawn.as_ref().map_or(0, |drawn| drawn.bytes())
            + self.thread.bytes()
    }
}
