//! The figures as Markdown.

use std::fmt::Write as _;

use hookgate_core::hooks::Hook;

use crate::measure::{Measured, Times};

pub(crate) fn markdown(all: &[Measured], calls: usize) -> String {
    let mut text = String::from(
        "# What works in which language, and what it costs\n\n\
         Printed by `cargo run --release --manifest-path tests/polyglot/Cargo.toml` from the reference plugins of \
         [tests/polyglot](../../tests/polyglot): one plugin in each language that has all hooks and uses all \
         capabilities. A \"yes\" is a hook or a capability whose cases all passed in that run.\n\n",
    );
    costs(&mut text, all);
    let _ = writeln!(
        text,
        "\nTimes are of whole calls with a fresh instance each, median / 99th percentile of {calls}, one after the other; \
         loading is compilation on the machine that the server runs on.\n"
    );
    passes(&mut text, all);
    text
}

fn costs(text: &mut String, all: &[Measured]) {
    text.push_str("| reference plugin | kB | WASI | loading ms | memory kB | allow-signin µs | modify-jwt µs | event µs |\n");
    text.push_str("|---|--:|---|--:|--:|--:|--:|--:|\n");
    for one in all {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            one.language,
            one.bytes.div_ceil(1000),
            if one.imports_wasi { "yes" } else { "none" },
            one.loading.as_millis(),
            one.memory.1.div_ceil(1024),
            times(one.gate),
            times(one.jwt),
            times(one.event),
        );
    }
}

fn times(Times { p50, p99 }: Times) -> String {
    format!("{} / {}", p50.as_micros(), p99.as_micros())
}

fn passes(text: &mut String, all: &[Measured]) {
    let names: Vec<&str> = all.iter().map(|one| one.language.as_str()).collect();
    let _ = writeln!(text, "| hook or capability | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(all.len()));
    for hook in Hook::ALL {
        let cells: Vec<String> = all.iter().map(|one| cell(one, *hook)).collect();
        let _ = writeln!(text, "| `{hook}` | {} |", cells.join(" | "));
    }
    for capability in hookgate_hooks::Capability::ALL {
        let cell = |one: &Measured| if one.capabilities.contains(&capability.name()) { "yes" } else { "no" };
        let _ = writeln!(text, "| {capability} | {} |", all.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}

fn cell(one: &Measured, hook: Hook) -> String {
    match one.failed.iter().find(|(failed, _)| *failed == hook) {
        Some((_, cases)) if !cases.is_empty() => format!("no: {}", cases.join(", ")),
        _ => "yes".to_owned(),
    }
}
