//! Answers for people.

use hookgate_core::clock::Timestamp;
use serde_json::Value;

use crate::admin::view::{Generation, Overview};
use crate::commands::operator::{Facts, Table, date};

/// How much of a digest people read.
const DIGITS: usize = 12;

/// The plugins, one to a line.
pub(super) fn list(overview: &Overview) -> String {
    if overview.safe_mode {
        return "safe mode: no plugin is loaded".to_owned();
    }
    if overview.plugins.is_empty() {
        return "no plugins".to_owned();
    }
    let mut table = Table::new(["PLUGIN", "STATE", "DIGEST", "HOOKS", "REMARK"]);
    for plugin in &overview.plugins {
        let remark = [text(plugin, "error"), text(plugin, "note"), breakers(plugin)];
        table.row([
            text(plugin, "name").unwrap_or_default(),
            text(plugin, "state").unwrap_or_default(),
            digits(&text(plugin, "digest").unwrap_or_default()),
            hooks(plugin),
            remark.into_iter().flatten().next().unwrap_or_default(),
        ]);
    }
    table.render()
}

/// The circuit breakers that are not closed.
fn breakers(plugin: &Value) -> Option<String> {
    let breakers = plugin.get("breakers")?.as_object()?;
    let each = |(hook, state): (&String, &Value)| format!("{hook} {}", state.as_str().unwrap_or_default());
    Some(format!("circuit breaker: {}", breakers.iter().map(each).collect::<Vec<_>>().join(", ")))
}

/// The plugins and the generations.
pub(super) fn overview(overview: &Overview) -> String {
    let mut table = Table::new(["GENERATION", "SINCE (UTC)", "PLUGINS", "CAUSE"]);
    for generation in &overview.generations {
        let mark = if generation.number == overview.generation { "serves" } else { "" };
        table.row([
            format!("{} {mark}", generation.number).trim_end().to_owned(),
            since(generation.made_at_ms),
            generation.plugins.len().to_string(),
            generation.cause.clone(),
        ]);
    }
    format!("{}\n\n{}", list(overview).trim_end(), table.render())
}

/// One plugin, and the versions of it that are kept.
pub(super) fn plugin(plugin: &Value, generations: &[Generation]) -> String {
    let mut facts = Facts::default();
    for (label, key) in [
        ("plugin", "name"),
        ("state", "state"),
        ("refused", "error"),
        ("remark", "note"),
        ("sha256", "digest"),
    ] {
        if let Some(value) = text(plugin, key) {
            facts.add(label, &value);
        }
    }
    for (label, key) in [
        ("bytes", "size"),
        ("order", "order"),
        ("idle instances", "idle_instances"),
        ("reused calls", "reused_calls"),
    ] {
        if let Some(number) = plugin[key].as_i64() {
            facts.add(label, &number.to_string());
        }
    }
    facts.add("hooks", &hooks(plugin));
    if let Some(breakers) = breakers(plugin) {
        facts.add("breakers", &breakers);
    }
    if let Some(at) = plugin["since_ms"].as_u64() {
        facts.add("since", &format!("{} UTC", since(at)));
    }
    let mut table = Table::new(["GENERATION", "SINCE (UTC)", "DIGEST"]);
    for generation in generations {
        let member = generation.plugins.iter().find(|member| plugin["name"] == *member.name);
        let digest = member.map_or("none".to_owned(), |member| digits(&member.digest.to_string()));
        table.row([generation.number.to_string(), since(generation.made_at_ms), digest]);
    }
    format!("{}\n{}", facts.render(), table.render())
}

fn text(plugin: &Value, key: &str) -> Option<String> {
    plugin[key].as_str().map(str::to_owned)
}

fn hooks(plugin: &Value) -> String {
    let hooks = plugin["hooks"].as_array().into_iter().flatten();
    hooks.filter_map(Value::as_str).collect::<Vec<_>>().join(",")
}

fn digits(digest: &str) -> String {
    digest.chars().take(DIGITS).collect()
}

fn since(ms: u64) -> String {
    date(Timestamp(i64::try_from(ms / 1000).unwrap_or(i64::MAX)))
}
