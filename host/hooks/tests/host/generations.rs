//! Generations that outlive the process: the last good version, roll-backs, what the operator decided.

use std::fs;
use std::path::PathBuf;

use hookgate_core::hooks::{Hook, Hooks};
use hookgate_hooks::{
    Archive, CodeCache, Compilation, EngineConfig, HookEngine, LoadReport, OperateError, Order, PluginFolder,
    PluginState,
};
use tempfile::TempDir;

use crate::kit::{
    ENGINE, Logged, claim, claims, component, context, data, guest, identity, module, try_load, user,
};

/// A folder of plugins and an archive, which survive any number of starts.
struct Disk(TempDir);

impl Disk {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let disk = Self(TempDir::new().expect("a folder"));
        fs::create_dir(disk.0.path().join("plugins")).expect("made");
        for (name, bytes) in files {
            disk.put(name, bytes);
        }
        disk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("plugins").join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let aside = self.path(&format!(".{name}"));
        fs::write(&aside, bytes).expect("written");
        fs::rename(aside, self.path(name)).expect("renamed");
    }

    fn archive(&self) -> Archive {
        Archive::new(self.0.path().join("generations"), 5)
    }

    async fn start(&self) -> (PluginFolder, LoadReport) {
        self.start_with(&ENGINE).await
    }

    async fn start_with(&self, engine: &HookEngine) -> (PluginFolder, LoadReport) {
        PluginFolder::open(engine, self.path(""), Some(self.archive())).await.expect("opened")
    }
}

async fn plan(folder: &PluginFolder) -> Option<String> {
    let answer = folder.registry().pin().modify_jwt(&context(), claims(), &user()).await.expect("an answer");
    answer.get("plan").and_then(|plan| plan.as_str()).map(str::to_owned)
}

fn state(report: &LoadReport, name: &str) -> Option<PluginState> {
    report.plugins.iter().find(|plugin| plugin.name == name).map(|plugin| plugin.state)
}

fn back(plugin: Option<&str>, to: Option<u64>) -> Order {
    Order::RollBack { plugin: plugin.map(str::to_owned), to }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_changes_serves_the_same_generation() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one"))]);
    let (_, first) = disk.start().await;
    let (_, second) = disk.start().await;
    assert_eq!((first.generation, second.generation), (1, 1));
    disk.put("a.wasm", &claim("plan", "two"));
    let (folder, third) = disk.start().await;
    assert_eq!(third.generation, 2);
    assert_eq!(plan(&folder).await.as_deref(), Some("two"));
    let numbers: Vec<u64> = disk.archive().records().iter().map(|record| record.number).collect();
    assert_eq!(numbers, [2, 1]);
}

#[tokio::test]
async fn a_file_that_was_spoilt_while_nobody_looked_starts_with_its_last_good_version() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "good"))]);
    disk.start().await;
    for spoilt in [&b""[..], b"\0asm\x0d\0\x01\0half"] {
        disk.put("a.wasm", spoilt);
        let (logged, _listening) = Logged::listen();
        let (folder, report) = disk.start().await;
        assert_eq!(state(&report, "a"), Some(PluginState::LastGood));
        assert_eq!(plan(&folder).await.as_deref(), Some("good"));
        assert_eq!(logged.text().matches("ERROR").count(), 1, "{}", logged.text());
    }
    disk.put("a.toml", b"oder = 1");
    let (folder, report) = disk.start().await;
    assert_eq!(state(&report, "a"), Some(PluginState::LastGood));
    assert_eq!(plan(&folder).await.as_deref(), Some("good"));
}

