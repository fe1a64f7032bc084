//! The session store: what runs have produced, kept for as long as someone uses it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::config::Limits;
use crate::error::Error;
use crate::explorer::thread::{Thread, Turn};
use crate::pipeline::{Drawn, Step};
use crate::runs::events::RunEvents;

/// The id of a session: made by the service for a run, chosen by the client for a chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(
    value_type = String,
    min_length = 1,
    max_length = 128,
    pattern = "^[A-Za-z0-9._~-]{1,128}$",
    example = "9b2f1c1e-6f0a-4f8e-9d55-0c5b7f6e2a10"
)]
pub struct SessionId(Arc<str>);

/// The longest id a client may choose.
pub const SESSION_ID_MAX: usize = 128;

impl SessionId {
    /// A new id that nobody can guess.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string().into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that no session can have as its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session id is 1 to {SESSION_ID_MAX} characters from A-Z a-z 0-9 . _ ~ -")]
pub struct BadSessionId;

impl FromStr for SessionId {
    type Err = BadSessionId;

    fn from_str(text: &str) -> Result<Self, BadSessionId> {
        let unreserved =
            |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'~' | b'-');
        let fits = (1..=SESSION_ID_MAX).contains(&text.len()) && text.bytes().all(unreserved);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(BadSessionId)
        }
    }
}

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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

/// How many questions of one session may wait while another is being answered.
const WAITING_MAX: usize = 4;

/// Answers the questions of one session one at a time, in order, whichever connection they
/// come from. Room for a question is taken when it arrives, its turn when it gets there.
#[derive(Debug)]
pub struct TurnQueue {
    room: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// Room for one question, and its place in the order; dropping it gives both back.
pub struct Waiting {
    turn: BoxFuture<'static, Option<OwnedSemaphorePermit>>,
    _room: OwnedSemaphorePermit,
}

impl Default for TurnQueue {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(1 + WAITING_MAX)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl TurnQueue {
    /// Whether a question waits or is being answered.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.room.available_permits() <= WAITING_MAX
    }

    /// Takes room for a question; `None` where too many wait.
    #[must_use]
    pub fn enter(&self) -> Option<Waiting> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let turn = Arc::clone(&self.turn).acquire_owned();
        let mut turn: BoxFuture<'static, _> = Box::pin(turn.map(Result::ok));
        // The semaphore lets in by the order of first polls: ours is the arrival, not the
        // moment at which this connection has answered all that came before.
        let granted = turn.poll_unpin(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(permit) = granted {
            turn = Box::pin(std::future::ready(permit));
        }
        Some(Waiting { turn, _room: room })
    }
}

impl Waiting {
    /// Waits for the turn; it is over when the permit is dropped.
    pub async fn turn(&mut self) -> Option<OwnedSemaphorePermit> {
        (&mut self.turn).await
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
}

impl Session {
    fn new(status: Status) -> Self {
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
        }
    }

    /// Whether it is to be kept whatever else there is: its run or an answer is under way.
    fn is_under_way(&self) -> bool {
        self.status == Status::Running || self.turns.is_in_use()
    }

    /// Bytes that the cap on all sessions counts.
    fn bytes(&self) -> usize {
        self.result.as_ref().map_or(0, Bytes::len)
            + self.diagram.as_ref().map_or(0, |diagram| diagram.len())
            + self.drawn.as_ref().map_or(0, |drawn| drawn.bytes())
            + self.thread.bytes()
    }
}

/// A session in the map. The time of last use is atomic, so that reading a session needs
/// no more than the read lock.
struct Entry {
    session: Session,
    /// Milliseconds after the store's start.
    last_used: AtomicU64,
}

#[derive(Default)]
struct Table {
    by_id: HashMap<SessionId, Entry>,
    bytes: usize,
    forgotten: Forgotten,
}

/// How many sessions were forgotten since the start, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Nobody used them for their time to live.
    pub expired: u64,
    /// Others needed the room.
    pub evicted: u64,
}

