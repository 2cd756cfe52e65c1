//! A server in a process of its own, for as long as the benchmark needs it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(crate) struct Process {
    pub(crate) address: SocketAddr,
    child: Child,
    _data: Option<TempDir>,
}

impl Process {
    pub(crate) fn baseline() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("--baseline-server");
        Self::start(command, None)
    }

    /// Hookgate with passwords as cheap as argon2 allows: signing in is not what is measured.
    pub(crate) fn hookgate(plugins: Option<&Path>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let command = Self::command(plugins, data.path());
        Self::start(command, Some(data))
    }

    /// The same on data that stays.
    pub(crate) fn hookgate_on(plugins: Option<&Path>, data: &Path) -> Self {
        Self::start(Self::command(plugins, data), None)
    }

    /// With passwords as dear as they are by default.
    pub(crate) fn hookgate_with_default_passwords(plugins: Option<&Path>) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::start(Self::plain_command(plugins, data.path()), Some(data))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn command(plugins: Option<&Path>, data: &Path) -> Command {
        let mut command = Self::plain_command(plugins, data);
        command
            .envs([("HOOKGATE_ARGON2_MEMORY_KIB", "8"), ("HOOKGATE_ARGON2_ITERATIONS", "1")])
            .env("HOOKGATE_ARGON2_PARALLELISM", "1");
        command
    }

    fn plain_command(plugins: Option<&Path>, data: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookgate"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.join("data"))
            .env("HOOKGATE_SERVER_LOG_LEVEL", "warn");
        if let Some(plugins) = plugins {
            command.arg("--plugins").arg(plugins);
        }
        command
    }

    fn start(mut command: Command, data: Option<TempDir>) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the server prints its address").unwrap();
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().parse().unwrap();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { address, child, _data: data }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
