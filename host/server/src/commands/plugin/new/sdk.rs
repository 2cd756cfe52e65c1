//! The SDKs as they are in this binary: a new project gets a copy of its language's, so that it builds with nothing but the
//! binary and the language's own registry.

/// Where in a project the SDK lies.
pub(super) const FOLDER: &str = "hookgate";

/// Files of an SDK: where they lie in it, and their text.
pub(super) type Files = [(&'static str, &'static str)];

macro_rules! sdk {
    ($folder:literal: $($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../../../../../plugins-sdk/", $folder, "/", $file)))),*]
    };
}

/// An SDK as files of a project.
pub(super) fn files(sdk: &Files) -> impl Iterator<Item = (String, String)> {
    sdk.iter().map(|(file, text)| (format!("{FOLDER}/{file}"), (*text).to_owned()))
}

/// Without the two manifests, which take from this repository's workspace what a project has not: see [`super::rust`].
pub(super) const RUST: &Files = sdk!("rust":
    "macros/src/expand.rs",
    "macros/src/lib.rs",
    "src/bindings.rs",
    "src/clock.rs",
    "src/config.rs",
    "src/decision.rs",
    "src/error.rs",
    "src/export.rs",
    "src/heap.rs",
    "src/hooks.rs",
    "src/host/fake.rs",
    "src/host/fake_outside.rs",
    "src/host/fake_state.rs",
    "src/host/mod.rs",
    "src/host/wasm.rs",
    "src/host/wasm_outside.rs",
    "src/http.rs",
    "src/kv.rs",
    "src/lib.rs",
    "src/log.rs",
    "src/payload.rs",
    "src/random.rs",
    "src/request.rs",
    "src/secrets.rs",
    "src/testing/mod.rs",
    "src/testing/outside.rs",
    "src/testing/records.rs",
    "src/user.rs",
    "wit/events.wit",
    "wit/gates.wit",
    "wit/host.wit",
    "wit/mutations.wit",
    "wit/setup.wit",
    "wit/types.wit",
    "wit/world.wit",
);

pub(super) const JAVASCRIPT: &Files = sdk!("js":
    "bin/hookgate-plugin-build.js",
    "package.json",
    "src/build.js",
    "src/clock.js",
    "src/config.js",
    "src/contract.js",
    "src/denial.js",
    "src/globals.js",
    "src/glue.js",
    "src/hooks.js",
    "src/host-error.js",
    "src/host/clock.fake.js",
    "src/host/clock.wasm.js",
    "src/host/config.fake.js",
    "src/host/config.wasm.js",
    "src/host/fake.js",
    "src/host/http.fake.js",
    "src/host/http.wasm.js",
    "src/host/inspect.js",
    "src/host/kv.fake.js",
    "src/host/kv.wasm.js",
    "src/host/log.fake.js",
    "src/host/log.wasm.js",
    "src/host/random.fake.js",
    "src/host/random.wasm.js",
    "src/host/request.fake.js",
    "src/host/request.wasm.js",
    "src/host/secrets.fake.js",
    "src/host/secrets.wasm.js",
    "src/http.js",
    "src/index.js",
    "src/kv.js",
    "src/log.js",
    "src/random.js",
    "src/request.js",
    "src/secrets.js",
    "src/testing.js",
    "src/text.js",
    "types/build.d.ts",
    "types/clock.d.ts",
    "types/config.d.ts",
    "types/http.d.ts",
    "types/index.d.ts",
    "types/kv.d.ts",
    "types/log.d.ts",
    "types/random.d.ts",
    "types/request.d.ts",
    "types/secrets.d.ts",
    "types/testing.d.ts",
    "wit/events.wit",
    "wit/gates.wit",
    "wit/host.wit",
    "wit/mutations.wit",
    "wit/setup.wit",
    "wit/types.wit",
    "wit/world.wit",
);

pub(super) const PYTHON: &Files = sdk!("python":
    "hookgate_plugin/__init__.py",
    "hookgate_plugin/__main__.py",
    "hookgate_plugin/_component.py",
    "hookgate_plugin/_host_error.py",
    "hookgate_plugin/_server.py",
    "hookgate_plugin/_surroundings.py",
    "hookgate_plugin/build/__init__.py",
    "hookgate_plugin/build/inspect.py",
    "hookgate_plugin/clock.py",
    "hookgate_plugin/config.py",
    "hookgate_plugin/data.py",
    "hookgate_plugin/hooks.py",
    "hookgate_plugin/http.py",
    "hookgate_plugin/kv.py",
    "hookgate_plugin/log.py",
    "hookgate_plugin/py.typed",
    "hookgate_plugin/random.py",
    "hookgate_plugin/request.py",
    "hookgate_plugin/secrets.py",
    "hookgate_plugin/testing.py",
    "hookgate_plugin/wit/events.wit",
    "hookgate_plugin/wit/gates.wit",
    "hookgate_plugin/wit/host.wit",
    "hookgate_plugin/wit/mutations.wit",
    "hookgate_plugin/wit/setup.wit",
    "hookgate_plugin/wit/types.wit",
    "hookgate_plugin/wit/world.wit",
    "pyproject.toml",
    "README.md",
);

pub(super) const C: &Files = sdk!("c": "hookgate.c", "hookgate.h", "hookgate_testing.h");

pub(super) const CPP: &Files = sdk!("c": "hookgate.c", "hookgate.h", "hookgate.hpp", "hookgate_testing.h");

pub(super) const ZIG: &Files = sdk!("zig": "hookgate.zig", "host_wasm.zig", "memory.zig", "testing.zig");

pub(super) const GO: &Files = sdk!("go":
    "abi_wasm.go",
    "build/main.go",
    "go.mod",
    "hookgate.go",
    "host.go",
    "host_capabilities_testing.go",
    "host_capabilities_wasm.go",
    "host_testing.go",
    "host_wasm.go",
    "server.go",
    "warm_wasm.go",
);

pub(super) const ASSEMBLYSCRIPT: &Files =
    sdk!("assemblyscript": "abi.ts", "host.ts", "index.ts", "json.ts", "lift.ts", "transform.mjs");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// What a project does without: an SDK's own tests, and what tools leave behind.
    const LEFT_OUT: [&str; 9] = [
        "Cargo.lock",
        "Cargo.toml",
        "__pycache__",
        "node_modules",
        "package-lock.json",
        "target",
        "test",
        "test.c",
        "tests",
    ];

    fn walk(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let is_build_output = prefix.is_empty() && name == "build" && entry.path().join("lib").is_dir();
            if LEFT_OUT.contains(&name.as_str()) || name.starts_with('.') || is_build_output {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.file_type().expect("a type").is_dir() {
                if !name.ends_with(".egg-info") {
                    walk(&entry.path(), &format!("{path}/"), found);
                }
            } else if path != "README.md" && !name.ends_with("_test.go") {
                found.insert(path);
            }
        }
    }

    #[test]
    fn every_file_of_an_sdk_is_there() {
        let sdks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins-sdk");
        for (folder, files) in [
            ("rust", RUST),
            ("js", JAVASCRIPT),
            ("python", PYTHON),
            ("c", CPP),
            ("zig", ZIG),
            ("go", GO),
            ("assemblyscript", ASSEMBLYSCRIPT),
        ] {
            let mut there = BTreeSet::new();
            walk(&sdks.join(folder), "", &mut there);
            let listed: BTreeSet<String> =
                files.iter().map(|(file, _)| (*file).to_owned()).filter(|file| file != "README.md").collect();
            assert_eq!(listed, there, "plugins-sdk/{folder}");
        }
    }
}
