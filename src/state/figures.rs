//! Small texts that other parts of the service keep beside the sessions, by the names that the program
//! has for them.

use std::collections::{HashMap, HashSet};

/// What is done with a text that was kept before the start, and what is kept from then on.
type TakeOver = Box<dyn FnOnce(&[u8]) -> Vec<u8> + Send>;

#[derive(Default)]
pub(super) struct Figures {
    by_name: HashMap<String, Vec<u8>>,
    changed: HashSet<&'static str>,
    /// Who waits for those that could not be read yet.
    awaited: HashMap<&'static str, TakeOver>,
}

impl Figures {
    pub(super) fn set(&mut self, name: &'static str, value: Vec<u8>) {
        self.changed.insert(name);
        self.by_name.insert(name.to_owned(), value);
    }

    /// Hands over what was kept, now or once it is read back.
    pub(super) fn take_over(&mut self, name: &'static str, take: TakeOver) {
        match self.by_name.get_mut(name) {
            Some(kept) => *kept = take(kept),
            None => {
                self.awaited.insert(name, take);
            }
        }
    }

    /// Takes in what the file holds.
    pub(super) fn read_back(&mut self, kept: HashMap<String, Vec<u8>>) {
        for (name, value) in kept {
            if let Some((of, take)) = self.awaited.remove_entry(name.as_str()) {
                self.by_name.insert(name, take(&value));
                self.changed.insert(of);
            } else {
                // What was set meanwhile is newer.
                self.by_name.entry(name).or_insert(value);
            }
        }
        self.awaited.clear();
    }

    pub(super) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// What is to be written. Whoever takes it writes it, or calls [`Figures::note`].
    pub(super) fn take_changed(&mut self) -> Vec<(&'static str, Vec<u8>)> {
        let names = std::mem::take(&mut self.changed);
        let value = |name: &'static str| Some((name, self.by_name.get(name)?.clone()));
        names.into_iter().filter_map(value).collect()
    }

    /// Notes that these are to be written.
    pub(super) fn note(&mut self, names: impl Iterator<Item = &'static str>) {
        self.changed.extend(names);
    }

    #[cfg(test)]
    pub(super) fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.by_name.get(name).cloned()
    }
}
