//! A certified OpenID Connect provider: `oidc-provider` from npm, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::Browser;

/// Where it may send users back to.
pub(crate) const APP: &str = "https://app.example.com/oauth/callback";
/// The secret of its clients.
pub(crate) const APP_SECRET: &str = "a secret: +/%&";

/// A running provider. It ends with this.
pub(crate) struct CertifiedProvider {
    pub(crate) issuer: String,
    process: Child,
}

impl CertifiedProvider {
    /// Starts it. Needs Node.js, and the first time npm's registry.
    pub(crate) fn start() -> Self {
        let folder = folder();
        install(&folder);
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("the tests need Node.js 20 or later: node: {error}"));
        let mut issuer = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut issuer).unwrap();
        assert!(issuer.starts_with("http://"), "tests/oidc/provider.mjs ended: run it with node to see why");
        Self { issuer: issuer.trim().to_owned(), process }
    }

    /// Signs a user in on the provider's own pages, and agrees to everything. Gives the query that the
    /// application is called with.
    pub(crate) async fn sign_in(&self, browser: &Browser, url: &str, login: &str) -> String {
        let mut place = url.to_owned();
        for _ in 0..10 {
            place = browser.sent_to(&self.absolute(&place)).await;
            if let Some(query) = place.strip_prefix(&format!("{APP}?")) {
                return query.to_owned();
            }
            if place.contains("/interaction/") {
                place = self.answer(browser, &place, login).await;
            }
        }
        panic!("the provider sends its user around in circles: {place}");
    }

    /// Fills in the form of a page, and gives where that leads.
    async fn answer(&self, browser: &Browser, page: &str, login: &str) -> String {
        let page = self.absolute(page);
        let form = browser.get(&page).await;
        let prompt = if form.body.contains("name=\"login\"") { "login" } else { "consent" };
        let fields = [("prompt", prompt), ("login", login), ("password", "any")];
        let answer = browser.submit(&page, &fields).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        answer.header("location").to_owned()
    }

    fn absolute(&self, place: &str) -> String {
        if place.starts_with('/') { format!("{}{place}", self.issuer) } else { place.to_owned() }
    }
}

impl Drop for CertifiedProvider {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is faster.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oidc")).to_owned()
}

/// Installs the packages of the lock file, once.
fn install(folder: &Path) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // npm writes this file last.
    if folder.join("node_modules/.package-lock.json").exists() {
        return;
    }
    let installed = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder).output();
    let installed = installed.unwrap_or_else(|error| panic!("the tests need Node.js with npm: npm: {error}"));
    assert!(
        installed.status.success(),
        "npm ci in tests/oidc: {}",
        String::from_utf8_lossy(&installed.stderr)
    );
}
