//! `mcop-api`: environment in, server out.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use mcop_api::config::Config;
use mcop_api::model::Model;
use mcop_api::{App, healthcheck, listen, load_catalog, serve};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

const USAGE: &str = "\
Usage: mcop-api [OPTION]

Serves the Metadata Copilot Pipeline API. Settings come from the environment; see README.md.

Options:
  --healthcheck  exit 0 if the service on PORT of this machine is healthy, else 1
  --version      print the version
  --help         print this text
";

/// How long blocking work may go on after the server has stopped.
const LAST_CALL: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => outcome(start()),
        ["--healthcheck"] => outcome(
            Config::from_env()
                .map_err(Into::into)
                .and_then(|config| healthcheck::check(config.listen)),
        ),
        ["--version"] => {
            println!("mcop-api {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        ["--help" | "-h"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        unknown => {
            eprintln!(
                "mcop-api: unknown arguments: {}\n\n{USAGE}",
                unknown.join(" ")
            );
            ExitCode::from(2)
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn outcome(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mcop-api: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), Failure> {
    let config = Config::from_env()?;
    pretty_env_logger::formatted_timed_builder()
        .parse_filters(&config.log_filter)
        .init();
    log::info!("mcop-api {}: {config}", env!("CARGO_PKG_VERSION"));

    let started = Instant::now();
    let (catalog, report) = load_catalog(&config)?;
    log::info!("catalog: {report}");
    let model = config.model.as_ref().map(Model::new).transpose()?;
    let app = App::new(&config, catalog, model);
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
