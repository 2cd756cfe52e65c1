//! The plugins in the repository are what their sources say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use xtask::prebuilt::stale;
use xtask::{catalogue, component};

#[test]
fn every_prebuilt_plugin_is_fresh() {
    let stale = stale(&xtask::root());

    assert!(stale.is_empty(), "\n{}", stale.join("\n"));
}

#[test]
fn every_prebuilt_plugin_is_a_component_of_hooks_alone() {
    let root = xtask::root();
    for collection in catalogue::collections(&root).unwrap() {
        for plugin in &collection.plugins {
            let wasm =
                fs::read(root.join(collection.prebuilt()).join(format!("{}.wasm", plugin.name))).unwrap();
            let surface =
                component::inspect(&wasm).unwrap_or_else(|error| panic!("{}: {error:#}", plugin.name));

            assert!(!surface.hooks.is_empty(), "{} implements no hook", plugin.name);
            for import in &surface.imports {
                assert!(component::OFFERED.contains(&import.as_str()), "{}: {import}", plugin.name);
            }
        }
    }
}

/// A copy of what freshness depends on.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for part in ["wit", "plugins-sdk", "example-plugins", "tests/guests"] {
        copy_folder(&xtask::root().join(part), &copy.path().join(part));
    }
    assert_eq!(stale(copy.path()), [""; 0], "the copy is fresh before it is changed");
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.ends_with("target") {
            continue;
        }
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

fn append(path: PathBuf, text: &str) {
    let old = fs::read_to_string(&path).unwrap();
    fs::write(path, old + text).unwrap();
}

#[test]
fn a_changed_source_makes_its_plugin_stale_and_no_other() {
    let copy = copy();

    append(copy.path().join("example-plugins/rust/device-tag/src/lib.rs"), "// changed\n");

    assert_eq!(
        stale(copy.path()),
        ["example-plugins/prebuilt/device-tag.wasm is older than its source: run `cargo xtask plugins`"]
    );
}

#[test]
fn a_changed_sdk_or_contract_makes_every_plugin_stale() {
    for part in ["plugins-sdk/rust/src/hooks.rs", "plugins-sdk/rust/macros/src/expand.rs", "wit/gates.wit"] {
        let copy = copy();
        let all: usize = catalogue::collections(copy.path()).unwrap().iter().map(|c| c.plugins.len()).sum();

        append(copy.path().join(part), "// changed\n");

        assert_eq!(stale(copy.path()).len(), all, "{part}");
    }
}

#[test]
fn a_plugin_or_manifest_that_was_not_built_from_its_source_is_found() {
    let copy = copy();
    let guests = copy.path().join("tests/guests");

    fs::write(guests.join("prebuilt/deny-all.wasm"), "something else").unwrap();
    fs::remove_file(guests.join("prebuilt/gate-error.wasm")).unwrap();
    fs::remove_file(guests.join("examples/gate-trap.rs")).unwrap();
    append(copy.path().join("example-plugins/prebuilt/signup-audit.toml"), "# changed\n");

    assert_eq!(
        stale(copy.path()),
        [
            "example-plugins/prebuilt/signup-audit.wasm has another manifest than its source: run `cargo xtask plugins`",
            "tests/guests/prebuilt/deny-all.wasm is not what was built from its source: run `cargo xtask plugins`",
            "tests/guests/prebuilt/gate-error.wasm was never built: run `cargo xtask plugins`",
            "tests/guests/prebuilt/gate-trap.wasm has no source any more: run `cargo xtask plugins`",
        ]
    );
}
