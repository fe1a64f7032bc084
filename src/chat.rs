//! The chat over WebSocket: one task a socket.
//!
//! The task holds two halves that run side by side: one reads the client's frames and
//! works on the answer in progress, the other writes what waits in the `Outbox`. Between
//! them lies nothing but that box, so a client that does not read holds up neither the
//! answer nor the memory, and a client that leaves drops the answer with the task.
//!
//! A client that opens with `last_seq` may lose its connection and come back: the task then
//! keeps the conversation for a while, and gives it to the task of the client's next socket.

mod admission;
mod conversation;
mod entrance;
mod frames;
mod kept;
mod messages;
mod outbox;
mod socket;
mod successors;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

pub use admission::{Admission, SocketPlace};
pub use entrance::Access;
pub use frames::{ClientFrame, ErrorCode, Frame, Refusal, ServerFrame};
pub use messages::{CONTENT_MAX, FromClient, checked};
pub use outbox::{Farewell, Partials};
pub use socket::Visit;

use crate::authorization::Tokens;
use crate::config::ChatLimits;
use crate::error::Error;
use crate::explorer::thread::Turn;
use crate::explorer::{Answer, Answers, Ask, Failure, Focus, Listener, Trouble, Unwatched};
use crate::metrics::{Metrics, TurnOutcome};
use crate::sessions::{SessionId, Sessions, Waiting};
use successors::Successors;

/// The largest frame and message that a client may send, in bytes.
pub const FRAME_MAX: usize = 64 * 1024;
/// The largest frame that is written: a long answer, escaped, and its diagram.
pub const WRITE_BUFFER_MAX: usize = 4 * 1024 * 1024;
/// RFC 6455, section 7.4.1, and the registry it sets up; from 4000 on they are ours.
mod code {
    pub(super) const GOING_AWAY: u16 = 1001;
    pub(super) const PROTOCOL: u16 = 1002;
    pub(super) const UNSUPPORTED: u16 = 1003;
    pub(super) const BAD_TEXT: u16 = 1007;
    pub(super) const POLICY: u16 = 1008;
    pub(super) const TOO_BIG: u16 = 1009;
    pub(super) const INTERNAL: u16 = 1011;
    pub(super) const TRY_AGAIN: u16 = 1013;
    pub(super) const REPLACED: u16 = 4001;
}

const STOPPING: Farewell = Farewell {
    code: code::GOING_AWAY,
    reason: "the service is stopping",
};

/// Answers the messages of sessions, over sockets and one at a time.
#[derive(Clone)]
pub struct Chat {
    sessions: Sessions,
    explorer: Arc<dyn Answers>,
    limits: ChatLimits,
    stopping: CancellationToken,
    /// Ends the single calls that are under way and waiting.
    interrupted: CancellationToken,
    sockets: TaskTracker,
    metrics: Metrics,
    tokens: Arc<Tokens>,
    successors: Successors,
    detached: Arc<Semaphore>,
    clock: Clock,
}

/// Microseconds since 1970 that never go back while the process runs, whatever is done to the clock on the
/// wall.
#[derive(Debug, Clone, Copy)]
struct Clock {
    began: u64,
    monotonic: Instant,
}

impl Clock {
    fn new() -> Self {
        let now = jiff::Timestamp::now().as_microsecond();
        Self {
            began: u64::try_from(now).unwrap_or_default(),
            monotonic: Instant::now(),
        }
    }

    fn microseconds(self) -> u64 {
        let passed = self.monotonic.elapsed().as_micros();
        self.began
            .saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}

/// Why a single call has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum NoAnswer {
    /// The session has no room for the question.
    Refused(Refusal),
    /// The service is stopping: see [`Chat::interrupt`].
    Interrupted,
    /// The explorer failed.
    Failed(Failure),
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
    /// A chat with this explorer, its turns counted.
    #[must_use]
    pub fn new(
        sessions: Sessions,
        explorer: Arc<dyn Answers>,
        limits: ChatLimits,
        metrics: Metrics,
    ) -> Self {
        Self {
            sessions,
            explorer,
            limits,
            stopping: CancellationToken::new(),
            interrupted: CancellationToken::new(),
            sockets: TaskTracker::new(),
            metrics,
            tokens: Arc::default(),
            successors: Successors::default(),
            detached: Arc::new(Semaphore::new(limits.detached)),
            clock: Clock::new(),
        }
    }

    /// The same for those only who present one of these tokens; everybody where there are none.
    #[must_use]
    pub fn with_tokens(mut self, tokens: Tokens) -> Self {
        self.tokens = Arc::new(tokens);
        self
    }

