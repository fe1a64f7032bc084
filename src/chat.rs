//! The chat over WebSocket: one task a socket, which nothing outlives.
//!
//! The task holds two halves that run side by side: one reads the client's frames and
//! works on the answer in progress, the other writes what waits in the [`Outbox`]. Between
//! them lies nothing but that box, so a client that does not read holds up neither the
//! answer nor the memory, and a client that leaves drops the answer with the task.

mod admission;
mod frames;
mod outbox;

use std::collections::VecDeque;
use std::error::Error as _;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, Fuse, FusedFuture};
use futures_util::{FutureExt, Sink, SinkExt, Stream, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::error::{Error as SocketError, ProtocolError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use warp::ws::{Message, WebSocket};

pub use admission::{Admission, SocketPlace};
pub use frames::{CONTENT_MAX, Refusal, checked};
pub use outbox::{Farewell, Partials};

use crate::config::ChatLimits;
use crate::error::Error;
use crate::explorer::thread::Turn;
use crate::explorer::{Answer, Answers, Ask, Failure, Focus, Listener, Trouble, Unwatched};
use crate::sessions::{SessionId, Sessions, Waiting};
use admission::MessageRate;
use frames::FromClient;
use outbox::{Outbox, Outgoing, Telling};

/// The largest frame and message that a client may send, in bytes.
pub const FRAME_MAX: usize = 64 * 1024;
/// The largest frame that is written: a long answer, escaped, and its diagram.
pub const WRITE_BUFFER_MAX: usize = 4 * 1024 * 1024;
/// How long a client may take to take note that the socket closes.
const CLOSING: Duration = Duration::from_secs(1);

/// RFC 6455, section 7.4.1, and the registry it sets up.
mod code {
    pub(super) const GOING_AWAY: u16 = 1001;
    pub(super) const PROTOCOL: u16 = 1002;
    pub(super) const UNSUPPORTED: u16 = 1003;
    pub(super) const BAD_TEXT: u16 = 1007;
    pub(super) const POLICY: u16 = 1008;
    pub(super) const TOO_BIG: u16 = 1009;
    pub(super) const INTERNAL: u16 = 1011;
}

/// Answers the messages of sessions, over sockets and one at a time.
#[derive(Clone)]
pub struct Chat {
    sessions: Sessions,
    explorer: Arc<dyn Answers>,
    limits: ChatLimits,
    stopping: CancellationToken,
    sockets: TaskTracker,
}

/// An answer to a single call.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// How many messages the session has seen.
    pub message_count: usize,
}

impl Chat {
    /// A chat with this explorer.
    #[must_use]
    pub fn new(sessions: Sessions, explorer: Arc<dyn Answers>, limits: ChatLimits) -> Self {
        Self {
            sessions,
            explorer,
            limits,
            stopping: CancellationToken::new(),
            sockets: TaskTracker::new(),
        }
    }

    /// Closes all sockets from here on, and takes no more.
    pub fn refuse(&self) {
        self.stopping.cancel();
        self.sockets.close();
    }

    /// Whether [`Chat::refuse`] was called.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Closes all sockets and waits until the last has gone.
    pub async fn drained(&self) {
        self.refuse();
        self.sockets.wait().await;
    }

    /// Opens the session of a socket.
    ///
    /// # Errors
    /// [`Error::Full`] where all sessions that may be kept are running.
    pub fn open(&self, session: &SessionId) -> Result<(), Error> {
        self.sessions.open(session).map(|_| ())
    }

    /// Answers one message without a socket.
    ///
    /// # Errors
    /// `Err(Ok(refusal))` where the session has no room, `Err(Err(failure))` where the
    /// explorer has no answer.
    pub async fn answer_once(
        &self,
        session: &SessionId,
        question: String,
    ) -> Result<Answered, Result<Refusal, Failure>> {
        let room = self
            .sessions
            .open(session)
            .map_err(|_| Ok(Refusal::Full))?
            .turns
            .enter()
            .ok_or(Ok(Refusal::Busy))?;
        let answer = AssertUnwindSafe(self.turn(session, question, room, &mut Unwatched))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(panicked()))
            .map_err(Err)?;
        let message_count = self
            .sessions
            .get(session)
            .map_or(0, |session| session.thread.message_count());
        Ok(Answered {
            answer,
            message_count,
        })
    }

    /// Waits for the session's turn, answers, and remembers what was said.
    async fn turn(
        &self,
        id: &SessionId,
        question: String,
        room: Waiting,
        listener: &mut dyn Listener,
    ) -> Result<Answer, Failure> {
        let _turn = room.turn().await;
        let session = self.sessions.open(id).ok();
        self.sessions.chatting(id);
        let ask = Ask {
            question,
            thread: session
                .as_ref()
                .map(|session| Arc::clone(&session.thread))
                .unwrap_or_default(),
            run: session.and_then(|session| session.result),
        };
        let answered = self.explorer.answer(&ask, listener).await;
        match &answered {
            Ok(answer) => self.sessions.add_turn(
                id,
                Turn {
                    question: ask.question,
                    answer: answer.text.clone(),
                    complete: true,
                    focus: answer.focus.clone(),
                },
            ),
            Err(failure) => {
                self.remember_part(id, ask.question, &failure.said, failure.focus.clone());
            }
        }
        answered
    }

    /// Remembers an answer that was not told to its end, where anything was told at all.
    fn remember_part(&self, id: &SessionId, question: String, said: &str, focus: Focus) {
        if !said.is_empty() {
            self.sessions.add_turn(
                id,
                Turn {
                    question,
                    answer: said.to_owned(),
                    complete: false,
                    focus,
                },
            );
        }
    }

    /// Serves a socket to its end. The token is taken before the upgrade is answered, so
    /// that a shutdown counts a socket that is only just being opened.
    pub async fn serve(
        self,
        socket: WebSocket,
        session: SessionId,
        partials: Partials,
        place: SocketPlace,
    ) {
        let (mut sink, mut frames) = socket.split();
        let outbox = Outbox::new(partials, self.limits.partial_interval);
        let mut conversation = Conversation::new(&self, &session, &outbox);
        let farewell = {
            let talking = AssertUnwindSafe(conversation.run(&mut frames)).catch_unwind();
            let writing = write(&mut sink, &outbox, self.limits.send_timeout);
            tokio::select! {
                talked = talking => talked.unwrap_or_else(|_| {
                    log::error!("chat {session}: a socket's task panicked");
                    Some(Farewell { code: code::INTERNAL, reason: "internal error" })
                }),
                stuck = writing => stuck,
            }
        };
        conversation.interrupted();
        if let Some(farewell) = farewell {
            log::debug!(
                "chat {session}: closing with {} {}",
                farewell.code,
                farewell.reason
            );
            outbox.close(farewell);
            let last = async {
                write(&mut sink, &outbox, CLOSING).await;
                // The client's own close frame, or the end of the connection.
                while frames.next().await.is_some_and(|frame| frame.is_ok()) {}
            };
            let _ = tokio::time::timeout(CLOSING, last).await;
        } else {
            let _ = tokio::time::timeout(CLOSING, sink.close()).await;
        }
        drop(place);
    }

    /// The token that [`Chat::serve`] is counted by.
    pub fn count_socket(&self) -> TaskTrackerToken {
        self.sockets.token()
    }
}

