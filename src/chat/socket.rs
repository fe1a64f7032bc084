//! A socket from its opening to its end: the conversation that goes over it, and the farewell.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, Sink, SinkExt, StreamExt};
use tokio_util::task::task_tracker::TaskTrackerToken;
use warp::ws::Message;

use super::conversation::{Conversation, Ending};
use super::outbox::{Outbox, Outgoing};
use super::{Access, Chat, Farewell, Partials, SocketPlace, code};
use crate::error::Error;
use crate::sessions::SessionId;
use crate::websocket::WebSocket;

/// How long a client may take to take note that the socket closes.
const CLOSING: Duration = Duration::from_secs(1);

/// What a socket is opened for.
#[derive(Debug)]
pub struct Visit {
    /// Which session it talks in.
    pub session: SessionId,
    /// What its partial frames are.
    pub partials: Partials,
    /// The last frame that the client has seen, or 0; `None`: it does not want to resume.
    pub last_seq: Option<u64>,
    /// Whether its handshake had a right token.
    pub access: Access,
    /// Its place among all sockets.
    pub place: SocketPlace,
    /// See [`Chat::count_socket`].
    pub counted: TaskTrackerToken,
}

type Messages = SplitStream<WebSocket>;
type Writer = SplitSink<WebSocket, Message>;

impl Chat {
    /// Serves a socket to its end, and its conversation for as long as it may go on after that.
    pub async fn serve(self, socket: WebSocket, visit: Visit) {
        let (mut sink, mut frames) = socket.split();
        let opened = Instant::now();
        // What a socket holds while it is idle is what counts: its beginning and its end are put elsewhere.
        let entered = Box::pin(self.enter(&visit, &mut frames)).await;
        let (conversation, ending) = match entered {
            Ok(mut conversation) => {
                let ending = self.talk(&mut conversation, &mut sink, &mut frames).await;
                (Some(conversation), ending)
            }
            Err(ending) => (None, ending),
        };
        log::info!(
            "chat {}: {} after {:.1} s and {} messages",
            visit.session,
            ending.words(),
            opened.elapsed().as_secs_f64(),
            conversation.as_ref().map_or(0, |had| had.messages()),
        );
        Box::pin(self.part(ending, conversation, visit, sink, frames)).await;
    }

    /// Closes a socket as it ends, and keeps its conversation, gives it away or ends it.
    async fn part(
        self,
        ending: Ending,
        conversation: Option<Box<Conversation>>,
        visit: Visit,
        mut sink: Writer,
        mut frames: Messages,
    ) {
        match (ending, conversation) {
            (Ending::Closed, conversation) => {
                drop(conversation);
                let _ = tokio::time::timeout(CLOSING, sink.close()).await;
            }
            (Ending::Close(farewell), conversation) => {
                let unsent = conversation.map(|had| Arc::clone(had.outbox()));
                say_goodbye(farewell, unsent, &mut sink, &mut frames).await;
            }
            (Ending::Replaced(successor), Some(conversation)) => {
                // It waits for this, or the program ends.
                let _ = successor.send(conversation);
                // What is unsent is the successor's.
                say_goodbye(REPLACED, None, &mut sink, &mut frames).await;
            }
            (Ending::Lost | Ending::TooSlow, Some(conversation)) => {
                // Its place is free for the client's next socket; a shutdown still waits for it.
                let counted = visit.counted.clone();
                drop((sink, frames, visit));
                self.keep(conversation).await;
                drop(counted);
            }
            (_, None) => {}
        }
    }

    /// The conversation that goes over a socket, or why none does.
    async fn enter(
        &self,
        visit: &Visit,
        frames: &mut Messages,
    ) -> Result<Box<Conversation>, Ending> {
        self.let_in(visit.access, &visit.place, frames).await?;
        // Not before: who may not talk opens no session.
        self.open(&visit.session)
            .map_err(|_: Error| Ending::Close(FULL))?;
        let (session, partials) = (&visit.session, visit.partials);
        let rate = visit.place.message_rate(&self.limits);
        let Some(seen) = visit.last_seq else {
            return Ok(Conversation::begin(self, session, partials, rate, None));
        };
        if let Some(conversation) = self.successors.take_over(session, seen).await {
            // Its rate is as it was: coming back refills nothing.
            conversation.resume(seen, partials);
            return Ok(conversation);
        }
        let inbox = self.successors.enter(session, self.clock.microseconds());
        let new = Conversation::begin(self, session, partials, rate, Some(inbox));
        new.begin_after(seen);
        Ok(new)
    }

