//! The C and the C++ project: one source file, a native test, and a copy of the SDK, which is plain source.

use super::template::{Case, Logs, Parts, common};
use super::{Language, Project, sdk, taken};

const ZIG: [&str; 2] = ["python3 -m venv .venv", ".venv/bin/pip install ziglang==0.17.1"];

/// The languages' entries in the list.
pub(super) const C: Language = Language {
    name: "c",
    aliases: &[],
    check_name,
    files: |project| files(project, false),
    steps: &[
        ZIG[0],
        ZIG[1],
        ".venv/bin/python -m ziglang cc -Wall -I hookgate test.c hookgate/hookgate.c -o test && ./test",
    ],
};
pub(super) const CPP: Language = Language {
    name: "cpp",
    aliases: &["c++", "cxx", "cc"],
    check_name,
    files: |project| files(project, true),
    steps: &[
        ZIG[0],
        ZIG[1],
        ".venv/bin/python -m ziglang cc -c hookgate/hookgate.c -o hookgate.o",
        ".venv/bin/python -m ziglang c++ -std=c++20 -Wall -I hookgate test.cpp hookgate.o -o test && ./test",
    ],
};

const NEEDS: &str = "The compiler is zig's clang, installed into `.venv`; `clang` with `wasi-libc` will do too. The SDK is \
                     the folder `hookgate`: replace it by a newer one when you like.";

fn check_name(name: &str) -> Result<(), String> {
    if name == "test" { Err(taken(name, "the name of the project's test")) } else { Ok(()) }
}

fn files(project: &Project<'_>, is_cpp: bool) -> Vec<(String, String)> {
    let name = project.name;
    let (sections, main, test, ending, steps) = if is_cpp {
        let (main, test) = (include_str!("cpp/main.in"), include_str!("cpp/test.in"));
        (include_str!("cpp/hooks.in"), main, test, "cpp", CPP.steps)
    } else {
        (include_str!("c/hooks.in"), include_str!("c/main.in"), include_str!("c/test.in"), "c", C.steps)
    };
    let parts = Parts::of(project, sections, Case::Snake, Case::Snake);
    let calls: Vec<String> = parts.tests.iter().filter_map(|test| called(test)).collect();
    let fill = |text: &str| {
        text.replace("{{hooks}}", parts.hooks.join("\n").trim_end())
            .replace("{{tests}}", &parts.tests.join("\n"))
            .replace("{{calls}}", &calls.concat())
            .replace("{{name}}", name)
            .replace("{{ending}}", ending)
    };
    let mut files = common(project, Logs::InEvents, steps, NEEDS);
    files.push((format!("{name}.{ending}"), fill(main)));
    files.push((format!("test.{ending}"), fill(test)));
    files.push((".gitignore".to_owned(), "/.venv/\n/test\n*.o\n*.wasm\n".to_owned()));
    files.extend(sdk::files(if is_cpp { sdk::CPP } else { sdk::C }));
    files
}

/// The call of a test function in `main`.
fn called(test: &str) -> Option<String> {
    let name = test.strip_prefix("static void ")?.split('(').next()?;
    Some(format!("    {name}();\n"))
}
