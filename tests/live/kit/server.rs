//! A server process of its own for each test.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::{Answer, PASSWORD, eventually};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_hookgate");
/// The secret of every test server.
pub(crate) const SECRET: &str = "a secret for tests, long enough for HS512, which wants 64 bytes and more";

/// Passwords as cheap as argon2 allows, so that tests test something else.
const CHEAP_PASSWORDS: &str = "[argon2]\nmemory_kib = 8\niterations = 1\nparallelism = 1\n";

/// How a server is to be started.
#[derive(Default)]
pub(crate) struct Setup {
    top_level: String,
    tables: String,
    plugins: Option<PathBuf>,
    arguments: Vec<String>,
    data: Option<Arc<TempDir>>,
    secret: Option<String>,
    before: Vec<String>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds to the configuration. Top-level keys first, then tables.
    pub(crate) fn config(mut self, text: &str) -> Self {
        let (top, tables) = match text.find('[').filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        self.top_level += &format!("{top}\n");
        self.tables += &format!("{tables}\n");
        self
    }

    pub(crate) fn plugins(mut self, folder: &Path) -> Self {
        self.plugins = Some(folder.to_owned());
        self
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    pub(crate) fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// Words that stand before the command; they know the data folder as `$DATA`.
    pub(crate) fn before(mut self, words: Vec<String>) -> Self {
        self.before = words;
        self
    }

    /// Runs on the data of another server, which has ended or is configured alike.
    pub(crate) fn data_of(mut self, other: &Server) -> Self {
        self.data = Some(Arc::clone(&other.data));
        self
    }

    pub(crate) async fn start(self) -> Server {
        let data = self.data.unwrap_or_else(|| Arc::new(tempfile::tempdir().unwrap()));
        let config = data.path().join("test.toml");
        let secret = self.secret.as_deref().unwrap_or(SECRET);
        let text = format!("secret = \"{secret}\"\n{}\n{}\n{CHEAP_PASSWORDS}", self.top_level, self.tables);
        // Another process may be reading the very same text just now.
        if std::fs::read_to_string(&config).ok().as_ref() != Some(&text) {
            std::fs::write(&config, text).unwrap();
        }
        std::fs::create_dir_all(data.path().join("data")).unwrap();
        let words = [&self.before[..], &[BINARY.to_owned()]].concat();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .arg("serve")
            .args(["--listen", "127.0.0.1:0"])
            .arg("--config")
            .arg(&config)
            .arg("--data-dir")
            .arg(data.path().join("data"))
            .args(&self.arguments)
            .env_remove("HOOKGATE_SECRET")
            .env("DATA", data.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(plugins) = &self.plugins {
            command.arg("--plugins").arg(plugins);
        }
        let mut process = command.spawn().unwrap();
        let log = Log::default();
        tokio::spawn(collect(process.stderr.take().unwrap(), log.clone()));
        let printed = Log::default();
        tokio::spawn(collect(process.stdout.take().unwrap(), printed.clone()));
        eventually("the server prints its address", || {
            let has_ended = process.try_wait().unwrap().is_some();
            assert!(!has_ended, "the server ended: {}", log.text());
            let is_up = printed.contains("http://127.0.0.1:");
            async move { is_up }
        })
        .await;
        let text = printed.text();
        let at = text.find("http://127.0.0.1:").unwrap();
        let url = text[at..].split(|c: char| c.is_whitespace() || c == '/').filter(|p| !p.is_empty()).nth(1);
        let url = format!("http://{}", url.unwrap());
        Server { url, log, printed, process, data, client: client() }
    }
}

fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

async fn collect(stream: impl AsyncRead + Unpin, log: Log) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.0.lock().unwrap().push(line);
    }
}

/// Lines that a process printed so far.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }

    pub(crate) fn contains(&self, part: &str) -> bool {
        self.0.lock().unwrap().iter().any(|line| line.contains(part))
    }

    /// How many lines contain all of the parts.
    pub(crate) fn count(&self, parts: &[&str]) -> usize {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) log: Log,
    pub(crate) printed: Log,
    process: Child,
    data: Arc<TempDir>,
    client: Client,
}

impl Server {
    /// A server with nothing special.
    pub(crate) async fn start() -> Self {
        Setup::new().start().await
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.data.path().join("data")
    }

    /// Runs a command of the operator's on the data of this server. It must succeed.
    pub(crate) fn operate(&self, arguments: &[&str]) {
        let data = self.data_dir();
        let output = std::process::Command::new(BINARY)
            .args(arguments)
            .arg("--config")
            .arg(data.with_file_name("test.toml"))
            .arg("--data-dir")
            .arg(&data)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id().unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).bearer_auth(token)).await
    }

    pub(crate) async fn register(&self, email: &str) -> Answer {
        self.post("/auth/register", json!({"email": email, "password": PASSWORD})).await
    }

    pub(crate) async fn login(&self, email: &str) -> Answer {
        self.post("/auth/login", json!({"email": email, "password": PASSWORD})).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", json!({"refresh_token": token})).await
    }

    /// Waits for a line of the log that contains all of the parts.
    pub(crate) async fn logs(&self, parts: &[&str]) {
        eventually(&format!("a log line with {parts:?}"), || {
            let found = self.log.count(parts) > 0;
            async move { found }
        })
        .await;
    }

    /// Ends the process without warning, as a power cut would.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Asks the process to end, and waits for it. Gives its exit code.
    pub(crate) async fn stop(&mut self) -> Option<i32> {
        let pid = self.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
        self.process.wait().await.unwrap().code()
    }
}
