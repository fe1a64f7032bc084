//! Settings from the environment, read once at start into typed fields.
//!
//! Nothing else in the program reads the environment. A bad value stops the start with
//! one line that names the variable.

mod limits;

use std::cell::Cell;
use std::env::VarError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use log::LevelFilter;

use crate::authorization::Tokens;
use crate::client::ClientAddresses;
use crate::cors::Origin;
use crate::model::ModelSettings;
use crate::text::one_line;

pub use limits::{ChatLimits, Limits, RateLimits};

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where to listen (`HOST`, `PORT`).
    pub listen: SocketAddr,
    /// From which level on parts of the program log, by module (`RUST_LOG`, else `LOG_LEVEL`); `None`: all
    /// that are not named.
    pub log_levels: Vec<(Option<String>, LevelFilter)>,
    /// Origins that browsers may call from (`CORS_ORIGINS`).
    pub cors_origins: Vec<Origin>,
    /// The catalog export; `None` is the bundled sample (`CATALOG_PATH`).
    pub catalog_path: Option<PathBuf>,
    /// The model that the Explorer asks; `None`: it answers by itself.
    pub model: Option<ModelSettings>,
    /// Where sessions are kept over a restart; `None`: they are not (`STATE_DIR`).
    pub state_dir: Option<PathBuf>,
    /// Who may call (`MCOP_API_TOKEN`).
    pub tokens: Tokens,
    /// How it is known who calls (`CLIENT_ADDRESS_HEADER`).
    pub clients: ClientAddresses,
    /// How much is accepted and kept.
    pub limits: Limits,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {}", one_line(problem))]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// What is wrong with its value, and what would be right.
    pub problem: String,
}

/// Parts of the program whose log is cut off at `INFO`, whatever `RUST_LOG` says: below that they print the
/// frames of sockets, which hold what people say and may hold a token. By their whole names, since the
/// longest name that fits decides.
pub const QUIET_LOGS: [&str; 3] = [
    "tungstenite",
    "tungstenite::protocol",
    "tungstenite::protocol::frame",
];

/// Ports of the usual React dev servers, which may call by default.
const DEFAULT_ORIGINS: &str =
    "http://localhost:3000,http://localhost:5173,http://127.0.0.1:3000,http://127.0.0.1:5173";

impl Config {
    /// The settings of this process.
    ///
    /// # Errors
    /// The first variable whose value cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        let unreadable = Cell::new(None);
        let config = Self::from_vars(|name| match std::env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => {
                unreadable.set(Some(name));
                None
            }
        });
        // Before what its absence may have led to; a default in its place would hide the slip.
        match unreadable.get() {
            Some(variable) => Err(ConfigError {
                variable,
                problem: "is not valid UTF-8".to_owned(),
            }),
            None => config,
        }
    }

    /// The settings that `var` gives for each name; an empty value counts as not set.
    ///
    /// # Errors
    /// The first variable whose value cannot be used.
    pub fn from_vars(var: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name| given(&var, name);
        let host: IpAddr = parse(get, "HOST", "an IP address such as 0.0.0.0")?
            .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let port: u16 = parse(get, "PORT", "a port from 0 to 65535")?.unwrap_or(8000);
        let limits = Limits::from_vars(get)?;
        Ok(Self {
            listen: SocketAddr::new(host, port),
            log_levels: log_levels(get("RUST_LOG"), get("LOG_LEVEL"))?,
            cors_origins: origins(
                &get("CORS_ORIGINS").unwrap_or_else(|| DEFAULT_ORIGINS.to_owned()),
            )?,
            catalog_path: get("CATALOG_PATH").map(PathBuf::from),
            model: ModelSettings::from_vars(get)?,
            state_dir: get("STATE_DIR").map(PathBuf::from),
            tokens: tokens(get)?,
            clients: ClientAddresses::new(parse(
                get,
                "CLIENT_ADDRESS_HEADER",
                "the name of a header such as X-Forwarded-For",
            )?),
            limits,
        })
    }
}

/// What is in force, for the log at start.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<&str> = self.cors_origins.iter().map(Origin::as_str).collect();
        let catalog = self
            .catalog_path
            .as_ref()
            .map_or("bundled sample".to_owned(), |path| {
                path.display().to_string()
            });
        let model = self
            .model
            .as_ref()
            .map_or("none, the embedded explorer answers".to_owned(), |model| {
                model.to_string()
            });
        let state = match &self.state_dir {
            Some(folder) => format!("kept in {}", folder.display()),
            None => "not kept over a restart".to_owned(),
        };
        let said = format!(
            "listen {}, catalog {catalog}, CORS origins {}, clients known by {}, sessions {state}, {}, model: {model}",
            self.listen,
            origins.join(" "),
            self.clients,
            self.limits,
        );
        f.write_str(&one_line(&said))
    }
}

