//! C and C++, by zig's clang, or a clang with a WebAssembly C library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::component::{Ways, componentize};
use crate::misspelt::misspelt_hook;
use crate::project::sdk_source;
use crate::tool::{self, Scratch};
use crate::zig::{self, Zig};
use crate::{BuildError, Built, Language, Project, WasiStub, made};

/// What both compilers understand.
const COMMON: [&str; 5] =
    ["-mexec-model=reactor", "-Oz", "-Wall", "-Wl,-z,stack-size=65536", "-Wl,--strip-all"];
/// The library's ends of the road (`string_view::substr` out of range) trap rather than print first.
const CPP: [&str; 4] =
    ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-D_LIBCPP_VERBOSE_ABORT(...)=__builtin_trap()"];

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let compiler = Compiler::find(&project.folder, project.language)?;
    let sdk = sdk_source(project, "c", "hookgate.h")?;
    let scratch = Scratch::new()?;
    let (object, support, module) =
        (scratch.file("plugin.o"), scratch.file("hookgate.o"), scratch.file("core.wasm"));
    let is_cpp = project.language == Language::Cpp;
    let mut compile = compiler.command(&project.folder, is_cpp);
    compile.args(COMMON).arg("-I").arg(&sdk).args(if is_cpp { &CPP[..] } else { &[] });
    let tool = |error: BuildError| error.said_by(&compiler.to_string());
    tool::run(compile.arg("-c").arg(&project.main).arg("-o").arg(&object))
        .map_err(|error| no_such_hook(&project.main, &sdk).unwrap_or_else(|| tool(error)))?;
    let mut compile = compiler.command(&project.folder, false);
    tool::run(compile.args(COMMON).arg("-c").arg(sdk.join("hookgate.c")).arg("-o").arg(&support))
        .map_err(tool)?;
    // The C++ library is linked where it is used: plain templates need none of it.
    let mut link = compiler.command(&project.folder, is_cpp);
    tool::run(link.args(COMMON).args([&object, &support]).arg("-o").arg(&module)).map_err(tool)?;
    // What of the C++ library is compiled already prints before it aborts: into nothing.
    let component =
        componentize(&made(&module)?, Ways { stub_wasi: is_cpp.then(WasiStub::default), ..Ways::default() })?;
    Ok(Built { component, with: compiler.to_string(), note: None })
}

/// What the compiler could not say of a source that it did not take.
fn no_such_hook(source: &Path, sdk: &Path) -> Option<BuildError> {
    let text = fs::read_to_string(source).ok()?;
    let headers =
        ["hookgate.h", "hookgate.hpp"].map(|name| fs::read_to_string(sdk.join(name)).unwrap_or_default());
    let problem = misspelt_hook(&text, &headers.concat())?;
    Some(BuildError::Project { file: source.to_owned(), problem })
}

enum Compiler {
    Zig(Zig),
    Clang { cc: PathBuf, cxx: PathBuf, version: String },
}

impl Compiler {
    fn find(folder: &Path, language: Language) -> Result<Self, BuildError> {
        if let Some(zig) = Zig::find(folder) {
            return Ok(Self::Zig(zig));
        }
        let header = if language == Language::Cpp { "c++/v1/string_view" } else { "stdlib.h" };
        let has_library = Path::new("/usr/include/wasm32-wasi").join(header).is_file();
        let names =
            std::iter::once(String::new()).chain((17..=30).rev().map(|version| format!("-{version}")));
        let clang = names.filter(|_| has_library).find_map(|suffix| {
            let cc = tool::find(folder, &format!("clang{suffix}"))?;
            let cxx = cc.with_file_name(format!("clang++{suffix}"));
            let version = tool::ask(&cc, &["--version"])?.lines().next()?.to_owned();
            (language == Language::C || cxx.is_file()).then_some(Self::Clang { cc, cxx, version })
        });
        clang.ok_or_else(|| {
            let what = match language {
                Language::Cpp => "a C++ compiler for WebAssembly (zig, or clang with wasi-libc and libc++)",
                _ => "a C compiler for WebAssembly (zig, or clang with wasi-libc)",
            };
            BuildError::missing(what, zig::INSTALL)
        })
    }

    fn command(&self, folder: &Path, is_cpp: bool) -> Command {
        match self {
            Self::Zig(zig) => {
                let mut command = zig.command(folder);
                command.args([if is_cpp { "c++" } else { "cc" }, "-target", "wasm32-wasi"]);
                command
            }
            Self::Clang { cc, cxx, .. } => {
                let mut command = Command::new(if is_cpp { cxx } else { cc });
                command.current_dir(folder).args(["--target=wasm32-wasi", "-flto"]);
                command
            }
        }
    }
}

impl std::fmt::Display for Compiler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Zig(zig) => write!(f, "clang of zig {}", zig.version),
            Self::Clang { version, .. } => f.write_str(version),
        }
    }
}