    /// Closes all sockets from here on, and takes no more.
    pub fn refuse(&self) {
        self.stopping.cancel();
        self.sockets.close();
    }

    /// The same, and ends the single calls that are under way or waiting: whoever waits for one of them is told.
    pub fn interrupt(&self) {
        self.refuse();
        self.interrupted.cancel();
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
    /// See [`NoAnswer`].
    pub async fn answer_once(
        &self,
        session: &SessionId,
        question: String,
    ) -> Result<Answered, NoAnswer> {
        let room = self.room(session).map_err(NoAnswer::Refused)?;
        let mut unwatched = Unwatched;
        let turn = AssertUnwindSafe(self.turn(session, question, room, &mut unwatched));
        let answer = tokio::select! {
            // In this order: one that waits must not begin because the one before it was ended.
            biased;
            () = self.interrupted.cancelled() => return Err(NoAnswer::Interrupted),
            answered = turn.catch_unwind() => answered,
        };
        let answer = answer
            .unwrap_or_else(|_| {
                log::error!("an explorer panicked");
                Err(Failure::internal(Focus::default()))
            })
            .map_err(NoAnswer::Failed)?;
        let message_count = self
            .sessions
            .get(session)
            .map_or(0, |session| session.thread.message_count());
        Ok(Answered {
            answer,
            message_count,
        })
    }

    /// Takes room for a question among those of its session.
    fn room(&self, session: &SessionId) -> Result<Waiting, Refusal> {
        let room = self
            .sessions
            .take_room(session)
            .map_err(|_| Refusal::Full)?;
        room.ok_or(Refusal::Busy)
    }

    /// Waits for the session's turn, answers, and remembers what was said.
    async fn turn(
        &self,
        id: &SessionId,
        question: String,
        mut room: Waiting,
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
        let mut remembering = Remembering {
            sessions: &self.sessions,
            id,
            question: ask.question.clone(),
            said: String::new(),
            ended: None,
            listener,
            metrics: &self.metrics,
            started: Instant::now(),
            first_text: None,
            outcome: TurnOutcome::Cancelled,
        };
        let answered = self.explorer.answer(&ask, &mut remembering).await;
        remembering.outcome = match &answered {
            Ok(answer) => TurnOutcome::Answered(answer.mode),
            Err(failure) => TurnOutcome::Failed(failure.trouble),
        };
        remembering.ended = Some(match &answered {
            Ok(answer) => (answer.text.clone(), true, answer.focus.clone()),
            // What a filter took back stays taken back.
            Err(failure) if failure.trouble == Trouble::Filtered => {
                (String::new(), false, failure.focus.clone())
            }
            Err(failure) => (failure.said.clone(), false, failure.focus.clone()),
        });
        answered
    }

    /// The token that [`Chat::serve`] is counted by: taken before the upgrade is answered, so
    /// that a shutdown waits for a socket that is only just being opened.
    pub fn count_socket(&self) -> TaskTrackerToken {
        self.sockets.token()
    }
}

/// Adds a turn to what was said when it is over, or is dropped: cancelled, left by its
/// client, in a panic. The next turn begins after that, and knows of it.
struct Remembering<'a> {
    sessions: &'a Sessions,
    id: &'a SessionId,
    question: String,
    /// The answer so far.
    said: String,
    /// The answer, whether it is complete, what it was about.
    ended: Option<(String, bool, Focus)>,
    listener: &'a mut dyn Listener,
    metrics: &'a Metrics,
    started: Instant,
    /// After how long the first words came.
    first_text: Option<Duration>,
    outcome: TurnOutcome,
}

impl Listener for Remembering<'_> {
    fn tool(&mut self, name: &str, words: &str) {
        self.listener.tool(name, words);
    }

    fn text(&mut self, piece: &str) {
        self.first_text
            .get_or_insert_with(|| self.started.elapsed());
        self.said.push_str(piece);
        self.listener.text(piece);
    }

    fn is_watched(&self) -> bool {
        self.listener.is_watched()
    }
}

impl Drop for Remembering<'_> {
    fn drop(&mut self) {
        // Dropped in a panic, it was nobody's wish that it should end.
        if std::thread::panicking() {
            self.outcome = TurnOutcome::Failed(Trouble::Internal);
        }
        self.metrics
            .turn_ended(self.outcome, self.started.elapsed(), self.first_text);
        let said = std::mem::take(&mut self.said);
        let ended = self.ended.take();
        let (answer, complete, focus) = ended.unwrap_or((said, false, Focus::default()));
        self.sessions.add_turn(
            self.id,
            Turn {
                question: std::mem::take(&mut self.question),
                answer,
                complete,
                focus,
            },
        );
    }
}
