//! A decoder of `text/event-stream` (WHATWG HTML, section 9.2.6), free of I/O.
//!
//! Every sequence of bytes decodes to the same events however it is cut into chunks, in
//! time linear in the bytes that come in and go out, and nothing panics. An event that the
//! end of the stream cuts short is never handed out.

use std::mem;
use std::time::Duration;

use bytes::{Buf, BytesMut};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const LINE_FEED: u8 = b'\n';
const CARRIAGE_RETURN: u8 = b'\r';

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// Its type; `message` where the stream names none.
    pub event: String,
    /// Its data, the lines joined by line feeds.
    pub data: String,
    /// The last event id in force, which an event inherits from those before it.
    pub id: String,
}

/// An event grew past the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The cap.
    pub limit: usize,
}

/// Takes a stream in chunks and hands out its events.
///
/// ```
/// use mcop_api::model::sse::SseDecoder;
///
/// let mut decoder = SseDecoder::new(1024);
/// decoder.push(b"data: one\n\ndata: tw");
/// assert_eq!(decoder.next_event().unwrap().unwrap().data, "one");
/// assert!(decoder.next_event().is_none());
/// ```
#[derive(Debug)]
pub struct SseDecoder {
    unread: BytesMut,
    line: Line,
    /// The line before ended in CR: an LF that comes next belongs to that end. Remembered
    /// rather than awaited, so that the event is not held back for it.
    after_carriage_return: bool,
    draft: Draft,
    retry: Option<Duration>,
    failed: bool,
}

impl SseDecoder {
    /// A decoder at the start of a stream.
    ///
    /// An event's type, data and id may be `event_bytes_max` bytes together, as they are
    /// sent: a byte that is not UTF-8 counts once, though U+FFFD in its place takes three.
    /// A value that is to replace another counts beside it until its line ends. Comments
    /// and unknown fields may be of any length, for they are not kept.
    pub fn new(event_bytes_max: usize) -> Self {
        Self {
            unread: BytesMut::new(),
            line: Line::ByteOrderMark(BYTE_ORDER_MARK),
            after_carriage_return: false,
            draft: Draft::new(event_bytes_max),
            retry: None,
            failed: false,
        }
    }

    /// Takes the next bytes of the stream, of any length.
    ///
    /// They are held, beside the event they may be part of, until
    /// [`next_event`](Self::next_event) has read them.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.failed {
            self.unread.extend_from_slice(bytes);
        }
    }

    /// The next event that is complete; `None` where more bytes are needed.
    ///
    /// After an error the decoder is finished and says `None`.
    pub fn next_event(&mut self) -> Option<Result<SseEvent, EventTooLong>> {
        let chunk = mem::take(&mut self.unread);
        let mut unread = chunk.as_ref();
        let outcome = self.read(&mut unread);
        let consumed = chunk.len() - unread.len();
        if outcome.is_err() {
            self.failed = true;
            self.draft = Draft::new(self.draft.limit);
        } else {
            self.unread = chunk;
            self.unread.advance(consumed);
        }
        outcome.transpose()
    }

    /// The last valid `retry` field: how long to wait before a stream that broke off is
    /// asked for again. Counts as soon as its line has ended.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Reads up to the end of the next event, and takes what was read off `unread`.
    fn read(&mut self, unread: &mut &[u8]) -> Result<Option<SseEvent>, EventTooLong> {
        while let Some((&byte, after)) = unread.split_first() {
            if mem::take(&mut self.after_carriage_return) && byte == LINE_FEED {
                *unread = after;
                continue;
            }
            match self.line {
                Line::ByteOrderMark(missing) => {
                    self.line = match missing {
                        [expected, missing @ ..] if byte == *expected => {
                            *unread = after;
                            match missing {
                                [] => Line::Start,
                                _ => Line::ByteOrderMark(missing),
                            }
                        }
                        _ if missing == BYTE_ORDER_MARK => Line::Start,
                        // Part of the mark is part of a name, and of none that is known.
                        _ => Line::Skipped,
                    };
                }
                _ if is_line_end(byte) => {
                    *unread = after;
                    self.after_carriage_return = byte == CARRIAGE_RETURN;
                    if let Some(event) = self.end_line()? {
                        return Ok(Some(event));
                    }
                }
                Line::Start => {
                    *unread = after;
                    self.line = match byte {
                        b'd' => Line::Name(Field::Data, b"ata"),
                        b'e' => Line::Name(Field::Event, b"vent"),
                        b'i' => Line::Name(Field::Id, b"d"),
                        b'r' => Line::Name(Field::Retry, b"etry"),
                        _ => Line::Skipped,
                    };
                }
                Line::Name(field, missing) => {
                    *unread = after;
                    self.line = match missing {
                        [] if byte == b':' => {
                            self.draft.begin(field)?;
                            Line::Colon(field)
                        }
                        [expected, missing @ ..] if byte == *expected => Line::Name(field, missing),
                        _ => Line::Skipped,
                    };
                }
                Line::Colon(field) => {
                    if byte == b' ' {
                        *unread = after;
                    }
                    self.line = Line::Value(field);
                }
                Line::Value(field) => {
                    let value = take_until_line_end(unread);
                    self.draft.append(field, value)?;
                }
                Line::Skipped => {
                    take_until_line_end(unread);
                }
            }
        }
        Ok(None)
    }

    fn end_line(&mut self) -> Result<Option<SseEvent>, EventTooLong> {
        match mem::replace(&mut self.line, Line::Start) {
            Line::Start => return Ok(self.draft.dispatch()),
            Line::Name(field, []) => {
                self.draft.begin(field)?;
                self.end_field(field);
            }
            Line::Colon(field) | Line::Value(field) => self.end_field(field),
            Line::ByteOrderMark(_) | Line::Name(..) | Line::Skipped => {}
        }
        Ok(None)
    }

    fn end_field(&mut self, field: Field) {
        let value = mem::take(&mut self.draft.value);
        match field {
            Field::Data => {}
            Field::Event => self.draft.event = value,
            Field::Id => {
                if !value.contains(&0) {
                    self.draft.id = value;
                }
            }
            Field::Retry => self.retry = milliseconds(&value).or(self.retry),
        }
    }

    /// How many bytes of the stream are held: those that were not read yet, and the event
    /// that they may become part of.
    pub fn held_bytes(&self) -> usize {
        self.unread.len() + self.draft.held_bytes()
    }
}

