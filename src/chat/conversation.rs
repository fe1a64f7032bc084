//! A conversation: the client's frames, and the answer in progress. It is its socket's, or waits
//! without one for the client to come back.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, Fuse, FusedFuture};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::error::{Error as SocketError, ProtocolError};
use warp::ws::Message;

use super::admission::MessageRate;
use super::frames::{self, Standing};
use super::messages::{FromClient, holds_token};
use super::outbox::{Farewell, Outbox, Partials, Telling};
use super::successors::{Inbox, Successor};
use super::{Chat, Refusal, STOPPING, code};
use crate::sessions::{SessionId, Waiting};

/// A message that waits for its answer.
struct Queued {
    question: Arc<str>,
    room: Waiting,
}

/// See the module's documentation. Dropping it ends its answer.
pub(super) struct Conversation {
    chat: Chat,
    session: SessionId,
    outbox: Arc<Outbox>,
    /// The answer in progress.
    turn: Fuse<BoxFuture<'static, ()>>,
    /// Dropped after the answer: whoever finds no conversation finds its end among what is remembered.
    inbox: Option<Inbox>,
    /// What it answers.
    asked: Option<Arc<str>>,
    /// Messages that wait, in order.
    queue: VecDeque<Queued>,
    rate: MessageRate,
    /// How many messages were accepted.
    messages: u64,
}

/// Why a conversation no longer goes over its socket.
pub(super) enum Ending {
    /// The client has closed.
    Closed,
    /// The connection broke.
    Lost,
    /// The client does not take what it is sent.
    TooSlow,
    /// There is a reason to close.
    Close(Farewell),
    /// Another socket goes on with it.
    Replaced(Successor),
}

impl Conversation {
    /// A new conversation, which another socket may take over where it has an `inbox`.
    pub(super) fn begin(
        chat: &Chat,
        session: &SessionId,
        partials: Partials,
        rate: MessageRate,
        inbox: Option<Inbox>,
    ) -> Box<Self> {
        let outbox = Outbox::new(
            partials,
            chat.limits.partial_interval,
            inbox
                .as_ref()
                .map_or_else(|| chat.clock.microseconds(), Inbox::first),
            inbox.is_some(),
        );
        Box::new(Self {
            chat: chat.clone(),
            session: session.clone(),
            outbox: Arc::new(outbox),
            turn: Fuse::terminated(),
            inbox,
            asked: None,
            queue: VecDeque::new(),
            rate,
            messages: 0,
        })
    }

    pub(super) fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// How many messages were accepted.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Whether it may go on without its socket.
    pub(super) fn may_outlive(&self) -> bool {
        self.inbox.is_some()
    }

    /// Goes on where the client has seen the frames up to this number.
    pub(super) fn resume(&self, seen: u64, partials: Partials) {
        if !self.outbox.resume(seen, partials) {
            self.restart();
        }
    }

    /// Tells how the new conversation of a client begins that has seen frames of an earlier one.
    pub(super) fn begin_after(&self, seen: u64) {
        let session = self.chat.sessions.get(&self.session);
        if seen > 0 || session.is_ok_and(|session| session.thread.turns().next().is_some()) {
            self.restart();
        }
    }

    /// Tells what the client needs to know, whatever it has seen.
    fn restart(&self) {
        if let Some(question) = &self.asked {
            self.outbox
                .restart(|said| frames::resync(Some(question), said, Standing::InProgress));
            return;
        }
        let session = self.chat.sessions.get(&self.session).ok();
        let last = session
            .as_ref()
            .and_then(|session| session.thread.turns().next_back());
        let frame = match last {
            Some(turn) => {
                let standing = if turn.complete {
                    Standing::Complete
                } else {
                    Standing::BrokenOff
                };
                frames::resync(Some(&turn.question), &turn.answer, standing)
            }
            None => frames::resync(None, "", Standing::BrokenOff),
        };
        self.outbox.restart(|_| frame);
    }

    /// Talks until the conversation no longer goes over this socket.
    pub(super) async fn run(
        &mut self,
        frames: &mut (impl Stream<Item = Result<Message, SocketError>> + Unpin),
    ) -> Ending {
        let stopping = self.chat.stopping.clone();
        let limits = self.chat.limits;
        let mut pings =
            tokio::time::interval_at(Instant::now() + limits.ping_interval, limits.ping_interval);
        let silence = limits.ping_interval + limits.pong_timeout;
        let mut dead = pin!(tokio::time::sleep(silence));
        loop {
            self.begin_next();
            let frame = tokio::select! {
                () = stopping.cancelled() => {
                    self.give_up();
                    break Ending::Close(STOPPING);
                }
                () = &mut self.turn => {
                    self.asked = None;
                    continue;
                }
                successor = successor(&mut self.inbox) => break Ending::Replaced(successor),
                _ = pings.tick() => {
                    self.outbox.ping();
                    continue;
                }
                () = &mut dead => {
                    log::debug!("chat {}: the client no longer answers pings", self.session);
                    break Ending::Lost;
                }
                frame = frames.next() => frame,
            };
            dead.as_mut().reset(Instant::now() + silence);
            let read = match frame {
                None => break Ending::Closed,
                Some(Err(error)) => {
                    break ending_of(&error);
                }
                Some(Ok(frame)) => self.read(&frame),
            };
            match read {
                Read::GoOn => {}
                Read::Cancel => self.cancel(),
                Read::End(ending) => break ending,
            }
        }
    }