    /// Reads, answers and writes until the conversation no longer goes over the socket.
    async fn talk(
        &self,
        conversation: &mut Conversation,
        sink: &mut Writer,
        frames: &mut Messages,
    ) -> Ending {
        let outbox = Arc::clone(conversation.outbox());
        let ending = {
            let talking = AssertUnwindSafe(conversation.run(frames)).catch_unwind();
            let writing = write(sink, &outbox, self.limits.send_timeout);
            tokio::select! {
                talked = talking => return talked.unwrap_or_else(|_| {
                    log::error!("a socket's task panicked");
                    Ending::Close(INTERNAL)
                }),
                ending = writing => ending,
            }
        };
        match ending {
            // A client that closes may hang up before it has read all that it was sent.
            Ending::Lost if has_closed(frames).await => Ending::Closed,
            Ending::TooSlow if !conversation.may_outlive() => Ending::Close(TOO_SLOW),
            ending => ending,
        }
    }

    /// Keeps a conversation whose connection broke until its client comes back, if it said that it
    /// might. Otherwise its answer ends.
    async fn keep(self, mut conversation: Box<Conversation>) {
        if !conversation.may_outlive() {
            return;
        }
        let Ok(_place) = self.detached.try_acquire() else {
            log::warn!("{} conversations wait already", self.limits.detached);
            return;
        };
        let waiting = AssertUnwindSafe(conversation.wait(self.limits.resume_window));
        match waiting.catch_unwind().await {
            Ok(None) => {}
            // It waits for this, or the program ends.
            Ok(Some(successor)) => drop(successor.send(conversation)),
            Err(_) => log::error!("a conversation without a socket panicked"),
        }
    }
}

/// Whether a broken connection still brought the client's close frame.
async fn has_closed(frames: &mut Messages) -> bool {
    let reading = async {
        while let Some(Ok(frame)) = frames.next().await {
            if frame.is_close() {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(CLOSING, reading)
        .await
        .unwrap_or(false)
}

/// Writes what is unsent, the farewell last, and waits for the client to take note.
async fn say_goodbye(
    farewell: Farewell,
    unsent: Option<Arc<Outbox>>,
    sink: &mut Writer,
    frames: &mut Messages,
) {
    let outbox = unsent
        .unwrap_or_else(|| Arc::new(Outbox::new(Partials::default(), Duration::ZERO, 0, false)));
    outbox.close(farewell);
    let last = async {
        write(sink, &outbox, CLOSING).await;
        if farewell.follows_unreadable() {
            // Nor can its end be read. Hanging up on a client that is still writing
            // resets the connection, and the reset may overtake the farewell.
            std::future::pending::<()>().await;
        }
        // The client's own close frame, or the end of the connection.
        while frames.next().await.is_some_and(|frame| frame.is_ok()) {}
    };
    let _ = tokio::time::timeout(CLOSING, last).await;
}

/// Writes what waits until the socket is closed, breaks, or its client is too slow.
async fn write(
    sink: &mut (impl Sink<Message> + Unpin),
    outbox: &Outbox,
    patience: Duration,
) -> Ending {
    loop {
        let (message, last) = match outbox.next().await {
            Outgoing::Text(text) => (Message::text(text), false),
            Outgoing::Ping => (Message::ping(&b""[..]), false),
            Outgoing::TooSlow => return Ending::TooSlow,
            Outgoing::Close(Farewell { code, reason }) => (Message::close_with(code, reason), true),
        };
        match tokio::time::timeout(patience, sink.send(message)).await {
            Ok(Ok(())) if last => return Ending::Closed,
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Ending::Lost,
            Err(_) => return Ending::TooSlow,
        }
    }
}

impl Ending {
    fn words(&self) -> String {
        match self {
            Self::Closed => "closed by the client".to_owned(),
            Self::Lost => "lost".to_owned(),
            Self::TooSlow => "left by a slow client".to_owned(),
            Self::Close(farewell) => format!("closed with {farewell}"),
            Self::Replaced(_) => format!("closed with {REPLACED}"),
        }
    }
}

impl std::fmt::Display for Farewell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.code, self.reason)
    }
}

impl Farewell {
    /// Whether it answers bytes after which nothing can be read.
    fn follows_unreadable(self) -> bool {
        matches!(self.code, code::PROTOCOL | code::BAD_TEXT | code::TOO_BIG)
    }
}

const TOO_SLOW: Farewell = Farewell {
    code: code::POLICY,
    reason: "slow consumer",
};

const INTERNAL: Farewell = Farewell {
    code: code::INTERNAL,
    reason: "internal error",
};

const FULL: Farewell = Farewell {
    code: code::TRY_AGAIN,
    reason: "the service is full",
};

const REPLACED: Farewell = Farewell {
    code: code::REPLACED,
    reason: "replaced by a newer socket",
};
