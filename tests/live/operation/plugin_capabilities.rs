//! `hookgate plugin` with plugins that keep, send and use secrets: what stands in for the server.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::kit::{BINARY, Plugins, example_plugins, guest};

fn tool(arguments: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.arg("plugin").args(arguments).env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR")).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with the guest that makes the calls of its settings, and a fixture.
fn run(manifest: &str, fixture: &Value, more: &[&str]) -> Output {
    let plugins = Plugins::none();
    plugins.put("host-calls", &guest("host-calls"));
    plugins.manifest(
        "host-calls",
        &format!("grants = [\"log\", \"config\", \"clock\", \"kv\", \"http\", \"secrets\"]\n{manifest}"),
    );
    let path = |name: &str| plugins.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("fixture.json"), fixture.to_string()).unwrap();
    let (component, fixture) = (path("host-calls.wasm"), path("fixture.json"));
    tool(&[&["run", &component, "--fixture", &fixture], more].concat())
}

const MANIFEST: &str =
    "[http]\nhosts = [\"api.example.com\"]\n[secrets]\nAPI_KEY = { file = \"/nowhere/key\" }";

#[test]
fn run_shows_host_calls_and_what_they_answered() {
    let fixture = json!({
        "config": { "calls": [
            { "do": "kv.increment", "key": "attempts", "by": 2 },
            { "do": "http", "url": "https://api.example.com/tier",
              "secret_headers": [["authorization", "Bearer ", "API_KEY"]] },
            { "do": "http", "url": "https://api.example.com/unknown" },
            { "do": "http", "url": "https://elsewhere.example.com/" },
            { "do": "secrets.names" },
            { "do": "clock" },
        ] },
        "kv": { "attempts": 40 },
        "http": [{ "url": "https://api.example.com/tier", "json": { "tier": "pro" } }],
    });
    let output = run(MANIFEST, &fixture, &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let results = &report["object"]["results"];
    assert_eq!((&results[0], &results[1]["body"]), (&json!(42), &json!(r#"{"tier":"pro"}"#)), "{report}");
    assert!(results[2]["error"].as_str().unwrap().contains("has no answer to GET"), "{report}");
    assert!(results[3]["error"].as_str().unwrap().contains("is not granted"), "as in the server: {report}");
    assert_eq!((&results[4], &results[5]), (&json!(["API_KEY"]), &json!(1_767_225_600_000_u64)));
    let calls: Vec<_> = report["host_calls"].as_array().unwrap().iter().map(|call| &call["call"]).collect();
    assert_eq!(calls, ["kv.increment", "http.send", "http.send"]);

    let shown = text(&run(MANIFEST, &fixture, &[]).stdout);
    for part in ["host calls", "attempts by 2  →  42", "GET https://api.example.com/tier  →  200, 14 bytes"]
    {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn inspect_says_what_is_wanted_and_what_is_granted() {
    let component = example_plugins().join("subscription-tier.wasm");
    let component = component.to_str().unwrap();
    let inspection: Value = serde_json::from_slice(&tool(&["inspect", component, "--json"]).stdout).unwrap();
    let grants: Vec<_> = inspection["grants"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(["kv", "http"].iter().all(|grant| grants.contains(grant)), "{grants:?}");
    assert_eq!(inspection["hosts"], json!(["billing.example.com"]));
    assert_eq!(inspection["secrets"], json!(["BILLING_API_KEY"]));
    let shown = text(&tool(&["inspect", component]).stdout);
    assert!(shown.contains("billing.example.com") && shown.contains("accepts it"), "{shown}");

    let plugins = Plugins::with("host-calls");
    let component = plugins.path().join("host-calls.wasm");
    let output = tool(&["inspect", component.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("write `grants = ["), "{output:?}");
}

#[test]
fn a_misspelt_answer_and_an_unknown_secret_are_named() {
    let output = run(MANIFEST, &json!({ "http": [{ "ulr": "https://api.example.com/" }] }), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`ulr`"), "{output:?}");
    let output = run(MANIFEST, &json!({ "secrets": { "OTHER": "x" } }), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`OTHER`"), "{output:?}");
}

#[test]
fn the_examples_pass_their_cases() {
    for name in ["subscription-tier", "geo-ip-gate", "signup-webhook"] {
        let component = example_plugins().join(format!("{name}.wasm"));
        let cases: PathBuf = example_plugins().join(format!("../rust/{name}/cases"));
        let output = tool(&["test", component.to_str().unwrap(), "--cases", cases.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
        assert!(text(&output.stdout).contains(" 0 failed"), "{}", text(&output.stdout));
    }
}

#[test]
fn a_case_names_what_was_sent_and_kept_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let case = json!({
        "http": [{ "url": "https://billing.example.com/users/user-ada/subscription", "json": { "tier": "pro" } }],
        "expect": {
            "http": [{ "method": "POST", "headers": { "authorization": "Bearer other" } }, {}],
            "kv": { "tier:user-ada": "\"free\"", "other": "x" },
        },
    });
    fs::write(folder.path().join("wrong.json"), case.to_string()).unwrap();
    let component = example_plugins().join("subscription-tier.wasm");
    let output =
        tool(&["test", component.to_str().unwrap(), "--cases", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mismatches: Vec<_> = summary["cases"][0]["mismatches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mismatch| format!("{} {} {}", mismatch["what"], mismatch["expected"], mismatch["got"]))
        .collect();
    let expected = [
        r#""http" "requests: 2""#,
        r#""http[0].method" "POST" "GET""#,
        r#""http[0].headers.authorization" "Bearer other" "Bearer secret-BILLING_API_KEY""#,
        r#""kv.other" "x" "nothing""#,
        r#""kv.tier:user-ada" "\"free\"" "\"pro\"""#,
    ];
    assert_eq!(mismatches.len(), expected.len(), "{mismatches:#?}");
    for (mismatch, expected) in mismatches.iter().zip(expected) {
        assert!(mismatch.replace("\\\"", "\"").starts_with(&expected.replace("\\\"", "\"")), "{mismatch}");
    }
}
