//! The figures as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use hookgate_core::hooks::Hook;
use hookgate_hooks::Capability;
use hookgate_polyglot::cases;

use crate::measure::{Measured, Pair, Small};
use crate::times::Times;

/// `docs/plugins/matrix.md`
pub(crate) fn matrix(all: &[Measured], calls: usize) -> String {
    let mut text = format!(
        "# What works in which language, and what it costs\n\n\
         Printed by `cargo run --release -p hookgate-polyglot`, after `tests/polyglot/build.sh`, from the reference\n\
         plugins of [tests/polyglot](../../tests/polyglot): one plugin in each language that has all hooks and uses all\n\
         capabilities. A \"yes\" is a hook or a capability whose cases all passed in that run, and CI builds and runs\n\
         the same.\n\n\
         Times are of whole calls in the plugin host, median / 99th percentile of {calls} in µs, one after the other:\n\
         *cold* with a fresh instance each, as by default, *warm* of an instance that is kept (`[reuse]`).\n\
         [Benchmarks](../benchmarks.md#languages) has the same beside bare wasmtime, and what loading costs.\n\n"
    );
    text.push_str(
        "| reference plugin | kB | WASI | `allow-signin` cold | event cold | `modify-jwt` cold | warm |\n",
    );
    text.push_str("|---|--:|---|--:|--:|--:|--:|\n");
    for Measured { name, bytes, imports_wasi, costs, .. } in all {
        let wasi = if *imports_wasi { "yes" } else { "none" };
        let size = bytes.div_ceil(1000);
        let (gate, event) = (pair(costs.gate), pair(costs.event));
        let (cold, warm) = (pair(costs.jwt.host), pair(costs.reused.host));
        let _ = writeln!(text, "| {name} | {size} | {wasi} | {gate} | {event} | {cold} | {warm} |");
    }
    text.push('\n');
    passes(&mut text, all);
    text
}

/// The tables of `docs/benchmarks.md`.
pub(crate) fn benchmarks(all: &[Measured], small: &[Small], calls: usize) -> String {
    let mut text = String::new();
    text.push_str("| plugin | size kB | compiled ms: bare | host | from the cache ms: bare | host | memory kB | resident kB per instance |\n");
    text.push_str("|---|--:|--:|--:|--:|--:|--:|--:|\n");
    for Measured { name, bytes, costs, .. } in all {
        let _ = writeln!(
            text,
            "| {name} | {} | {:.0} | {:.0} | {:.2} | {:.1} | {} | {} |",
            bytes.div_ceil(1000),
            millis(costs.compiled.bare),
            millis(costs.compiled.host),
            millis(costs.cached.bare),
            millis(costs.cached.host),
            costs.memory.div_ceil(1024),
            costs.resident,
        );
    }
    let _ = writeln!(
        text,
        "\n`modify-jwt` of the reference plugin in µs, median / 99th percentile: {calls} calls in 5 rounds of 50 ms at \
         least, in turn with bare wasmtime.\n"
    );
    beside_bare(&mut text, all.iter().map(|one| (one.name, one.costs.jwt, one.costs.reused)));
    if !small.is_empty() {
        let _ = writeln!(
            text,
            "\nThe same of a plugin as `hookgate plugin new` makes it, which adds one claim to those of an access token \
             ({}):\n",
            small
                .iter()
                .map(|one| format!("{} {} kB", one.name, one.bytes.div_ceil(1000)))
                .collect::<Vec<_>>()
                .join(", "),
        );
        beside_bare(&mut text, small.iter().map(|one| (&*one.name, one.jwt, one.reused)));
    }
    text
}

/// A name, calls of fresh instances, calls of a kept one.
fn beside_bare<'a>(text: &mut String, rows: impl Iterator<Item = (&'a str, Pair, Pair)>) {
    text.push_str("| plugin | fresh: bare | fresh: host | ratio | reused: bare | reused: host | ratio |\n");
    text.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
    for (name, fresh, reused) in rows {
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {:.2} | {} | {} | {:.2} |",
            pair(fresh.bare),
            pair(fresh.host),
            fresh.ratio(),
            pair(reused.bare),
            pair(reused.host),
            reused.ratio(),
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn pair(Times { p50, p99 }: Times) -> String {
    format!("{} / {}", micros(p50), micros(p99))
}

/// With one digit after the point where that says something.
fn micros(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 100.0 { format!("{micros:.1}") } else { format!("{micros:.0}") }
}

fn passes(text: &mut String, all: &[Measured]) {
    let names: Vec<&str> = all.iter().map(|one| one.name).collect();
    let _ = writeln!(text, "| hook or capability | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(all.len()));
    for hook in Hook::ALL {
        let cells: Vec<String> = all.iter().map(|one| cell(one, *hook)).collect();
        let _ = writeln!(text, "| `{hook}` | {} |", cells.join(" | "));
    }
    let cells = all.iter().map(|one| if one.settings.is_ok() { "yes" } else { "no" });
    let _ = writeln!(text, "| `validate-config` | {} |", cells.collect::<Vec<_>>().join(" | "));
    for capability in Capability::ALL {
        let cells: Vec<&str> =
            all.iter().map(|one| if has(one, *capability) { "yes" } else { "no" }).collect();
        let _ = writeln!(text, "| {capability} | {} |", cells.join(" | "));
    }
}

/// Whether a plugin imports a capability, and every case that tries it passed.
fn has(one: &Measured, capability: Capability) -> bool {
    let tried = match capability {
        Capability::Log => cases::LOG,
        Capability::Config | Capability::Request => cases::CLAIMS,
        _ => cases::HOST,
    };
    let has_failed = one.failed.iter().any(|(_, failed)| failed.contains(&tried));
    one.capabilities.contains(&capability.name()) && !has_failed
}

fn cell(one: &Measured, hook: Hook) -> String {
    match one.failed.iter().find(|(failed, _)| *failed == hook) {
        Some((_, cases)) if !cases.is_empty() => format!("no: {}", cases.join(", ")),
        _ => "yes".to_owned(),
    }
}
