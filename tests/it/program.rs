//! The program as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::support::until;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mcop-api");

/// The service as a process, and what it has written to its log.
pub struct Program {
    process: Child,
    pub address: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// The service with these settings alone, on a port of its own.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::run(Command::new(PROGRAM), settings).await
    }

    /// The same after a command of the shell, such as one that sets limits.
    pub async fn start_after(shell: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new("/bin/bash");
        command.args(["-c", &format!("{shell}; exec '{PROGRAM}'")]);
        Self::run(command, settings).await
    }

    async fn run(mut command: Command, settings: &[(&str, &str)]) -> Self {
        let mut process = command
            .env_clear()
            .envs([("HOST", "127.0.0.1"), ("PORT", "0")])
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push(line);
            }
        });
        let mut program = Self {
            process,
            address: String::new(),
            log,
        };
        let serving = program.line("serving on http://").await;
        let (_, address) = serving.split_once("http://").unwrap();
        address.clone_into(&mut program.address);
        program
    }

    /// All lines of the log so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The first line that holds this, when it is there.
    pub async fn line(&self, part: &str) -> String {
        let mut found = None;
        until(|| {
            let log = self.log.lock().unwrap();
            found = log.iter().find(|line| line.contains(part)).cloned();
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// The code that the process ends with, when it has ended.
    pub async fn exit_code(&mut self) -> i32 {
        let mut status = None;
        until(|| {
            status = self.process.try_wait().unwrap();
            status.is_some()
        })
        .await;
        let code = status.unwrap().code();
        code.expect("no signal should have killed it")
    }

    /// How much memory is resident, in KiB (Linux, proc(5)).
    pub fn resident(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap();
        let (_, resident) = status.split_once("VmRSS:").unwrap();
        let figure = resident.split_whitespace().next().unwrap();
        figure.parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
