//! How storage and network differ from what a case expects: requests that were sent, and what is kept afterwards.

use serde_json::Value;

use super::answer::Mismatch;
use crate::commands::plugin::PluginError;
use crate::commands::plugin::call::Outcome;
use crate::commands::plugin::expect::{Expect, ExpectedRequest};
use crate::commands::plugin::fixture::Configured;
use crate::commands::plugin::stand_in::{Sent, text};

/// Everything that is not as expected.
pub(super) async fn compare(
    expect: &Expect,
    outcome: &Outcome,
    configured: &Configured,
) -> Result<Vec<Mismatch>, PluginError> {
    let mut mismatches = Vec::new();
    if let Some(requests) = &expect.http {
        compare_requests(requests, &outcome.record.sent, &mut mismatches);
    }
    for (key, value) in &expect.kv {
        let expected = (!value.is_null()).then(|| text(value));
        let got = configured.stand_in.kept(configured.plugin.name(), key).await;
        let got = got.map_err(|error| PluginError::Usage(error.to_string()))?;
        if got != expected {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
            let what = format!("kv.{key}");
            mismatches.push(Mismatch { what, expected: shown(expected), got: shown(got) });
        }
    }
    Ok(mismatches)
}

fn compare_requests(expected: &[ExpectedRequest], sent: &[Sent], mismatches: &mut Vec<Mismatch>) {
    if expected.len() != sent.len() {
        let lines: Vec<_> = sent.iter().map(|sent| format!("{} {}", sent.method, sent.url)).collect();
        let got = format!(
            "{}: {}",
            sent.len(),
            if lines.is_empty() { "none".to_owned() } else { lines.join(", ") }
        );
        let expected = format!("requests: {}", expected.len());
        mismatches.push(Mismatch { what: "http".to_owned(), expected, got });
    }
    for (index, (expected, sent)) in expected.iter().zip(sent).enumerate() {
        mismatches.extend(expected.compare(sent, &format!("http[{index}]")));
    }
}

impl ExpectedRequest {
    /// `place` is what the operator calls the request.
    fn compare(&self, sent: &Sent, place: &str) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        let mut differ = |part: &str, expected: String, got: String| {
            mismatches.push(Mismatch { what: format!("{place}.{part}"), expected, got });
        };
        let mut equal = |part: &str, wanted: &str, got: Option<&str>| {
            if got != Some(wanted) {
                differ(part, wanted.to_owned(), got.unwrap_or("nothing").to_owned());
            }
        };
        if let Some(method) = &self.method {
            equal("method", method, Some(&sent.method));
        }
        if let Some(url) = &self.url {
            equal("url", url, Some(&sent.url));
        }
        for (name, value) in &self.headers {
            let got = sent.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
            equal(&format!("headers.{name}"), value, got);
        }
        if let Some(part) = &self.body
            && !sent.body.contains(part.as_str())
        {
            differ("body", format!("…{part}…"), sent.body.clone());
        }
        if let Some(json) = &self.json
            && serde_json::from_str::<Value>(&sent.body).ok().as_ref() != Some(json)
        {
            differ("json", json.to_string(), sent.body.clone());
        }
        mismatches
    }
}
