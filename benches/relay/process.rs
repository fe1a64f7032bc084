//! The processes that are measured, and what Linux knows of them.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The first argument that makes this program [`supervise`].
pub(crate) const SUPERVISE: &str = "supervise";
/// How long a process may take until it accepts connections.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that listens; it ends with this value, and with this process.
pub(crate) struct Process {
    supervisor: Child,
    id: u32,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts a program that listens on the port that `PORT` says.
    pub(crate) fn start(command: &[&str], settings: &[(&str, &str)]) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        let address = free.expect("a port is free");
        let mut supervisor = Command::new(std::env::current_exe().expect("we have a path"))
            .arg(SUPERVISE)
            .args(command)
            .env("PORT", address.port().to_string())
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("we can be started again");
        let mut line = String::new();
        let told = supervisor.stdout.take().expect("it is piped");
        BufReader::new(told).read_line(&mut line).expect("it tells");
        let process = Self {
            supervisor,
            id: line.trim().parse().expect("it tells an id"),
            address,
        };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(started.elapsed() < PATIENCE, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        process
    }

    /// Time on a processor until now, user and kernel, to 10 ms.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = self.read("stat");
        // The 14th and 15th field, in ticks of 10 ms; the second is a name in parentheses.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Kilobytes of memory held now.
    pub(crate) fn memory(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// The most kilobytes of memory held so far.
    pub(crate) fn peak_memory(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> f64 {
        let status = self.read("status");
        let value = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = value.and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes.expect("Linux tells how much memory a process has")
    }

    fn read(&self, name: &str) -> String {
        let path = format!("/proc/{}/{name}", self.id);
        std::fs::read_to_string(path).expect("the process is alive")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// Runs a program until our own input ends, which it does with whoever started us, even
/// where that was killed.
pub(crate) fn supervise(program: &str, arguments: &[String]) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started");
    println!("{}", child.id());
    let _ = std::io::stdin().read(&mut [0]);
    let _ = child.kill();
    let _ = child.wait();
}
