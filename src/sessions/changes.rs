//! What of the sessions is not written yet.

use std::collections::HashSet;

use super::SessionId;

/// The sessions that differ from what was written last: changed, new or forgotten since.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Their ids; those that are not in the store have been forgotten.
    pub ids: HashSet<SessionId>,
    /// Whether any session may differ, and anything else in the file be one that is forgotten.
    pub all: bool,
    most: usize,
}

impl Changes {
    /// None yet, and at most so many one by one.
    pub(super) fn up_to(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// Hands over what was noted, and begins anew.
    pub(super) fn take(&mut self) -> Self {
        let most = self.most;
        std::mem::replace(self, Self::up_to(most))
    }

    /// Notes one; where there are too many, all of them.
    pub(super) fn note(&mut self, id: &SessionId) {
        if self.all || self.ids.contains(id) {
            return;
        }
        if self.ids.len() >= self.most {
            return self.note_all();
        }
        self.ids.insert(id.clone());
    }

    /// Notes that nothing is known about what is written.
    pub(super) fn note_all(&mut self) {
        self.ids = HashSet::new();
        self.all = true;
    }

    /// Whether everything is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.ids.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_their_cap_changes_are_all_there_is_and_take_no_more_memory() {
        let ids: Vec<SessionId> = (0..5).map(|_| SessionId::random()).collect();
        let mut changes = Changes::up_to(3);
        assert!(changes.is_empty());
        for id in ids.iter().take(3).chain(ids.iter().take(3)) {
            changes.note(id);
        }
        assert_eq!((changes.ids.len(), changes.all), (3, false), "each once");
        for id in &ids {
            changes.note(id);
        }
        assert_eq!((changes.ids.capacity(), changes.all), (0, true));
        assert!(changes.take().all && changes.is_empty());
        changes.note(&SessionId::random());
        assert_eq!(changes.ids.len(), 1);
    }
}
