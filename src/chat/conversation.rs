//! The reading half of a socket: the client's frames, and the answer in progress.

use std::collections::VecDeque;
use std::error::Error as _;
use std::pin::pin;

use futures_util::future::{BoxFuture, Fuse, FusedFuture};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::error::{Error as SocketError, ProtocolError};
use warp::ws::Message;

use super::admission::MessageRate;
use super::frames::{self, FromClient};
use super::outbox::{Farewell, Outbox, Telling};
use super::{Chat, Refusal, code};
use crate::sessions::{SessionId, Waiting};

/// A message that waits for its answer.
struct Queued {
    question: String,
    room: Waiting,
}

/// The reading half: the client's frames, and the answer in progress.
pub(super) struct Conversation<'a> {
    chat: &'a Chat,
    session: &'a SessionId,
    outbox: &'a Outbox,
    /// Messages that wait, in order.
    queue: VecDeque<Queued>,
    rate: MessageRate,
    /// How many messages were accepted.
    messages: u64,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(
        chat: &'a Chat,
        session: &'a SessionId,
        outbox: &'a Outbox,
        rate: MessageRate,
    ) -> Self {
        Self {
            chat,
            session,
            outbox,
            queue: VecDeque::new(),
            rate,
            messages: 0,
        }
    }

    /// How many messages were accepted.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Talks until there is a reason to close; `None`: the client has closed or is gone.
    pub(super) async fn run(
        &mut self,
        frames: &mut (impl Stream<Item = Result<Message, warp::Error>> + Unpin),
    ) -> Option<Farewell> {
        let limits = &self.chat.limits;
        let mut pings =
            tokio::time::interval_at(Instant::now() + limits.ping_interval, limits.ping_interval);
        let silence = limits.ping_interval + limits.pong_timeout;
        let mut dead = pin!(tokio::time::sleep(silence));
        let mut turn = pin!(Fuse::terminated());
        loop {
            if turn.is_terminated()
                && let Some(next) = self.queue.pop_front()
            {
                turn.set(self.answer(next).fuse());
            }
            let frame = tokio::select! {
                () = self.chat.stopping.cancelled() => {
                    self.give_up(!turn.is_terminated());
                    break Some(Farewell { code: code::GOING_AWAY, reason: "the service is stopping" });
                }
                () = &mut turn => continue,
                _ = pings.tick() => {
                    self.outbox.ping();
                    continue;
                }
                () = &mut dead => {
                    log::debug!("chat {}: the client no longer answers pings", self.session);
                    break None;
                }
                frame = frames.next() => frame,
            };
            dead.as_mut().reset(Instant::now() + silence);
            let read = match frame {
                None => break None,
                Some(Err(error)) => break reason_to_close(&error),
                Some(Ok(frame)) => self.read(&frame),
            };
            match read {
                Read::Cancel if !turn.is_terminated() => {
                    turn.set(Fuse::terminated());
                    self.outbox.finish(frames::refused(Refusal::Cancelled));
                }
                // A cancel without an answer in progress: the answer was quicker.
                Read::GoOn | Read::Cancel => {}
                Read::Close(farewell) => break farewell,
            }
        }
    }

    /// Ends the answer in progress, if there is one, and all that wait.
    fn give_up(&mut self, answering: bool) {
        let unanswered = usize::from(answering) + self.queue.drain(..).count();
        for _ in 0..unanswered {
            self.outbox.finish(frames::refused(Refusal::Stopping));
        }
    }

    fn answer(&self, next: Queued) -> BoxFuture<'a, ()> {
        let (chat, session, outbox) = (self.chat, self.session, self.outbox);
        Box::pin(async move {
            let mut telling = Telling(outbox);
            let frame = match chat
                .turn(session, next.question, next.room, &mut telling)
                .await
            {
                Ok(answer) => frames::agent(&answer),
                Err(failure) => frames::failed(failure.trouble),
            };
            outbox.finish(frame);
        })
    }

    fn read(&mut self, frame: &Message) -> Read {
        if frame.is_close() {
            return Read::Close(None);
        }
        if frame.is_binary() {
            return Read::Close(Some(Farewell {
                code: code::UNSUPPORTED,
                reason: "send text frames",
            }));
        }
        let Ok(text) = frame.to_str() else {
            // A ping or a pong: the socket itself answers.
            return Read::GoOn;
        };
        let question = match FromClient::read(text) {
            Ok(FromClient::Cancel) => return Read::Cancel,
            Ok(FromClient::Message(question)) => Ok(question),
            Err(refusal) => Err(refusal),
        };
        // What cannot be answered counts too.
        let admitted = self.rate.admit().and(question);
        match admitted.and_then(|question| self.accept(question)) {
            Ok(()) => Read::GoOn,
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn accept(&mut self, question: String) -> Result<(), Refusal> {
        let room = self.chat.room(self.session)?;
        self.outbox.push(frames::user(&question));
        self.queue.push_back(Queued { question, room });
        self.messages += 1;
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) -> Read {
        if self.rate.is_flooding() {
            return Read::Close(Some(Farewell {
                code: code::POLICY,
                reason: "too many messages",
            }));
        }
        self.outbox.push(frames::refused(refusal));
        Read::GoOn
    }
}

/// What a frame of the client asks of the loop.
enum Read {
    GoOn,
    Cancel,
    Close(Option<Farewell>),
}

/// Which code a failed socket is closed with; `None`: there is nobody to tell.
fn reason_to_close(error: &warp::Error) -> Option<Farewell> {
    let (code, reason) = match error.source()?.downcast_ref::<SocketError>()? {
        SocketError::Capacity(_) => (code::TOO_BIG, "frames have at most 64 KiB"),
        SocketError::Utf8(_) => (code::BAD_TEXT, "text frames are UTF-8"),
        SocketError::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::ReceivedAfterClosing
            | ProtocolError::SendAfterClosing,
        ) => return None,
        SocketError::Protocol(_) => (code::PROTOCOL, "against the WebSocket protocol"),
        _ => return None,
    };
    Some(Farewell { code, reason })
}
