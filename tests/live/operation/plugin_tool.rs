//! `hookgate plugin`: what an author sees of a plugin without any server.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::kit::{BINARY, Plugins, example_plugins, guest};

/// Runs the tool in a folder of its own, and makes sure that nothing appears there.
fn tool(arguments: &[&str]) -> Output {
    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new(BINARY)
        .arg("plugin")
        .args(arguments)
        .current_dir(elsewhere.path())
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing is made");
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(output), stderr(output)))
}

#[track_caller]
fn expect_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(output), stderr(output));
}

/// Exit code 2 and one line that holds all these parts.
#[track_caller]
fn refuses(arguments: &[&str], parts: &[&str]) {
    let output = tool(arguments);
    expect_code(&output, 2);
    let message = stderr(&output);
    for part in parts {
        assert!(message.contains(part), "`{part}` in: {message}");
    }
    assert_eq!(message.lines().count(), 1, "{message}");
}

fn example(name: &str) -> String {
    example_plugins().join(format!("{name}.wasm")).to_str().unwrap().to_owned()
}

fn path_of(plugins: &Plugins, name: &str) -> String {
    plugins.path().join(format!("{name}.wasm")).to_str().unwrap().to_owned()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn inspect_says_what_a_plugin_is() {
    let output = tool(&["inspect", &example("email-domain-gate"), "--json"]);
    expect_code(&output, 0);
    let inspection = json(&output);
    assert_eq!(inspection["name"], "email-domain-gate");
    assert_eq!(inspection["accepted"], true);
    assert_eq!(inspection["form"], "component");
    assert_eq!(inspection["hooks"], serde_json::json!(["allow-signin"]));
    let grants: Vec<_> = inspection["grants"].as_array().unwrap().iter().collect();
    assert!(grants.contains(&&"log".into()) && grants.contains(&&"config".into()), "{grants:?}");
    let component = fs::read(example("email-domain-gate")).unwrap();
    assert_eq!(inspection["size_bytes"], component.len());
    assert_eq!(inspection["digest"].as_str().unwrap().len(), 64);
    assert!(inspection["memories"][0]["min_bytes"].as_u64().unwrap() >= 65_536);
    assert!(!inspection["producers"].as_array().unwrap().is_empty());
    assert!(inspection["manifest"]["file"].as_str().unwrap().ends_with("email-domain-gate.toml"));

    let text = stdout(&tool(&["inspect", &example("email-domain-gate")]));
    assert!(text.contains("allow-signin") && text.contains("accepts it"), "{text}");
}

#[test]
fn inspect_says_how_instances_are_kept_and_what_calls_may_cost() {
    let plugins = Plugins::with("jwt-add-claim");
    let path = path_of(&plugins, "jwt-add-claim");
    let said = stdout(&tool(&["inspect", &path]));
    assert!(said.contains("a new one for each call") && said.contains("time "), "{said}");
    plugins.manifest("jwt-add-claim", "[limits]\ntime_ms = 70\n[reuse]\nmax_calls = 7\n");
    let said = stdout(&tool(&["inspect", &path]));
    assert!(said.contains("time 70 ms") && said.contains("kept for up to 7 calls, 60 s"), "{said}");
    let inspection = json(&tool(&["inspect", &path, "--json"]));
    assert_eq!(inspection["limits"]["time_ms"], 70);
    assert_eq!(inspection["reuse"]["max_calls"], 7);
}

#[test]
fn machine_code_is_kept_for_the_next_command_and_checked() {
    let cache = tempfile::tempdir().unwrap();
    let run = || {
        let arguments = ["plugin", "run", &example("plan-and-roles")];
        Command::new(BINARY).args(arguments).env("XDG_CACHE_HOME", cache.path()).output().unwrap()
    };
    expect_code(&run(), 0);
    let kept = || -> Vec<_> {
        let files = fs::read_dir(cache.path().join("hookgate")).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "code")).collect()
    };
    let [code] = &kept()[..] else { panic!("{:?}", kept()) };
    let good = fs::read(code).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(code, bad).unwrap();
    expect_code(&run(), 0);
    assert_eq!(fs::read(code).unwrap().len(), good.len(), "what was damaged is made anew");
}

