//! The map of all sessions, under one lock and by one clock.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::changes::Changes;
use super::keys::{KEY_TTL, KeyUse, RunKey};
use super::sync::{Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};
use super::table::{Entry, Table, ago};
use super::turns::Waiting;
use super::{Deletion, Finished, Forgotten, ResultTooLarge, Session, SessionId, Status};
use crate::config::Limits;
use crate::error::Error;
use crate::explorer::thread::Turn;
use crate::pipeline::Step;
use crate::runs::events::{RunEvent, RunEvents};

/// What the client reads where the service ended before its run.
const INTERRUPTED: &str = "The run was interrupted by a restart of the service. Start it again.";

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

/// What became of a call to start a run.
#[derive(Debug, PartialEq, Eq)]
pub enum Begun<P> {
    /// It has a new session, and the place that was taken for it.
    New(SessionId, P),
    /// The same call under the same key has started a run before.
    Before(SessionId),
    /// Another call was made under its key.
    OtherCall,
}

/// A session, and how long ago things were, to be written down.
#[derive(Debug)]
pub struct Snapshot {
    /// The session.
    pub session: Session,
    /// Since its last use.
    pub idle: Duration,
    /// Since its key was first used, where it has one.
    pub key_age: Option<Duration>,
}

/// How often expired sessions are looked for; at the latest a tenth of their life after.
const SWEEP_MAX: Duration = Duration::from_secs(60);
/// What the clock of a store shows when it starts, in milliseconds: what was before, in an earlier
/// life of the service, has its place below. 34 years.
const CLOCK_START: u64 = 1 << 40;

