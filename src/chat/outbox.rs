//! What waits to be sent to one client: bounded, whatever the client does not read.
//!
//! Frames that must arrive wait in a short queue. The text of the answer in progress is
//! kept once, however many pieces it came in, and made into a partial when the client can
//! take one: a slow reader gets fewer and longer partials, never a longer queue.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::frames::{self, Unstamped};
use crate::explorer::Listener;

/// Frames that may wait for one client.
const FRAMES_MAX: usize = 64;
/// Bytes of frames that may wait for one client.
const BYTES_MAX: usize = 1024 * 1024;
/// A cumulative partial repeats the text, so long texts get fewer: this many bytes of text
/// lengthen the pause by a millisecond.
const BYTES_PER_MILLISECOND: usize = 2048;

/// What the content of partial frames is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partials {
    /// The whole text until now, at most once in an interval.
    #[default]
    Cumulative,
    /// Each new piece, as it comes.
    Delta,
}

/// Why and with which code a socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Farewell {
    /// RFC 6455, section 7.4.
    pub code: u16,
    /// In words.
    pub reason: &'static str,
}

/// What the writer does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outgoing {
    Text(String),
    Ping,
    Close(Farewell),
}

#[derive(Debug)]
enum Waiting {
    Frame(Unstamped),
    /// The content of the partial that ends an answer's text; it keeps the interval too.
    Partial(String),
}

impl Waiting {
    fn len(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.len(),
            Self::Partial(content) => content.len(),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// The text of the answer in progress.
    said: String,
    /// How many bytes of it have gone out.
    sent: usize,
    next_partial: Option<Instant>,
    ping: bool,
    farewell: Option<Farewell>,
    overflown: bool,
}

/// See the module's documentation. All methods lock for a moment and never wait, but for
/// [`Outbox::next`].
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
    partials: Partials,
    interval: Duration,
}

impl Outbox {
    pub(super) fn new(partials: Partials, interval: Duration) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            partials,
            interval,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_one();
    }

    /// Queues a frame that must arrive, after the text that came before it.
    pub(super) fn push(&self, frame: Unstamped) {
        self.change(|state| {
            self.queue_unsent(state);
            state.queue(Waiting::Frame(frame));
        });
    }

    /// Ends the answer in progress with its last frame. The text goes out to its end first.
    pub(super) fn finish(&self, frame: Unstamped) {
        self.change(|state| {
            self.queue_unsent(state);
            state.said.clear();
            state.sent = 0;
            state.queue(Waiting::Frame(frame));
        });
    }

    /// The text of the answer in progress.
    pub(super) fn said(&self) -> String {
        self.state().said.clone()
    }

    pub(super) fn ping(&self) {
        self.change(|state| state.ping = true);
    }

    /// Closes the socket after what waits; at once where the client does not read anyway.
    pub(super) fn close(&self, farewell: Farewell) {
        self.change(|state| {
            state.farewell.get_or_insert(farewell);
        });
    }

    /// Whether more waits than may.
    pub(super) fn overflown(&self) -> bool {
        self.state().overflown
    }

    fn queue_unsent(&self, state: &mut State) {
        // A client that is behind misses no text: the final frame has it all.
        let skipped = self.partials == Partials::Cumulative && !state.waiting.is_empty();
        if state.sent < state.said.len() && !skipped {
            let partial = self.partial(&state.said, &mut state.sent).to_owned();
            state.queue(Waiting::Partial(partial));
        }
    }

    /// The content of a partial; all text so far counts as sent from here on.
    fn partial<'s>(&self, said: &'s str, sent: &mut usize) -> &'s str {
        let from = std::mem::replace(sent, said.len());
        match self.partials {
            Partials::Cumulative => said,
            Partials::Delta => said.get(from..).unwrap_or_default(),
        }
    }

    fn pause_after(&self, state: &State) -> Duration {
        match self.partials {
            Partials::Delta => Duration::ZERO,
            Partials::Cumulative => {
                let longer = state.said.len() / BYTES_PER_MILLISECOND;
                self.interval + Duration::from_millis(u64::try_from(longer).unwrap_or(0))
            }
        }
    }

    /// What to send next; waits until there is something.
    pub(super) async fn next(&self) -> Outgoing {
        loop {
            let changed = self.changed.notified();
            let wait_until = match self.take() {
                Ok(outgoing) => return outgoing,
                Err(wait_until) => wait_until,
            };
            match wait_until {
                None => changed.await,
                Some(time) => {
                    tokio::select! {
                        () = changed => {}
                        () = tokio::time::sleep_until(time) => {}
                    }
                }
            }
        }
    }

    /// What can be sent now, or when to look again.
    fn take(&self) -> Result<Outgoing, Option<Instant>> {
        let mut state = self.state();
        let state = &mut *state;
        if std::mem::take(&mut state.ping) {
            return Ok(Outgoing::Ping);
        }
        let now = Instant::now();
        let resting_until = state.next_partial.filter(|time| *time > now);
        let partial = match state.waiting.front() {
            Some(Waiting::Frame(_)) => false,
            Some(Waiting::Partial(_)) => true,
            None if state.sent < state.said.len() => true,
            None => return state.farewell.map(Outgoing::Close).ok_or(None),
        };
        if partial {
            if resting_until.is_some() {
                return Err(resting_until);
            }
            state.next_partial = Some(now + self.pause_after(state));
        }
        let frame = match state.waiting.pop_front() {
            Some(next) => {
                state.bytes -= next.len();
                match next {
                    Waiting::Frame(frame) => frame,
                    Waiting::Partial(content) => frames::agent_partial(&content),
                }
            }
            None => frames::agent_partial(self.partial(&state.said, &mut state.sent)),
        };
        Ok(Outgoing::Text(frame.stamped()))
    }
}

impl State {
    fn queue(&mut self, next: Waiting) {
        let full = self.waiting.len() == FRAMES_MAX || self.bytes + next.len() > BYTES_MAX;
        // A single frame is always taken: there is nothing to drop in its place.
        if full && !self.waiting.is_empty() {
            self.overflown = true;
            return;
        }
        self.bytes += next.len();
        self.waiting.push_back(next);
    }
}

/// Tells a client what an explorer does.
pub(super) struct Telling<'a>(pub(super) &'a Outbox);

impl Listener for Telling<'_> {
    fn tool(&mut self, name: &str, words: &str) {
        self.0.push(frames::tool(name, words));
    }

    fn text(&mut self, piece: &str) {
        self.0.change(|state| state.said.push_str(piece));
    }
}
