//! What clients send: messages, and what is none.

use std::fmt;

use serde::Deserialize;

use super::Refusal;
use crate::authorization::{TOKEN_MIN, Tokens};

/// The longest message of a person, in bytes.
pub const CONTENT_MAX: usize = 32 * 1024;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromClient {
    /// A message to be answered.
    Message(String),
    /// Stop the answer in progress.
    Cancel,
    /// Who is there: a token that may open the service. Not one to be printed.
    Auth(Token),
}

/// A token that a client presents; nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub(super) String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type", default)]
    kind: Option<serde_json::Value>,
    #[serde(default)]
    content: Option<serde_json::Value>,
    #[serde(default)]
    token: Option<serde_json::Value>,
}

impl FromClient {
    /// Reads a text frame: an object with `content`, or plain text, as people type it.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let content = if text.starts_with(['{', '[']) {
            // The reader of objects would take an array for one, field by field.
            let object = Some(text).filter(|text| text.starts_with('{'));
            let envelope: Envelope = object
                .and_then(|text| serde_json::from_str(text).ok())
                .ok_or(Refusal::BadJson)?;
            match envelope.kind.as_ref().and_then(|kind| kind.as_str()) {
                Some("cancel") => return Ok(Self::Cancel),
                Some("auth") => {
                    let token = envelope.token.as_ref().and_then(|token| token.as_str());
                    return Ok(Self::Auth(Token(token.unwrap_or_default().to_owned())));
                }
                _ => {}
            }
            match envelope.content {
                Some(serde_json::Value::String(content)) => content,
                _ => return Err(Refusal::NoContent),
            }
        } else {
            text.to_owned()
        };
        checked(content).map(Self::Message)
    }
}

/// A message with something in it, and not too much.
///
/// # Errors
/// [`Refusal::Empty`] and [`Refusal::TooLong`].
pub fn checked(content: String) -> Result<String, Refusal> {
    if content.trim().is_empty() {
        Err(Refusal::Empty)
    } else if content.len() > CONTENT_MAX {
        Err(Refusal::TooLong)
    } else {
        Ok(content)
    }
}

/// Whether a word of a message is one of the tokens.
pub(super) fn holds_token(content: &str, tokens: &Tokens) -> bool {
    let is_token = |word: &str| word.len() >= TOKEN_MIN && tokens.admit(word);
    let of_no_token = |c: char| !c.is_ascii_alphanumeric() && !"-._~+/=".contains(c);
    let mut words = content.split(of_no_token);
    // Where nobody needs one, any text would be admitted.
    !tokens.is_open()
        && words.any(|word| {
            // As the subprotocol has it, and at the end of a sentence.
            let bare = word.trim_start_matches("bearer.").trim_end_matches('.');
            is_token(word) || is_token(bare)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_an_object_with_content_or_plain_text() {
        let message = |text: &str| Ok(FromClient::Message(text.to_owned()));
        let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        let nested = format!("{{\"content\": {deep}}}");
        let long = "x".repeat(CONTENT_MAX + 1);
        let long_object = format!("{{\"content\": \"{long}\"}}");
        let cases = [
            (
                r#"{"content": "List all tables"}"#,
                message("List all tables"),
            ),
            (r#"{"content": "a", "type": "user", "x": 1}"#, message("a")),
            (r#"{"type": "cancel"}"#, Ok(FromClient::Cancel)),
            (
                r#"{"type": "auth", "token": "t", "content": "c"}"#,
                Ok(FromClient::Auth(Token("t".to_owned()))),
            ),
            (
                r#"{"type": "auth", "token": 1}"#,
                Ok(FromClient::Auth(Token(String::new()))),
            ),
            ("List all tables", message("List all tables")),
            ("  vypíš tabuľky \r\n", message("vypíš tabuľky")),
            ("42", message("42")),
            ("\"quoted\"", message("\"quoted\"")),
            ("null", message("null")),
            (r#"{"content": "a""#, Err(Refusal::BadJson)),
            ("{tables", Err(Refusal::BadJson)),
            ("[1, 2]", Err(Refusal::BadJson)),
            ("[tables", Err(Refusal::BadJson)),
            (&deep, Err(Refusal::BadJson)),
            (&nested, Err(Refusal::BadJson)),
            ("{}", Err(Refusal::NoContent)),
            (r#"{"content": 1}"#, Err(Refusal::NoContent)),
            (r#"{"content": null}"#, Err(Refusal::NoContent)),
            (r#"{"content": "  "}"#, Err(Refusal::Empty)),
            ("", Err(Refusal::Empty)),
            (" \n", Err(Refusal::Empty)),
            (&long, Err(Refusal::TooLong)),
            (&long_object, Err(Refusal::TooLong)),
        ];
        for (text, wanted) in cases {
            assert_eq!(
                FromClient::read(text),
                wanted,
                "{}",
                crate::text::shorten(text, 60)
            );
        }
    }

    #[test]
    fn a_token_is_found_as_a_word_of_a_message_and_never_printed() {
        const TOKEN: &str = "abc-012345.6789==";
        let tokens = Tokens::from_list(TOKEN).unwrap();
        for holding in [
            TOKEN,
            "it is abc-012345.6789==.",
            "Authorization: Bearer abc-012345.6789==",
            "mcop, bearer.abc-012345.6789==",
            "\"abc-012345.6789==\"",
            "(abc-012345.6789==)",
        ] {
            assert!(holds_token(holding, &tokens), "{holding}");
            assert!(!holds_token(holding, &Tokens::none()), "{holding}");
        }
        for other in ["", "abc-012345.6789=", "abc 012345.6789=="] {
            assert!(!holds_token(other, &tokens), "{other}");
        }
        let printed = format!("{:?}", FromClient::Auth(Token(TOKEN.to_owned())));
        assert_eq!(printed, "Auth(Token)");
    }
}
