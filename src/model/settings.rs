//! How the model is called: where, and for how long.

use std::fmt;
use std::time::Duration;

use super::endpoint::Endpoint;
use crate::config::{ConfigError, given};

/// Everything about calls of the model that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSettings {
    /// Where it is.
    pub endpoint: Endpoint,
    /// How long it may take.
    pub timeouts: Timeouts,
    /// How often it is asked again.
    pub retries: Retries,
    /// Tokens of one answer at most (`MODEL_MAX_COMPLETION_TOKENS`).
    pub max_completion_tokens: u32,
    /// Bytes of one event of its stream at most.
    pub event_bytes_max: usize,
}

/// How long each part of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// The connection (`MODEL_CONNECT_TIMEOUT_SECONDS`).
    pub connect: Duration,
    /// The first event with data (`MODEL_FIRST_EVENT_TIMEOUT_SECONDS`).
    pub first_event: Duration,
    /// Each further event with data (`MODEL_EVENT_TIMEOUT_SECONDS`). Comments do not count:
    /// a proxy may send them for ever in place of a model that hangs.
    pub between_events: Duration,
    /// All of it, retries included (`MODEL_TOTAL_TIMEOUT_SECONDS`).
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_event: Duration::from_secs(60),
            between_events: Duration::from_secs(60),
            total: Duration::from_secs(300),
        }
    }
}

/// How often and after what waits a call that failed is made again, as long as nothing of
/// an answer has been handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How often.
    pub most: u32,
    /// The first wait; each further one is twice as long.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            most: 2,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(8),
        }
    }
}

const DEFAULT_COMPLETION_TOKENS: u32 = 2048;
const DEFAULT_EVENT_BYTES: usize = 1024 * 1024;
/// A day: more is surely a slip, and keeps the arithmetic of deadlines safe.
const TIMEOUT_SECONDS_MAX: f64 = 86_400.0;

impl ModelSettings {
    /// The settings of an endpoint about which nothing else is set.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            timeouts: Timeouts::default(),
            retries: Retries::default(),
            max_completion_tokens: DEFAULT_COMPLETION_TOKENS,
            event_bytes_max: DEFAULT_EVENT_BYTES,
        }
    }

    /// The settings that `var` gives for each name; `None` where no model is configured. An
    /// empty value counts as not set.
    ///
    /// # Errors
    /// The first variable whose value cannot be used.
    pub fn from_vars(
        var: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let get = |name| given(&var, name);
        // Read even where no model is configured: a slip does not wait for one.
        let defaults = Timeouts::default();
        let timeouts = Timeouts {
            connect: seconds(get, "MODEL_CONNECT_TIMEOUT_SECONDS")?.unwrap_or(defaults.connect),
            first_event: seconds(get, "MODEL_FIRST_EVENT_TIMEOUT_SECONDS")?
                .unwrap_or(defaults.first_event),
            between_events: seconds(get, "MODEL_EVENT_TIMEOUT_SECONDS")?
                .unwrap_or(defaults.between_events),
            total: seconds(get, "MODEL_TOTAL_TIMEOUT_SECONDS")?.unwrap_or(defaults.total),
        };
        let max_completion_tokens = tokens(get, "MODEL_MAX_COMPLETION_TOKENS")?;
        let endpoint = Endpoint::from_vars(get)?;
        Ok(endpoint.map(|endpoint| Self {
            timeouts,
            max_completion_tokens: max_completion_tokens.unwrap_or(DEFAULT_COMPLETION_TOKENS),
            ..Self::new(endpoint)
        }))
    }
}

/// What is in force, for the log at start.
impl fmt::Display for ModelSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Timeouts {
            connect,
            first_event,
            between_events,
            total,
        } = self.timeouts;
        write!(
            f,
            "{}, answers up to {} tokens; {connect:?} to connect, {first_event:?} to the first event, \
             {between_events:?} between events, {total:?} in all",
            self.endpoint, self.max_completion_tokens,
        )
    }
}

fn seconds(
    get: impl Fn(&'static str) -> Option<String>,
    variable: &'static str,
) -> Result<Option<Duration>, ConfigError> {
    get(variable)
        .map(|value| match value.parse::<f64>() {
            Ok(seconds) if seconds > 0.0 && seconds <= TIMEOUT_SECONDS_MAX => {
                Ok(Duration::from_secs_f64(seconds))
            }
            _ => Err(ConfigError {
                variable,
                problem: format!(
                    "\"{value}\" is not a number of seconds above 0 and up to {TIMEOUT_SECONDS_MAX}"
                ),
            }),
        })
        .transpose()
}

fn tokens(
    get: impl Fn(&'static str) -> Option<String>,
    variable: &'static str,
) -> Result<Option<u32>, ConfigError> {
    get(variable)
        .map(|value| match value.parse() {
            Ok(tokens) if tokens > 0 => Ok(tokens),
            _ => Err(ConfigError {
                variable,
                problem: format!("\"{value}\" is not a whole number from 1"),
            }),
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&'static str, &str)]) -> Result<Option<ModelSettings>, String> {
        ModelSettings::from_vars(|name| {
            vars.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_set_is_no_model() {
        assert_eq!(with(&[]).unwrap(), None);
    }

    #[test]
    fn the_start_log_says_what_is_in_force_and_no_key() {
        let settings = with(&[
            ("OPENAI_API_KEY", "sk-canary"),
            ("MODEL_CONNECT_TIMEOUT_SECONDS", "0.5"),
            ("MODEL_TOTAL_TIMEOUT_SECONDS", " "),
            ("MODEL_MAX_COMPLETION_TOKENS", "512"),
        ])
        .unwrap()
        .unwrap();
        assert_eq!(
            settings.to_string(),
            "OpenAI at api.openai.com, model gpt-4o-mini, answers up to 512 tokens; 500ms to connect, \
             60s to the first event, 60s between events, 300s in all"
        );
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn a_bad_value_is_refused_by_name() {
        let problem = "is not a number of seconds above 0 and up to 86400";
        for variable in [
            "MODEL_CONNECT_TIMEOUT_SECONDS",
            "MODEL_FIRST_EVENT_TIMEOUT_SECONDS",
            "MODEL_EVENT_TIMEOUT_SECONDS",
            "MODEL_TOTAL_TIMEOUT_SECONDS",
        ] {
            for value in ["0", "-1", "soon", "NaN", "inf", "1e9"] {
                let error = with(&[(variable, value)]).unwrap_err();
                assert_eq!(error, format!("{variable}: \"{value}\" {problem}"));
            }
        }
        assert_eq!(
            with(&[("MODEL_MAX_COMPLETION_TOKENS", "0")]).unwrap_err(),
            "MODEL_MAX_COMPLETION_TOKENS: \"0\" is not a whole number from 1"
        );
    }
}
