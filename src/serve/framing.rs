//! Refuses requests whose end two servers may see in different places ("request smuggling"), or which
//! they may take for requests to different hosts.
//!
//! A proxy in front that ends a request elsewhere than this service takes the rest for the next
//! request, perhaps that of somebody else. hyper is lenient where the standard allows it (RFC 9112,
//! sections 2.2 and 6.3): it ends lines at a bare line feed, takes a length that is said twice, and
//! where a length and chunks are both announced it follows the chunks and hides the length. So the
//! heads are read here as well, before hyper sees them, for nothing but their lines, lengths and hosts.
//! hyper also takes a request that names no host, which only HTTP/1.0 allows (section 3.2).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of a line that are kept where its end has not come yet; more than the headers have that
/// are looked at.
const KEPT_MAX: usize = 64;

/// Follows the requests of one connection.
#[derive(Debug)]
pub(super) struct Framing {
    place: Place,
    /// How many heads have come to their end.
    heads: u64,
    unfinished: Unfinished,
}

/// Which request of a connection, counted from 1, has not come to its end; 0: none. An answer to it
/// is the last of the connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Unfinished(Arc<AtomicU64>);

impl Unfinished {
    /// Whether it is this one.
    pub(super) fn is(&self, request: u64) -> bool {
        self.0.load(Ordering::Relaxed) == request
    }
}

/// What the next byte belongs to.
#[derive(Debug)]
enum Place {
    /// The head of a request, or the time before one.
    Head(Head),
    /// A body with so many bytes still to come.
    Body(u64),
    /// A body in chunks: hyper alone knows where it ends, so nothing may follow it.
    Chunks,
    /// Whatever the connection is upgraded to, or the rest of its last request.
    Upgrade,
    /// A request that was refused.
    Refused,
}

/// A head as far as it has come.
#[derive(Debug, Default)]
struct Head {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    /// The last two bytes of the line, as far as it has come.
    last: [u8; 2],
    has_begun: bool,
    /// How long its body is, where it has said so.
    body: Option<BodyLength>,
    /// How often it has said which host it is for.
    hosts: u8,
    /// Whether it has to: in HTTP/1.0 it need not.
    must_name_host: bool,
    is_upgrade: bool,
}

/// How the end of a body is known.
#[derive(Debug, Clone, Copy)]
enum BodyLength {
    Bytes(u64),
    Chunks,
}

/// The head says in two ways, or in none that is sure, where the request ends or for which host it is.
#[derive(Debug, PartialEq, Eq)]
struct Ambiguous;

impl Framing {
    /// At the start of a connection; says in `unfinished` what it is in the middle of.
    pub(super) fn new(unfinished: Unfinished) -> Self {
        Self {
            place: Place::Head(Head::default()),
            heads: 0,
            unfinished,
        }
    }

    /// Reads on. An error is the place of a line that cannot be let through; all that comes after it
    /// is of no account.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let read = self.follow(bytes);
        let unfinished = match self.place {
            Place::Head(_) | Place::Refused => 0,
            Place::Body(_) | Place::Chunks | Place::Upgrade => self.heads,
        };
        self.unfinished.0.store(unfinished, Ordering::Relaxed);
        read
    }

    fn follow(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match &mut self.place {
                Place::Chunks | Place::Upgrade | Place::Refused => return Ok(()),
                Place::Body(left) => {
                    let here =
                        usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
                    *left -= here as u64;
                    at += here;
                    if *left == 0 {
                        self.place = Place::Head(Head::default());
                    }
                }
                Place::Head(head) => {
                    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                        head.keep(rest);
                        return Ok(());
                    };
                    match head.line(rest.get(..end).unwrap_or_default()) {
                        Ok(None) => {}
                        Ok(Some(next)) => {
                            self.place = next;
                            self.heads += 1;
                        }
                        Err(Ambiguous) => {
                            self.place = Place::Refused;
                            return Err(at);
                        }
                    }
                    at += end + 1;
                }
            }
        }
        Ok(())
    }

    /// Whether a request was refused, which ends the connection.
    pub(super) fn has_refused(&self) -> bool {
        matches!(self.place, Place::Refused)
    }

    /// Whether the client may be in the middle of a request.
    pub(super) fn is_amid_request(&self) -> bool {
        match &self.place {
            Place::Head(head) => head.has_begun || !head.line.is_empty(),
            Place::Body(_) | Place::Chunks | Place::Refused => true,
            Place::Upgrade => false,
        }
    }
}

/// HTTP/2, which Java's client asks for on every connection, is never upgraded to.
fn may_be_granted(protocol: &[u8]) -> bool {
    !protocol.trim_ascii().eq_ignore_ascii_case(b"h2c")
}

impl Head {
    /// Keeps the beginning of a line.
    fn keep(&mut self, part: &[u8]) {
        self.last = last_two(self.last, part);
        let room = KEPT_MAX - self.line.len().min(KEPT_MAX);
        self.line.extend(part.iter().take(room));
    }

