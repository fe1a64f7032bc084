//! Every way in which a model fails to answer, for three readers: the code that decides
//! what to do next, the person who asked, and the operator's log.

use std::fmt;

use super::endpoint::Endpoint;

/// Why there is no (whole) answer. Its `Display` tells nothing of what is behind the service
/// and may be shown to anybody; [`ModelError::for_operator`] is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No connection comes about.
    #[error("The language model cannot be reached at the moment. Try again shortly.")]
    Unreachable(Detail),
    /// Nothing came for too long.
    #[error("The language model took too long to answer. Try again shortly.")]
    TimedOut(Phase),
    /// The server has too much to do or is out of order (429, 5xx), retries included.
    #[error("The language model is overloaded at the moment. Try again shortly.")]
    Overloaded(Detail),
    /// The server refuses what this service sends; that stays so until the operator acts.
    #[error("The language model is not set up correctly. Please tell whoever runs this service.")]
    Misconfigured {
        /// What the operator should look at.
        hint: &'static str,
        /// What the server said.
        detail: Detail,
    },
    /// A filter of the server refuses the question or the answer.
    #[error(
        "The content filter of the language model declined this message. Please put it another way."
    )]
    Filtered(Detail),
    /// The conversation is longer than the model can read.
    #[error("The conversation has become too long for the language model. Start a new one.")]
    TooLong(Detail),
    /// The answer broke off: its stream ended before its end.
    #[error("The answer of the language model broke off. Try again.")]
    Incomplete,
    /// The server or the connection failed while it answered.
    #[error("The language model failed while it answered. Try again.")]
    Broken(Detail),
    /// What came is no answer in the protocol that is spoken, or larger than any should be.
    #[error("The language model sent an answer that cannot be used. Try again.")]
    Malformed(Detail),
    /// The answer has neither text nor calls.
    #[error("The language model gave an empty answer. Try again or put it another way.")]
    EmptyAnswer,
    /// This service makes as many calls at one time as it may; the model was not asked.
    #[error("The language model is busy with other questions at the moment. Try again shortly.")]
    Busy,
    /// This service has spent the tokens of the day; the model was not asked.
    #[error(
        "The language model has done as much as it may in one day. Ask again after midnight UTC."
    )]
    BudgetSpent,
}

/// What was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The connection.
    Connect,
    /// The first event of the answer.
    FirstEvent,
    /// The next event.
    BetweenEvents,
    /// The whole answer, retries included.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection (MODEL_CONNECT_TIMEOUT_SECONDS)",
            Self::FirstEvent => "the first event (MODEL_FIRST_EVENT_TIMEOUT_SECONDS)",
            Self::BetweenEvents => "the next event (MODEL_EVENT_TIMEOUT_SECONDS)",
            Self::Total => "the end of the answer (MODEL_TOTAL_TIMEOUT_SECONDS)",
        })
    }
}

/// What the server or the system said, for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The HTTP status, or the status that an error within a stream names.
    pub status: Option<u16>,
    /// The server's own code; may be empty.
    pub code: String,
    /// Its message; may be empty.
    pub message: String,
}

/// What the log shows of a message at most.
const MESSAGE_CHARS: usize = 300;

impl Detail {
    /// Words alone.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    fn sealed(self, endpoint: &Endpoint) -> Self {
        Self {
            status: self.status,
            code: shortened(&endpoint.redact(&self.code)),
            message: shortened(&endpoint.redact(&self.message)),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.map(|status| format!("status {status}"));
        let code = (!self.code.is_empty()).then(|| format!("code {}", self.code));
        let message = (!self.message.is_empty()).then(|| self.message.clone());
        let parts: Vec<String> = [status, code, message].into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

/// One line, or a server could write lines of its own into the log.
fn shortened(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", line.split_at(end).0),
        None => line,
    }
}

impl ModelError {
    /// All that [`ModelError::kind`] says.
    pub const KINDS: [&'static str; 12] = [
        "unreachable",
        "timed_out",
        "overloaded",
        "misconfigured",
        "filtered",
        "too_long",
        "incomplete",
        "broken",
        "malformed",
        "empty_answer",
        "busy",
        "budget_spent",
    ];

