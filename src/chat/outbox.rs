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
            self.queue_unsent(state, frame.len());
            state.queue(Waiting::Frame(frame));
        });
    }

    /// Ends the answer in progress with its last frame. The text goes out to its end first.
    pub(super) fn finish(&self, frame: Unstamped) {
        self.change(|state| {
            self.queue_unsent(state, frame.len());
            state.said.clear();
            state.sent = 0;
            state.queue(Waiting::Frame(frame));
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

    #[cfg(test)]
    fn overflown(&self) -> bool {
        self.state().overflown
    }

    /// Queues the text that has not gone out, before a frame of so many bytes.
    fn queue_unsent(&self, state: &mut State, bytes_after: usize) {
        // A client that is behind misses no text: the final frame has it all. Nor may a
        // partial take the room of that frame.
        let skipped = self.partials == Partials::Cumulative
            && (!state.waiting.is_empty() || state.said.len() + bytes_after > BYTES_MAX);
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
        if state.overflown {
            // What still waits would come before a gap.
            return Ok(state.farewell.map_or(Outgoing::TooSlow, Outgoing::Close));
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

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(50);
    const FAREWELL: Farewell = Farewell {
        code: 1001,
        reason: "bye",
    };

    fn outbox(partials: Partials) -> Outbox {
        Outbox::new(partials, INTERVAL)
    }

    fn frame(name: &str) -> Unstamped {
        frames::user(name)
    }

    /// The content of what is sent next, and after how long.
    async fn sent(outbox: &Outbox) -> (String, Duration) {
        let before = Instant::now();
        let text = match outbox.next().await {
            Outgoing::Text(text) => text,
            other => panic!("{other:?}"),
        };
        let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
        (
            frame["content"].as_str().unwrap().to_owned(),
            before.elapsed(),
        )
    }

    /// Whether there is nothing to send for the next hour.
    async fn is_silent(outbox: &Outbox) -> bool {
        let hour = Duration::from_secs(3600);
        tokio::time::timeout(hour, outbox.next()).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn cumulative_partials_keep_their_interval_and_end_with_the_whole_text() {
        let outbox = outbox(Partials::Cumulative);
        let pieces: Vec<String> = (0..200).map(|number| format!("{number} ")).collect();
        let telling = async {
            for piece in &pieces {
                Telling(&outbox).text(piece);
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            outbox.finish(frame("end"));
        };
        let reading = async {
            let mut frames = vec![(sent(&outbox).await.0, Instant::now())];
            while frames[frames.len() - 1].0 != "end" {
                frames.push((sent(&outbox).await.0, Instant::now()));
            }
            frames
        };
        let ((), mut frames) = tokio::join!(telling, reading);
        frames.pop();
        for pair in frames.windows(2) {
            assert!(pair[1].0.starts_with(&pair[0].0) && pair[1].0 != pair[0].0);
            assert!(pair[1].1 - pair[0].1 >= INTERVAL);
        }
        assert_eq!(frames.len(), 13, "600 ms, one at once and one in 50 ms");
        assert_eq!(frames[12].0, pieces.concat());
        assert!(is_silent(&outbox).await);
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_come_at_once_and_are_the_text_put_together() {
        let outbox = outbox(Partials::Delta);
        for piece in ["Tři ", "žluté", " \u{1F40E}"] {
            Telling(&outbox).text(piece);
            assert_eq!(sent(&outbox).await, (piece.to_owned(), Duration::ZERO));
            tokio::time::advance(BREATH).await;
        }
        Telling(&outbox).text("a");
        outbox.push(frame("tool"));
        Telling(&outbox).text("b");
        Telling(&outbox).text("c");
        outbox.finish(frame("end"));
        Telling(&outbox).text("next");
        for (wanted, waited) in [
            ("a", Duration::ZERO),
            ("tool", Duration::ZERO),
            ("bc", BREATH),
            ("end", Duration::ZERO),
            ("next", BREATH),
        ] {
            assert_eq!(sent(&outbox).await, (wanted.to_owned(), waited));
        }
        assert!(is_silent(&outbox).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_gets_fewer_partials_and_no_longer_queue() {
        let outbox = outbox(Partials::Cumulative);
        let telling = async {
            for _ in 0..1000 {
                Telling(&outbox).text("word ");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            outbox.finish(frame("end"));
        };
        let reading = async {
            let mut count = 0;
            while sent(&outbox).await.0 != "end" {
                count += 1;
                assert!(outbox.state().waiting.len() <= 2);
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            count
        };
        let ((), partials) = tokio::join!(telling, reading);
        assert_eq!(partials, 6, "in 10 s, one at once and one in 2 s");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_text_waits_for_its_interval_and_the_answer_for_it() {
        let outbox = outbox(Partials::Cumulative);
        Telling(&outbox).text("a");
        assert_eq!(sent(&outbox).await, ("a".to_owned(), Duration::ZERO));
        Telling(&outbox).text("b");
        outbox.finish(frame("end"));
        assert_eq!(sent(&outbox).await, ("ab".to_owned(), INTERVAL));
        assert_eq!(sent(&outbox).await, ("end".to_owned(), Duration::ZERO));
        Telling(&outbox).text("c");
        assert_eq!(sent(&outbox).await.0, "c", "the next answer begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_text_is_repeated_less_often() {
        let outbox = outbox(Partials::Cumulative);
        Telling(&outbox).text(&"x".repeat(200 * 2048));
        sent(&outbox).await;
        Telling(&outbox).text("y");
        let (_, waited) = sent(&outbox).await;
        assert_eq!(waited, INTERVAL + Duration::from_millis(200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_text_before_a_look_up_is_told_before_it_unless_the_client_is_behind() {
        let outbox = outbox(Partials::Cumulative);
        Telling(&outbox).text("a");
        outbox.push(frame("tool 1"));
        Telling(&outbox).text("b");
        outbox.push(frame("tool 2"));
        Telling(&outbox).text("c");
        for (wanted, waited) in [
            ("a", Duration::ZERO),
            ("tool 1", Duration::ZERO),
            ("tool 2", Duration::ZERO),
            ("abc", INTERVAL),
        ] {
            assert_eq!(sent(&outbox).await, (wanted.to_owned(), waited));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn more_frames_than_may_wait_are_noticed_and_nothing_follows_the_gap() {
        let outbox = outbox(Partials::Cumulative);
        for _ in 0..FRAMES_MAX {
            outbox.push(frame("x"));
        }
        assert!(!outbox.overflown());
        assert_eq!(sent(&outbox).await.0, "x");
        outbox.push(frame("x"));
        assert!(!outbox.overflown(), "there was room again");
        outbox.push(frame("x"));
        assert!(outbox.overflown());
        assert_eq!(outbox.next().await, Outgoing::TooSlow);
        outbox.close(FAREWELL);
        assert_eq!(outbox.next().await, Outgoing::Close(FAREWELL));
    }

    #[tokio::test(start_paused = true)]
    async fn more_bytes_than_may_wait_are_noticed_but_one_frame_always_fits() {
        let outbox = outbox(Partials::Cumulative);
        let long = "x".repeat(2 * BYTES_MAX);
        outbox.push(frame(&long));
        assert_eq!(sent(&outbox).await.0, long);
        outbox.push(frame("x"));
        outbox.push(frame("y"));
        assert!(!outbox.overflown(), "what was sent no longer counts");
        outbox.push(frame(&long));
        assert!(outbox.overflown());
    }

    #[tokio::test(start_paused = true)]
    async fn a_partial_never_takes_the_room_of_the_answer() {
        let outbox = outbox(Partials::Cumulative);
        let text = "x".repeat(BYTES_MAX / 2 + 1);
        Telling(&outbox).text(&text);
        outbox.finish(frame(&text));
        assert_eq!(sent(&outbox).await.0, text);
        assert!(!outbox.overflown());
        assert!(is_silent(&outbox).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_ping_goes_first_and_the_farewell_last_and_once() {
        let outbox = outbox(Partials::Cumulative);
        outbox.push(frame("x"));
        Telling(&outbox).text("a");
        outbox.close(FAREWELL);
        outbox.close(Farewell {
            code: 1008,
            reason: "too late",
        });
        outbox.ping();
        outbox.ping();
        assert_eq!(outbox.next().await, Outgoing::Ping);
        assert_eq!(sent(&outbox).await.0, "x");
        assert_eq!(sent(&outbox).await.0, "a");
        assert_eq!(outbox.next().await, Outgoing::Close(FAREWELL));
    }
}
