//! What a case expects of storage and network: requests that are sent, and what is kept afterwards.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::PluginError;
use super::call::Outcome;
use super::fixture::Configured;
use super::stand_in::{Sent, text};

/// A request. What is not named may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedRequest {
    method: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A part of the body.
    body: Option<String>,
    /// The whole body as JSON.
    json: Option<Value>,
}

/// What, expected, got.
type Difference = (String, String, String);

/// Everything that is not as expected.
pub(super) async fn outside(
    requests: Option<&[ExpectedRequest]>,
    kept: &BTreeMap<String, Value>,
    outcome: &Outcome,
    configured: &Configured,
) -> Result<Vec<Difference>, PluginError> {
    let mut differences = Vec::new();
    if let Some(requests) = requests {
        compare_requests(requests, &outcome.record.sent, &mut differences);
    }
    for (key, value) in kept {
        let expected = (!value.is_null()).then(|| text(value));
        let got = configured.stand_in.kept(configured.plugin.name(), key).await;
        let got = got.map_err(|error| PluginError::Usage(error.to_string()))?;
        if got != expected {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
            differences.push((format!("kv.{key}"), shown(expected), shown(got)));
        }
    }
    Ok(differences)
}

fn compare_requests(expected: &[ExpectedRequest], sent: &[Sent], differences: &mut Vec<Difference>) {
    if expected.len() != sent.len() {
        let lines: Vec<_> = sent.iter().map(|sent| format!("{} {}", sent.method, sent.url)).collect();
        let got = format!(
            "{}: {}",
            sent.len(),
            if lines.is_empty() { "none".to_owned() } else { lines.join(", ") }
        );
        differences.push(("http".to_owned(), format!("requests: {}", expected.len()), got));
    }
    for (index, (expected, sent)) in expected.iter().zip(sent).enumerate() {
        for (part, wanted, got) in expected.compare(sent) {
            differences.push((format!("http[{index}].{part}"), wanted, got));
        }
    }
}

impl ExpectedRequest {
    fn compare(&self, sent: &Sent) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut equal = |part: String, wanted: &str, got: Option<&str>| {
            if got != Some(wanted) {
                differences.push((part, wanted.to_owned(), got.unwrap_or("nothing").to_owned()));
            }
        };
        if let Some(method) = &self.method {
            equal("method".to_owned(), method, Some(&sent.method));
        }
        if let Some(url) = &self.url {
            equal("url".to_owned(), url, Some(&sent.url));
        }
        for (name, value) in &self.headers {
            let got = sent.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
            equal(format!("headers.{name}"), value, got);
        }
        if let Some(part) = &self.body
            && !sent.body.contains(part.as_str())
        {
            differences.push(("body".to_owned(), format!("…{part}…"), sent.body.clone()));
        }
        if let Some(json) = &self.json
            && serde_json::from_str::<Value>(&sent.body).ok().as_ref() != Some(json)
        {
            differences.push(("json".to_owned(), json.to_string(), sent.body.clone()));
        }
        differences
    }
}
