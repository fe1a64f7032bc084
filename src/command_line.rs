//! The command line: what can be asked of the program, and what its exit code says.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::pipeline::quality::RiskLevel;

/// Everything went well.
pub const OK: u8 = 0;
/// It did not; one line on standard error says why.
pub const FAILED: u8 = 1;
/// The arguments cannot be understood.
pub const USAGE: u8 = 2;
/// The analysis went well, and the risk is at least that of `--fail-on`.
pub const RISKY: u8 = 3;

const ABOUT: &str = "\
Maps a business request onto a data catalog, audits its metadata and draws the data mart.

Without a command it serves the Metadata Copilot Pipeline API until SIGTERM or Ctrl-C.";

const AFTER: &str = "\
Environment variables (an empty one counts as not set; README.md says more):
  PORT, HOST                          where to listen [8000, 0.0.0.0]
  CATALOG_PATH                        asset export, JSON [the bundled sample]
  CORS_ORIGINS                        origins that browsers may call from, separated by commas
  MCOP_API_TOKEN                      tokens that open the service, separated by commas [none: it is open]
  CLIENT_ADDRESS_HEADER               header in which a proxy names the client [none: the connection]
  LOG_LEVEL, RUST_LOG                 OFF to TRACE [INFO]; RUST_LOG wins
  SESSION_TTL_HOURS                   how long a result is kept after its last use [24]
  MAX_DOCUMENT_BYTES                  largest request [1048576]
  MAX_CONCURRENT_RUNS, MAX_QUEUED_RUNS        runs at once and waiting [cores, 32]
  MAX_CONNECTIONS                             HTTP connections open at once, sockets not counted [4096]
  MAX_SESSIONS, MAX_SESSION_BYTES             sessions and bytes kept [10000, 67108864]
  MAX_SOCKETS, MAX_SOCKETS_PER_ADDRESS        sockets in all and from one address [2000, no limit]
  MAX_MESSAGES_PER_MINUTE, MAX_MESSAGE_BURST  messages of one socket [30, 10]
  MAX_EVENT_STREAMS, MAX_EVENT_STREAMS_PER_ADDRESS  of runs, in all and from one address [1000, 100]
  MAX_RUNS_PER_MINUTE, MAX_CLIENT_MESSAGES_PER_MINUTE, MAX_UPGRADES_PER_MINUTE
                                      of one client, 0 for no limit [120, 240, 240]
  CLIENT_ADDRESS_HEADER               where a proxy in front names the client [the connection counts]
  MAX_CONNECTIONS                     connections at one time, sockets not counted [4096]
  MCOP_API_TOKEN                      who may call, separated by commas [everybody]
  STATE_DIR                           where sessions are kept over a restart [they are not]
The model, of which none is needed:
  OPENAI_API_KEY                      alone it means OpenAI itself
  OPENAI_BASE_URL or OPENAI_API_BASE  another OpenAI-compatible server
  OPENAI_MODEL                        the model [gpt-4o-mini]
  OPENAI_API_VERSION                  Azure's API version [2024-10-21]
  AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_DEPLOYMENT_NAME or AZURE_OPENAI_DEPLOYMENT
  MODEL_CONNECT_TIMEOUT_SECONDS, MODEL_FIRST_EVENT_TIMEOUT_SECONDS, MODEL_EVENT_TIMEOUT_SECONDS,
  MODEL_TOTAL_TIMEOUT_SECONDS         to connect, to the first event, between events, in all [5, 60, 60, 300]
  MODEL_MAX_COMPLETION_TOKENS         the longest answer [2048]
  MAX_CONCURRENT_MODEL_CALLS          calls at one time [64]
  DAILY_TOKEN_BUDGET                  tokens that it may read and write in a day, by UTC [no limit]

Exit codes:
  0  all went well
  1  it did not: one line on standard error says why
  2  the arguments cannot be understood
  3  the analysis went well, and the risk is at least that of --fail-on";

/// What the program was asked for.
#[derive(Debug, Parser)]
#[command(
    name = "mcop-api",
    version,
    about = ABOUT,
    after_help = AFTER,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
pub struct CommandLine {
    /// Exit 0 if the service on PORT of this machine is healthy, else 1
    #[arg(long)]
    pub healthcheck: bool,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Analyse one request and write its documents, without a server
    #[command(after_help = AFTER)]
    Analyze(Analyze),
}

/// Arguments of `analyze`.
#[derive(Debug, Args)]
pub struct Analyze {
    /// The request, in Markdown; `-` reads standard input
    #[arg(value_name = "REQUEST.md")]
    pub request: PathBuf,
    /// The asset export to analyse [default: that of the environment, else the bundled sample]
    #[arg(long, value_name = "EXPORT.json")]
    pub catalog: Option<PathBuf>,
    /// Where to write the documents; made where it does not exist. Without it only the
    /// summary is printed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// A schema, or a word of schema names such as `bs` [default: what the request names]
    #[arg(long, value_name = "S")]
    pub scope: Option<String>,
    /// Columns per table in the diagram, 0 to 1000
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub max_columns: u16,
    /// Exit with 3 where the risk is at least this
    #[arg(long, value_name = "RISK")]
    pub fail_on: Option<Risk>,
    /// Whose words the governance report has: of the rules alone, or with a summary by the model
    #[arg(
        long,
        value_name = "WHOSE",
        default_value = "rules",
        requires_if("model", "out")
    )]
    pub wording: Wording,
    /// Write artifacts.zip with all documents as well
    #[arg(long, requires = "out")]
    pub zip: bool,
    /// Overwrite files that are there already
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// A level of risk, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Risk {
    /// Nothing stands in the way.
    Low,
    /// Usable, with gaps to close.
    Medium,
    /// Something requested is missing, or little is documented.
    High,
    /// Nothing of what was requested was found.
    Critical,
}

impl From<Risk> for RiskLevel {
    fn from(risk: Risk) -> Self {
        match risk {
            Risk::Low => Self::Low,
            Risk::Medium => Self::Medium,
            Risk::High => Self::High,
            Risk::Critical => Self::Critical,
        }
    }
}

/// Whose words a report has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wording {
    /// The rules of this program.
    Rules,
    /// The rules, and a summary by the model that is configured.
    Model,
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use clap::CommandFactory;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_help_lists_every_variable_that_is_read() {
        let asked = RefCell::new(Vec::new());
        Config::from_vars(|name| {
            asked.borrow_mut().push(name);
            // A key leads to all that is asked of a model.
            (name == "OPENAI_API_KEY").then(|| "key".to_owned())
        })
        .unwrap();
        let help = CommandLine::command().render_help().to_string();
        assert!(asked.borrow().len() > 15, "{asked:?}");
        let words: Vec<&str> = help
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .collect();
        for name in asked.into_inner() {
            assert!(words.contains(&name), "{name} is not in the help");
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
