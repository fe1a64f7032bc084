//! Who may call: everybody, or those who present one of the configured tokens.

use std::fmt;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
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

/// What everybody may call, by route: whether the service is there, the console's and the documentation's
/// own files, which hold no data, and sockets, which ask for the token themselves.
pub const OPEN: [&str; 8] = [
    "/health",
    "/",
    "/assets/{file}",
    "/samples/{file}",
    "/docs",
    "/docs/{file}",
    "/openapi.json",
    "/ws/{session_id}",
];

/// What a refused call presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// No token.
    Nothing,
    /// One that opens nothing.
    WrongToken,
}

impl Presented {
    /// What the refusal says in `WWW-Authenticate`: the error only to those who tried (RFC 6750, section 3.1).
    #[must_use]
    pub fn challenge(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Nothing => "Bearer realm=\"mcop-api\"",
            Self::WrongToken => "Bearer realm=\"mcop-api\", error=\"invalid_token\"",
        })
    }

    /// The same in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => {
                "This service wants a token: send it as \"Authorization: Bearer <token>\""
            }
            Self::WrongToken => "This token is not one of the service's",
        }
    }
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
    /// There is none. To take that for an open service would let everybody in by a slip.
    #[error("there is no token in it; who wants an open service leaves it out")]
    Empty,
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
    /// A token that no header can carry, or that can be guessed; no token at all.
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
            .collect::<Result<Vec<_>, _>>()?;
        if tags.is_empty() {
            return Err(BadTokens::Empty);
        }
        Ok(Self { key, tags })
    }

    /// Whether everybody may call.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tags.is_empty()
    }

    /// Whether a call of a route (`metrics::route::template`) may go on. A path that is not served is not open
    /// either: who has no token does not learn which are.
    ///
    /// # Errors
    /// What is to be said to those who may not.
    pub fn check(&self, route: &str, headers: &HeaderMap) -> Result<(), Presented> {
        if self.is_open() || OPEN.contains(&route) {
            return Ok(());
        }
        let mut lines = headers.get_all(AUTHORIZATION).iter();
        let Some(line) = lines.next() else {
            return Err(Presented::Nothing);
        };
        // Of another scheme: it was not tried with a token.
        let presented = bearer(line).ok_or(Presented::Nothing)?;
        if lines.next().is_none() && self.admit(presented) {
            Ok(())
        } else {
            Err(Presented::WrongToken)
        }
    }

    /// Tells the log at start who may call.
    pub fn announce(&self) {
        if self.is_open() {
            log::warn!("the service is open to everyone who reaches it: MCOP_API_TOKEN is not set");
        } else {
            log::info!("callers need one of {} tokens", self.count());
        }
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

/// What follows the scheme `Bearer`, which may be written in any case (RFC 9110, section 11.1).
pub(crate) fn bearer(line: &HeaderValue) -> Option<&str> {
    let line = line.to_str().ok()?;
    let (scheme, token) = line.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("Bearer");
    is_bearer.then(|| token.trim_matches(' '))
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
    fn what_is_open_is_served() {
        for route in OPEN {
            assert!(crate::metrics::route::TEMPLATES.contains(&route), "{route}");
        }
    }

    #[test]
    fn without_tokens_everybody_may_call() {
        assert!(Tokens::none().is_open() && Tokens::none().admit("") && Tokens::none().admit("x"));
    }

    #[test]
    fn a_list_without_a_token_opens_nothing() {
        for empty in ["", ",", " , ,"] {
            let refused = Tokens::from_list(empty).unwrap_err();
            assert_eq!(refused, BadTokens::Empty, "{empty:?}");
        }
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
