//! The order in which the questions of one session are answered.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many questions of one session may wait while another is being answered.
const WAITING_MAX: usize = 4;

/// Answers the questions of one session one at a time, in order, whichever connection they
/// come from. Room for a question is taken when it arrives, its turn when it gets there.
#[derive(Debug)]
pub struct TurnQueue {
    room: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// Room for one question, and its place in the order; dropping it gives both back.
pub struct Waiting {
    turn: BoxFuture<'static, Option<OwnedSemaphorePermit>>,
    _room: OwnedSemaphorePermit,
}

impl Default for TurnQueue {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(1 + WAITING_MAX)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl TurnQueue {
    /// Whether a question waits or is being answered.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.room.available_permits() <= WAITING_MAX
    }

    /// Takes room for a question; `None` where too many wait.
    #[must_use]
    pub fn enter(&self) -> Option<Waiting> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let turn = Arc::clone(&self.turn).acquire_owned();
        let mut turn: BoxFuture<'static, _> = Box::pin(turn.map(Result::ok));
        // The semaphore lets in by the order of first polls: ours is the arrival, not the
        // moment at which this connection has answered all that came before.
        let granted = turn.poll_unpin(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(permit) = granted {
            turn = Box::pin(std::future::ready(permit));
        }
        Some(Waiting { turn, _room: room })
    }
}

impl Waiting {
    /// Waits for the turn; it is over when the permit is dropped.
    pub async fn turn(&mut self) -> Option<OwnedSemaphorePermit> {
        (&mut self.turn).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_few_questions_wait_and_are_let_in_one_at_a_time() {
        let queue = TurnQueue::default();
        let rooms: Vec<Waiting> = std::iter::from_fn(|| queue.enter()).collect();
        assert_eq!(rooms.len(), 1 + WAITING_MAX);
        let mut rooms = rooms.into_iter();
        let (mut first, mut second) = (rooms.next().unwrap(), rooms.next().unwrap());
        let mut third = rooms.next().unwrap();
        let turn = first.turn().await.unwrap();
        assert!(third.turn().now_or_never().is_none(), "one at a time");
        assert!(second.turn().now_or_never().is_none(), "one at a time");
        drop(turn);
        assert!(third.turn().now_or_never().is_none(), "by arrival");
        let turn = second.turn().now_or_never();
        assert!(turn.is_some());
        assert!(
            queue.enter().is_none(),
            "its room is taken until it is dropped"
        );
        drop(first);
        assert!(queue.enter().is_some());
        drop((turn, second));
        assert!(third.turn().now_or_never().is_some());
    }
}
