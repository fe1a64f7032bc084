//! How much is accepted and kept, and how often: everything that clients could make grow.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::str::FromStr;
use std::time::Duration;

use super::{ConfigError, parse};

/// A year: more is surely a slip, and keeps the arithmetic of deadlines safe.
const TTL_HOURS_MAX: f64 = 24.0 * 366.0;
/// What most limits are to be.
const FROM_ONE: &str = "a whole number from 1";

/// Everything that clients could make grow, capped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request document (`MAX_DOCUMENT_BYTES`).
    pub document_bytes: usize,
    /// Sessions kept (`MAX_SESSIONS`).
    pub sessions: NonZeroUsize,
    /// Bytes of results, diagrams and conversations that all sessions hold together (`MAX_SESSION_BYTES`).
    pub session_bytes: usize,
    /// How long a session is kept after its last use (`SESSION_TTL_HOURS`).
    pub session_ttl: Duration,
    /// Pipeline runs at one time, and look-ups of all chats together (`MAX_CONCURRENT_RUNS`).
    pub concurrent_runs: NonZeroUsize,
    /// Pipeline runs that may wait for a place (`MAX_QUEUED_RUNS`).
    pub queued_runs: usize,
    /// Connections open at one time, sockets not counted (`MAX_CONNECTIONS`).
    pub connections: NonZeroUsize,
    /// Streams of runs' events open at one time (`MAX_EVENT_STREAMS`).
    pub event_streams: NonZeroUsize,
    /// Of those, open from one address (`MAX_EVENT_STREAMS_PER_ADDRESS`).
    pub event_streams_per_address: NonZeroUsize,
    /// Calls of the model at one time (`MAX_CONCURRENT_MODEL_CALLS`).
    pub model_calls: NonZeroUsize,
    /// Tokens that the model may read and write in one day, by UTC; `None`: any number
    /// (`DAILY_TOKEN_BUDGET`).
    pub daily_tokens: Option<NonZeroU64>,
    /// How often one client may ask.
    pub rates: RateLimits,
    /// Of the chat.
    pub chat: ChatLimits,
}

/// How often one client may ask for what costs something; `None`: as often as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Runs started in a minute (`MAX_RUNS_PER_MINUTE`).
    pub runs: Option<NonZeroU32>,
    /// Messages in a minute, over all its sockets and calls (`MAX_CLIENT_MESSAGES_PER_MINUTE`).
    pub messages: Option<NonZeroU32>,
    /// Sockets opened in a minute (`MAX_UPGRADES_PER_MINUTE`).
    pub upgrades: Option<NonZeroU32>,
}

impl RateLimits {
    /// No limits.
    pub const NONE: Self = Self {
        runs: None,
        messages: None,
        upgrades: None,
    };
}

impl Default for RateLimits {
    /// More than people do, even several behind one address, and less than a loop does.
    fn default() -> Self {
        Self {
            runs: NonZeroU32::new(120),
            messages: NonZeroU32::new(240),
            upgrades: NonZeroU32::new(240),
        }
    }
}

/// How much one client, and all together, may ask of the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatLimits {
    /// Sockets open at one time (`MAX_SOCKETS`).
    pub sockets: NonZeroUsize,
    /// Sockets open from one address (`MAX_SOCKETS_PER_ADDRESS`); not limited by default,
    /// because behind a proxy all clients have one address.
    pub sockets_per_address: Option<NonZeroUsize>,
    /// Messages of one socket in a minute (`MAX_MESSAGES_PER_MINUTE`).
    pub messages_per_minute: NonZeroU32,
    /// Messages of one socket at once (`MAX_MESSAGE_BURST`).
    pub message_burst: NonZeroU32,
    /// The least time between two partials of an answer.
    pub partial_interval: Duration,
    /// How often a client is pinged.
    pub ping_interval: Duration,
    /// How long after a ping a client has to be heard of.
    pub pong_timeout: Duration,
    /// How long a client may take to take a frame.
    pub send_timeout: Duration,
    /// How long a conversation goes on without its client, where that wants to resume.
    pub resume_window: Duration,
    /// How many conversations may do so at one time. Each holds at most 256 KiB of frames, and the answer
    /// in progress.
    pub detached: usize,
    /// How long a client may take to present a token.
    pub auth_timeout: Duration,
}

impl Default for ChatLimits {
    fn default() -> Self {
        Self {
            sockets: const { NonZeroUsize::new(2000).unwrap() },
            sockets_per_address: None,
            messages_per_minute: const { NonZeroU32::new(30).unwrap() },
            message_burst: const { NonZeroU32::new(10).unwrap() },
            partial_interval: Duration::from_millis(50),
            ping_interval: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(20),
            send_timeout: Duration::from_secs(10),
            resume_window: Duration::from_secs(30),
            detached: 256,
            auth_timeout: Duration::from_secs(5),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            document_bytes: 1024 * 1024,
            sessions: const { NonZeroUsize::new(10_000).unwrap() },
            session_bytes: 64 * 1024 * 1024,
            session_ttl: Duration::from_secs(24 * 60 * 60),
            concurrent_runs: cores,
            queued_runs: 32,
            connections: const { NonZeroUsize::new(4096).unwrap() },
            event_streams: const { NonZeroUsize::new(1000).unwrap() },
            event_streams_per_address: const { NonZeroUsize::new(100).unwrap() },
            model_calls: const { NonZeroUsize::new(64).unwrap() },
            daily_tokens: None,
            rates: RateLimits::default(),
            chat: ChatLimits::default(),
        }
    }
}