impl Sessions {
    /// An empty store under these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            table: Arc::new(RwLock::new(Table::default())),
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
        CLOCK_START.saturating_add(millis(self.started.elapsed()))
    }

    /// Makes a session for a run, which counts as running from here on; or finds the one that the
    /// same call has started before. `admit` takes the run's place: under the lock, so that of calls
    /// with one key that come at once one takes a place.
    ///
    /// # Errors
    /// What `admit` refuses with; [`Error::Full`] where all sessions that may be kept are running.
    pub fn begin_run<P>(
        &self,
        events: Arc<RunEvents>,
        key: Option<RunKey>,
        admit: impl FnOnce() -> Result<P, Error>,
    ) -> Result<Begun<P>, Error> {
        let now = self.now();
        let mut table = self.write();
        if let Some(begun) = key.and_then(|key| self.begun_before(&table, &key, now)) {
            return Ok(begun);
        }
        let place = admit()?;
        let id = SessionId::random();
        events.tell(RunEvent::started(&id));
        let session = Session {
            events: Some(events),
            key: key.map(|key| KeyUse { key, made: now }),
            ..Session::new(Status::Running)
        };
        if table.add(&id, session, now, self.limits.sessions) {
            Ok(Begun::New(id, place))
        } else {
            Err(Error::Full)
        }
    }

    fn begun_before<P>(&self, table: &Table, key: &RunKey, now: u64) -> Option<Begun<P>> {
        let (used, id) = table.keys().find(key, now)?;
        let entry = table.get(id).filter(|entry| !self.expired(entry, now))?;
        if used != *key {
            return Some(Begun::OtherCall);
        }
        entry.last_used.store(now, Ordering::Relaxed);
        Some(Begun::Before(id.clone()))
    }

    /// The session of a chat, made where there is none of that id.
    ///
    /// # Errors
    /// [`Error::Full`] where all sessions that may be kept are running.
    pub fn open(&self, id: &SessionId) -> Result<Session, Error> {
        if let Ok(session) = self.get(id) {
            return Ok(session);
        }
        self.opened(&mut self.write(), id).cloned()
    }

    /// Room for a question in the session of a chat, which is made where there is none of that id;
    /// `None` where too many wait. Taken under the lock: a session with a question is never forgotten.
    ///
    /// # Errors
    /// [`Error::Full`] where all sessions that may be kept are running.
    pub fn take_room(&self, id: &SessionId) -> Result<Option<Waiting>, Error> {
        Ok(self.opened(&mut self.write(), id)?.turns.enter())
    }

    fn opened<'t>(&self, table: &'t mut Table, id: &SessionId) -> Result<&'t Session, Error> {
        let now = self.now();
        let stale = |entry: &Entry| self.expired(entry, now);
        if table.get(id).is_some_and(stale) && table.remove(id) {
            table.forgotten.expired += 1;
        }
        let is_there = table.get(id).is_some()
            || table.add(id, Session::new(Status::Active), now, self.limits.sessions);
        if !is_there {
            return Err(Error::Full);
        }
        let entry = table.get(id).ok_or(Error::NoSession)?;
        entry.last_used.store(now, Ordering::Relaxed);
        Ok(&entry.session)
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

    /// Ends a run with its result, and tells those who watch it. A run ends once: what comes later
    /// changes nothing.
    ///
    /// # Errors
    /// A result that is larger than all sessions together may be; the run goes on being under way.
    pub fn complete(&self, id: &SessionId, finished: Finished) -> Result<(), ResultTooLarge> {
        let bytes = finished.bytes();
        let limit = self.limits.session_bytes;
        if bytes > limit {
            return Err(ResultTooLarge { bytes, limit });
        }
        self.end(id, RunEvent::completed(id, finished.seconds), |session| {
            session.status = Status::Completed;
            session.result = Some(finished.result);
            session.result_tag = Some(finished.result_tag);
            session.diagram = Some(finished.diagram);
            session.drawn = Some(finished.drawn);
        });
        Ok(())
    }

    /// Ends a run without a result, and tells those who watch it. A run ends once: what comes later
    /// changes nothing.
    pub fn fail(&self, id: &SessionId, error: String) {
        self.end(id, RunEvent::failed(id, error.clone()), |session| {
            session.status = Status::Failed;
            session.error = Some(error);
        });
    }

    /// Ends all runs that are waiting or under way: the service stops before they can end. How many.
    pub fn interrupt(&self) -> usize {
        let table = self.read();
        let running = |entry: &Entry| entry.session.status == Status::Running;
        let interrupted: Vec<SessionId> = table
            .entries()
            .filter(|(_, entry)| running(entry))
            .map(|(id, _)| id.clone())
            .collect();
        drop(table);
        for id in &interrupted {
            self.fail(id, INTERRUPTED.to_owned());
        }
        interrupted.len()
    }

    /// The event is told under the lock: whoever sees the one sees the other.
    fn end(&self, id: &SessionId, event: RunEvent, change: impl FnOnce(&mut Session)) {
        self.update(id, |session| {
            if session.status != Status::Running {
                return;
            }
            change(session);
            if let Some(events) = &session.events {
                events.tell(event);
            }
        });
    }

    /// Changes a session and makes room for what it holds now. A session that was deleted
    /// in the meantime stays deleted.
    fn update(&self, id: &SessionId, change: impl FnOnce(&mut Session)) {
        let now = self.now();
        let mut table = self.write();
        if table.change(id, now, change) {
            let most = self.limits.session_bytes;
            table.evict_until(|table| table.bytes() <= most, Some(id));
        }
    }

    /// Forgets a session, unless its run or an answer is under way.
    pub fn delete(&self, id: &SessionId) -> Deletion {
        let now = self.now();
        let mut table = self.write();
        match table.get(id) {
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

    /// How many sessions may be kept.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.limits.sessions.get()
    }

    /// How many sessions are kept.
    #[must_use]
    pub fn count(&self) -> usize {
        self.read().len()
    }

    /// Bytes of results, diagrams and conversations that are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.read().bytes()
    }

    /// How many sessions were forgotten, and why; those that clients deleted are not among them.
    #[must_use]
    pub fn forgotten(&self) -> Forgotten {
        self.read().forgotten
    }

    fn expired(&self, entry: &Entry, now: u64) -> bool {
        !entry.session.is_under_way() && entry.idle(now) > self.limits.session_ttl
    }

    /// Forgets the sessions that nobody has used for their time to live; how many.
    pub fn sweep(&self) -> usize {
        let now = self.now();
        let mut table = self.write();
        let expired: Vec<SessionId> = table
            .entries()
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

/// For those who write sessions down, and read them back.
impl Sessions {
    /// From here on it is noted which sessions change.
    pub(crate) fn watch_changes(&self) {
        // Forgotten ones are among them: as many again as there may be.
        self.write().watch(self.capacity().saturating_mul(2));
    }

    /// Whether anything was noted that nobody has taken.
    pub(crate) fn has_changes(&self) -> bool {
        self.read().has_changes()
    }

    /// Takes what was noted. Whoever takes it writes it, or calls [`Sessions::note_all`].
    pub(crate) fn take_changes(&self) -> Changes {
        self.write().take_changes()
    }

    /// Notes that any session may differ from what is written.
    pub(crate) fn note_all(&self) {
        self.write().note_all();
    }

    /// Notes that these are to be written, or forgotten where they are not there.
    pub(crate) fn note(&self, ids: &[SessionId]) {
        let mut table = self.write();
        for id in ids {
            table.note(id);
        }
    }

    /// The ids of all sessions.
    pub(crate) fn ids(&self) -> Vec<SessionId> {
        self.read().entries().map(|(id, _)| id.clone()).collect()
    }

    /// A session as it is; looking is no use of it.
    pub(crate) fn snapshot(&self, id: &SessionId) -> Option<Snapshot> {
        let now = self.now();
        let table = self.read();
        let entry = table.get(id)?;
        Some(Snapshot {
            idle: entry.idle(now),
            key_age: entry.session.key.map(|used| ago(used.made, now)),
            session: entry.session.clone(),
        })
    }

    /// The sessions that were used within this time, and how long ago.
    pub(crate) fn used_within(&self, time: Duration) -> Vec<(SessionId, Duration)> {
        let now = self.now();
        let table = self.read();
        table
            .entries()
            .map(|(id, entry)| (id, entry.idle(now)))
            .filter(|(_, idle)| *idle <= time)
            .map(|(id, idle)| (id.clone(), idle))
            .collect()
    }

    /// Puts a session back that was written down, unless there is one of its id by now or no room for
    /// it; whether it is there. Nothing is forgotten for it: those in the store are in use. A run that
    /// was under way is no more.
    pub(crate) fn restore(&self, id: &SessionId, snapshot: Snapshot) -> bool {
        let now = self.now();
        let then = |ago: Duration| now.saturating_sub(millis(ago));
        let Snapshot {
            mut session,
            idle,
            key_age,
        } = snapshot;
        let age = key_age.filter(|age| *age <= KEY_TTL);
        session.key = session
            .key
            .zip(age)
            .map(|(KeyUse { key, .. }, age)| KeyUse {
                key,
                made: then(age),
            });
        let was_running = session.status == Status::Running;
        let mut table = self.write();
        if table.get(id).is_some() {
            return true;
        }
        let has_room = table.len() < self.capacity()
            && table.bytes() + session.bytes() <= self.limits.session_bytes;
        if has_room {
            table.insert(id, session, then(idle));
        }
        drop(table);
        if has_room && was_running {
            self.fail(id, INTERRUPTED.to_owned());
        }
        has_room
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
