//! What stands in for the server's storage and network: a store in memory, canned answers, and a record of what
//! the plugin did with them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use hookgate_core::adapters::{
    KvAnswer, KvChange, KvEntry, KvError, KvQuota, KvUsage, PluginKvAdapter, StoreResult,
};
use hookgate_core::clock::{ManualClock, Timestamp};
use hookgate_hooks::{HostServices, HttpClient, HttpClients, HttpFailure, HttpLimits, PrivateAddress};
use hookgate_store::MemoryStore;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// More than these are not kept: `bench` makes millions.
const MAX_CALLS: usize = 1000;

const NO_QUOTA: KvQuota = KvQuota { entries: u64::MAX, bytes: u64::MAX };

/// One answer of a fixture's `http`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CannedAnswer {
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    json: Option<Value>,
    failure: Option<CannedFailure>,
}

fn get() -> String {
    "GET".to_owned()
}

const fn ok() -> u16 {
    200
}

/// That there is no answer, and why.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CannedFailure {
    Timeout,
    TooLarge,
    Connection,
    Denied,
}

impl CannedAnswer {
    fn answer(&self) -> Result<http::Response<Bytes>, HttpFailure> {
        if let Some(failure) = self.failure {
            let reason = || "the fixture says so".to_owned();
            return Err(match failure {
                CannedFailure::Timeout => HttpFailure::Timeout,
                CannedFailure::TooLarge => HttpFailure::TooLarge,
                CannedFailure::Connection => HttpFailure::Connection(reason()),
                CannedFailure::Denied => HttpFailure::Denied(reason()),
            });
        }
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        let body = match (&self.json, &self.body) {
            (Some(json), _) => json.to_string(),
            (None, text) => text.clone().unwrap_or_default(),
        };
        response.body(Bytes::from(body)).map_err(|error| HttpFailure::Connection(error.to_string()))
    }
}

/// One call of a host function that reached beyond the sandbox.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HostCall {
    pub(super) call: &'static str,
    /// The key, or method and URL.
    pub(super) what: String,
    pub(super) answer: String,
}

/// A request as it would have been sent, secrets of the fixture included.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// The stand-in for one plugin.
pub(super) struct StandIn {
    kv: Arc<dyn PluginKvAdapter>,
    answers: Vec<CannedAnswer>,
    record: Mutex<Record>,
    now: Timestamp,
}

/// What was done so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) calls: Vec<HostCall>,
    pub(super) sent: Vec<Sent>,
}

impl StandIn {
    /// With these entries in `plugin`'s store and these answers.
    pub(super) async fn new(
        plugin: &str,
        now: Timestamp,
        entries: &BTreeMap<String, Value>,
        answers: Vec<CannedAnswer>,
    ) -> Result<Arc<Self>, KvError> {
        let kv = MemoryStore::new().adapters().plugin_kv;
        for (key, value) in entries {
            let entry = KvEntry { value: text(value).into_bytes(), expires_ms: None };
            kv.kv_change(plugin, key, KvChange::Set(entry), NO_QUOTA, now.0 * 1000).await?;
        }
        Ok(Arc::new(Self { kv, answers, record: Mutex::default(), now }))
    }

    /// As the plugin host wants it.
    pub(super) fn services(self: &Arc<Self>) -> HostServices {
        HostServices {
            clock: Arc::new(ManualClock::at(self.now)),
            kv: Some(Arc::new(Store(Arc::clone(self)))),
            http: Some(Arc::new(Network(Arc::clone(self)))),
        }
    }

    /// What was done since the last time.
    pub(super) fn take(&self) -> Record {
        std::mem::take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the plugin's store holds, as text.
    pub(super) async fn kept(&self, plugin: &str, key: &str) -> StoreResult<Option<String>> {
        let value = self.kv.kv_get(plugin, key, self.now.0 * 1000).await?;
        Ok(value.map(|value| String::from_utf8_lossy(&value).into_owned()))
    }

    fn note(&self, call: &'static str, what: &str, answer: String) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.calls.len() < MAX_CALLS {
            record.calls.push(HostCall { call, what: what.to_owned(), answer });
        }
    }
}

