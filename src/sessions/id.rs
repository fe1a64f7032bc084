//! What a session is called.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of a session: made by the service for a run, chosen by the client for a chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(
    value_type = String,
    min_length = 1,
    max_length = 128,
    pattern = "^[A-Za-z0-9._~-]{1,128}$",
    example = "9b2f1c1e-6f0a-4f8e-9d55-0c5b7f6e2a10"
)]
pub struct SessionId(Arc<str>);

/// The longest id a client may choose.
pub const SESSION_ID_MAX: usize = 128;

impl SessionId {
    /// A new id that nobody can guess.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string().into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that no session can have as its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session id is 1 to {SESSION_ID_MAX} characters from A-Z a-z 0-9 . _ ~ -")]
pub struct BadSessionId;

impl FromStr for SessionId {
    type Err = BadSessionId;

    fn from_str(text: &str) -> Result<Self, BadSessionId> {
        let unreserved =
            |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'~' | b'-');
        let fits = (1..=SESSION_ID_MAX).contains(&text.len()) && text.bytes().all(unreserved);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(BadSessionId)
        }
    }
}

impl TryFrom<String> for SessionId {
    type Error = BadSessionId;

    fn try_from(text: String) -> Result<Self, BadSessionId> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_1_to_128_unreserved_characters() {
        for good in ["a", "test-session", "A.b_c~9", &"x".repeat(128)] {
            assert_eq!(good.parse::<SessionId>().unwrap().as_str(), good);
        }
        for bad in ["", "a/b", "a b", "ž", "a\0", &"x".repeat(129)] {
            assert_eq!(bad.parse::<SessionId>(), Err(BadSessionId), "{bad:?}");
        }
    }
}
