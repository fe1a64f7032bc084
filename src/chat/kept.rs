//! Frames that were sent and may have been lost on the way, kept to be sent again.

use std::collections::VecDeque;
use std::sync::Arc;

/// Frames that are kept for a client that may come back.
pub(super) const FRAMES_MAX: usize = 256;
/// Bytes of frames that are kept for a client that may come back.
pub(super) const BYTES_MAX: usize = 256 * 1024;

/// What a frame means to those kept before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The whole text so far: partials of the same answer before it say nothing more.
    Cumulative,
    /// The last frame of an answer.
    Last,
    /// Nothing.
    Other,
}

#[derive(Debug)]
struct Frame {
    seq: u64,
    text: Arc<str>,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Kept {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The first number of the conversation.
    first: u64,
    /// From this number on, no frame is missing.
    whole_from: u64,
    /// The partial that the next one of its answer takes the place of.
    partial: Option<u64>,
}

impl Kept {
    /// Keeps the frames of a conversation from this number on.
    pub(super) fn new(first: u64) -> Self {
        Self {
            frames: VecDeque::new(),
            bytes: 0,
            first,
            whole_from: first,
            partial: None,
        }
    }

    /// Keeps a frame, and lets go of the oldest where there are too many.
    pub(super) fn push(&mut self, seq: u64, text: &str, role: Role) {
        if role == Role::Cumulative
            && let Some(older) = self.partial.replace(seq)
            && let Ok(place) = self.frames.binary_search_by_key(&older, |frame| frame.seq)
            && let Some(frame) = self.frames.remove(place)
        {
            self.bytes -= frame.text.len();
        }
        if role == Role::Last {
            self.partial = None;
        }
        self.bytes += text.len();
        let text = text.into();
        self.frames.push_back(Frame { seq, text });
        self.make_room(0, 0);
    }

    /// Lets go of the oldest frames until so many more frames and bytes may be kept.
    pub(super) fn make_room(&mut self, frames: usize, bytes: usize) {
        while self.frames.len() + frames > FRAMES_MAX || self.bytes + bytes > BYTES_MAX {
            let Some(oldest) = self.frames.pop_front() else {
                break;
            };
            self.bytes -= oldest.text.len();
            self.whole_from = oldest.seq + 1;
        }
    }

    /// Lets go of all; what comes next has this number.
    pub(super) fn clear(&mut self, next: u64) {
        self.frames = VecDeque::new();
        self.bytes = 0;
        self.partial = None;
        self.whole_from = next;
    }

    /// Whether all is here that a client misses which has `seen` the frames up to that number, the
    /// `next` of the conversation being not yet sent.
    pub(super) fn has_all_after(&self, seen: u64, next: u64) -> bool {
        // Numbers before the first are those of an earlier conversation, and 0 is none: such a client
        // misses all of this one.
        let from = (seen.saturating_add(1)).max(self.first);
        (self.whole_from..=next).contains(&from)
    }

    /// The frame that comes after this number.
    pub(super) fn after(&self, seq: u64) -> Option<(u64, &Arc<str>)> {
        let place = self.frames.partition_point(|frame| frame.seq <= seq);
        self.frames
            .get(place)
            .map(|Frame { seq, text }| (*seq, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(kept: &Kept, mut seq: u64) -> Vec<(u64, String)> {
        let mut frames = Vec::new();
        while let Some((next, text)) = kept.after(seq) {
            frames.push((next, text.to_string()));
            seq = next;
        }
        frames
    }

    #[test]
    fn a_partial_takes_the_place_of_the_one_before_it_in_the_same_answer() {
        let mut kept = Kept::new(100);
        for (seq, text, role) in [
            (100, "user", Role::Other),
            (101, "a", Role::Cumulative),
            (102, "tool", Role::Other),
            (103, "ab", Role::Cumulative),
            (104, "cancelled", Role::Last),
            (105, "c", Role::Cumulative),
            (106, "cd", Role::Cumulative),
        ] {
            kept.push(seq, text, role);
        }
        let all = [
            (100, "user"),
            (102, "tool"),
            (103, "ab"),
            (104, "cancelled"),
            (106, "cd"),
        ]
        .map(|(seq, text)| (seq, text.to_owned()));
        assert_eq!(after(&kept, 0), all);
        assert_eq!(after(&kept, 101), all[1..]);
        assert_eq!(after(&kept, 106), []);
        assert_eq!(kept.bytes, 4 + 4 + 2 + 9 + 2);
        for (seen, wanted) in [
            (0, true),
            (99, true),
            (105, true),
            (106, true),
            (107, false),
        ] {
            assert_eq!(kept.has_all_after(seen, 107), wanted, "{seen}");
        }
    }

    #[test]
    fn so_many_frames_and_bytes_are_kept_and_it_is_known_what_is_missing() {
        let mut kept = Kept::new(1);
        for seq in 1..=300 {
            kept.push(seq, "x", Role::Other);
        }
        assert_eq!(after(&kept, 0).len(), FRAMES_MAX);
        assert!(!kept.has_all_after(43, 301), "44 is gone");
        assert!(kept.has_all_after(44, 301) && !kept.has_all_after(0, 301));
        kept.push(301, &"x".repeat(BYTES_MAX - 10), Role::Other);
        assert_eq!((kept.frames.len(), kept.bytes), (11, BYTES_MAX));
        kept.make_room(FRAMES_MAX - 3, 0);
        assert_eq!(kept.frames.len(), 3);
        kept.make_room(0, 20);
        assert_eq!(kept.frames.len(), 0, "the last is the longest");
        kept.push(302, &"x".repeat(BYTES_MAX + 1), Role::Other);
        assert_eq!((kept.frames.len(), kept.bytes), (0, 0));
        assert!(kept.has_all_after(302, 303) && !kept.has_all_after(301, 303));
        kept.clear(310);
        assert!(kept.has_all_after(309, 310) && !kept.has_all_after(302, 310));
    }
}