/// Text as it is, everything else as JSON text.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

struct Store(Arc<StandIn>);

#[async_trait]
impl PluginKvAdapter for Store {
    async fn kv_get(&self, plugin: &str, key: &str, now_ms: i64) -> StoreResult<Option<Vec<u8>>> {
        let found = self.0.kv.kv_get(plugin, key, now_ms).await?;
        let shown = found.as_ref().map_or("none".to_owned(), |value| shown(value));
        self.0.note("kv.get", key, shown);
        Ok(found)
    }

    async fn kv_change(
        &self,
        plugin: &str,
        key: &str,
        change: KvChange,
        quota: KvQuota,
        now_ms: i64,
    ) -> Result<KvAnswer, KvError> {
        let (call, what) = match &change {
            KvChange::Set(entry) => ("kv.set", format!("{key} = {}", shown(&entry.value))),
            KvChange::Delete => ("kv.delete", key.to_owned()),
            KvChange::Increment { by, .. } => ("kv.increment", format!("{key} by {by}")),
            KvChange::CompareAndSet { .. } => ("kv.compare-and-set", key.to_owned()),
        };
        let result = self.0.kv.kv_change(plugin, key, change, quota, now_ms).await;
        let answer = match &result {
            Ok(KvAnswer::Done) => "done".to_owned(),
            Ok(KvAnswer::Sum(sum)) => sum.to_string(),
            Ok(KvAnswer::Matched(matched)) => matched.to_string(),
            Err(error) => error.to_string(),
        };
        self.0.note(call, &what, answer);
        result
    }

    async fn kv_usage(&self, plugin: &str) -> StoreResult<KvUsage> {
        self.0.kv.kv_usage(plugin).await
    }

    async fn cleanup_expired_kv(&self, now_ms: i64, limit: usize) -> StoreResult<usize> {
        self.0.kv.cleanup_expired_kv(now_ms, limit).await
    }
}

/// A value for people.
fn shown(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if text.chars().count() <= 80 => format!("{text:?}"),
        _ => format!("{} bytes", value.len()),
    }
}

#[derive(Clone)]
struct Network(Arc<StandIn>);

impl HttpClients for Network {
    fn client(&self, _: &[PrivateAddress]) -> Arc<dyn HttpClient> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl HttpClient for Network {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpFailure> {
        let (method, url) = (request.method().to_string(), request.uri().to_string());
        let what = format!("{method} {url}");
        let canned = self.0.answers.iter().find(|canned| canned.method == method && same(&canned.url, &url));
        let result = match canned {
            Some(canned) => canned.answer().and_then(|answer| within(answer, limits)),
            None => Err(HttpFailure::Connection(format!("the fixture's `http` has no answer to {what}"))),
        };
        let answer = match &result {
            Ok(response) => format!("{}, {} bytes", response.status().as_u16(), response.body().len()),
            Err(failure) => failure.to_string(),
        };
        self.0.note("http.send", &what, answer);
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let mut record = self.0.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.sent.len() < MAX_CALLS {
            record.sent.push(Sent { method, url, headers, body });
        }
        drop(record);
        result
    }
}

fn within(answer: http::Response<Bytes>, limits: HttpLimits) -> Result<http::Response<Bytes>, HttpFailure> {
    if answer.body().len() > limits.response_bytes { Err(HttpFailure::TooLarge) } else { Ok(answer) }
}

/// Whether two URLs are the same; `https://a.example` is `https://a.example/`.
fn same(one: &str, other: &str) -> bool {
    let parse = |text: &str| text.parse::<http::Uri>().ok();
    one == other || parse(one).is_some_and(|uri| Some(uri) == parse(other))
}