/// The map of all sessions, behind methods: no guard ever leaves this module, so none
/// can be held across an `.await`.
///
/// A std lock, not tokio's: it is held for one look-up, and results are reference-counted,
/// so a thousand pollers copy a few words each.
#[derive(Clone)]
pub struct Sessions {
    table: Arc<RwLock<Table>>,
    limits: Limits,
    started: Instant,
}

/// How often expired sessions are looked for; at the latest a tenth of their life after.
const SWEEP_MAX: Duration = Duration::from_secs(60);

impl Sessions {
    /// An empty store under these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            table: Arc::default(),
            limits,
            started: Instant::now(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A new session for a run, which counts as running from here on.
    ///
    /// # Errors
    /// [`Error::Full`] where all sessions that may be kept are running.
    pub fn create_running(&self, events: Arc<RunEvents>) -> Result<SessionId, Error> {
        let id = SessionId::random();
        let now = self.now();
        let session = Session {
            events: Some(events),
            ..Session::new(Status::Running)
        };
        self.insert(&mut self.write(), &id, session, now)?;
        Ok(id)
    }

    fn insert(
        &self,
        table: &mut Table,
        id: &SessionId,
        session: Session,
        now: u64,
    ) -> Result<(), Error> {
        let sessions = self.limits.sessions.get();
        if !table.evict_until(|table| table.by_id.len() < sessions, None) {
            return Err(Error::Full);
        }
        let entry = Entry {
            session,
            last_used: AtomicU64::new(now),
        };
        table.by_id.insert(id.clone(), entry);
        Ok(())
    }

    /// The session of a chat, made where there is none of that id.
    ///
    /// # Errors
    /// [`Error::Full`] where all sessions that may be kept are running.
    pub fn open(&self, id: &SessionId) -> Result<Session, Error> {
        if let Ok(session) = self.get(id) {
            return Ok(session);
        }
        let now = self.now();
        let mut table = self.write();
        // Expired, or another caller was quicker.
        let stale = |entry: &Entry| self.expired(entry, now);
        if table.by_id.get(id).is_some_and(stale) && table.remove(id) {
            table.forgotten.expired += 1;
        }
        if !table.by_id.contains_key(id) {
            self.insert(&mut table, id, Session::new(Status::Active), now)?;
        }
        table
            .by_id
            .get(id)
            .map(|entry| entry.session.clone())
            .ok_or(Error::NoSession)
    }

    /// Notes that a session chats; one that has a run keeps the status of its run.
    pub fn chatting(&self, id: &SessionId) {
        self.update(id, |session| {
            if session.status == Status::Active {
                session.status = Status::Chat;
            }
        });
    }

    /// Adds a turn to what was said in a session.
    pub fn add_turn(&self, id: &SessionId, turn: Turn) {
        self.update(id, |session| Arc::make_mut(&mut session.thread).push(turn));
    }

    /// The state of a session; looking counts as use.
    ///
    /// # Errors
    /// [`Error::NoSession`] where there is none of that id, or it has expired.
    pub fn get(&self, id: &SessionId) -> Result<Session, Error> {
        let now = self.now();
        let table = self.read();
        let entry = table
            .by_id
            .get(id)
            .filter(|entry| !self.expired(entry, now))
            .ok_or(Error::NoSession)?;
        entry.last_used.store(now, Ordering::Relaxed);
        Ok(entry.session.clone())
    }

    /// Notes the step that a run has reached.
    pub fn set_step(&self, id: &SessionId, step: Step) {
        self.update(id, |session| session.step = Some(step));
    }

    /// Ends a run with its result.
    ///
    /// # Errors
    /// A result that is larger than all sessions together may be; the run goes on being under way.
    pub fn complete(&self, id: &SessionId, finished: Finished) -> Result<(), ResultTooLarge> {
        let bytes = finished.result.len() + finished.diagram.len() + finished.drawn.bytes();
        let limit = self.limits.session_bytes;
        if bytes > limit {
            return Err(ResultTooLarge { bytes, limit });
        }
        self.update(id, |session| {
            session.status = Status::Completed;
            session.result = Some(finished.result);
            session.result_tag = Some(finished.result_tag);
            session.diagram = Some(finished.diagram);
            session.drawn = Some(finished.drawn);
        });
        Ok(())
    }

    /// Ends a run without a result.
    pub fn fail(&self, id: &SessionId, error: String) {
        self.update(id, |session| {
            session.status = Status::Failed;
            session.error = Some(error);
        });
    }

    /// Changes a session and makes room for what it holds now. A session that was deleted
    /// in the meantime stays deleted.
    fn update(&self, id: &SessionId, change: impl FnOnce(&mut Session)) {
        let now = self.now();
        let mut table = self.write();
        let Some(entry) = table.by_id.get_mut(id) else {
            return;
        };
        let before = entry.session.bytes();
        change(&mut entry.session);
        entry.last_used.store(now, Ordering::Relaxed);
        let after = entry.session.bytes();
        table.bytes = table.bytes - before + after;
        let most = self.limits.session_bytes;
        table.evict_until(|table| table.bytes <= most, Some(id));
    }

    /// Forgets a session, unless its run or an answer is under way.
    pub fn delete(&self, id: &SessionId) -> Deletion {
        let now = self.now();
        let mut table = self.write();
        match table.by_id.get(id) {
            Some(entry) if entry.session.is_under_way() => Deletion::UnderWay,
            Some(entry) if !self.expired(entry, now) => {
                table.remove(id);
                Deletion::Done
            }
            _ => Deletion::NoSession,
        }
    }

    /// How long a session is kept after its last use.
    #[must_use]
    pub fn time_to_live(&self) -> Duration {
        self.limits.session_ttl
    }

    /// How many sessions are kept.
    #[must_use]
    pub fn count(&self) -> usize {
        self.read().by_id.len()
    }

    /// Bytes of results, diagrams and conversations that are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.read().bytes
    }

