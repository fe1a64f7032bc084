//! `mcop-api`: environment and arguments in, server or documents out.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use mcop_api::command_line::{Command, CommandLine, FAILED, OK};
use mcop_api::config::Config;
use mcop_api::model::Model;
use mcop_api::{App, analyze, healthcheck, listen, load_catalog, serve};
use tokio::signal::unix::{SignalKind, signal};
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
        None => start(&config)?,
    }
    Ok(OK)
}

fn start(config: &Config) -> Result<(), Failure> {
    pretty_env_logger::formatted_timed_builder()
        .parse_filters(&config.log_filter)
        .init();
    log::info!("mcop-api {}: {config}", env!("CARGO_PKG_VERSION"));

    let started = Instant::now();
    let (catalog, report) = load_catalog(config)?;
    log::info!("catalog: {report}");
    let model = config.model.as_ref().map(Model::new).transpose()?;
    let app = App::new(config, catalog, model);
    log::info!(
        "catalog loaded and analysed in {} ms",
        started.elapsed().as_millis()
    );

    let runtime = tokio::runtime::Runtime::new()?;
    let served = runtime.block_on(async {
        let listener = listen(config.listen)
            .map_err(|cause| format!("HOST, PORT: cannot listen on {}: {cause}", config.listen))?;
        log::info!("serving on http://{}", listener.local_addr()?);
        serve(listener, app, stop_signal()?).await;
        Ok(())
    });
    // A run that outlived the grace period must not hold the exit.
    runtime.shutdown_timeout(LAST_CALL);
    served
}

/// Cancelled by SIGTERM (Railway, Docker) or SIGINT (Fly, Ctrl-C).
fn stop_signal() -> std::io::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => log::info!("SIGTERM: stopping"),
            _ = interrupt.recv() => log::info!("SIGINT: stopping"),
        }
        stopping.cancel();
    });
    Ok(stop)
}