impl Limits {
    /// Those that the variables set, the others as by default.
    pub(super) fn from_vars(
        get: impl Fn(&'static str) -> Option<String> + Copy,
    ) -> Result<Self, ConfigError> {
        let defaults = Self::default();
        Ok(Self {
            document_bytes: parse(get, "MAX_DOCUMENT_BYTES", "a number of bytes")?
                .unwrap_or(defaults.document_bytes),
            sessions: at_least_one(get, "MAX_SESSIONS", defaults.sessions)?,
            session_bytes: parse(get, "MAX_SESSION_BYTES", "a number of bytes")?
                .unwrap_or(defaults.session_bytes),
            session_ttl: session_ttl(get)?.unwrap_or(defaults.session_ttl),
            concurrent_runs: at_least_one(get, "MAX_CONCURRENT_RUNS", defaults.concurrent_runs)?,
            queued_runs: parse(get, "MAX_QUEUED_RUNS", "a whole number from 0")?
                .unwrap_or(defaults.queued_runs),
            connections: at_least_one(get, "MAX_CONNECTIONS", defaults.connections)?,
            event_streams: at_least_one(get, "MAX_EVENT_STREAMS", defaults.event_streams)?,
            event_streams_per_address: at_least_one(
                get,
                "MAX_EVENT_STREAMS_PER_ADDRESS",
                defaults.event_streams_per_address,
            )?,
            model_calls: at_least_one(get, "MAX_CONCURRENT_MODEL_CALLS", defaults.model_calls)?,
            daily_tokens: parse(get, "DAILY_TOKEN_BUDGET", FROM_ONE)?,
            rates: RateLimits::from_vars(get)?,
            chat: ChatLimits::from_vars(get)?,
        })
    }
}

impl RateLimits {
    /// Limits of which zero lifts one.
    fn from_vars(get: impl Fn(&'static str) -> Option<String> + Copy) -> Result<Self, ConfigError> {
        let defaults = Self::default();
        let rate = |variable, default| {
            let wanted = "a whole number, 0 for no limit";
            Ok(parse::<u32>(get, variable, wanted)?.map_or(default, NonZeroU32::new))
        };
        Ok(Self {
            runs: rate("MAX_RUNS_PER_MINUTE", defaults.runs)?,
            messages: rate("MAX_CLIENT_MESSAGES_PER_MINUTE", defaults.messages)?,
            upgrades: rate("MAX_UPGRADES_PER_MINUTE", defaults.upgrades)?,
        })
    }
}

impl ChatLimits {
    fn from_vars(get: impl Fn(&'static str) -> Option<String> + Copy) -> Result<Self, ConfigError> {
        let defaults = Self::default();
        Ok(Self {
            sockets: at_least_one(get, "MAX_SOCKETS", defaults.sockets)?,
            sockets_per_address: parse(get, "MAX_SOCKETS_PER_ADDRESS", FROM_ONE)?,
            messages_per_minute: at_least_one(
                get,
                "MAX_MESSAGES_PER_MINUTE",
                defaults.messages_per_minute,
            )?,
            message_burst: at_least_one(get, "MAX_MESSAGE_BURST", defaults.message_burst)?,
            ..defaults
        })
    }
}

/// A limit that is not nothing; the default where the variable is not set.
fn at_least_one<T: FromStr>(
    get: impl Fn(&'static str) -> Option<String>,
    variable: &'static str,
    default: T,
) -> Result<T, ConfigError> {
    Ok(parse(get, variable, FROM_ONE)?.unwrap_or(default))
}

fn session_ttl(
    get: impl Fn(&'static str) -> Option<String>,
) -> Result<Option<Duration>, ConfigError> {
    let variable = "SESSION_TTL_HOURS";
    let hours: Option<f64> = parse(get, variable, "a number of hours such as 24 or 0.5")?;
    hours
        .map(|hours| {
            if hours > 0.0 && hours <= TTL_HOURS_MAX {
                Ok(Duration::from_secs_f64(hours * 3600.0))
            } else {
                Err(ConfigError {
                    variable,
                    problem: format!("{hours} is not between 0 and {TTL_HOURS_MAX} hours"),
                })
            }
        })
        .transpose()
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            document_bytes,
            sessions,
            session_bytes,
            session_ttl,
            concurrent_runs,
            queued_runs,
            connections,
            event_streams,
            event_streams_per_address,
            model_calls,
            daily_tokens,
            rates,
            chat,
        } = self;
        write!(
            f,
            "documents up to {document_bytes} bytes, {sessions} sessions of {session_bytes} bytes in all kept {} s after \
             their last use, {concurrent_runs} runs at once and {queued_runs} waiting, {connections} connections, \
             {event_streams} event streams (of one address: {event_streams_per_address}), {chat}, of one client in a minute {rates}, \
             calls of the model at once {model_calls}, its tokens a day {}",
            session_ttl.as_secs(),
            at_most(*daily_tokens),
        )
    }
}

impl fmt::Display for ChatLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sockets (of one address: {}) of {} messages a minute and {} at once",
            self.sockets,
            at_most(self.sockets_per_address),
            self.messages_per_minute,
            self.message_burst,
        )
    }
}

impl fmt::Display for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |rate: Option<NonZeroU32>| match rate {
            Some(most) => most.to_string(),
            None => "any number of".to_owned(),
        };
        let Self {
            runs,
            messages,
            upgrades,
        } = *self;
        write!(
            f,
            "{} runs, {} messages, {} new sockets",
            many(runs),
            many(messages),
            many(upgrades),
        )
    }
}

/// A limit, or that there is none.
fn at_most(limit: Option<impl fmt::Display>) -> String {
    limit.map_or_else(|| "any number".to_owned(), |most| most.to_string())
}