    /// How many sessions were forgotten, and why; those that clients deleted are not among them.
    #[must_use]
    pub fn forgotten(&self) -> Forgotten {
        self.read().forgotten
    }

    fn expired(&self, entry: &Entry, now: u64) -> bool {
        let idle =
            Duration::from_millis(now.saturating_sub(entry.last_used.load(Ordering::Relaxed)));
        !entry.session.is_under_way() && idle > self.limits.session_ttl
    }

    /// Forgets the sessions that nobody has used for their time to live; how many.
    pub fn sweep(&self) -> usize {
        let now = self.now();
        let mut table = self.write();
        let expired: Vec<SessionId> = table
            .by_id
            .iter()
            .filter(|(_, entry)| self.expired(entry, now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in &expired {
            table.remove(id);
            table.forgotten.expired += 1;
        }
        expired.len()
    }

    /// Sweeps for ever; the task that runs this is its owner's to stop.
    pub async fn keep_swept(&self) -> Infallible {
        let mut ticks = tokio::time::interval(
            (self.limits.session_ttl / 10).clamp(Duration::from_millis(1), SWEEP_MAX),
        );
        loop {
            ticks.tick().await;
            let swept = self.sweep();
            if swept > 0 {
                log::info!(
                    "forgot {swept} sessions that nobody used for {} s",
                    self.limits.session_ttl.as_secs()
                );
            }
        }
    }
}

impl Table {
    fn remove(&mut self, id: &SessionId) -> bool {
        let Some(entry) = self.by_id.remove(id) else {
            return false;
        };
        self.bytes -= entry.session.bytes();
        true
    }

    /// Forgets sessions, the one used longest ago first, until there is room; never a
    /// one that is under way, nor the one that room is made for. Whether there is room now.
    fn evict_until(&mut self, has_room: impl Fn(&Self) -> bool, but: Option<&SessionId>) -> bool {
        if has_room(self) {
            return true;
        }
        let idle = self
            .by_id
            .iter()
            .filter(|(id, entry)| !entry.session.is_under_way() && Some(*id) != but);
        // A heap: the store is full of sessions of which one or two have to go.
        let mut oldest: BinaryHeap<Reverse<(u64, SessionId)>> = idle
            .map(|(id, entry)| Reverse((entry.last_used.load(Ordering::Relaxed), id.clone())))
            .collect();
        while !has_room(self) {
            let Some(Reverse((_, id))) = oldest.pop() else {
                return false;
            };
            log::info!("forgot session {id} to make room");
            self.remove(&id);
            self.forgotten.evicted += 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::Focus;
    use std::num::NonZeroUsize;

    fn store(sessions: usize, session_bytes: usize) -> Sessions {
        let sessions = NonZeroUsize::new(sessions).unwrap();
        Sessions::new(Limits {
            sessions,
            session_bytes,
            session_ttl: Duration::from_secs(60),
            ..Limits::default()
        })
    }

    fn finished(bytes: usize) -> Finished {
        Finished {
            result: Bytes::from(vec![b' '; bytes]),
            result_tag: "".into(),
            diagram: "".into(),
            drawn: Arc::default(),
        }
    }

    fn completed(store: &Sessions, bytes: usize) -> SessionId {
        let id = store.create_running(Arc::default()).unwrap();
        store.complete(&id, finished(bytes)).unwrap();
        id
    }

    #[test]
    fn an_id_is_1_to_128_unreserved_characters() {
        for good in ["a", "test-session", "A.b_c~9", &"x".repeat(128)] {
            assert_eq!(good.parse::<SessionId>().unwrap().as_str(), good);
        }
        for bad in ["", "a/b", "a b", "ž", "a\0", &"x".repeat(129)] {
            assert_eq!(bad.parse::<SessionId>(), Err(BadSessionId), "{bad:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_lives_by_its_last_use_and_a_running_one_never_expires() {
        let store = store(10, 1000);
        let (used, idle) = (completed(&store, 10), completed(&store, 10));
        let running = store.create_running(Arc::default()).unwrap();
        tokio::time::advance(Duration::from_secs(40)).await;
        store.get(&used).unwrap();
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(
            matches!(store.get(&idle), Err(Error::NoSession)),
            "expired before any sweep"
        );
        assert_eq!(store.sweep(), 1);
        assert!(store.get(&used).is_ok());
        assert_eq!(store.get(&running).unwrap().status, Status::Running);
        assert_eq!((store.count(), store.bytes()), (2, 10));
        let (expired, evicted) = (1, 0);
        assert_eq!(store.forgotten(), Forgotten { expired, evicted });
    }

    #[tokio::test(start_paused = true)]
    async fn the_sweep_runs_by_itself() {
        let store = store(10, 1000);
        completed(&store, 10);
        let sweeping = store.clone();
        let sweeper = tokio::spawn(async move { sweeping.keep_swept().await });
        tokio::time::sleep(Duration::from_secs(70)).await;
        assert_eq!(store.count(), 0);
        sweeper.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_idle_session_goes_first_when_there_are_too_many() {
        let store = store(3, 1000);
        let oldest = completed(&store, 1);
        tokio::time::advance(Duration::from_secs(1)).await;
        let running = store.create_running(Arc::default()).unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        let newest = completed(&store, 1);
        let extra = store.create_running(Arc::default()).unwrap();
        assert!(matches!(store.get(&oldest), Err(Error::NoSession)));
        assert!(
            store.get(&running).is_ok() && store.get(&newest).is_ok() && store.get(&extra).is_ok()
        );
    }

    #[test]
    fn a_store_full_of_running_sessions_refuses_more() {
        let store = store(2, 1000);
        store.create_running(Arc::default()).unwrap();
        store.create_running(Arc::default()).unwrap();
        assert!(matches!(
            store.create_running(Arc::default()),
            Err(Error::Full)
        ));
        assert_eq!(store.count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_are_capped_by_forgetting_the_oldest_results() {
        let store = store(10, 100);
        let first = completed(&store, 60);
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = completed(&store, 60);
        assert!(matches!(store.get(&first), Err(Error::NoSession)));
        assert!(store.get(&second).is_ok());
        assert_eq!(store.bytes(), 60);
        assert_eq!(store.delete(&second), Deletion::Done);
        assert_eq!(store.delete(&second), Deletion::NoSession);
        assert_eq!(store.bytes(), 0);
        let (expired, evicted) = (0, 1);
        assert_eq!(store.forgotten(), Forgotten { expired, evicted });
    }

    #[test]
    fn a_result_that_can_never_be_kept_is_refused_and_takes_no_room_from_others() {
        let store = store(10, 100);
        let kept = completed(&store, 60);
        let huge = store.create_running(Arc::default()).unwrap();
        let refused = store.complete(&huge, finished(101)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "The result has 101 bytes and the service keeps 100. Narrow the scope."
        );
        assert_eq!(store.get(&huge).unwrap().status, Status::Running);
        assert!(store.get(&kept).is_ok());
    }

    fn turn(question: &str) -> Turn {
        Turn {
            question: question.to_owned(),
            answer: "answer".to_owned(),
            complete: true,
            focus: Focus::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_chat_makes_its_session_and_finds_it_again_with_what_was_said() {
        let store = store(10, 1000);
        let id: SessionId = "mine".parse().unwrap();
        assert_eq!(store.open(&id).unwrap().status, Status::Active);
        store.chatting(&id);
        store.add_turn(&id, turn("first"));
        let session = store.open(&id).unwrap();
        assert_eq!(session.status, Status::Chat);
        assert_eq!(
            (session.thread.message_count(), store.bytes()),
            (2, "firstanswer".len())
        );
        tokio::time::advance(Duration::from_secs(61)).await;
        let again = store.open(&id).unwrap();
        assert_eq!(
            (again.status, again.thread.message_count()),
            (Status::Active, 0),
            "expired"
        );
        assert_eq!((store.count(), store.bytes()), (1, 0));
    }

    #[test]
    fn a_chat_leaves_the_status_and_result_of_a_run_as_they_are() {
        let store = store(10, 1000);
        let run = completed(&store, 10);
        store.open(&run).unwrap();
        store.chatting(&run);
        store.add_turn(&run, turn("about it"));
        let session = store.get(&run).unwrap();
        assert_eq!(session.status, Status::Completed);
        assert_eq!(session.result.map(|result| result.len()), Some(10));
        assert_eq!(session.thread.message_count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_kept_while_a_question_of_it_is_answered() {
        let store = store(2, 1000);
        let id: SessionId = "mine".parse().unwrap();
        let room = store.open(&id).unwrap().turns.enter();
        tokio::time::advance(Duration::from_secs(120)).await;
        completed(&store, 1);
        completed(&store, 1);
        assert_eq!(store.sweep(), 0);
        assert!(store.get(&id).is_ok(), "used longest ago, but in use");
        drop(room);
        completed(&store, 1);
        assert!(store.get(&id).is_ok(), "just used");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(store.get(&id).is_err());
    }

    #[tokio::test]
    async fn a_few_questions_wait_and_are_let_in_one_at_a_time() {
        let queue = TurnQueue::default();
        let rooms: Vec<Waiting> = std::iter::from_fn(|| queue.enter()).collect();
        assert_eq!(rooms.len(), 1 + WAITING_MAX);
        let mut rooms = rooms.into_iter();
        let (mut first, mut second) = (rooms.next().unwrap(), rooms.next().unwrap());
        let mut third = rooms.next().unwrap();
        let turn = first.turn().await.unwrap();
        assert!(third.turn().now_or_never().is_none(), "one at a time");
        assert!(second.turn().now_or_never().is_none(), "one at a time");
        drop(turn);
        assert!(third.turn().now_or_never().is_none(), "by arrival");
        let turn = second.turn().now_or_never();
        assert!(turn.is_some());
        assert!(
            queue.enter().is_none(),
            "its room is taken until it is dropped"
        );
        drop(first);
        assert!(queue.enter().is_some());
        drop((turn, second));
        assert!(third.turn().now_or_never().is_some());
    }
}
