//! What a server says went wrong, in an error status or within a stream, and what it means.

use serde_json::Value;

use super::error::{Detail, ModelError};

/// An error as the server describes it.
#[derive(Debug, Default)]
pub(super) struct UpstreamError {
    status: Option<u16>,
    code: String,
    kind: String,
    parameter: String,
    message: String,
    filtered: bool,
}

const HINT_KEY: &str =
    "the server does not accept the key; check OPENAI_API_KEY or AZURE_OPENAI_API_KEY";
const HINT_FORBIDDEN: &str =
    "the key may not use this model, or this address may not call; check the account";
const HINT_DEPLOYMENT: &str =
    "Azure knows no such deployment; check AZURE_OPENAI_DEPLOYMENT_NAME or OPENAI_MODEL";
const HINT_MODEL: &str = "the server knows no such model; check OPENAI_MODEL";
const HINT_PATH: &str =
    "nothing is served at this path; check the base URL (most end in /v1) and OPENAI_API_VERSION";
const HINT_REDIRECT: &str =
    "the server redirects, which is not followed; set the address it redirects to";
const HINT_REQUEST: &str = "the server refuses the request as this service makes it";

const UNSUPPORTED_CODES: [&str; 4] = [
    "unsupported_parameter",
    "unknown_parameter",
    "unsupported_value",
    "extra_forbidden",
];
/// Words of servers that give no code.
const UNSUPPORTED_WORDS: [&str; 8] = [
    "unsupported",
    "not supported",
    "unrecognized",
    "unknown",
    "unexpected",
    "extra_forbidden",
    "not permitted",
    "not allowed",
];
const TOO_LONG_WORDS: [&str; 4] = [
    "maximum context length",
    "context_length_exceeded",
    "context window",
    "available context size",
];

impl UpstreamError {
    /// The error that the body of an error status describes; a body that is no JSON is
    /// its own message.
    pub(super) fn from_body(status: u16, body: &str) -> Self {
        let value = serde_json::from_str::<Value>(body).ok();
        let described = value
            .as_ref()
            .map(|value| value.get("error").unwrap_or(value));
        let mut error = match described {
            Some(Value::Object(_)) => described.map(Self::read).unwrap_or_default(),
            _ => Self::default(),
        };
        if error.message.is_empty() {
            body.clone_into(&mut error.message);
        }
        error.status = Some(status);
        error
    }

    /// An error within a stream, whose own code is all there is of a status.
    pub(super) fn in_stream(described: &Value) -> Self {
        let mut error = Self::read(described);
        if error.message.is_empty() {
            error.message = described.to_string();
        }
        error
    }

    /// The error that a part of a stream holds, in any of the places where servers put it:
    /// `{"error": …}`, or an object that says of itself that it is one.
    pub(super) fn within(part: &Value) -> Option<Self> {
        match part.get("error") {
            Some(error) if !error.is_null() => Some(Self::in_stream(error)),
            _ => (part.get("object").and_then(Value::as_str) == Some("error"))
                .then(|| Self::in_stream(part)),
        }
    }

    fn read(described: &Value) -> Self {
        let text = |name: &str| match described.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let inner = described.get("innererror");
        let inner_code = inner
            .and_then(|inner| inner.get("code"))
            .and_then(Value::as_str);
        let code = text("code");
        let filtered = code == "content_filter"
            || code == "ResponsibleAIPolicyViolation"
            || inner_code == Some("ResponsibleAIPolicyViolation")
            || inner.is_some_and(|inner| inner.get("content_filter_result").is_some());
        let message = match described {
            Value::String(message) => message.clone(),
            _ => text("message"),
        };
        let status = code.parse().ok().filter(|code| (400..600).contains(code));
        Self {
            status,
            code,
            kind: text("type"),
            parameter: text("param"),
            message,
            filtered,
        }
    }

    /// The server does not know this parameter of the request. A value it does not like is
    /// another matter: no other parameter would help.
    pub(super) fn refuses(&self, parameter: &str) -> bool {
        if ![Some(400), Some(422)].contains(&self.status) {
            return false;
        }
        let message = self.message.to_lowercase();
        let named = if self.parameter.is_empty() {
            message.contains(parameter)
        } else {
            self.parameter == parameter
        };
        let unsupported = UNSUPPORTED_CODES.contains(&self.code.as_str())
            || UNSUPPORTED_WORDS.iter().any(|word| message.contains(word));
        named && unsupported
    }

    /// The account is used up, which no retry mends.
    pub(super) fn is_out_of_quota(&self) -> bool {
        [&self.code, &self.kind]
            .into_iter()
            .any(|name| name == "insufficient_quota")
    }

    /// What it means.
    pub(super) fn into_error(self) -> ModelError {
        let told = format!("{} {}", self.code, self.message).to_lowercase();
        let misconfigured = |hint| move |detail| ModelError::Misconfigured { hint, detail };
        let too_long = TOO_LONG_WORDS.iter().any(|words| told.contains(words));
        let key = ["invalid_api_key", "authentication_error"].contains(&self.code.as_str());
        let status = self.status;
        let filtered = self.filtered;
        let code = if self.code.is_empty() {
            self.kind
        } else {
            self.code
        };
        let detail = Detail {
            status,
            code,
            message: self.message,
        };
        match status {
            _ if filtered => ModelError::Filtered(detail),
            Some(413) => ModelError::TooLong(detail),
            _ if too_long => ModelError::TooLong(detail),
            Some(401) => misconfigured(HINT_KEY)(detail),
            _ if key => misconfigured(HINT_KEY)(detail),
            Some(403) => misconfigured(HINT_FORBIDDEN)(detail),
            Some(404) if told.contains("deployment") => misconfigured(HINT_DEPLOYMENT)(detail),
            Some(404) if told.contains("model") => misconfigured(HINT_MODEL)(detail),
            Some(404 | 405) => misconfigured(HINT_PATH)(detail),
            Some(408 | 409 | 429 | 500..) => ModelError::Overloaded(detail),
            Some(300..400) => misconfigured(HINT_REDIRECT)(detail),
            Some(400..) => misconfigured(HINT_REQUEST)(detail),
            _ => ModelError::Broken(detail),
        }
    }
}