/// Where in a line the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// At the start of the stream, where these bytes would complete a byte order mark.
    ByteOrderMark(&'static [u8]),
    Start,
    /// In what becomes the name of a field with these bytes.
    Name(Field, &'static [u8]),
    /// Behind the colon, where one space does not belong to the value.
    Colon(Field),
    Value(Field),
    /// In a comment or an unknown field.
    Skipped,
}

#[derive(Debug, Clone, Copy)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
}

/// The event that the lines so far make up, in bytes: a character may be cut in two by the
/// end of a chunk, but not by that of a value.
#[derive(Debug)]
struct Draft {
    limit: usize,
    event: Vec<u8>,
    /// `None` before the first line of data: such an event is not dispatched.
    data: Option<Vec<u8>>,
    id: Vec<u8>,
    /// The value of a line that has not ended, other than of data.
    value: Vec<u8>,
}

impl Draft {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            event: Vec::new(),
            data: None,
            id: Vec::new(),
            value: Vec::new(),
        }
    }

    fn held_bytes(&self) -> usize {
        let data = self.data.as_ref().map_or(0, Vec::len);
        self.event.len() + data + self.id.len() + self.value.len()
    }

    fn begin(&mut self, field: Field) -> Result<(), EventTooLong> {
        match field {
            Field::Data if self.data.is_some() => self.append(field, &[LINE_FEED]),
            Field::Data => {
                self.data = Some(Vec::new());
                Ok(())
            }
            Field::Event | Field::Id | Field::Retry => Ok(()),
        }
    }

    fn append(&mut self, field: Field, bytes: &[u8]) -> Result<(), EventTooLong> {
        if bytes.len() > self.limit.saturating_sub(self.held_bytes()) {
            return Err(EventTooLong { limit: self.limit });
        }
        let value = match field {
            Field::Data => self.data.get_or_insert_default(),
            Field::Event | Field::Id | Field::Retry => &mut self.value,
        };
        value.extend_from_slice(bytes);
        Ok(())
    }

    /// The event of the lines before a blank one; the id stays in force.
    fn dispatch(&mut self) -> Option<SseEvent> {
        let event = mem::take(&mut self.event);
        let data = self.data.take()?;
        Some(SseEvent {
            event: if event.is_empty() {
                "message".to_owned()
            } else {
                decode(event)
            },
            data: decode(data),
            id: decode(self.id.clone()),
        })
    }
}

fn is_line_end(byte: u8) -> bool {
    byte == LINE_FEED || byte == CARRIAGE_RETURN
}

fn take_until_line_end<'a>(unread: &mut &'a [u8]) -> &'a [u8] {
    let length = unread.iter().position(|byte| is_line_end(*byte));
    let (taken, rest) = unread.split_at(length.unwrap_or(unread.len()));
    *unread = rest;
    taken
}

/// Copies only what is not UTF-8.
fn decode(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Only digits count; `parse` would take a sign too.
fn milliseconds(value: &[u8]) -> Option<Duration> {
    let digits = str::from_utf8(value)
        .ok()
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    // Of digits alone only those that do not fit fail.
    Some(Duration::from_millis(digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests;
