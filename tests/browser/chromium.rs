//! A Chromium of its own for each test, driven through a pipe (`--remote-debugging-pipe`): one JSON message
//! after another, with a zero byte behind each.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::kit::eventually;

/// Usual names of the browser.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const MISSING: &str = "these tests need Chromium: install it (on Debian and Ubuntu: apt-get install chromium), \
    or name it in the variable TEST_BROWSER, or leave these tests out with TEST_BROWSER=none";

/// A running browser with one page.
pub(crate) struct Page {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last_id: u64,
    session: Option<String>,
    _process: Child,
    profile: TempDir,
}

impl Page {
    /// Starts a browser; none if these tests are to be left out.
    pub(crate) async fn open() -> Option<Self> {
        let browser = find_browser()?;
        let profile = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(profile.path().join("browser.log")).unwrap();
        // The browser reads from 3 and writes to 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>&2"])
            .arg(&browser)
            // The sandbox needs rights that a container does not have, and all pages are our own.
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--disable-background-networking", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let to = process.stdin.take().unwrap();
        let from = BufReader::new(process.stdout.take().unwrap());
        let mut page = Self { to, from, last_id: 0, session: None, _process: process, profile };
        let target = page.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = page.call("Target.attachToTarget", attach).await;
        page.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        // A page that nobody looks at gets no passkeys.
        page.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await;
        Some(page)
    }

    /// Plugs an authenticator into the browser, which recognises its user by itself. Gives its id.
    pub(crate) async fn plug_in_authenticator(&mut self) -> String {
        self.call("WebAuthn.enable", json!({})).await;
        let options = json!({
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        });
        let added = self.call("WebAuthn.addVirtualAuthenticator", json!({"options": options})).await;
        added["authenticatorId"].as_str().unwrap().to_owned()
    }

    /// Goes to a page and waits until it is there.
    pub(crate) async fn go(&mut self, url: &str) {
        let answer = self.call("Page.navigate", json!({"url": url})).await;
        assert_eq!(answer.get("errorText"), None, "{url}: {answer}");
        let here = json!(url);
        self.wait_for(&format!("document.readyState === 'complete' && location.href === {here}")).await;
    }

    /// The value of an expression on the page; a promise is waited for.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression,
            "awaitPromise": true,
            "returnByValue": true,
            "userGesture": true,
        });
        let answer = self.call("Runtime.evaluate", parameters).await;
        assert_eq!(answer.get("exceptionDetails"), None, "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) async fn wait_for(&mut self, expression: &str) {
        let page = tokio::sync::Mutex::new(self);
        eventually(expression, || async { page.lock().await.evaluate(expression).await == json!(true) })
            .await;
    }

    /// Writes into a field as a user would.
    pub(crate) async fn fill(&mut self, selector: &str, text: &str) {
        let field = json!(selector);
        self.evaluate(&format!(
            "document.querySelector({field}).focus(); document.querySelector({field}).value = ''"
        ))
        .await;
        self.call("Input.insertText", json!({"text": text})).await;
    }

    pub(crate) async fn click(&mut self, selector: &str) {
        let selector = json!(selector);
        self.evaluate(&format!("document.querySelector({selector}).click()")).await;
    }

    /// Waits until an element shows a text.
    pub(crate) async fn shows(&mut self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.wait_for(&format!("document.querySelector({selector}).textContent.includes({text})")).await;
    }

    /// One command of the DevTools protocol.
    pub(crate) async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).await.unwrap_or_else(|error| panic!("{error}: {}", self.log()));
        let limit = Duration::from_secs(60);
        let answer = tokio::time::timeout(limit, self.answer()).await;
        let answer = answer.unwrap_or_else(|_| panic!("{method} got no answer: {}", self.log()));
        assert_eq!(answer.get("error"), None, "{method} {parameters}");
        answer["result"].clone()
    }

    /// The answer to the last command; what the browser says in between is not listened to.
    async fn answer(&mut self) -> Value {
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).await.unwrap();
            assert_eq!(bytes.pop(), Some(0), "the browser ended: {}", self.log());
            let message: Value = serde_json::from_slice(&bytes).unwrap();
            if message["id"] == json!(self.last_id) {
                return message;
            }
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.profile.path().join("browser.log")).unwrap_or_default()
    }
}

fn find_browser() -> Option<PathBuf> {
    match std::env::var("TEST_BROWSER") {
        Ok(named) if named == "none" => {
            eprintln!("left out: TEST_BROWSER=none");
            return None;
        }
        Ok(named) => return Some(named.into()),
        Err(_) => {}
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = NAMES.iter().flat_map(|name| folders.iter().map(|folder| folder.join(Path::new(name))));
    Some(found.into_iter().find(|file| file.is_file()).expect(MISSING))
}
