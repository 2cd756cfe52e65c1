//! The plugin folder: what is loaded at start, and what happens to it afterwards.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hookgate_core::hooks::{Decision, Hook, Hooks};
use hookgate_hooks::{
    LoadReport, PluginFolder, PluginState, PluginStatus, Registry, WatchHandle, WatchOptions,
};
use tempfile::TempDir;

use crate::kit::{ENGINE, Logged, allowing, claim, claims, context, denying, identity, user};

struct Watched {
    dir: TempDir,
    registry: std::sync::Arc<Registry>,
    report: LoadReport,
    watch: WatchHandle,
}

impl Watched {
    /// A folder with these files, watched.
    async fn with(files: &[(&str, &[u8])]) -> Self {
        Self::with_options(files, WatchOptions::default()).await
    }

    async fn with_options(files: &[(&str, &[u8])], options: WatchOptions) -> Self {
        let dir = TempDir::new().expect("a folder");
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).expect("written");
        }
        let (folder, report) = PluginFolder::load(&ENGINE, dir.path()).await.expect("loaded");
        let registry = folder.registry().clone();
        Self { dir, registry, report, watch: folder.watch(options) }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    /// As deployment tools should: a temporary file, then a rename.
    fn put(&self, name: &str, bytes: &[u8]) {
        let temporary = self.path(&format!(".{name}.tmp"));
        fs::write(&temporary, bytes).expect("written");
        fs::rename(temporary, self.path(name)).expect("renamed");
    }

    fn status(&self, name: &str) -> Option<PluginStatus> {
        self.registry.status().iter().find(|status| status.name == name).cloned()
    }

    fn state(&self, name: &str) -> Option<PluginState> {
        self.status(name).map(|status| status.state)
    }

    /// Waits until it is so.
    async fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let latest = Instant::now() + Duration::from_secs(20);
        while !is(self) {
            assert!(Instant::now() < latest, "{what}: {:#?}", self.registry.status());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn plan(&self) -> Option<String> {
        let answer = self.registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("an answer");
        answer.get("plan").and_then(|plan| plan.as_str()).map(str::to_owned)
    }

    async fn allows(&self) -> bool {
        let decision = self.registry.pin().allow_signin(&context(), &user(), "credentials").await;
        decision.expect("an answer") == Decision::Allow
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_loaded_with_its_manifests() {
    let watched = Watched::with(&[
        ("plan.wasm", &claim("plan", "pro")),
        ("plan.toml", b"order = 3\n[config]\na = 1\n"),
        ("off.wasm", &denying("no", "No.", "off")),
        ("off.toml", b"enabled = false"),
        ("README.md", b"not a plugin"),
        (".hidden.wasm", b"not a plugin"),
        ("orphan.toml", b"order = 1"),
    ])
    .await;
    let names: Vec<_> = watched.report.plugins.iter().map(|plugin| (&*plugin.name, plugin.state)).collect();
    assert_eq!(names, [("off", PluginState::Disabled), ("plan", PluginState::Serving)]);
    assert_eq!(watched.report.refused().count(), 0);
    let plan = watched.status("plan").expect("a status");
    assert_eq!((plan.order, plan.hooks, plan.error), (Some(3), vec![Hook::ModifyJwt], None));
    assert!(plan.digest.is_some() && plan.size > Some(100));
    assert_eq!(watched.plan().await.as_deref(), Some("pro"));
    assert!(watched.allows().await);
}

#[tokio::test]
async fn what_is_refused_at_start_is_said_loudly() {
    let (logged, _listening) = Logged::listen();
    let watched = Watched::with(&[
        ("bad.wasm", b"not wasm"),
        ("gate.wasm", &allowing()),
        ("gate.toml", b"\noder = 1"),
        ("na me.wasm", &allowing()),
    ])
    .await;
    let refused: Vec<_> =
        watched.report.refused().map(|plugin| plugin.error.clone().unwrap_or_default()).collect();
    assert_eq!(
        refused,
        [
            "`bad.wasm` is not WebAssembly: it does not start with the bytes 00 61 73 6d",
            "`gate.toml` can't be used: line 2: unknown key `oder`; did you mean `order`?",
            "`na me.wasm` has a name that can't be a plugin's: use up to 64 letters, digits, `-`, `_` and `.`",
        ]
    );
    assert_eq!(watched.state("bad"), Some(PluginState::Refused));
    let text = logged.text();
    assert_eq!(text.matches("ERROR").count(), 3, "{text}");
    assert!(text.contains("its hooks are NOT asked"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_an_error_at_start() {
    let dir = TempDir::new().expect("a folder");
    let error = PluginFolder::load(&ENGINE, dir.path().join("none")).await.err().expect("an error");
    assert!(error.to_string().starts_with("the plugin folder `"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_plugin_serves_soon() {
    let watched = Watched::with(&[]).await;
    watched.put("gate.wasm", &denying("no", "No.", "new"));
    watched.until("the gate serves", |w| w.state("gate") == Some(PluginState::Serving)).await;
    assert!(!watched.allows().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_plugin_replaces_the_old() {
    let watched = Watched::with(&[("plan.wasm", &claim("plan", "old"))]).await;
    assert_eq!(watched.plan().await.as_deref(), Some("old"));
    let before = watched.status("plan").and_then(|status| status.digest);
    watched.put("plan.wasm", &claim("plan", "new"));
    watched.until("another digest", |w| w.status("plan").and_then(|status| status.digest) != before).await;
    assert_eq!(watched.plan().await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_overwritten_in_place_is_noticed() {
    // Same name, same length, same inode.
    let options = WatchOptions { scan: Duration::from_millis(50), ..WatchOptions::default() };
    let watched = Watched::with_options(&[("plan.wasm", &claim("plan", "old"))], options).await;
    let before = watched.status("plan").and_then(|status| status.digest);
    fs::write(watched.path("plan.wasm"), claim("plan", "new")).expect("written");
    watched.until("another digest", |w| w.status("plan").and_then(|status| status.digest) != before).await;
    assert_eq!(watched.plan().await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_version_leaves_the_last_good_one() {
    let watched = Watched::with(&[("plan.wasm", &claim("plan", "good"))]).await;
    let good = watched.status("plan").expect("a status");
    let generation = watched.registry.pin().generation();

    watched.put("plan.wasm", b"\0asm nonsense");
    watched.until("the refusal", |w| w.state("plan") == Some(PluginState::LastGood)).await;
    let status = watched.status("plan").expect("a status");
    assert_eq!((status.digest, &status.hooks), (good.digest, &good.hooks));
    assert!(
        status.error.expect("an error").starts_with("`plan.wasm` is not"),
        "{:?}",
        watched.status("plan")
    );
    assert_eq!(watched.plan().await.as_deref(), Some("good"));
    assert_eq!(watched.registry.pin().generation(), generation, "nothing has changed for callers");

    watched.put("plan.wasm", &claim("plan", "better"));
    watched.until("it serves", |w| w.state("plan") == Some(PluginState::Serving)).await;
    assert_eq!(watched.plan().await.as_deref(), Some("better"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_part_of_the_plugin() {
    let watched = Watched::with(&[("plan.wasm", &claim("plan", "pro"))]).await;
    watched.put("plan.toml", b"enabled = perhaps");
    watched.until("the refusal", |w| w.state("plan") == Some(PluginState::LastGood)).await;
    assert_eq!(watched.plan().await.as_deref(), Some("pro"));
    watched.put("plan.toml", b"enabled = false");
    watched.until("it is off", |w| w.state("plan") == Some(PluginState::Disabled)).await;
    assert_eq!(watched.plan().await, None);
    fs::remove_file(watched.path("plan.toml")).expect("removed");
    watched.until("it is on", |w| w.state("plan") == Some(PluginState::Serving)).await;
    assert_eq!(watched.plan().await.as_deref(), Some("pro"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_plugin_leaves() {
    let watched = Watched::with(&[("gate.wasm", &denying("no", "No.", "r"))]).await;
    assert!(!watched.allows().await);
    fs::remove_file(watched.path("gate.wasm")).expect("removed");
    watched.until("it is gone", |w| w.state("gate").is_none()).await;
    assert!(watched.allows().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_written_file_is_never_served() {
    let watched = Watched::with(&[("plan.wasm", &claim("plan", "old"))]).await;
    let before = watched.status("plan").and_then(|status| status.digest);
    let bytes = claim("plan", "new");
    let (first, second) = bytes.split_at(bytes.len() / 2);
    fs::write(watched.path("plan.wasm"), first).expect("written");
    watched.watch.reload_now().await.expect("watching");
    assert_eq!(watched.state("plan"), Some(PluginState::LastGood));
    assert_eq!(watched.plan().await.as_deref(), Some("old"));

    let mut file = fs::OpenOptions::new().append(true).open(watched.path("plan.wasm")).expect("opened");
    std::io::Write::write_all(&mut file, second).expect("written");
    drop(file);
    watched.until("the whole serves", |w| w.state("plan") == Some(PluginState::Serving)).await;
    assert_ne!(watched.status("plan").and_then(|status| status.digest), before);
    assert_eq!(watched.plan().await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_at_once_are_one_generation() {
    // Quiet for long, so that a busy machine does not come between the two files.
    let options = WatchOptions { quiet: Duration::from_millis(500), scan: Duration::from_secs(600) };
    let watched = Watched::with_options(&[("plan.wasm", &claim("plan", "old"))], options).await;
    watched.watch.reload_now().await.expect("watching");
    let before = watched.registry.pin().generation();
    watched.put("plan.wasm", &claim("plan", "new"));
    watched.put("gate.wasm", &denying("no", "No.", "r"));
    watched.until("both serve", |w| w.state("gate") == Some(PluginState::Serving)).await;
    watched.watch.reload_now().await.expect("watching");
    assert_eq!(watched.plan().await.as_deref(), Some("new"));
    assert_eq!(watched.registry.pin().generation(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reloading_without_a_change_changes_nothing() {
    let watched = Watched::with(&[("plan.wasm", &claim("plan", "pro")), ("bad.wasm", b"x")]).await;
    let generation = watched.registry.pin().generation();
    let since = watched.status("bad").expect("a status").since_ms;
    for _ in 0..3 {
        let report = watched.watch.reload_now().await.expect("watching");
        assert_eq!(report.generation, generation);
    }
    // Touched, but the same.
    watched.put("plan.wasm", &claim("plan", "pro"));
    assert_eq!(watched.watch.reload_now().await.expect("watching").generation, generation);
    assert_eq!(watched.status("bad").expect("a status").since_ms, since);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_out_of_the_folder_is_refused_and_one_within_is_fine() {
    let elsewhere = TempDir::new().expect("a folder");
    fs::write(elsewhere.path().join("x.wasm"), claim("plan", "pro")).expect("written");
    let watched = Watched::with(&[]).await;
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, watched.path(name)).expect("linked");
    link(&elsewhere.path().join("x.wasm"), "out.wasm");
    // As Kubernetes mounts files.
    fs::create_dir(watched.path("..data")).expect("a folder");
    fs::write(watched.path("..data/in.wasm"), claim("plan", "pro")).expect("written");
    link(&watched.path("..data/in.wasm"), "in.wasm");
    link(Path::new("nowhere"), "dangling.wasm");
    fs::create_dir(watched.path("folder.wasm")).expect("a folder");

    let report = watched.watch.reload_now().await.expect("watching");
    let states: Vec<_> = report.plugins.iter().map(|plugin| (&*plugin.name, plugin.state)).collect();
    assert_eq!(states, [("in", PluginState::Serving), ("out", PluginState::Refused)]);
    assert!(
        watched.status("out").and_then(|out| out.error).expect("why").contains("leaves the plugin folder")
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_vanishes_leaves_everything_and_is_picked_up_when_it_is_back() {
    let parent = TempDir::new().expect("a folder");
    let dir = parent.path().join("plugins");
    fs::create_dir(&dir).expect("a folder");
    fs::write(dir.join("plan.wasm"), claim("plan", "old")).expect("written");
    let (folder, _) = PluginFolder::load(&ENGINE, &dir).await.expect("loaded");
    let registry = folder.registry().clone();
    let options = WatchOptions { scan: Duration::from_millis(50), ..WatchOptions::default() };
    let watch = folder.watch(options);

    fs::rename(&dir, parent.path().join("away")).expect("renamed");
    let report = watch.reload_now().await.expect("watching");
    assert_eq!(report.plugins.len(), 1);
    assert_eq!(registry.pin().implementers(Hook::ModifyJwt), ["plan"]);

    fs::create_dir(&dir).expect("a folder");
    fs::write(dir.join("other.wasm"), identity()).expect("written");
    let latest = Instant::now() + Duration::from_secs(20);
    while registry.pin().implementers(Hook::ModifyJwt) != ["other"] {
        assert!(Instant::now() < latest, "{:?}", registry.status());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