#[tokio::test]
async fn a_plugin_that_was_removed_is_not_brought_back_but_missed() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "good"))]);
    disk.start().await;
    fs::remove_file(disk.path("a.wasm")).expect("removed");
    let (logged, _listening) = Logged::listen();
    let (folder, report) = disk.start().await;
    assert_eq!((report.plugins.len(), plan(&folder).await), (0, None));
    assert!(logged.text().contains("a plugin that served before the start is gone"), "{}", logged.text());
    disk.put("a.wasm", b"spoilt");
    let (_, report) = disk.start().await;
    assert_eq!(state(&report, "a"), Some(PluginState::Refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_archive_costs_the_past_and_nothing_else() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one"))]);
    disk.start().await;
    for entry in fs::read_dir(disk.0.path().join("generations")).expect("a folder").flatten() {
        if entry.path().is_file() {
            fs::write(entry.path(), b"{").expect("written");
        }
    }
    let (folder, report) = disk.start().await;
    assert_eq!(state(&report, "a"), Some(PluginState::Serving));
    assert_eq!(plan(&folder).await.as_deref(), Some("one"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_holds_until_the_file_changes() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one"))]);
    let (mut folder, _) = disk.start().await;
    disk.put("a.wasm", &claim("plan", "two"));
    folder.reload().await;
    assert_eq!(plan(&folder).await.as_deref(), Some("two"));
    let report = folder.obey(back(None, None)).await.expect("rolled back");
    assert_eq!((report.generation, state(&report, "a")), (3, Some(PluginState::RolledBack)));
    assert_eq!(plan(&folder).await.as_deref(), Some("one"));
    // Neither looking again nor a restart nor a touch ends it.
    assert_eq!(state(&folder.reload().await, "a"), Some(PluginState::RolledBack));
    disk.put("a.wasm", &claim("plan", "two"));
    assert_eq!(state(&folder.reload().await, "a"), Some(PluginState::RolledBack));
    drop(folder);
    let (mut folder, report) = disk.start().await;
    assert_eq!((report.generation, state(&report, "a")), (3, Some(PluginState::RolledBack)));
    assert_eq!(plan(&folder).await.as_deref(), Some("one"));

    disk.put("a.wasm", &claim("plan", "three"));
    assert_eq!(state(&folder.reload().await, "a"), Some(PluginState::Serving));
    assert_eq!(plan(&folder).await.as_deref(), Some("three"));
    drop(folder);
    let (folder, _) = disk.start().await;
    assert_eq!(plan(&folder).await.as_deref(), Some("three"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reload_ends_a_roll_back() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one"))]);
    let (mut folder, _) = disk.start().await;
    disk.put("a.wasm", &claim("plan", "two"));
    folder.reload().await;
    folder.obey(back(Some("a"), None)).await.expect("rolled back");
    let report = folder.obey(Order::Reload(None)).await.expect("reloaded");
    assert_eq!(state(&report, "a"), Some(PluginState::Serving));
    assert_eq!(plan(&folder).await.as_deref(), Some("two"));
    assert!(disk.archive().decisions().held.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_takes_new_plugins_out_and_brings_removed_ones_back() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "old"))]);
    let (mut folder, _) = disk.start().await;
    fs::remove_file(disk.path("a.wasm")).expect("removed");
    disk.put("b.wasm", &claim("plan", "new"));
    folder.reload().await;
    assert_eq!(plan(&folder).await.as_deref(), Some("new"));
    let report = folder.obey(back(None, Some(1))).await.expect("rolled back");
    assert_eq!(plan(&folder).await.as_deref(), Some("old"));
    assert_eq!(state(&report, "b"), Some(PluginState::RolledBack));
    drop(folder);
    let (mut folder, _) = disk.start().await;
    assert_eq!(plan(&folder).await.as_deref(), Some("old"));
    folder.obey(Order::Reload(None)).await.expect("reloaded");
    assert_eq!(plan(&folder).await.as_deref(), Some("new"));
    assert_eq!(folder.obey(Order::Reload(None)).await.expect("reloaded").plugins.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_disabled_stays_off_until_it_is_enabled() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one"))]);
    let (mut folder, _) = disk.start().await;
    let report = folder.obey(Order::Disable("a".to_owned())).await.expect("disabled");
    assert_eq!(state(&report, "a"), Some(PluginState::Disabled));
    assert_eq!(plan(&folder).await, None);
    disk.put("a.wasm", b"spoilt meanwhile");
    assert_eq!(state(&folder.reload().await, "a"), Some(PluginState::Disabled));
    drop(folder);
    let (mut folder, report) = disk.start().await;
    assert_eq!(state(&report, "a"), Some(PluginState::Disabled));
    let report = folder.obey(Order::Enable("a".to_owned())).await.expect("enabled");
    assert_eq!(state(&report, "a"), Some(PluginState::LastGood));
    assert_eq!(plan(&folder).await.as_deref(), Some("one"));
    let unknown = folder.obey(Order::Disable("x".to_owned())).await.expect_err("unknown");
    assert!(matches!(unknown, OperateError::NoPlugin(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_does_not_overrule_a_manifest() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one")), ("a.toml", b"enabled = false")]);
    let (mut folder, _) = disk.start().await;
    let error = folder.obey(Order::Enable("a".to_owned())).await.expect_err("an error");
    assert!(matches!(error, OperateError::DisabledByManifest(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_differ_in_case_alone_are_one_name() {
    let disk = Disk::with(&[("gate.wasm", &claim("plan", "one"))]);
    let (mut folder, _) = disk.start().await;
    disk.put("Gate.wasm", &claim("plan", "two"));
    let report = folder.reload().await;
    assert_eq!(state(&report, "gate"), Some(PluginState::Serving));
    let error = report.refused().next().and_then(|plugin| plugin.error.clone());
    assert_eq!(
        error.as_deref(),
        Some("`Gate.wasm` has the name of `gate.wasm` but for upper and lower case; rename one of them")
    );
    fs::remove_file(disk.path("gate.wasm")).expect("removed");
    assert_eq!(state(&folder.reload().await, "Gate"), Some(PluginState::Serving));
    assert_eq!(plan(&folder).await.as_deref(), Some("two"));
}

fn trapping() -> Vec<u8> {
    guest(Hook::ModifyJwt, "", "unreachable")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_fails_its_smoke_call_does_not_replace_one_that_answers() {
    let disk = Disk::with(&[("a.wasm", &claim("plan", "one"))]);
    let (mut folder, _) = disk.start().await;
    disk.put("a.wasm", &trapping());
    let report = folder.reload().await;
    assert_eq!(state(&report, "a"), Some(PluginState::LastGood));
    let error = report.plugins[0].error.clone().expect("an error");
    assert!(error.contains("fails its smoke call of modify-jwt: it trapped"), "{error}");
    assert_eq!(plan(&folder).await.as_deref(), Some("one"));
    // So it is after a restart.
    let (restarted, _) = disk.start().await;
    assert_eq!(plan(&restarted).await.as_deref(), Some("one"));
    disk.put("a.toml", b"smoke_call = false");
    assert_eq!(state(&folder.reload().await, "a"), Some(PluginState::Serving));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_predecessor_it_serves_and_fails_closed() {
    let disk = Disk::with(&[("a.wasm", &trapping())]);
    let (folder, report) = disk.start().await;
    assert_eq!(state(&report, "a"), Some(PluginState::Serving));
    assert!(report.plugins[0].note.as_deref().is_some_and(|note| note.contains("smoke call")));
    assert!(folder.registry().pin().modify_jwt(&context(), claims(), &user()).await.is_err());
}

/// Checks its settings and answers claims as they are.
fn validating(text: &str, body: &str) -> Vec<u8> {
    let packages = "package acme:x; world w {
        include hookgate:hooks/modify-jwt-hook@0.1.0; include hookgate:hooks/validate-config-hook@0.1.0; }";
    let items = format!(
        r#"{} (func (export "hookgate:hooks/validate-config@0.1.0#validate-config") (result i32) {body})"#,
        data(1024, text)
    );
    let text =
        module(Hook::ModifyJwt, &items, "(call $answer (i32.const 0) (local.get $json) (local.get $len))");
    crate::kit::component_of(packages, "w", &text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_checks_its_own_settings() {
    let text = "`plan` must be `free` or `pro`";
    let bad = validating(
        text,
        &format!("(call $answer (i32.const 1) (i32.const 1024) (i32.const {}))", text.len()),
    );
    assert_eq!(
        try_load("guest", bad, "").await.expect_err("refused").to_string(),
        "can't work with its settings: `plan` must be `free` or `pro`; correct them under [config]"
    );
    let good = validating(text, "(call $answer (i32.const 0) (i32.const 0) (i32.const 0))");
    assert_eq!(try_load("guest", good, "").await.expect("loaded").hooks(), [Hook::ModifyJwt]);
    let trap = validating(text, "unreachable");
    let said = try_load("guest", trap, "").await.expect_err("refused").to_string();
    assert!(said.starts_with("can't check its settings: it trapped"), "{said}");
    let only = component(
        "validate-config-hook",
        r#"(module (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
            (func (export "hookgate:hooks/validate-config@0.1.0#validate-config") (result i32) (i32.const 0)))"#,
    );
    assert!(
        try_load("guest", only, "").await.expect_err("refused").to_string().starts_with("exports no hook")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn machine_code_is_found_again_by_another_engine() {
    let disk = Disk::with(&[("a.wasm", &identity())]);
    let engine = || {
        let cache = Some(CodeCache::new(disk.0.path().join("cache"), b"secret", 1 << 30));
        HookEngine::with(EngineConfig::default(), Compilation { cache, ..Compilation::default() })
            .expect("an engine")
    };
    disk.start_with(&engine()).await;
    let entries = || fs::read_dir(disk.0.path().join("cache")).expect("a cache").count();
    assert_eq!(entries(), 1);
    let (_, report) = disk.start_with(&engine()).await;
    assert_eq!(state(&report, "a"), Some(PluginState::Serving));
    let counting = EngineConfig { count_instructions: true, ..EngineConfig::default() };
    let cache = Some(CodeCache::new(disk.0.path().join("cache"), b"secret", 1 << 30));
    let counting =
        HookEngine::with(counting, Compilation { cache, ..Compilation::default() }).expect("an engine");
    disk.start_with(&counting).await;
    assert_eq!(entries(), 2, "code that counts is other code");
}