/// The value of a variable without the white space around it; an empty one is not set.
pub(crate) fn given(
    var: impl Fn(&'static str) -> Option<String>,
    name: &'static str,
) -> Option<String> {
    var(name)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn parse<T: FromStr>(
    get: impl Fn(&'static str) -> Option<String>,
    variable: &'static str,
    wanted: &str,
) -> Result<Option<T>, ConfigError> {
    get(variable)
        .map(|value| {
            value.parse().map_err(|_| ConfigError {
                variable,
                problem: format!("\"{value}\" is not {wanted}"),
            })
        })
        .transpose()
}

/// Never says what was given: nearly a token is a secret too.
fn tokens(get: impl Fn(&'static str) -> Option<String>) -> Result<Tokens, ConfigError> {
    let variable = "MCOP_API_TOKEN";
    get(variable).map_or(Ok(Tokens::none()), |list| {
        Tokens::from_list(&list).map_err(|problem| ConfigError {
            variable,
            problem: problem.to_string(),
        })
    })
}

/// `RUST_LOG` is read as `env_logger` reads it, but that what cannot be read stops the start, and so do filters
/// by text: they are regular expressions, and to read those takes half a megabyte of code. `LOG_LEVEL` is one of the names Python and Rust use.
fn log_levels(
    rust_log: Option<String>,
    level: Option<String>,
) -> Result<Vec<(Option<String>, LevelFilter)>, ConfigError> {
    if let Some(list) = rust_log {
        let directives = list.split(',').map(str::trim);
        let directives = directives.filter(|directive| !directive.is_empty());
        return directives.map(log_directive).collect();
    }
    let level = level.unwrap_or_else(|| "INFO".to_owned());
    let known = match level.to_ascii_uppercase().as_str() {
        "CRITICAL" | "FATAL" => Some(LevelFilter::Error),
        "WARNING" => Some(LevelFilter::Warn),
        name => name.parse().ok(),
    };
    let problem = || format!("\"{level}\" is not one of OFF, ERROR, WARN, INFO, DEBUG, TRACE");
    let known = known.ok_or_else(|| ConfigError {
        variable: "LOG_LEVEL",
        problem: problem(),
    })?;
    Ok(vec![(None, known)])
}

/// `debug`, `hyper` or `hyper=debug`.
fn log_directive(text: &str) -> Result<(Option<String>, LevelFilter), ConfigError> {
    let (module, level) = match text.split_once('=') {
        None => match text.parse() {
            Ok(level) => return Ok((None, level)),
            Err(_) => (text, Some(LevelFilter::Trace)),
        },
        Some((module, "")) => (module.trim(), Some(LevelFilter::Trace)),
        Some((module, level)) => (module.trim(), level.trim().parse().ok()),
    };
    let is_module = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-');
    match level.filter(|_| !module.is_empty() && module.chars().all(is_module)) {
        Some(level) => Ok((Some(module.to_owned()), level)),
        None => Err(ConfigError {
            variable: "RUST_LOG",
            problem: format!("\"{text}\" is not like info, mcop_api or mcop_api=debug"),
        }),
    }
}

fn origins(list: &str) -> Result<Vec<Origin>, ConfigError> {
    list.split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(|origin| {
            origin.parse().map_err(|problem| ConfigError {
                variable: "CORS_ORIGINS",
                problem: format!("\"{origin}\" {problem}"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(vars: &[(&'static str, &str)]) -> Result<Config, String> {
        let vars: Vec<(&str, String)> = vars
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        Config::from_vars(|name| {
            vars.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.clone())
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let config = with(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "0.0.0.0:8000");
        assert_eq!(config.log_levels, [(None, LevelFilter::Info)]);
        assert_eq!(config.catalog_path, None);
        assert_eq!(config.limits.session_ttl, Duration::from_secs(86_400));
        let origins: Vec<&str> = config.cors_origins.iter().map(Origin::as_str).collect();
        assert_eq!(origins.join(","), DEFAULT_ORIGINS);
    }

    #[test]
    fn values_are_taken_over() {
        let config = with(&[
            ("HOST", "127.0.0.1"),
            ("PORT", "9000"),
            ("LOG_LEVEL", "warning"),
            ("CORS_ORIGINS", "https://app.example, http://localhost:3000"),
            ("CATALOG_PATH", "/data/export.json"),
            ("SESSION_TTL_HOURS", "0.5"),
            ("MAX_QUEUED_RUNS", "0"),
        ])
        .unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:9000");
        assert_eq!(config.log_levels, [(None, LevelFilter::Warn)]);
        assert_eq!(config.cors_origins.len(), 2);
        assert_eq!(
            config.catalog_path,
            Some(PathBuf::from("/data/export.json"))
        );
        assert_eq!(config.limits.session_ttl, Duration::from_secs(1800));
        assert_eq!(config.limits.queued_runs, 0);
        let log = [
            ("RUST_LOG", "warn, warp=debug,,mcop_api::http,hyper="),
            ("LOG_LEVEL", "nonsense"),
        ];
        assert_eq!(
            with(&log).unwrap().log_levels,
            [
                (None, LevelFilter::Warn),
                (Some("warp".to_owned()), LevelFilter::Debug),
                (Some("mcop_api::http".to_owned()), LevelFilter::Trace),
                (Some("hyper".to_owned()), LevelFilter::Trace),
            ]
        );
        assert_eq!(
            with(&[("PORT", " ")]).unwrap().listen.port(),
            8000,
            "an empty value is not set"
        );
    }

    #[test]
    fn the_start_log_says_which_limits_are_in_force() {
        let config = with(&[
            ("MAX_CONCURRENT_RUNS", "2"),
            ("DAILY_TOKEN_BUDGET", "500000"),
            ("MAX_RUNS_PER_MINUTE", "0"),
            ("MAX_EVENT_STREAMS", "50"),
            ("MAX_EVENT_STREAMS_PER_ADDRESS", "5"),
            ("CLIENT_ADDRESS_HEADER", "X-Real-IP"),
        ])
        .unwrap();
        let line = config.to_string();
        let (_, limits) = line.split_once("clients known by ").unwrap();
        assert_eq!(
            limits,
            "the header x-real-ip, sessions not kept over a restart, documents up to 1048576 bytes, 10000 sessions of 67108864 bytes in all kept \
             86400 s after their last use, 2 runs at once and 32 waiting, 4096 connections, 50 event streams (of one \
             address: 5), 2000 sockets (of one address: any number) of 30 messages a minute and 10 at once, of one \
             client in a minute any number of runs, 240 messages, 240 new sockets, calls of the model at once 64, its \
             tokens a day 500000, model: none, the embedded explorer answers"
        );
    }

    #[test]
    fn zero_lifts_a_rate() {
        let lifted = with(&[
            ("MAX_RUNS_PER_MINUTE", "0"),
            ("MAX_CLIENT_MESSAGES_PER_MINUTE", "0"),
            ("MAX_UPGRADES_PER_MINUTE", "0"),
        ]);
        assert_eq!(lifted.unwrap().limits.rates, RateLimits::NONE);
        assert_eq!(
            with(&[("MAX_RUNS_PER_MINUTE", "-1")]).unwrap_err(),
            "MAX_RUNS_PER_MINUTE: \"-1\" is not a whole number, 0 for no limit"
        );
    }

    #[test]
    fn whatever_a_value_holds_is_told_in_one_line() {
        let vars = [("PORT", "80\n[ERROR] x")];
        assert_eq!(
            with(&vars).unwrap_err(),
            "PORT: \"80\\n[ERROR] x\" is not a port from 0 to 65535"
        );
        let config = with(&[("CATALOG_PATH", "a\nb")]).unwrap().to_string();
        assert!(config.contains("catalog a\\nb, "), "{config}");
    }

    #[test]
    fn a_bad_value_is_refused_by_name() {
        let cases = [
            (
                "PORT",
                "eighty",
                "PORT: \"eighty\" is not a port from 0 to 65535",
            ),
            (
                "PORT",
                "70000",
                "PORT: \"70000\" is not a port from 0 to 65535",
            ),
            (
                "HOST",
                "localhost",
                "HOST: \"localhost\" is not an IP address such as 0.0.0.0",
            ),
            (
                "LOG_LEVEL",
                "LOUD",
                "LOG_LEVEL: \"LOUD\" is not one of OFF, ERROR, WARN, INFO, DEBUG, TRACE",
            ),
            (
                "RUST_LOG",
                "info,warp=loud",
                "RUST_LOG: \"warp=loud\" is not like info, mcop_api or mcop_api=debug",
            ),
            (
                "RUST_LOG",
                "info/secret",
                "RUST_LOG: \"info/secret\" is not like info, mcop_api or mcop_api=debug",
            ),
            (
                "SESSION_TTL_HOURS",
                "0",
                "SESSION_TTL_HOURS: 0 is not between 0 and 8784 hours",
            ),
            (
                "SESSION_TTL_HOURS",
                "NaN",
                "SESSION_TTL_HOURS: NaN is not between 0 and 8784 hours",
            ),
            (
                "MAX_SESSIONS",
                "0",
                "MAX_SESSIONS: \"0\" is not a whole number from 1",
            ),
            (
                "CORS_ORIGINS",
                "*",
                "CORS_ORIGINS: \"*\" would let every page use the caller's credentials; list the origins",
            ),
            (
                "CORS_ORIGINS",
                "http://localhost:3000/app",
                "CORS_ORIGINS: \"http://localhost:3000/app\" is not an origin such as http://localhost:3000",
            ),
        ];
        for (variable, value, message) in cases {
            assert_eq!(with(&[(variable, value)]).unwrap_err(), message);
        }
    }
}
