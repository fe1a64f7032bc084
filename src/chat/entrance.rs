//! Who may talk, where tokens are asked for.

use futures_util::{Stream, StreamExt};
use warp::ws::Message;

use super::conversation::{Ending, ending_of};
use super::messages::{FromClient, Token};
use super::outbox::Farewell;
use super::{Chat, SocketPlace, code};
use crate::websocket;

/// Whether a client may talk, as far as its handshake tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It may: its token is right, or none is asked for.
    Granted,
    /// It has a token that is wrong. It is told so by a close frame: a browser shows its page no status of a
    /// handshake, and would try again. Whoever goes on guessing gets 429 instead of a socket.
    Refused,
    /// It has to present a token before anything else.
    Awaited,
}

impl Chat {
    /// Whether the bearer of this token may talk.
    #[must_use]
    pub fn access(&self, presented: Option<&str>) -> Access {
        match presented {
            _ if self.tokens.is_open() => Access::Granted,
            Some(token) if self.tokens.admit(token) => Access::Granted,
            Some(_) => Access::Refused,
            None => Access::Awaited,
        }
    }

    /// Lets a client in, or says why it is not.
    pub(super) async fn let_in(
        &self,
        access: Access,
        place: &SocketPlace,
        frames: &mut (impl Stream<Item = Result<Message, websocket::Error>> + Unpin),
    ) -> Result<(), Ending> {
        match access {
            Access::Granted => return Ok(()),
            Access::Refused => return Err(Ending::Close(NOT_AUTHORIZED)),
            Access::Awaited => {}
        }
        let first = async {
            loop {
                match frames.next().await {
                    Some(Ok(frame)) if frame.is_ping() || frame.is_pong() => {}
                    first => break first,
                }
            }
        };
        let first = tokio::select! {
            () = self.stopping.cancelled() => return Err(Ending::Close(super::STOPPING)),
            first = tokio::time::timeout(self.limits.auth_timeout, first) => first,
        };
        let frame = match first {
            Err(_) => return Err(Ending::Close(AUTHENTICATE)),
            Ok(None) => return Err(Ending::Closed),
            Ok(Some(Err(error))) => return Err(ending_of(&error)),
            Ok(Some(Ok(frame))) => frame,
        };
        if frame.is_close() {
            return Err(Ending::Closed);
        }
        match frame.to_str().map(FromClient::read) {
            Ok(Ok(FromClient::Auth(Token(token)))) if self.tokens.admit(&token) => Ok(()),
            Ok(Ok(FromClient::Auth(_))) => Err(Ending::Close(match place.count_guess() {
                Ok(()) => NOT_AUTHORIZED,
                Err(_) => TOO_MANY_GUESSES,
            })),
            _ => Err(Ending::Close(AUTHENTICATE)),
        }
    }
}

const AUTHENTICATE: Farewell = Farewell {
    code: code::POLICY,
    reason: "authenticate first",
};

const NOT_AUTHORIZED: Farewell = Farewell {
    code: code::POLICY,
    reason: "not authorized",
};

const TOO_MANY_GUESSES: Farewell = Farewell {
    code: code::POLICY,
    reason: "too many wrong tokens",
};
