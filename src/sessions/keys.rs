//! The names that clients give their runs, so that a call sent twice starts one run
//! (`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header).

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use ring::digest::{Context, SHA256, digest};

use super::SessionId;

/// How many keys are remembered; the oldest goes first.
pub const KEYS_MAX: usize = 10_000;
/// How long a key is remembered, as long as its session is.
pub const KEY_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// SHA-256.
pub(crate) type Digest = [u8; 32];

/// A client's name for a run, and what it called for under that name. Only digests: nothing that a
/// client sent is kept in them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RunKey {
    /// Of the caller and its key.
    pub(crate) name: Digest,
    /// Of the body.
    pub(crate) call: Digest,
}

impl RunKey {
    /// Of this caller (empty: nobody in particular), its key and its call. Callers share no keys.
    #[must_use]
    pub fn new(caller: &[u8], key: &[u8], call: &[u8]) -> Self {
        let mut name = Context::new(&SHA256);
        // Each of a fixed length: no caller's key can read like another caller with another key.
        name.update(digest(&SHA256, caller).as_ref());
        name.update(digest(&SHA256, key).as_ref());
        Self {
            name: bytes(name.finish()),
            call: bytes(digest(&SHA256, call)),
        }
    }
}

fn bytes(digest: ring::digest::Digest) -> Digest {
    // SHA-256 has 32 bytes; there is no other case.
    digest.as_ref().try_into().unwrap_or_default()
}

impl fmt::Debug for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunKey").finish_non_exhaustive()
    }
}

/// A key in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyUse {
    pub(crate) key: RunKey,
    /// By the clock of the store, in milliseconds.
    pub(crate) made: u64,
}

/// The keys that are remembered.
#[derive(Debug, Default)]
pub(super) struct Keys {
    by_name: HashMap<Digest, (KeyUse, SessionId)>,
    by_age: BTreeSet<(u64, Digest)>,
}

impl Keys {
    /// What was called for under the name of this key, and the session it started.
    pub(super) fn find(&self, key: &RunKey, now: u64) -> Option<(RunKey, &SessionId)> {
        let (used, session) = self.by_name.get(&key.name)?;
        (!is_over(used.made, now)).then_some((used.key, session))
    }

    /// Remembers a key, unless one of its name was made later: sessions that are read back come in any
    /// order. Where there are too many, the oldest is forgotten.
    pub(super) fn insert(&mut self, used: KeyUse, session: &SessionId) {
        let name = &used.key.name;
        let is_older = |(known, _): &(KeyUse, SessionId)| used.made < known.made;
        if self.by_name.get(name).is_some_and(is_older) {
            return;
        }
        self.remove(name);
        while self.by_name.len() >= KEYS_MAX {
            let Some((_, name)) = self.by_age.pop_first() else {
                break;
            };
            self.by_name.remove(&name);
        }
        self.by_age.insert((used.made, used.key.name));
        self.by_name.insert(used.key.name, (used, session.clone()));
    }

    /// Forgets the key of a session, unless another session has it by now.
    pub(super) fn forget(&mut self, used: &KeyUse, session: &SessionId) {
        let name = &used.key.name;
        if self.by_name.get(name).is_some_and(|(_, of)| of == session) {
            self.remove(name);
        }
    }

    fn remove(&mut self, name: &Digest) {
        if let Some((used, _)) = self.by_name.remove(name) {
            self.by_age.remove(&(used.made, *name));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.by_name.len(), self.by_age.len());
        self.by_name.len()
    }
}

/// Whether a key made then is no longer remembered.
pub(crate) fn is_over(made: u64, now: u64) -> bool {
    Duration::from_millis(now.saturating_sub(made)) > KEY_TTL
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(number: u64) -> KeyUse {
        KeyUse {
            key: RunKey::new(b"", &number.to_be_bytes(), b"call"),
            made: number,
        }
    }

    #[test]
    fn keys_are_capped_the_oldest_goes_first() {
        let mut keys = Keys::default();
        let session = SessionId::random();
        let many = u64::try_from(KEYS_MAX).unwrap() + 7;
        for number in 0..many {
            keys.insert(used(number), &session);
        }
        assert_eq!(keys.len(), KEYS_MAX);
        assert!(keys.find(&used(6).key, many).is_none());
        assert_eq!(keys.find(&used(7).key, many), Some((used(7).key, &session)));
    }

    #[test]
    fn a_key_is_over_after_a_day_and_another_session_may_have_it() {
        let mut keys = Keys::default();
        let (first, second) = (SessionId::random(), SessionId::random());
        let day = 24 * 60 * 60 * 1000;
        keys.insert(used(1), &first);
        assert!(keys.find(&used(1).key, 1 + day).is_some());
        assert!(keys.find(&used(1).key, 2 + day).is_none());
        let again = KeyUse {
            made: 2 + day,
            ..used(1)
        };
        keys.insert(again, &second);
        keys.insert(used(1), &first);
        let found = keys.find(&used(1).key, 3 + day);
        assert_eq!(found, Some((used(1).key, &second)), "the later one");
        keys.forget(&used(1), &first);
        assert!(keys.find(&used(1).key, 3 + day).is_some(), "the second's");
        keys.forget(&again, &second);
        assert_eq!(keys.len(), 0);
    }

    #[test]
    fn callers_share_no_keys_and_calls_are_told_apart() {
        let of = RunKey::new;
        assert_eq!(of(b"a", b"k", b"x"), of(b"a", b"k", b"x"));
        assert_ne!(of(b"a", b"k", b"x").name, of(b"b", b"k", b"x").name);
        assert_ne!(of(b"ab", b"c", b"x").name, of(b"a", b"bc", b"x").name);
        assert_eq!(of(b"a", b"k", b"x").name, of(b"a", b"k", b"y").name);
        assert_ne!(of(b"a", b"k", b"x").call, of(b"a", b"k", b"y").call);
    }
}
