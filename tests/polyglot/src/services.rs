//! What the server lends to plugins: the clock, a store in memory, a peer that echoes, a secret.

use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use bytes::Bytes;
use hookgate_core::clock::SystemClock;
use hookgate_hooks::{HostServices, HttpClient, HttpClients, HttpFailure, HttpLimits, PrivateAddress};
use hookgate_store::MemoryStore;
use tempfile::NamedTempFile;

/// What the plugin must never see.
const SECRET: &str = "s3cret-value";
/// HMAC-SHA-256 of `data` with it, by OpenSSL.
pub const SIGNATURE: &str = "8f78584c63b967f2b17f7b3bac657925d2a2442fa3db86b22499690047747b9d";

static SECRET_FILE: LazyLock<NamedTempFile> = LazyLock::new(|| {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(SECRET.as_bytes()).expect("written");
    file
});

/// A manifest with the secret's file in it.
#[must_use]
pub fn with_secret(manifest: &str) -> String {
    manifest.replace("SECRET_FILE", &SECRET_FILE.path().display().to_string())
}

/// A manifest whose secrets are to be found in this machine's `/run/secrets`, with files that are there.
#[must_use]
pub fn without_secret_files(manifest: &str) -> String {
    let mut parts = manifest.split("\"/run/secrets/");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("\"SECRET_FILE\"");
        text.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    text
}

/// All of them.
#[must_use]
pub fn all() -> HostServices {
    HostServices {
        clock: Arc::new(SystemClock),
        kv: Some(MemoryStore::new().adapters().plugin_kv),
        http: Some(Arc::new(Echo)),
    }
}

/// Says what it was sent.
struct Echo;

impl HttpClients for Echo {
    fn client(&self, _: &[PrivateAddress]) -> Arc<dyn HttpClient> {
        Arc::new(Self)
    }
}

#[async_trait]
impl HttpClient for Echo {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpFailure> {
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default()
        };
        let body = String::from_utf8_lossy(request.body());
        let text = format!(
            "{} {} {} {body}",
            request.method(),
            request.uri(),
            header("authorization") == format!("Bearer {SECRET}")
        );
        let mut answer = http::Response::new(Bytes::from(text));
        *answer.status_mut() = http::StatusCode::CREATED;
        answer.headers_mut().insert(
            "x-answer",
            http::HeaderValue::from_bytes(header("x-test").as_bytes()).expect("a header"),
        );
        Ok(answer)
    }
}
