//! Makes the host calls that its `[config]` names, and puts what they answer into the claim `results`.

use std::time::Duration;

use hookgate_plugin::kv::Ttl;
use hookgate_plugin::{Claims, EventHooks, Result, User, Value, clock, config, http, json, kv, plugin, secrets};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    calls: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Call {
    r#do: String,
    key: String,
    value: Option<String>,
    expected: Option<String>,
    by: i64,
    ttl: Option<u32>,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    secret_headers: Vec<(String, String, String)>,
    timeout_ms: Option<u64>,
    /// How often; the last answer counts.
    times: u32,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            r#do: String::new(),
            key: "key".into(),
            value: None,
            expected: None,
            by: 1,
            ttl: None,
            method: "GET".into(),
            url: String::new(),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            timeout_ms: None,
            times: 1,
        }
    }
}

struct HostCalls;

#[plugin]
impl EventHooks for HostCalls {
    fn modify_jwt(claims: &mut Claims, _: &User) -> Result<()> {
        let Config { calls } = config::all()?;
        let results: Vec<Value> = calls.iter().map(repeat).collect();
        claims.set("results", results);
        Ok(())
    }
}

fn repeat(call: &Call) -> Value {
    let mut answer = Value::Null;
    for _ in 0..call.times {
        answer = make(call).unwrap_or_else(|error| json!({ "error": error.message() }));
    }
    answer
}

fn make(call: &Call) -> Result<Value> {
    let ttl = call.ttl.map_or(Ttl::FOREVER, Ttl::secs);
    let bytes = |text: &Option<String>| text.as_ref().map(|text| text.clone().into_bytes());
    Ok(match call.r#do.as_str() {
        "kv.get" => json!(kv::get(&call.key)?.map(|value| String::from_utf8_lossy(&value).into_owned())),
        "kv.set" => json!(kv::set(&call.key, call.value.clone().unwrap_or_default(), ttl)?),
        "kv.delete" => json!(kv::delete(&call.key)?),
        "kv.increment" => json!(kv::increment(&call.key, call.by, ttl)?),
        "kv.compare-and-set" => {
            let (expected, value) = (bytes(&call.expected), bytes(&call.value));
            json!(kv::compare_and_set(&call.key, expected.as_deref(), value.as_deref(), ttl)?)
        }
        "http" => {
            let mut request = http::request(&call.method, &call.url);
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            for (name, prefix, secret) in &call.secret_headers {
                request = request.secret_header(name, prefix, secret);
            }
            if let Some(body) = bytes(&call.value) {
                request = request.body(body);
            }
            if let Some(timeout_ms) = call.timeout_ms {
                request = request.timeout(Duration::from_millis(timeout_ms));
            }
            let answer = request.send()?;
            json!({
                "status": answer.status(),
                "location": answer.header("location"),
                "length": answer.bytes().len(),
                "body": answer.text().chars().take(1000).collect::<String>(),
            })
        }
        "secrets.names" => json!(secrets::names()),
        "secrets.hmac" => json!(secrets::hmac_sha256_hex(&call.key, call.value.clone().unwrap_or_default())),
        "clock" => json!(clock::now()),
        other => return Err(format!("no call `{other}`").into()),
    })
}
