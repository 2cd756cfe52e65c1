//! Finds a Rust toolchain that can build for `wasm32-unknown-unknown`: a plugin without WASI, whatever
//! the toolchain.
//!
//! Two kinds will do: one that has the target's standard library (`rustup target add`), and one that has
//! the library's source and a linker (Debian's `rustc-web` and `rust-web-src`, or rustup's `rust-src`).

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

/// The target of every plugin.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Said when there is no toolchain.
const MISSING: &str = "no Rust toolchain here can build for WebAssembly: run \
    `rustup target add wasm32-unknown-unknown`, or on Debian `apt install rustc-web cargo-web rust-web-src lld-19`";

/// A toolchain that can build plugins.
#[derive(Debug)]
pub struct Toolchain {
    /// The compiler.
    pub rustc: PathBuf,
    /// Its Cargo.
    pub cargo: PathBuf,
    /// What `rustc --version` says.
    pub version: String,
    /// Where the compiler has its libraries.
    pub sysroot: PathBuf,
    /// How it comes by the standard library.
    pub std: Std,
}

/// How a toolchain comes by the standard library.
#[derive(Debug)]
pub enum Std {
    /// It is installed.
    Installed,
    /// It is built from source and linked by this.
    FromSource {
        /// A `wasm-ld`.
        linker: PathBuf,
    },
}

/// Finds one: of the toolchains in `PATH` the first that has the standard library, else the first that has
/// its source.
///
/// # Errors
/// There is none; the text says what to install.
pub fn find() -> Result<Toolchain> {
    let mut candidates: Vec<PathBuf> = path_folders().map(|folder| folder.join("rustc")).collect();
    candidates.push("/usr/bin/rustc".into());

    let mut found: Vec<Toolchain> = candidates.iter().filter_map(|rustc| inspect(rustc)).collect();
    let best = found.iter().position(|toolchain| matches!(toolchain.std, Std::Installed)).unwrap_or(0);
    if found.is_empty() {
        bail!(MISSING);
    }
    Ok(found.swap_remove(best))
}

/// What a compiler can do, if it can build plugins at all.
fn inspect(rustc: &Path) -> Option<Toolchain> {
    let cargo = rustc.with_file_name("cargo");
    if !rustc.is_file() || !cargo.is_file() {
        return None;
    }
    let version = ask(rustc, &["--version"])?;
    let sysroot = PathBuf::from(ask(rustc, &["--print", "sysroot"])?);
    let libraries = PathBuf::from(ask(rustc, &["--print", "target-libdir", "--target", TARGET])?);
    let std = if libraries.is_dir() {
        Std::Installed
    } else {
        if !sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file() {
            return None;
        }
        Std::FromSource { linker: linker(&sysroot)? }
    };
    Some(Toolchain { rustc: rustc.to_path_buf(), cargo, version, sysroot, std })
}

/// LLVM's linker: the compiler's own, else what the system has.
fn linker(sysroot: &Path) -> Option<PathBuf> {
    let own = std::fs::read_dir(sysroot.join("lib/rustlib"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/rust-lld")));
    let versioned = (17..=30).rev().map(|version| format!("wasm-ld-{version}"));
    let names: Vec<String> = std::iter::once("wasm-ld".to_owned()).chain(versioned).collect();
    let installed = path_folders()
        .chain(["/usr/bin".into()])
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)).collect::<Vec<_>>());
    own.chain(installed).find(|linker| linker.is_file())
}

fn path_folders() -> impl Iterator<Item = PathBuf> {
    env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
}

fn ask(rustc: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