#[test]
fn inspect_refuses_what_the_server_would_refuse() {
    let component = guest("jwt-add-claim");
    let plugins = Plugins::none();
    plugins.put("core", b"\0asm\x01\0\0\0");
    plugins.put("cut", &component[..component.len() / 2]);
    plugins.put("nonsense", b"#!/bin/sh");
    plugins.put("empty", b"");
    plugins.put("greedy", &component);
    plugins.manifest("greedy", "grants = []");
    plugins.put("misspelt", &component);
    plugins.manifest("misspelt", "oder = 1");
    let cases: [(&str, &[&str]); 6] = [
        ("core", &["core WebAssembly module", "component"]),
        ("cut", &["ends in the middle"]),
        ("nonsense", &["is not WebAssembly"]),
        ("empty", &["is empty"]),
        ("greedy", &["does not grant", "grants"]),
        ("misspelt", &["line 1", "`oder`", "`order`"]),
    ];
    for (name, parts) in cases {
        let path = path_of(&plugins, name);
        refuses(&["inspect", &path], &[&[name][..], parts].concat());
        let output = tool(&["inspect", &path, "--json"]);
        expect_code(&output, 2);
        let inspection = json(&output);
        assert_eq!(inspection["accepted"], false);
        assert!(inspection["refusal"].as_str().unwrap().contains(parts[0]), "{inspection}");
    }
    refuses(&["inspect", "absent.wasm"], &["absent.wasm"]);
    let renamed = file(plugins.path(), "plugin.bin", "");
    refuses(&["inspect", &renamed], &["`.wasm`"]);
}

#[test]
fn settings_have_to_fit_their_schema_in_every_command() {
    let plugins = Plugins::with("jwt-add-claim");
    let path = path_of(&plugins, "jwt-add-claim");
    let schema = "[config_schema.properties]\nvalue = { enum = [\"a\", \"b\"] }\n";
    plugins.manifest("jwt-add-claim", &format!("[config]\nvalue = 1\n{schema}"));
    for command in ["inspect", "run", "bench"] {
        refuses(
            &[command, &path],
            &["jwt-add-claim.toml", "line 2", "`config.value` must be one of \"a\", \"b\""],
        );
    }
    let inspection = json(&tool(&["inspect", &path, "--json"]));
    assert!(inspection["refusal"].as_str().unwrap().contains("`config.value`"), "{inspection}");

    plugins.manifest("jwt-add-claim", &format!("[config]\nvalue = \"a\"\n{schema}"));
    expect_code(&tool(&["inspect", &path]), 0);
    expect_code(&tool(&["run", &path, "--config", "value=b"]), 0);
    refuses(&["run", &path, "--config", "value=c"], &["[config_schema]", "`config.value` must be one of"]);
    let folder = tempfile::tempdir().unwrap();
    let fixture = file(folder.path(), "odd.json", r#"{"config": {"value": []}}"#);
    refuses(&["run", &path, "--fixture", &fixture], &["[config_schema]", "`config.value` must be one of"]);
    refuses(
        &["test", &path, "--cases", folder.path().to_str().unwrap()],
        &["case `odd", "`config.value` must be one of"],
    );
}

#[test]
fn run_asks_a_gate() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = r#"{"user": {"email": "eve@mailinator.com"}}"#;
    let blocked = file(folder.path(), "blocked.json", blocked);

    let allowed = tool(&["run", &example("email-domain-gate"), "--json"]);
    expect_code(&allowed, 0);
    assert_eq!(json(&allowed)["outcome"], "allowed");

    // A denial is an answer.
    let denied = tool(&["run", &example("email-domain-gate"), "--fixture", &blocked, "--json"]);
    expect_code(&denied, 0);
    let report = json(&denied);
    assert_eq!(report["outcome"], "denied");
    assert_eq!(report["denial"]["code"], "email_domain");
    assert_eq!(report["denial"]["message"], "Please use a lasting e-mail address.");
    assert!(report["denial"]["reason"].as_str().unwrap().contains("mailinator.com"));
    assert!(report["cost"]["total_us"].as_f64().unwrap() > 0.0);
    assert!(report["cost"]["peak_memory_bytes"].as_u64().unwrap() >= 65_536);
    assert_eq!(report["limits"]["time_ms"], 1000);
    assert_eq!(report["limits"]["cpu_ms"], 100);

    // Settings of the command line win over the manifest's.
    let open =
        ["run", &example("email-domain-gate"), "--fixture", &blocked, "--config", "blocked_domains=[]"];
    let text = stdout(&tool(&open));
    assert!(text.contains("answer        allowed"), "{text}");
}

#[test]
fn run_shows_what_became_of_the_claims() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = file(folder.path(), "ada.json", r#"{"claims": {"plan": "none"}}"#);
    let arguments = ["run", &example("plan-and-roles"), "--fixture", &fixture, "--instructions"];
    let output = tool(&[&arguments[..], &["--json"][..]].concat());
    expect_code(&output, 0);
    let report = json(&output);
    assert_eq!(report["object"]["plan"], "pro");
    assert_eq!(report["difference"]["changed"]["plan"]["before"], "none");
    assert_eq!(report["difference"]["added"]["roles"], serde_json::json!(["member", "admin"]));
    assert!(report["cost"]["instructions"].as_u64().unwrap() > 100);

    let text = stdout(&tool(&arguments));
    assert!(text.contains("+ roles") && text.contains("~ plan") && text.contains("instructions"), "{text}");
}

