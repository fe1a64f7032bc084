//! The conversation of a session: what was asked, what was answered.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Focus;

/// The most turns that are remembered.
const TURNS_MAX: usize = 100;
/// The most bytes of questions and answers that are remembered.
const BYTES_MAX: usize = 256 * 1024;
/// The most turns that a conversation is believed to have had: there is room to count on.
const COUNT_MAX: usize = u32::MAX as usize;

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// As the person wrote it.
    pub question: String,
    /// The answer; where it broke off, as far as it came.
    pub answer: String,
    /// Whether the answer came to its end.
    pub complete: bool,
    /// What it was about.
    pub focus: Focus,
}

impl Turn {
    fn bytes(&self) -> usize {
        self.question.len() + self.answer.len() + self.focus.tables.len() * size_of::<u32>()
    }
}

/// What was said in a session, the oldest turns forgotten first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    turns: VecDeque<Arc<Turn>>,
    bytes: usize,
    /// How many turns there were in all, forgotten ones included.
    count: usize,
}

impl Thread {
    /// Adds a turn, and forgets the oldest where there are too many.
    pub fn push(&mut self, turn: Turn) {
        self.bytes += turn.bytes();
        self.count += 1;
        self.turns.push_back(Arc::new(turn));
        while self.turns.len() > TURNS_MAX || (self.bytes > BYTES_MAX && self.turns.len() > 1) {
            if let Some(oldest) = self.turns.pop_front() {
                self.bytes -= oldest.bytes();
            }
        }
    }

    /// What was remembered of a conversation that had so many turns in all.
    pub(crate) fn restored(turns: Vec<Turn>, count: usize) -> Self {
        let mut thread = Self::default();
        for turn in turns {
            thread.push(turn);
        }
        thread.count = count.clamp(thread.turns.len(), COUNT_MAX);
        thread
    }

    /// The turns that are remembered, oldest first, by their numbers in the conversation from 0.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &Turn)> {
        (self.first()..).zip(self.turns())
    }

    /// The number of the oldest turn that is remembered.
    pub(crate) fn first(&self) -> usize {
        self.count - self.turns.len()
    }

    /// How many turns there were in all, forgotten ones included.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The turns that are remembered, oldest first.
    pub fn turns(&self) -> impl DoubleEndedIterator<Item = &Turn> {
        self.turns.iter().map(|turn| &**turn)
    }

    /// What is being spoken of, in the language of the last whole answer: that answer's
    /// focus, or where it was about no tables and schemas, the latest that was about some. An
    /// answer that was stopped leaves the subject as it was.
    #[must_use]
    pub fn focus(&self) -> Option<Focus> {
        let whole = || self.turns().rev().filter(|turn| turn.complete);
        let last = &whole().next()?.focus;
        let mut foci = whole().map(|turn| &turn.focus);
        let spoken_of = foci.find(|focus| focus.is_about_something());
        Some(Focus {
            language: last.language,
            ..spoken_of.unwrap_or(last).clone()
        })
    }

    /// Bytes that are remembered.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many messages the session has seen, questions and answers counted.
    #[must_use]
    pub fn message_count(&self) -> usize {
        self.count * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(question: String) -> Turn {
        Turn {
            question,
            answer: String::new(),
            complete: true,
            focus: Focus::default(),
        }
    }

    #[test]
    fn the_oldest_turns_are_forgotten_and_all_are_counted() {
        let mut thread = Thread::default();
        for number in 0..250 {
            thread.push(turn(number.to_string()));
        }
        assert_eq!(thread.turns().count(), TURNS_MAX);
        assert_eq!(thread.turns().next().unwrap().question, "150");
        assert_eq!(thread.message_count(), 500);
    }

    #[test]
    fn bytes_are_bounded_and_the_last_turn_is_kept_whatever_its_length() {
        let mut thread = Thread::default();
        for _ in 0..10 {
            thread.push(turn("x".repeat(BYTES_MAX / 4)));
        }
        assert!(thread.bytes() <= BYTES_MAX);
        assert_eq!(thread.turns().count(), 4);
        thread.push(turn("y".repeat(BYTES_MAX * 2)));
        assert_eq!(thread.turns().count(), 1);
        assert_eq!(thread.bytes(), BYTES_MAX * 2);
    }
}