    /// Reads the end of a line, its line feed left out; says what comes after the last line.
    fn line(&mut self, end: &[u8]) -> Result<Option<Place>, Ambiguous> {
        let mut kept = Vec::new();
        let line = if self.line.is_empty() {
            self.last = last_two([0; 2], end);
            end
        } else {
            self.keep(end);
            kept.append(&mut self.line);
            &kept
        };
        let [before, b'\r'] = self.last else {
            return Err(Ambiguous);
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.is_empty(), self.has_begun) {
            // Empty lines before a request are skipped (RFC 9112, section 2.2).
            (true, false) => Ok(None),
            (true, true) => self.next().map(Some),
            (false, true) => self.header(line).map(|()| None),
            (false, false) => {
                // The last digit of the version: hyper takes none but 1.0 and 1.1.
                self.must_name_host = before == b'1';
                self.has_begun = true;
                Ok(None)
            }
        }
    }

    fn header(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Ok(());
        };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.ends(line, length(value).map(BodyLength::Bytes))?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.ends(line, Some(BodyLength::Chunks))?;
        } else if name.eq_ignore_ascii_case(b"host") {
            // Of two, a proxy in front may go by the other one (RFC 9112, section 3.2).
            self.hosts += 1;
            if self.hosts > 1 {
                return Err(Ambiguous);
            }
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.is_upgrade |= may_be_granted(value);
        }
        Ok(())
    }

    /// Takes note how long the body is: one header may say so, and not in a line that may have been cut.
    fn ends(&mut self, line: &[u8], length: Option<BodyLength>) -> Result<(), Ambiguous> {
        if self.body.is_some() || line.len() >= KEPT_MAX - 1 {
            return Err(Ambiguous);
        }
        self.body = Some(length.ok_or(Ambiguous)?);
        Ok(())
    }

    /// What comes after the head.
    fn next(&self) -> Result<Place, Ambiguous> {
        if self.hosts == 0 && self.must_name_host {
            return Err(Ambiguous);
        }
        Ok(match self.body {
            _ if self.is_upgrade => Place::Upgrade,
            Some(BodyLength::Chunks) => Place::Chunks,
            Some(BodyLength::Bytes(length @ 1..)) => Place::Body(length),
            Some(BodyLength::Bytes(0)) | None => Place::Head(Self::default()),
        })
    }
}

/// The last two bytes of what ended with those `before` and goes on with this part.
fn last_two(before: [u8; 2], part: &[u8]) -> [u8; 2] {
    match (before, part) {
        (_, &[.., last_but_one, last]) | ([_, last_but_one], &[last]) => [last_but_one, last],
        (before, []) => before,
    }
}

/// Digits alone (RFC 9112, section 6.2): parsers of numbers also take a plus.
fn length(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    let digits = digits.iter().all(u8::is_ascii_digit).then_some(digits)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where a connection stands after these bytes; `None`: refused.
    fn after<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Option<String> {
        let mut framing = Framing::new(Unfinished::default());
        for part in parts {
            if framing.read(part).is_err() {
                assert!(framing.has_refused() && framing.is_amid_request());
                return None;
            }
        }
        Some(format!("{:?} {}", framing.place, framing.is_amid_request()))
    }

    fn idle() -> Option<String> {
        after([])
    }

    const GOOD: &[&str] = &[
        "",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nhOST:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-LENGTH:\t0 \r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nX-Content-Length: 9\r\nno colon\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\nGET /1 HTTP/1.0\r\nX: 1\r\n\r\n",
    ];
    const AMBIGUOUS: &[&str] = &[
        "GET / HTTP/1.1\n",
        "\nGET",
        "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: y\r\nhost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\nX-Host: x\r\nHost\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: x\r\n\r\nGET /0 HTTP/1.1\r\nX: 0\r\n\r\n",
    ];

    #[test]
    fn a_request_ends_where_everybody_sees_its_end_or_is_refused() {
        for good in GOOD {
            assert_eq!(after([good.as_bytes()]), idle(), "{good:?}");
        }
        for ambiguous in AMBIGUOUS {
            assert_eq!(after([ambiguous.as_bytes()]), None, "{ambiguous:?}");
        }
        let padded = format!(
            "A / HTTP/1.1\r\nHost: x\r\nContent-Length: {}1\r\n\r\n",
            " ".repeat(99)
        );
        assert_eq!(after([padded.as_bytes()]), None);
    }

    #[test]
    fn what_has_not_ended_and_what_cannot_be_followed_is_the_last_of_its_connection() {
        let next = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n\r\n";
        for (head, unfinished, amid) in [
            ("Content-Length: 9", 2, true),
            ("Transfer-Encoding: chunked", 2, true),
            ("Upgrade: websocket", 2, false),
            ("Upgrade: h2c", 0, false),
        ] {
            let open = Unfinished::default();
            let mut framing = Framing::new(open.clone());
            let requests = format!("{next}GET / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n");
            assert_eq!(framing.read(requests.as_bytes()), Ok(()), "{head}");
            assert!(open.is(unfinished), "{head}");
            assert_eq!(framing.is_amid_request(), amid, "{head}");
            if unfinished > 0 {
                assert_eq!(framing.read(b"\n\n\0\r\n\n"), Ok(()), "{head}");
            }
        }
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_makes_no_difference(
            number in 0..GOOD.len() + AMBIGUOUS.len(),
            cuts in proptest::collection::vec(0..200_usize, 0..6),
        ) {
            let text = GOOD.iter().chain(AMBIGUOUS).nth(number).unwrap().as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]);
            prop_assert_eq!(after(parts), after([text]));
        }
    }
}
