//! The map under the store's lock: every change of it goes through here, counts its bytes, and is
//! noted for those who write it down.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::changes::Changes;
use super::keys::Keys;
use super::sync::{AtomicU64, Ordering};
use super::{Forgotten, Session, SessionId};

/// A session in the map. The time of last use is atomic, so that reading a session needs
/// no more than the read lock.
pub(super) struct Entry {
    pub(super) session: Session,
    /// By the clock of the store, in milliseconds.
    pub(super) last_used: AtomicU64,
}

impl Entry {
    pub(super) fn last_used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }

    /// How long ago it was used last.
    pub(super) fn idle(&self, now: u64) -> Duration {
        ago(self.last_used(), now)
    }
}

/// How long before now a moment was, by the clock of the store.
pub(super) fn ago(then: u64, now: u64) -> Duration {
    Duration::from_millis(now.saturating_sub(then))
}

/// How many forgotten sessions may be among those to be evicted, however few there are.
const STALE_MIN: usize = 64;

#[derive(Default)]
pub(super) struct Table {
    by_id: HashMap<SessionId, Entry>,
    /// By last use as it was when a session was put here; mended as they come up.
    by_use: BinaryHeap<Reverse<(u64, SessionId)>>,
    bytes: usize,
    keys: Keys,
    pub(super) forgotten: Forgotten,
    /// Where nobody writes sessions down, nothing is noted.
    changes: Option<Changes>,
}

impl Table {
    pub(super) fn get(&self, id: &SessionId) -> Option<&Entry> {
        self.by_id.get(id)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&SessionId, &Entry)> {
        self.by_id.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Makes room for one more session among `most` and adds it; whether there was room.
    pub(super) fn add(
        &mut self,
        id: &SessionId,
        session: Session,
        now: u64,
        most: NonZeroUsize,
    ) -> bool {
        if !self.evict_until(|table| table.by_id.len() < most.get(), None) {
            return false;
        }
        self.insert(id, session, now);
        self.note(id);
        true
    }

    /// Adds a session that is written already.
    pub(super) fn insert(&mut self, id: &SessionId, session: Session, last_used: u64) {
        self.bytes += session.bytes();
        if let Some(used) = &session.key {
            self.keys.insert(*used, id);
        }
        let entry = Entry {
            session,
            last_used: AtomicU64::new(last_used),
        };
        self.by_id.insert(id.clone(), entry);
        self.queue(id, last_used);
    }

    /// Changes a session; whether there is one of that id.
    pub(super) fn change(
        &mut self,
        id: &SessionId,
        now: u64,
        change: impl FnOnce(&mut Session),
    ) -> bool {
        let Some(entry) = self.by_id.get_mut(id) else {
            return false;
        };
        let before = entry.session.bytes();
        change(&mut entry.session);
        entry.last_used.store(now, Ordering::Relaxed);
        self.bytes = self.bytes - before + entry.session.bytes();
        self.note(id);
        true
    }

    /// Forgets a session; whether there was one of that id.
    pub(super) fn remove(&mut self, id: &SessionId) -> bool {
        let Some(entry) = self.by_id.remove(id) else {
            return false;
        };
        self.bytes -= entry.session.bytes();
        if let Some(used) = &entry.session.key {
            self.keys.forget(used, id);
        }
        self.note(id);
        true
    }

    /// Forgets sessions, the one used longest ago first, until there is room; never a
    /// one that is under way, nor the one that room is made for. Whether there is room now.
    pub(super) fn evict_until(
        &mut self,
        has_room: impl Fn(&Self) -> bool,
        but: Option<&SessionId>,
    ) -> bool {
        let mut kept = Vec::new();
        while !has_room(self) {
            let Some(Reverse((used, id))) = self.by_use.pop() else {
                self.by_use.extend(kept);
                return false;
            };
            // Forgotten since it was put there?
            let Some(entry) = self.by_id.get(&id) else {
                continue;
            };
            let last_used = entry.last_used();
            if last_used != used {
                self.by_use.push(Reverse((last_used, id)));
            } else if entry.session.is_under_way() || Some(&id) == but {
                kept.push(Reverse((used, id)));
            } else {
                // Under the lock: a log that is read slowly must not hold up every session. The metrics count them.
                log::debug!("forgot session {id} to make room");
                self.remove(&id);
                self.forgotten.evicted += 1;
            }
        }
        self.by_use.extend(kept);
        true
    }

    /// Puts a session among those to be evicted. What was forgotten stays there until it comes up, or
    /// until there is more of it than of sessions.
    fn queue(&mut self, id: &SessionId, last_used: u64) {
        self.by_use.push(Reverse((last_used, id.clone())));
        if self.by_use.len() > 2 * self.by_id.len() + STALE_MIN {
            let all = self.by_id.iter();
            self.by_use = all
                .map(|(id, entry)| Reverse((entry.last_used(), id.clone())))
                .collect();
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.by_use.len()
    }

    /// From here on changes are noted, up to a number of them.
    pub(super) fn watch(&mut self, most: usize) {
        self.changes = Some(Changes::up_to(most));
    }

    /// Notes that a session is to be written, or forgotten by those who write.
    pub(super) fn note(&mut self, id: &SessionId) {
        if let Some(changes) = &mut self.changes {
            changes.note(id);
        }
    }

    /// Notes that everything is to be written.
    pub(super) fn note_all(&mut self) {
        if let Some(changes) = &mut self.changes {
            changes.note_all();
        }
    }

    pub(super) fn has_changes(&self) -> bool {
        self.changes
            .as_ref()
            .is_some_and(|changes| !changes.is_empty())
    }

    /// Hands over what was noted; from here on it is noted anew.
    pub(super) fn take_changes(&mut self) -> Changes {
        self.changes.as_mut().map(Changes::take).unwrap_or_default()
    }
}
