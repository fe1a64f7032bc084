//! `mcop-api`: environment and arguments in, server or documents out.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use log::LevelFilter;
use mcop_api::command_line::{Command, CommandLine, FAILED, OK};
use mcop_api::config::{Config, QUIET_LOGS};
use mcop_api::model::Model;
use mcop_api::serve::{listen, raise_open_files, serve};
use mcop_api::{App, analyze, healthcheck, load_catalog};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long blocking work may go on after the server has stopped.
const LAST_CALL: Duration = Duration::from_millis(100);

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let code = carry_out(&CommandLine::parse()).unwrap_or_else(|failure| {
        eprintln!("mcop-api: {failure}");
        FAILED
    });
    ExitCode::from(code)
}

fn carry_out(asked: &CommandLine) -> Result<u8, Failure> {
    let config = Config::from_env()?;
    match &asked.command {
        Some(Command::Analyze(arguments)) => return Ok(analyze::carry_out(&config, arguments)?),
        None if asked.healthcheck => healthcheck::check(config.listen)?,
        None => return start(&config),
    }
    Ok(OK)
}

fn start(config: &Config) -> Result<u8, Failure> {
    let mut log = pretty_env_logger::formatted_timed_builder();
    for (module, level) in &config.log_levels {
        log.filter(module.as_deref(), *level);
    }
    for part in QUIET_LOGS {
        log.filter_module(part, LevelFilter::Info);
    }
    log.init();
    log::info!("mcop-api {}: {config}", env!("CARGO_PKG_VERSION"));
    config.tokens.announce();

    let started = Instant::now();
    let (catalog, report) = load_catalog(config)?;
    log::info!("catalog: {report}");
    let model = config.model.as_ref().map(Model::new).transpose()?;
    let app = App::new(config, catalog, model);
    log::info!(
        "catalog loaded and analysed in {} ms",
        started.elapsed().as_millis()
    );

    raise_open_files();
    let runtime = tokio::runtime::Runtime::new()?;
    let served = runtime.block_on(async {
        let mut signals = Signals::new()?;
        let listener = listen(config.listen)
            .map_err(|cause| format!("HOST, PORT: cannot listen on {}: {cause}", config.listen))?;
        log::info!("serving on http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        let mut serving = std::pin::pin!(serve(listener, app, stop.clone()));
        tokio::select! {
            () = &mut serving => return Ok(OK),
            signal = signals.next() => log::info!("{}: stopping", signal.name),
        }
        stop.cancel();
        tokio::select! {
            () = serving => Ok(OK),
            second = signals.next() => {
                log::warn!("{}: stopping at once", second.name);
                Ok(second.exit_code)
            }
        }
    });
    // A run that outlived the grace period must not hold the exit.
    runtime.shutdown_timeout(LAST_CALL);
    served
}

/// A signal that asks the service to stop.
struct StopSignal {
    name: &'static str,
    /// 128 and its number, as shells say it.
    exit_code: u8,
}

/// SIGTERM (Railway, Docker) and SIGINT (Fly, Ctrl-C), each as often as it comes.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.terminate.recv() => StopSignal { name: "SIGTERM", exit_code: 143 },
            _ = self.interrupt.recv() => StopSignal { name: "SIGINT", exit_code: 130 },
        }
    }
}
