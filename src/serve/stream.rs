//! A connection as hyper is shown it: its requests are framed without doubt, and its client takes
//! what it is sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::ServeTimes;
use super::framing::{Framing, Unfinished};

/// What hyper reads in the place of a line that is refused. No head holds a zero byte, and the empty
/// line makes it look at once: the answer is 400, and the connection ends.
const REFUSAL: &[u8] = b"\0\n\n";
/// What is read at once of what nobody wants.
const SCRAP: usize = 4 * 1024;
/// Up to how many bytes the head of an answer and its body are sent as one part: to copy so many costs less
/// than to have the system gather them.
const GATHERED_MAX: usize = 1024;

/// A TCP connection, watched.
#[derive(Debug)]
pub(super) struct Watched {
    stream: TcpStream,
    framing: Framing,
    /// How long a client may take none of what it is sent.
    stall: Duration,
    /// How long the rest of a request is read after its answer.
    linger: Duration,
    /// Runs while bytes wait to be taken, and while the rest of a request is read.
    timer: Option<Pin<Box<Sleep>>>,
    is_shut: bool,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, unfinished: Unfinished, times: &ServeTimes) -> Self {
        Self {
            stream,
            framing: Framing::new(unfinished),
            stall: times.stall,
            linger: times.linger,
            timer: None,
            is_shut: false,
        }
    }

    /// The outcome of an attempt to write; an error once the client has taken nothing for too long.
    /// The system says that there is room when a third of its buffer is free, so that a client
    /// that takes single bytes counts as one that takes none.
    fn in_time<T>(
        &mut self,
        context: &mut Context<'_>,
        attempt: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if attempt.is_ready() {
            self.timer = None;
            return attempt;
        }
        ready!(run_out(&mut self.timer, self.stall, context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads the rest of a request that was answered before its end. Hanging up on a client that is
    /// still writing resets the connection, and the reset may overtake the answer (RFC 9112,
    /// section 9.6).
    fn discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut scrap = [0; SCRAP];
        while run_out(&mut self.timer, self.linger, context).is_pending() {
            let mut scrap = ReadBuf::new(&mut scrap);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut scrap));
            if read.is_err() || scrap.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(())
    }
}

/// Whether the timer, set by the first call, has run out.
fn run_out(
    timer: &mut Option<Pin<Box<Sleep>>>,
    after: Duration,
    context: &mut Context<'_>,
) -> Poll<()> {
    let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
    timer.as_mut().poll(context)
}

/// The parts one after the other; `None` where they do not fit.
fn gather<'b>(parts: &[io::IoSlice<'_>], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut end = 0;
    for part in parts {
        let room = buffer.get_mut(end..end + part.len())?;
        room.copy_from_slice(part);
        end += part.len();
    }
    buffer.get(..end)
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if !this.framing.has_refused() {
            ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
            let read = buffer.filled().get(before..).unwrap_or_default();
            match this.framing.read(read) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(at) => buffer.set_filled(before + at),
            }
        }
        let room = buffer.remaining();
        buffer.put_slice(REFUSAL.get(..room).unwrap_or(REFUSAL));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let attempt = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.in_time(context, attempt)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut gathered = [0; GATHERED_MAX];
        if let Some(whole) = gather(parts, &mut gathered) {
            return self.poll_write(context, whole);
        }
        let this = self.get_mut();
        let attempt = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.in_time(context, attempt)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.is_shut {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.is_shut = true;
            this.timer = None;
        }
        if this.framing.is_amid_request() {
            ready!(this.discard(context));
        }
        Poll::Ready(Ok(()))
    }
}
