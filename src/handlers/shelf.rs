//! Answers about the catalog that are asked for again and again, each made once.
//!
//! The catalog never changes while the service runs, so neither do they. To look one up costs less than
//! a hundredth of making it: columns are gathered, JSON is written, and all of it is read for the tag.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::catalog::TableId;
use crate::conditional::Prepared;
use crate::error::Error;

/// The most bytes of answers that are kept: the details of about a thousand tables.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// What an answer takes beside its bytes, roughly.
const OVERHEAD: usize = 256;

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// All tables.
    Tables,
    /// The first of these tables in all details, and that the others have its name.
    Table(Vec<TableId>),
}

/// The answers that are kept. Copies share them.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    kept: Arc<RwLock<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: HashMap<Subject, Prepared>,
    bytes: usize,
}

impl Shelf {
    /// The answer about a subject: the one that is kept, or the one that `make` makes, which is kept from
    /// now on. It is made without the lock: who asks meanwhile makes it, too, and one of them is kept.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept then.
    pub fn answer(
        &self,
        subject: Subject,
        make: impl FnOnce() -> Result<Prepared, Error>,
    ) -> Result<Prepared, Error> {
        if let Some(kept) = self.read(&subject) {
            return Ok(kept);
        }
        let answer = make()?;
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.keep(subject, &answer);
        Ok(answer)
    }

    fn read(&self, subject: &Subject) -> Option<Prepared> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(subject).cloned()
    }
}

impl Kept {
    /// A shelf that is full is cleared: what is asked for often is soon back, and no order has to be kept
    /// of who asked for what.
    fn keep(&mut self, subject: Subject, answer: &Prepared) {
        let bytes = answer.size() + OVERHEAD;
        if bytes > BYTES_MAX {
            return;
        }
        if self.bytes + bytes > BYTES_MAX {
            self.answers.clear();
            self.bytes = 0;
        }
        let before = self.answers.insert(subject, answer.clone());
        self.bytes += bytes;
        self.bytes -= before.map_or(0, |before| before.size() + OVERHEAD);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::HeaderValue;

    use super::*;

    fn prepared(bytes: usize) -> Prepared {
        let text = HeaderValue::from_static("text/plain");
        Prepared::bytes(Bytes::from(vec![b'x'; bytes]), text)
    }

    #[test]
    fn an_answer_is_made_once_and_one_that_failed_is_made_again() {
        let shelf = Shelf::default();
        let failed = shelf.answer(Subject::Tables, || Err(Error::Internal));
        assert!(failed.is_err());
        let made = shelf.answer(Subject::Tables, || Ok(prepared(3))).unwrap();
        let kept = shelf
            .answer(Subject::Tables, || panic!("it is kept"))
            .unwrap();
        assert_eq!((made.size(), kept.size()), (3, 3));
        // Another subject has an answer of its own.
        let other = shelf.answer(Subject::Table(vec![]), || Ok(prepared(4)));
        assert_eq!(other.unwrap().size(), 4);
    }

    #[test]
    fn what_is_kept_stays_within_its_bytes_whatever_is_asked_for() {
        let shelf = Shelf::default();
        let (catalog, _) = crate::load_export("", None).unwrap();
        let (first, _) = catalog.tables().next().unwrap();
        let subjects = (0..100).map(|others| Subject::Table(vec![first; 1 + others]));
        for subject in subjects {
            let made = shelf.answer(subject.clone(), || Ok(prepared(BYTES_MAX / 10)));
            assert_eq!(made.unwrap().size(), BYTES_MAX / 10);
            let kept = shelf.kept.read().unwrap();
            let counted = kept.answers.values().map(|kept| kept.size() + OVERHEAD);
            assert_eq!(kept.bytes, counted.sum::<usize>());
            assert!(kept.bytes <= BYTES_MAX && kept.answers.contains_key(&subject));
        }
        // One that would take the place of all others is not kept.
        let huge = shelf.answer(Subject::Tables, || Ok(prepared(BYTES_MAX)));
        assert_eq!(huge.unwrap().size(), BYTES_MAX);
        let kept = shelf.kept.read().unwrap();
        assert!(!kept.answers.contains_key(&Subject::Tables) && !kept.answers.is_empty());
    }
}