    /// Goes on without a socket until the client comes back; `None`: for so long it did not, or the
    /// service stops.
    pub(super) async fn wait(&mut self, window: Duration) -> Option<Successor> {
        self.outbox.detach();
        let stopping = self.chat.stopping.clone();
        let mut over = pin!(tokio::time::sleep(window));
        loop {
            self.begin_next();
            tokio::select! {
                () = stopping.cancelled() => break None,
                () = &mut self.turn => self.asked = None,
                successor = successor(&mut self.inbox) => break Some(successor),
                () = &mut over => break None,
            }
        }
    }

    /// Begins to answer what waits, where nothing is being answered.
    fn begin_next(&mut self) {
        if self.turn.is_terminated()
            && let Some(Queued { question, room }) = self.queue.pop_front()
        {
            self.asked = Some(Arc::clone(&question));
            let (chat, session, outbox) = (
                self.chat.clone(),
                self.session.clone(),
                Arc::clone(&self.outbox),
            );
            let answer = async move {
                let mut telling = Telling(&outbox);
                let question = question.as_ref().to_owned();
                let frame = match chat.turn(&session, question, room, &mut telling).await {
                    Ok(answer) => frames::agent(&answer),
                    Err(failure) => frames::failed(failure.trouble),
                };
                outbox.finish(frame);
            };
            self.turn = answer.boxed().fuse();
        }
    }

    /// Ends the answer in progress, if there is one; else it was quicker.
    fn cancel(&mut self) {
        if self.asked.take().is_some() {
            self.turn = Fuse::terminated();
            self.outbox.finish(frames::refused(Refusal::Cancelled));
        }
    }

    /// Ends the answer in progress, if there is one, and all that wait.
    fn give_up(&mut self) {
        let unanswered = usize::from(self.asked.is_some()) + self.queue.drain(..).count();
        for _ in 0..unanswered {
            self.outbox.finish(frames::refused(Refusal::Stopping));
        }
    }

    fn read(&mut self, frame: &Message) -> Read {
        if frame.is_close() {
            return Read::End(Ending::Closed);
        }
        if frame.is_binary() {
            return Read::End(Ending::Close(Farewell {
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
            // A client that presents its token to whom it may concern.
            Ok(FromClient::Auth(_)) => Ok(None),
            Ok(FromClient::Message(question)) => Ok(Some(question)),
            Err(refusal) => Err(refusal),
        };
        // What cannot be answered counts too.
        let admitted = self.rate.admit().and(question);
        match admitted.and_then(|question| question.map_or(Ok(()), |text| self.accept(&text))) {
            Ok(()) => Read::GoOn,
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn accept(&mut self, question: &str) -> Result<(), Refusal> {
        if holds_token(question, &self.chat.tokens) {
            return Err(Refusal::HoldsToken);
        }
        let room = self.chat.room(&self.session)?;
        self.outbox.push(frames::user(question));
        let question = question.into();
        self.queue.push_back(Queued { question, room });
        self.messages += 1;
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) -> Read {
        if self.rate.is_flooding() {
            return Read::End(Ending::Close(Farewell {
                code: code::POLICY,
                reason: "too many messages",
            }));
        }
        self.outbox.push(frames::refused(refusal));
        Read::GoOn
    }
}

/// Whoever would take the conversation over next.
async fn successor(inbox: &mut Option<Inbox>) -> Successor {
    match inbox {
        Some(inbox) => inbox.successor().await,
        None => std::future::pending().await,
    }
}

/// What a frame of the client asks of the loop.
enum Read {
    GoOn,
    Cancel,
    End(Ending),
}

/// How a socket ends that failed: with which code it is closed, or lost where there is nobody to tell.
pub(super) fn ending_of(error: &SocketError) -> Ending {
    let (code, reason) = match error {
        SocketError::Capacity(_) => (code::TOO_BIG, "frames have at most 64 KiB"),
        SocketError::Utf8(_) => (code::BAD_TEXT, "text frames are UTF-8"),
        SocketError::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::ReceivedAfterClosing
            | ProtocolError::SendAfterClosing,
        ) => return Ending::Lost,
        SocketError::Protocol(_) => (code::PROTOCOL, "against the WebSocket protocol"),
        _ => return Ending::Lost,
    };
    Ending::Close(Farewell { code, reason })
}
