//! Text that must not be seen: keys.

use std::fmt;

use http::HeaderValue;

/// A secret. What prints it prints a placeholder.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

const PLACEHOLDER: &str = "[secret]";

/// A shorter text would be found in every other sentence, and keeps no secret anyway.
const REDACTED_MIN: usize = 4;

impl Secret {
    /// Keeps a text secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The value of a header that carries it behind a prefix, marked so that no dump of
    /// headers shows it; `None` where it holds what no header may carry.
    #[must_use]
    pub fn header(&self, prefix: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{prefix}{}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The text without this secret, and without a start of it that the text breaks off in.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < REDACTED_MIN {
            return text.to_owned();
        }
        let mut redacted = text.replace(&self.0, PLACEHOLDER);
        let broken_off = (REDACTED_MIN..self.0.len())
            .rev()
            .filter_map(|length| self.0.get(..length))
            .find(|start| redacted.ends_with(start));
        if let Some(start) = broken_off {
            redacted.truncate(redacted.len() - start.len());
            redacted.push_str(PLACEHOLDER);
        }
        redacted
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PLACEHOLDER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("sk-canary-1".to_owned());
        let header = secret.header("Bearer ").unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer sk-canary-1");
        assert!(header.is_sensitive());
        assert_eq!(format!("{secret:?} {header:?}"), "[secret] Sensitive");
    }

    #[test]
    fn a_secret_is_cut_out_of_texts_also_where_they_break_off_in_it() {
        let secret = Secret::new("sk-canary-1".to_owned());
        assert_eq!(
            secret.redact("key sk-canary-1, again: sk-canary-1."),
            "key [secret], again: [secret]."
        );
        assert_eq!(secret.redact("key sk-cana"), "key [secret]");
        assert_eq!(secret.redact("a task"), "a task");
        assert_eq!(Secret::new("x".to_owned()).redact("xylophone"), "xylophone");
    }

    #[test]
    fn what_no_header_may_carry_is_no_header() {
        assert!(Secret::new("two\nlines".to_owned()).header("").is_none());
    }
}