fn panicked() -> Failure {
    log::error!("an explorer panicked");
    Failure {
        trouble: Trouble::Internal,
        said: String::new(),
        focus: Focus::default(),
    }
}

/// Writes what waits until the socket is closed (`None`) or the client is too slow.
async fn write(
    sink: &mut (impl Sink<Message> + Unpin),
    outbox: &Outbox,
    patience: Duration,
) -> Option<Farewell> {
    loop {
        let (message, last) = match outbox.next().await {
            Outgoing::Text(text) => (Message::text(text), false),
            Outgoing::Ping => (Message::ping(&b""[..]), false),
            Outgoing::Close(Farewell { code, reason }) => (Message::close_with(code, reason), true),
        };
        match tokio::time::timeout(patience, sink.send(message)).await {
            Ok(Ok(())) if !last => {}
            Ok(_) => return None,
            Err(_) => return Some(TOO_SLOW),
        }
    }
}

const TOO_SLOW: Farewell = Farewell {
    code: code::POLICY,
    reason: "slow consumer",
};

/// A message that waits for its answer.
struct Queued {
    question: String,
    room: Waiting,
}

/// The reading half: the client's frames, and the answer in progress.
struct Conversation<'a> {
    chat: &'a Chat,
    session: &'a SessionId,
    outbox: &'a Outbox,
    /// Messages that wait, in order.
    queue: VecDeque<Queued>,
    /// The question whose answer is in progress.
    underway: Option<String>,
    rate: MessageRate,
}

impl<'a> Conversation<'a> {
    fn new(chat: &'a Chat, session: &'a SessionId, outbox: &'a Outbox) -> Self {
        Self {
            chat,
            session,
            outbox,
            queue: VecDeque::new(),
            underway: None,
            rate: MessageRate::new(&chat.limits),
        }
    }

    /// Talks until there is a reason to close; `None`: the client has closed or is gone.
    async fn run(
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
            if self.outbox.overflown() {
                break Some(TOO_SLOW);
            }
            if turn.is_terminated()
                && let Some(next) = self.queue.pop_front()
            {
                self.underway = Some(next.question.clone());
                turn.set(self.answer(next).fuse());
            }
            let frame = tokio::select! {
                () = self.chat.stopping.cancelled() => {
                    break Some(Farewell { code: code::GOING_AWAY, reason: "the service is stopping" });
                }
                () = &mut turn => {
                    self.underway = None;
                    continue;
                }
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
                Read::Cancel if self.underway.is_some() => {
                    turn.set(Fuse::terminated());
                    self.interrupted();
                    self.outbox.finish(frames::refused(Refusal::Cancelled));
                }
                // A cancel without an answer in progress: the answer was quicker.
                Read::GoOn | Read::Cancel => {}
                Read::Close(farewell) => break farewell,
            }
        }
    }

    /// The answer in progress, if there is one, has been dropped.
    fn interrupted(&mut self) {
        if let Some(question) = self.underway.take() {
            let said = self.outbox.said();
            self.chat
                .remember_part(self.session, question, &said, Focus::default());
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
        match FromClient::read(text) {
            Ok(FromClient::Cancel) => Read::Cancel,
            Ok(FromClient::Message(question)) => match self.accept(question) {
                Ok(()) => Read::GoOn,
                Err(refusal) => self.refuse(refusal),
            },
            Err(refusal) => match self.rate.admit() {
                Ok(()) => self.refuse(refusal),
                Err(limited) => self.refuse(limited),
            },
        }
    }

    fn accept(&mut self, question: String) -> Result<(), Refusal> {
        self.rate.admit()?;
        let session = self
            .chat
            .sessions
            .open(self.session)
            .map_err(|_| Refusal::Full)?;
        let room = session.turns.enter().ok_or(Refusal::Busy)?;
        self.outbox.push(frames::user(&question));
        self.queue.push_back(Queued { question, room });
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
