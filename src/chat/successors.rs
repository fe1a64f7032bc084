//! Conversations that another socket of their session may take over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::conversation::Conversation;
use crate::sessions::SessionId;

/// What a socket's task sends to ask for a conversation: the way back to it.
pub(super) type Successor = oneshot::Sender<Box<Conversation>>;

type Asking = mpsc::Sender<Successor>;

/// The most frames that a conversation is taken to have: a greater distance from its first number is
/// another conversation's. Numbers begin with the microsecond, so this many are a second's.
const FRAMES_MAX: u64 = 1_000_000;

/// Where each conversation can be asked for, by session and by the number of its first frame. None is here
/// longer than its conversation.
#[derive(Debug, Clone, Default)]
pub(super) struct Successors {
    sessions: Arc<Mutex<HashMap<SessionId, Vec<Listed>>>>,
}

#[derive(Debug)]
struct Listed {
    first: u64,
    asking: Asking,
}

/// Where a conversation hears of those that would take it over; dropping it takes it off the list.
#[derive(Debug)]
pub(super) struct Inbox {
    successors: Successors,
    session: SessionId,
    first: u64,
    asked: mpsc::Receiver<Successor>,
}

impl Successors {
    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionId, Vec<Listed>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The conversation of the session that a client has `seen` the frame of, if it goes on.
    pub(super) async fn take_over(
        &self,
        session: &SessionId,
        seen: u64,
    ) -> Option<Box<Conversation>> {
        loop {
            let asking = self.find(session, seen)?;
            let (successor, given) = oneshot::channel();
            if asking.send(successor).await.is_ok()
                && let Ok(conversation) = given.await
            {
                return Some(conversation);
            }
            // It ended meanwhile, and took itself off the list first.
        }
    }

    /// Others of the same session are other people's, who share a link: they are left alone.
    fn find(&self, session: &SessionId, seen: u64) -> Option<Asking> {
        let sessions = self.sessions();
        let begun = sessions.get(session)?.iter().filter(|listed| {
            let passed = seen.checked_sub(listed.first);
            passed.is_some_and(|passed| passed < FRAMES_MAX)
        });
        begun
            .max_by_key(|listed| listed.first)
            .map(|listed| listed.asking.clone())
    }

    /// The inbox of a new conversation whose frames are numbered from `now` on, or from the next number
    /// that no other has.
    pub(super) fn enter(&self, session: &SessionId, now: u64) -> Inbox {
        let mut sessions = self.sessions();
        let listed = sessions.entry(session.clone()).or_default();
        let mut first = now;
        while listed.iter().any(|other| other.first == first) {
            first += 1;
        }
        // One waits its turn here, others before it.
        let (asking, asked) = mpsc::channel(1);
        listed.push(Listed { first, asking });
        Inbox {
            successors: self.clone(),
            session: session.clone(),
            first,
            asked,
        }
    }
}

impl Inbox {
    /// The number of the conversation's first frame.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The next that would take the conversation over.
    pub(super) async fn successor(&mut self) -> Successor {
        match self.asked.recv().await {
            Some(successor) => successor,
            // The list holds the other end for as long as this one lives.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut sessions = self.successors.sessions();
        if let Some(listed) = sessions.get_mut(&self.session) {
            listed.retain(|other| other.first != self.first);
            if listed.is_empty() {
                sessions.remove(&self.session);
            }
        }
    }
}
