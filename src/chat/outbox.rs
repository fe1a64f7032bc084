//! What waits to be sent to one client: bounded, whatever the client does not read.
//!
//! Frames that must arrive wait in a short queue. The text of the answer in progress is
//! kept once, however many pieces it came in, and made into a partial when the client can
//! take one: a slow reader gets fewer and longer partials, never a longer queue.
//!
//! For a client that wants to resume, what was sent is kept for a while, too, and goes out
//! again to its next socket, before anything new.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::frames::{self, Unstamped};
use super::kept::{self, Kept, Role};
use crate::explorer::Listener;

/// Frames that may wait for one client: as many as are kept for one that may come back.
const FRAMES_MAX: usize = kept::FRAMES_MAX;
/// Bytes of frames that may wait for one client when another comes: together they are at most so
/// many, and one answer.
const BYTES_MAX: usize = 1024 * 1024;
/// The longest text of a cumulative partial, in bytes: of a longer answer only the end is told.
const CUMULATIVE_MAX: usize = 512 * 1024;
/// The longest piece of a text, in bytes. More goes out in several, of which some are kept.
const PIECE_MAX: usize = 64 * 1024;
/// A cumulative partial repeats the text, so long texts get fewer: this many bytes of text
/// lengthen the pause by a millisecond.
const BYTES_PER_MILLISECOND: usize = 2048;

/// The least time between two partials that are pieces: too short to be seen, and longer
/// than a fast model takes for its next tokens, of which each would cost a frame.
const BREATH: Duration = Duration::from_millis(1);

/// What the content of partial frames is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partials {
    /// The whole text until now, at most once in an interval.
    #[default]
    Cumulative,
    /// Each new piece, as it comes; those of one millisecond go together.
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
    /// More would wait than may.
    TooSlow,
    Close(Farewell),
}

#[derive(Debug)]
enum Waiting {
    Frame(Unstamped, Role),
    /// The content of the partial that ends an answer's text; it keeps the interval too.
    Partial(String),
}

impl Waiting {
    fn len(&self) -> usize {
        match self {
            Self::Frame(frame, _) => frame.len(),
            Self::Partial(content) => content.len(),
        }
    }
}

#[derive(Debug)]
struct State {
    partials: Partials,
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
    /// The number of the next frame.
    next_seq: u64,
    /// What was sent, for a client that wants to resume.
    kept: Option<Kept>,
    /// The frames that are kept go out again from the one after this on.
    again_after: Option<u64>,
    /// Whether there is no socket to write to.
    detached: bool,
}

/// See the module's documentation. All methods lock for a moment and never wait, but for
/// [`Outbox::next`].
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
    interval: Duration,
}