#[test]
fn run_keeps_the_log_and_takes_every_hook() {
    let plugins = Plugins::with("all-hooks");
    let path = path_of(&plugins, "all-hooks");
    refuses(&["run", &path], &["--hook", "on-signup"]);
    for hook in ["allow-signin", "modify-session", "on-oauth-link", "on-signup", "on-passkey-deleted"] {
        let output = tool(&["run", &path, "--hook", hook, "--json"]);
        expect_code(&output, 0);
        let report = json(&output);
        assert_eq!(report["logs"][0]["level"], "INFO", "{report}");
        assert!(report["logs"][0]["fields"].as_str().unwrap().contains("user.id=user-ada"), "{report}");
    }
    let text = stdout(&tool(&["run", &path, "--hook", "on_signup"]));
    assert!(text.contains("answer        taken") && text.contains("INFO"), "{text}");
}

#[test]
fn run_names_what_failed() {
    for (name, stage, part) in [
        ("jwt-change-sub", "answer", "`sub`"),
        ("jwt-later-exp", "answer", "`exp`"),
        ("jwt-garbage", "answer", "not JSON"),
        ("gate-loop", "cpu", "100 ms"),
        ("gate-trap", "trap", "trapped"),
        ("gate-grow", "memory", "bytes of memory"),
        ("gate-error", "guest", "answered with an error"),
    ] {
        let plugins = Plugins::with(name);
        let output = tool(&["run", &path_of(&plugins, name), "--json"]);
        expect_code(&output, 1);
        let report = json(&output);
        assert_eq!(report["outcome"], "failed", "{name}");
        assert_eq!(report["failure"]["stage"], stage, "{name}");
        assert!(report["failure"]["cause"].as_str().unwrap().contains(part), "{name}: {report}");
    }
    let plugins = Plugins::with("jwt-change-sub");
    let output = tool(&["run", &path_of(&plugins, "jwt-change-sub")]);
    expect_code(&output, 1);
    assert!(stdout(&output).contains("a changed `sub`, which is reserved"), "{}", stdout(&output));
}

#[test]
fn what_cannot_be_run_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let gate = example("email-domain-gate");
    let misspelt = file(folder.path(), "misspelt.json", r#"{"usr": {}}"#);
    refuses(&["run", &gate, "--fixture", &misspelt], &["misspelt.json", "`usr`", "line 1"]);
    refuses(&["run", &gate, "--fixture", "absent.json"], &["absent.json"]);
    refuses(&["run", &gate, "--hook", "allow-sigin"], &["`allow-sigin`", "did you mean `allow-signin`"]);
    refuses(&["run", &gate, "--hook", "modify-jwt"], &["modify-jwt", "allow-signin"]);
    refuses(&["run", "absent.wasm"], &["absent.wasm"]);
    expect_code(&tool(&["run", &gate, "--config", "novalue"]), 2);
}

