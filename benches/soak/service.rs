//! The service in a process of its own, and what Linux knows of that.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the service may take until it accepts connections.
const PATIENCE: Duration = Duration::from_secs(10);

/// The service; it ends with this value.
pub(crate) struct Service {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Service {
    /// Starts it on a free port, with a model and without the limits for a single client:
    /// all come from one address here.
    pub(crate) fn start(model: SocketAddr) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        let address = free.expect("a port is free");
        let process = Command::new(env!("CARGO_BIN_EXE_mcop-api"))
            .env("HOST", "127.0.0.1")
            .env("PORT", address.port().to_string())
            .env("LOG_LEVEL", "ERROR")
            .env("OPENAI_BASE_URL", format!("http://{model}/v1"))
            .env("OPENAI_MODEL", "soak")
            .env("MAX_CONCURRENT_MODEL_CALLS", "1000")
            // Reached within the warm-up: what is kept of sessions is meant to grow up to there.
            .env("MAX_SESSIONS", "1000")
            .env("MAX_RUNS_PER_MINUTE", "0")
            .env("MAX_CLIENT_MESSAGES_PER_MINUTE", "0")
            .env("MAX_UPGRADES_PER_MINUTE", "0")
            // Of another endpoint, if this machine is set up for one.
            .env("AZURE_OPENAI_ENDPOINT", "")
            .env("OPENAI_API_BASE", "")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the service can be started");
        let service = Self { process, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(started.elapsed() < PATIENCE, "the service does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        service
    }

    /// Mebibytes of memory held now.
    pub(crate) fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(self.path("status")).expect("the service is alive");
        let value = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: Option<f64> =
            value.and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes.expect("Linux tells how much memory a process has") / 1024.0
    }

    /// Files and sockets that are open now.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(self.path("fd"))
            .expect("the service is alive")
            .count()
    }

    fn path(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.process.id())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