    /// The kind in a word, for counting.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut(_) => "timed_out",
            Self::Overloaded(_) => "overloaded",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Filtered(_) => "filtered",
            Self::TooLong(_) => "too_long",
            Self::Incomplete => "incomplete",
            Self::Broken(_) => "broken",
            Self::Malformed(_) => "malformed",
            Self::EmptyAnswer => "empty_answer",
            Self::Busy => "busy",
            Self::BudgetSpent => "budget_spent",
        }
    }

    /// The model cannot answer now. Where nothing has been shown yet, something else may
    /// answer in its place; the other failures concern the question or the settings.
    pub fn is_down(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::TimedOut(_)
            | Self::Overloaded(_)
            | Self::Incomplete
            | Self::Broken(_)
            | Self::Malformed(_)
            | Self::EmptyAnswer
            | Self::Busy => true,
            Self::Misconfigured { .. }
            | Self::Filtered(_)
            | Self::TooLong(_)
            | Self::BudgetSpent => false,
        }
    }

    /// The same question may well be answered a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::TimedOut(Phase::Connect)
            | Self::Overloaded(_)
            | Self::Incomplete
            | Self::Broken(_) => true,
            Self::TimedOut(_)
            | Self::Misconfigured { .. }
            | Self::Filtered(_)
            | Self::TooLong(_)
            | Self::Malformed(_)
            | Self::EmptyAnswer
            // It has waited for its place already, or what is left of the day's tokens is promised to others.
            | Self::Busy
            | Self::BudgetSpent => false,
        }
    }

    /// What happened, in one line for the log; neither key nor address is in it.
    pub fn for_operator(&self) -> String {
        match self {
            Self::Unreachable(detail) => format!("no connection to the model: {detail}"),
            Self::TimedOut(phase) => format!("the model timed out: waited in vain for {phase}"),
            Self::Overloaded(detail) => format!("the model's server is overloaded: {detail}"),
            Self::Misconfigured { hint, detail } if *detail == Detail::default() => {
                format!("the model is misconfigured: {hint}")
            }
            Self::Misconfigured { hint, detail } => {
                format!("the model is misconfigured: {hint}; the server said: {detail}")
            }
            Self::Filtered(detail) => format!("the model's content filter refused: {detail}"),
            Self::TooLong(detail) => {
                format!("the conversation is too long for the model: {detail}")
            }
            Self::Incomplete => "the model's stream ended before its answer did".to_owned(),
            Self::Broken(detail) => format!("the model failed while answering: {detail}"),
            Self::Malformed(detail) => format!("the model's answer cannot be used: {detail}"),
            Self::EmptyAnswer => "the model's answer has neither text nor calls".to_owned(),
            Self::Busy => {
                "the model was not asked: as many calls are under way as may be (MAX_CONCURRENT_MODEL_CALLS, \
                 or what the day's tokens still allow)"
                    .to_owned()
            }
            Self::BudgetSpent => {
                "the model was not asked: the day's tokens are spent (DAILY_TOKEN_BUDGET)".to_owned()
            }
        }
    }

    /// The same without the secrets of the endpoint, which servers like to quote. Every
    /// error passes through here before it leaves the client.
    pub(super) fn sealed(self, endpoint: &Endpoint) -> Self {
        let seal = |detail: Detail| detail.sealed(endpoint);
        match self {
            Self::Unreachable(detail) => Self::Unreachable(seal(detail)),
            Self::Overloaded(detail) => Self::Overloaded(seal(detail)),
            Self::Misconfigured { hint, detail } => Self::Misconfigured {
                hint,
                detail: seal(detail),
            },
            Self::Filtered(detail) => Self::Filtered(seal(detail)),
            Self::TooLong(detail) => Self::TooLong(seal(detail)),
            Self::Broken(detail) => Self::Broken(seal(detail)),
            Self::Malformed(detail) => Self::Malformed(seal(detail)),
            nothing_said @ (Self::TimedOut(_)
            | Self::Incomplete
            | Self::EmptyAnswer
            | Self::Busy
            | Self::BudgetSpent) => nothing_said,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "sk-canary-0123456789";

    fn every(detail: &Detail) -> Vec<ModelError> {
        let detail = || detail.clone();
        vec![
            ModelError::Unreachable(detail()),
            ModelError::TimedOut(Phase::FirstEvent),
            ModelError::Overloaded(detail()),
            ModelError::Misconfigured {
                hint: "look",
                detail: detail(),
            },
            ModelError::Filtered(detail()),
            ModelError::TooLong(detail()),
            ModelError::Incomplete,
            ModelError::Broken(detail()),
            ModelError::Malformed(detail()),
            ModelError::EmptyAnswer,
            ModelError::Busy,
            ModelError::BudgetSpent,
        ]
    }

    #[test]
    fn no_error_shows_the_key_however_often_the_server_quotes_it() {
        let endpoint =
            Endpoint::from_vars(|name| (name == "OPENAI_API_KEY").then(|| CANARY.to_owned()))
                .unwrap()
                .unwrap();
        // The cut to 300 characters runs through the second one.
        let message = format!("{CANARY} {} {CANARY}\nforged log line", "x".repeat(285));
        let detail = Detail {
            status: Some(401),
            code: CANARY.to_owned(),
            message,
        };
        for error in every(&detail) {
            let error = error.sealed(&endpoint);
            let all = format!("{error} {error:?} {}", error.for_operator());
            assert!(!all.contains("canary"), "{all}");
            assert!(!error.for_operator().contains('\n'), "{all}");
            assert!(error.for_operator().chars().count() < 500, "{all}");
        }
    }

    #[test]
    fn only_the_operator_hears_what_the_server_said() {
        let detail = Detail {
            status: Some(500),
            code: "kaput".to_owned(),
            message: "internal".to_owned(),
        };
        for error in every(&detail) {
            let shown = error.to_string();
            for inner in ["500", "kaput", "internal", "look"] {
                assert!(!shown.contains(inner), "{shown}");
            }
        }
        assert_eq!(
            ModelError::Overloaded(detail).for_operator(),
            "the model's server is overloaded: status 500, code kaput, internal"
        );
    }

    #[test]
    fn every_kind_is_among_those_that_are_counted_from_the_start() {
        let kinds: Vec<&str> = every(&Detail::default())
            .iter()
            .map(ModelError::kind)
            .collect();
        assert_eq!(kinds, ModelError::KINDS);
    }

    #[test]
    fn settings_and_questions_are_no_reason_to_let_another_answer() {
        let down = every(&Detail::default())
            .iter()
            .map(ModelError::is_down)
            .collect::<Vec<_>>();
        assert_eq!(
            down,
            [
                true, true, true, false, false, false, true, true, true, true, true, false
            ]
        );
    }
}
