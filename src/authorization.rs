//! Who may call: everybody, or those who present one of the configured tokens.

use std::fmt;

use ring::hmac::{self, HMAC_SHA256, Key, Tag};
use ring::rand::SystemRandom;

/// The least length of a token, in bytes: a shorter one can be guessed.
pub const TOKEN_MIN: usize = 16;

/// The tokens that open the service (`MCOP_API_TOKEN`, several separated by commas).
///
/// Kept as their HMACs under a key of this process: comparing one takes as long however much of it is
/// right, and no dump of the memory's types prints a token.
#[derive(Clone)]
pub struct Tokens {
    key: Key,
    tags: Vec<Tag>,
}

/// A list of tokens that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTokens {
    /// One is too short.
    #[error("a token has at least {TOKEN_MIN} characters")]
    TooShort,
    /// One holds what no `Authorization` header may carry (RFC 6750, section 2.1).
    #[error("a token is made of A-Z a-z 0-9 - . _ ~ + / and = at its end")]
    NoToken,
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
}

impl Tokens {
    /// Everybody may call.
    #[must_use]
    pub fn none() -> Self {
        Self {
            key: Key::new(HMAC_SHA256, &[]),
            tags: Vec::new(),
        }
    }

    /// Those of a list with commas.
    ///
    /// # Errors
    /// A token that no header can carry, or that can be guessed.
    pub fn from_list(list: &str) -> Result<Self, BadTokens> {
        let key =
            Key::generate(HMAC_SHA256, &SystemRandom::new()).map_err(|_| BadTokens::NoRandom)?;
        let tokens = list
            .split(',')
            .map(str::trim)
            .filter(|token| !token.is_empty());
        let tags = tokens
            .map(|token| {
                if !is_token(token) {
                    Err(BadTokens::NoToken)
                } else if token.len() < TOKEN_MIN {
                    Err(BadTokens::TooShort)
                } else {
                    Ok(hmac::sign(&key, token.as_bytes()))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { key, tags })
    }

    /// Whether everybody may call.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tags.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.tags.len()
    }

    /// Whether the bearer of this text may call; takes as long whether or not it is nearly right.
    #[must_use]
    pub fn admit(&self, presented: &str) -> bool {
        let mut admitted = self.is_open();
        // All of them, whichever fits: the time must not tell which one it was.
        for tag in &self.tags {
            admitted |= hmac::verify(&self.key, presented.as_bytes(), tag.as_ref()).is_ok();
        }
        admitted
    }
}

/// The syntax `b64token` of RFC 6750, section 2.1.
fn is_token(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/".contains(&c);
    !digits.is_empty() && digits.bytes().all(allowed)
}

impl Default for Tokens {
    fn default() -> Self {
        Self::none()
    }
}

impl PartialEq for Tokens {
    /// Whether both are open; two lists of tokens are under different keys and never equal.
    fn eq(&self, other: &Self) -> bool {
        self.is_open() && other.is_open()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.tags.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_tokens_opens_and_nothing_else() {
        let tokens = Tokens::from_list(" first-token-0123, second-token-456== ,").unwrap();
        assert_eq!((tokens.is_open(), tokens.count()), (false, 2));
        for admitted in ["first-token-0123", "second-token-456=="] {
            assert!(tokens.admit(admitted), "{admitted}");
        }
        for refused in [
            "",
            "first-token-012",
            "first-token-01234",
            "FIRST-TOKEN-0123",
            "second-token-456",
        ] {
            assert!(!tokens.admit(refused), "{refused}");
        }
        assert_eq!(format!("{tokens:?}"), "Tokens(2)");
    }

    #[test]
    fn without_tokens_everybody_may_call() {
        assert!(Tokens::none().is_open() && Tokens::none().admit("") && Tokens::none().admit("x"));
    }

    #[test]
    fn what_can_be_guessed_or_not_be_sent_is_no_token() {
        assert_eq!(Tokens::from_list("short").unwrap_err(), BadTokens::TooShort);
        for bad in [
            "with a space in it",
            "žluťoučký-kůň-úpěl",
            "=================",
            "a\u{7f}bcdefghijklmnopq",
        ] {
            assert_eq!(
                Tokens::from_list(bad).unwrap_err(),
                BadTokens::NoToken,
                "{bad}"
            );
        }
    }
}