const CASES: [(&str, &str); 3] = [
    ("allowed", r#"{"note": "a lasting one", "expect": {"decision": "allow"}}"#),
    (
        "blocked",
        r#"{"hook": "allow-signin", "user": {"email": "eve@mailinator.com"},
            "expect": {"deny": {"code": "email_domain", "message": "Please use a lasting e-mail address."}}}"#,
    ),
    ("misconfigured", r#"{"config": {"allowed": []}, "expect": {"error": "unknown field `allowed`"}}"#),
];

fn case_folder(cases: &[(&str, &str)]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in cases {
        file(folder.path(), &format!("{name}.json"), text);
    }
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn test_passes_when_all_cases_do() {
    let (_folder, cases) = case_folder(&CASES);
    let output = tool(&["test", &example("email-domain-gate"), "--cases", &cases]);
    expect_code(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("ok      allowed: a lasting one"), "{text}");
    assert!(text.ends_with("3 passed, 0 failed\n"), "{text}");
}

#[test]
fn test_shows_what_differs() {
    let wrong = [
        ("gate", r#"{"expect": {"deny": {"code": "banned"}}}"#),
        (
            "words",
            r#"{"user": {"email": "a@mailinator.com"}, "expect": {"deny": {"code": "banned"}, "logs": ["x"]}}"#,
        ),
    ];
    let (_folder, cases) = case_folder(&[&CASES[..1], &wrong[..]].concat());
    let arguments = ["test", &example("email-domain-gate"), "--cases", &cases];
    let output = tool(&arguments);
    expect_code(&output, 1);
    let text = stdout(&output);
    for part in ["FAILED  gate", "expected  denied", "got       allowed", "\"banned\"", "\"email_domain\""] {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
    assert!(text.ends_with("1 passed, 2 failed\n"), "{text}");

    let summary = json(&tool(&[&arguments[..], &["--json"][..]].concat()));
    assert_eq!(summary["failed"], 2);
    assert_eq!(summary["cases"][2]["mismatches"][0]["what"], "deny.code");
    assert_eq!(summary["cases"][2]["mismatches"][1]["what"], "logs");
}

#[test]
fn test_takes_a_folder_and_refuses_what_is_no_case() {
    let plugins = Plugins::with("jwt-add-claim");
    let folder = plugins.path().to_str().unwrap();
    refuses(&["test", folder], &["cases"]);
    file(plugins.path(), "cases/claims.json", r#"{"expect": {"absent": ["nothing_like_it"]}}"#);
    expect_code(&tool(&["test", folder]), 0);
    file(plugins.path(), "cases/odd.json", r#"{"expect": {"decison": "allow"}}"#);
    refuses(&["test", folder], &["odd.json", "`decison`"]);
    let empty = tempfile::tempdir().unwrap();
    refuses(&["test", empty.path().to_str().unwrap()], &["no component", "plugin build"]);
}

#[test]
fn bench_measures() {
    let output = tool(&["bench", &example("plan-and-roles"), "--calls", "50", "--json"]);
    expect_code(&output, 0);
    let measured = json(&output);
    let number = |path: &str| {
        measured.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} in {measured}"))
    };
    assert_eq!(measured["hook"], "modify-jwt");
    assert_eq!(measured["calls"], 50);
    assert!(number("/load_ms") > 0.0 && number("/first_us") > 0.0);
    for series in ["cold", "warm"] {
        let of = |name: &str| number(&format!("/{series}/{name}"));
        assert!(0.0 < of("p50_us") && of("p50_us") <= of("p99_us") && of("p99_us") <= of("max_us"));
        assert!(of("guest_p50_us") < of("p50_us") && of("start_p50_us") < of("p50_us"));
        assert!(of("calls_per_second") > 0.0);
    }
    assert_eq!(measured["cold"]["reused"], 0);
    assert_eq!(measured["warm"]["reused"], 50);
    assert_eq!(measured["reuse"], false);
    assert!(number("/peak_memory_bytes") >= 65_536.0);
    assert_eq!(measured["failures"], 0);

    let text = stdout(&tool(&["bench", &example("plan-and-roles"), "--calls", "10"]));
    assert!(text.contains("p99") && text.contains("calls/s"), "{text}");

    let plugins = Plugins::with("gate-trap");
    let output = tool(&["bench", &path_of(&plugins, "gate-trap"), "--calls", "3", "--json"]);
    expect_code(&output, 1);
    // The very first, three of each kind, and the one that would have made an instance.
    assert_eq!(json(&output)["failures"], 8);
}

#[test]
fn new_makes_a_project_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let hooks = ["--hook", "modify-jwt", "--hook", "on_signup", "--hook", "modify-jwt"];
    let output = tool(&[&["new", "plan", "--dir", dir][..], &hooks[..]].concat());
    expect_code(&output, 0);
    assert!(stdout(&output).contains("hookgate plugin build"));
    let read = |name: &str| fs::read_to_string(folder.path().join("plan").join(name)).unwrap();
    assert!(read("src/lib.rs").contains("fn modify_jwt(") && read("src/lib.rs").contains("fn on_signup("));
    assert!(read("plan.toml").contains(r#"hooks = ["modify-jwt", "on-signup"]"#));
    assert!(
        read("Cargo.toml").contains(r#"path = "hookgate""#)
            && read("hookgate/src/lib.rs").contains("EventHooks")
    );
    assert!(read("cases/on-signup.json").contains("expect"));
    assert!(read("README.md").contains("hookgate plugin test"));

    refuses(&["new", "plan", "--dir", dir], &["plan", "there already"]);
    refuses(&["new", "x", "--dir", dir, "--hook", "modify-jw"], &["`modify-jw`", "`modify-jwt`"]);
    refuses(&["new", "x", "--dir", dir, "--lang", "cobol"], &["`cobol`", "rust"]);
    refuses(&["new", "../x", "--dir", dir], &["`../x`"]);
    refuses(&["new", "match", "--dir", dir], &["`match`"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is made");
}

#[test]
fn build_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    refuses(&["build", dir], &["Cargo.toml"]);
    file(folder.path(), "Cargo.toml", "[workspace]");
    refuses(&["build", dir], &["no package"]);
    file(folder.path(), "Cargo.toml", "[package");
    refuses(&["build", dir], &["Cargo.toml"]);
}