impl Outbox {
    /// An outbox whose frames are numbered from `first` on, and kept if the client wants to `resume`.
    pub(super) fn new(partials: Partials, interval: Duration, first: u64, resume: bool) -> Self {
        Self {
            state: Mutex::new(State {
                partials,
                waiting: VecDeque::new(),
                bytes: 0,
                said: String::new(),
                sent: 0,
                next_partial: None,
                ping: false,
                farewell: None,
                overflown: false,
                next_seq: first,
                kept: resume.then(|| Kept::new(first)),
                again_after: None,
                detached: false,
            }),
            changed: Notify::new(),
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
        self.change(|state| state.queue(frame, Role::Other));
    }

    /// Ends the answer in progress with its last frame. The text goes out to its end first.
    pub(super) fn finish(&self, frame: Unstamped) {
        self.change(|state| {
            state.queue(frame, Role::Last);
            state.said.clear();
            state.sent = 0;
        });
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

    /// The socket is gone: from here on all that comes is kept, or nothing is.
    pub(super) fn detach(&self) {
        let mut state = self.state();
        state.detached = true;
        state.keep_waiting();
    }

    /// Goes on over another socket, whose client has seen the frames up to this number: those after it
    /// go out first. `false` where they are not kept: then all that is left is [`Outbox::restart`].
    pub(super) fn resume(&self, seen: u64, partials: Partials) -> bool {
        let mut state = self.state();
        let state = &mut *state;
        state.detached = false;
        state.ping = false;
        // Pieces are no use to a client that takes each for the whole, nor the other way round.
        let same = std::mem::replace(&mut state.partials, partials) == partials;
        let kept = state.kept.as_ref();
        let whole = same
            && !state.overflown
            && kept.is_some_and(|kept| kept.has_all_after(seen, state.next_seq));
        state.again_after = whole.then_some(seen);
        self.changed.notify_one();
        whole
    }

    /// Puts one frame, made of the text of the answer in progress, into the place of all that was kept
    /// and waits.
    pub(super) fn restart(&self, frame: impl FnOnce(&str) -> Unstamped) {
        self.change(|state| {
            state.forget();
            state.overflown = false;
            state.sent = state.said.len();
            let frame = frame(&state.said);
            state.add(Waiting::Frame(frame, Role::Other));
        });
    }

    #[cfg(test)]
    fn overflown(&self) -> bool {
        self.state().overflown
    }

    fn pause_after(&self, state: &State) -> Duration {
        match state.partials {
            Partials::Delta => BREATH,
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
        if let Some(again) = state.take_again() {
            return Ok(Outgoing::Text(again));
        }
        if state.overflown {
            // What still waits would come before a gap.
            return Ok(state.farewell.map_or(Outgoing::TooSlow, Outgoing::Close));
        }
        let now = Instant::now();
        let resting_until = state.next_partial.filter(|time| *time > now);
        let partial = match state.waiting.front() {
            Some(Waiting::Frame(..)) => false,
            Some(Waiting::Partial(_)) => true,
            None if state.has_untold() => true,
            None => return state.farewell.map(Outgoing::Close).ok_or(None),
        };
        if partial {
            if resting_until.is_some() {
                return Err(resting_until);
            }
            state.next_partial = Some(now + self.pause_after(state));
        }
        let (frame, role) = if let Some(next) = state.waiting.pop_front() {
            state.bytes -= next.len();
            match next {
                Waiting::Frame(frame, role) => (frame, role),
                Waiting::Partial(content) => {
                    (frames::agent_partial(&content), state.role_of_partials())
                }
            }
        } else {
            let range = state.untold();
            let content = state.said.get(range).unwrap_or_default();
            (frames::agent_partial(content), state.role_of_partials())
        };
        Ok(Outgoing::Text(state.stamp(frame, role)))
    }
}

impl State {
    /// Queues a frame after the text that has not gone out.
    fn queue(&mut self, frame: Unstamped, role: Role) {
        if self.overflown {
            return;
        }
        // A client that is behind misses no text: the final frame has it all. Nor may a
        // partial take the room of that frame.
        let skipped = self.partials == Partials::Cumulative
            && (!self.waiting.is_empty() || self.said.len() + frame.len() > BYTES_MAX);
        let untold = if skipped {
            0
        } else {
            self.said.len() - self.sent
        };
        // A text and the frame that ends it are one: an answer that came at once is no sign of a
        // client that is slow.
        if !self.has_room(untold + frame.len()) {
            self.overflow();
            return;
        }
        while !skipped && self.has_untold() {
            let range = self.untold();
            let content = self.said.get(range).unwrap_or_default().to_owned();
            self.add(Waiting::Partial(content));
        }
        self.add(Waiting::Frame(frame, role));
        self.keep_waiting();
    }

    /// Without a socket, what waits and what was sent are kept together.
    fn keep_waiting(&mut self) {
        if !self.detached {
            return;
        }
        if self.waiting.len() > FRAMES_MAX || self.bytes > kept::BYTES_MAX {
            self.overflow();
        } else if let Some(kept) = &mut self.kept {
            kept.make_room(self.waiting.len(), self.bytes);
        }
    }

    fn add(&mut self, next: Waiting) {
        self.bytes += next.len();
        self.waiting.push_back(next);
    }

    /// Whether so many bytes more may wait.
    fn has_room(&self, bytes: usize) -> bool {
        let bytes = if self.detached {
            self.bytes + bytes <= kept::BYTES_MAX
        } else {
            // A frame is taken, however long, where little waits: there is nothing to drop in its place.
            self.bytes < BYTES_MAX
        };
        bytes && self.waiting.len() < FRAMES_MAX
    }

    /// Notes that there is a gap: what came before it is worth nothing now.
    fn overflow(&mut self) {
        self.overflown = true;
        self.forget();
    }

    fn forget(&mut self) {
        self.waiting = VecDeque::new();
        self.bytes = 0;
        self.again_after = None;
        if let Some(kept) = &mut self.kept {
            kept.clear(self.next_seq);
        }
    }

    /// Whether there is text that has not gone out, and may.
    fn has_untold(&self) -> bool {
        let too_long = self.partials == Partials::Cumulative && self.said.len() > CUMULATIVE_MAX;
        self.sent < self.said.len() && !too_long
    }

    /// Where in the text the content of the next partial is, which counts as sent from here on.
    fn untold(&mut self) -> Range<usize> {
        let all = self.said.len();
        let (from, until) = match self.partials {
            Partials::Cumulative => (0, all),
            Partials::Delta => {
                let mut ends = (self.sent..=all.min(self.sent + PIECE_MAX)).rev();
                // No part of a character.
                let end = ends.find(|end| self.said.is_char_boundary(*end));
                (self.sent, end.unwrap_or(all))
            }
        };
        self.sent = until;
        from..until
    }

    fn role_of_partials(&self) -> Role {
        match self.partials {
            Partials::Cumulative => Role::Cumulative,
            Partials::Delta => Role::Other,
        }
    }

    /// The frame as it is sent now, and kept where the client wants to resume.
    fn stamp(&mut self, frame: Unstamped, role: Role) -> String {
        let seq = self.next_seq;
        self.next_seq += 1;
        let text = frame.stamped(seq);
        if let Some(kept) = &mut self.kept {
            kept.push(seq, &text, role);
        }
        text
    }

    /// The next frame that goes out again.
    fn take_again(&mut self) -> Option<String> {
        let next = self.kept.as_ref()?.after(self.again_after?);
        let (seq, text) = next.map(|(seq, text)| (seq, text.to_string())).unzip();
        self.again_after = seq;
        text
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

#[cfg(test)]
mod tests;
