//! The operator's command line, beside a running server and without one.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{BINARY, PASSWORD, SECRET, Server};

/// Where a command works.
pub(crate) struct Desk {
    pub(crate) config: PathBuf,
    pub(crate) data: PathBuf,
    _folder: Option<TempDir>,
}

impl Desk {
    /// A data folder of its own, that does not exist yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("test.toml");
        let cheap = "[argon2]\nmemory_kib = 8\niterations = 1\nparallelism = 1\n";
        fs::write(&config, format!("secret = \"{SECRET}\"\n{cheap}")).unwrap();
        Self { config, data: folder.path().join("data"), _folder: Some(folder) }
    }

    /// The data of a running server, with its configuration.
    pub(crate) fn of(server: &Server) -> Self {
        Self::at(server, server.data_dir())
    }

    /// The same where the data folder is somewhere else for this process than for the server.
    pub(crate) fn at(server: &Server, data: PathBuf) -> Self {
        Self { config: server.data_dir().with_file_name("test.toml"), data, _folder: None }
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(BINARY)
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .arg("--data-dir")
            .arg(&self.data)
            .env_remove("HOOKGATE_SECRET")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What a command that succeeds prints.
    #[track_caller]
    pub(crate) fn does(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).trim_end().to_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str], input: &str) -> Value {
        let printed = self.does(&[arguments, &["--json"]].concat(), input);
        serde_json::from_str(&printed).unwrap_or_else(|_| panic!("not JSON: {printed}"))
    }

    /// One sentence and exit code 2.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str], input: &str, part: &str) {
        let output = self.run(arguments, input);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(part), "`{part}` in: {message}");
        assert_eq!(message.trim_end().lines().count(), 1, "one sentence: {message}");
    }

    /// A user with the password that the kit signs in with. Gives the id.
    #[track_caller]
    pub(crate) fn create(&self, email: &str, more: &[&str]) -> String {
        self.does(&[&["user", "create", "--email", email, "--password-stdin"], more].concat(), PASSWORD)
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
