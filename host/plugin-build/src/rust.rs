//! Finds and calls a Rust tool chain that can build for WebAssembly.
//!
//! Two kinds will do: one that has a target's standard library (`rustup target add`), and one that has
//! the library's source and a linker (Debian's `rustc-web` and `rust-web-src`, or rustup's `rust-src`).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a plugin has nothing of WASI to link, whatever the tool chain. The best.
pub const UNKNOWN: &str = "wasm32-unknown-unknown";
/// A plugin's stack in bytes, instead of the linker's 1 MiB. The server clears an instance's first pages by hand,
/// and a small memory is all of them: a call costs a third less.
const STACK_BYTES: u32 = 128 << 10;

/// Where the linker makes the component.
pub const WASIP2: &str = "wasm32-wasip2";

/// There is no tool chain that would do.
#[derive(Debug, thiserror::Error)]
#[error(
    "no Rust toolchain here can build for WebAssembly: run `rustup target add {UNKNOWN}` (https://rustup.rs has \
     rustup), or on Debian `apt install rustc-web cargo-web rust-web-src lld-19`"
)]
pub struct NoToolchain;

/// A tool chain that can build plugins.
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
    /// What it builds for.
    pub target: &'static str,
    /// How it comes by the standard library.
    pub std: Std,
}

/// How a tool chain comes by the standard library.
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

/// Finds one for a target out of `targets`, the best first: of the tool chains in `PATH` the first that
/// has the standard library, else the first that has its source.
///
/// # Errors
/// There is none; the text says what to install.
pub fn find(targets: &[&'static str]) -> Result<Toolchain, NoToolchain> {
    let mut compilers: Vec<PathBuf> = path_folders().map(|folder| folder.join("rustc")).collect();
    compilers.push("/usr/bin/rustc".into());
    let candidates: Vec<Candidate> = compilers.into_iter().filter_map(Candidate::of).collect();

    let installed = |target: &'static str| candidates.iter().find_map(|c| c.installed(target));
    let with_source = || candidates.iter().find_map(Candidate::with_source);
    targets
        .iter()
        .find_map(|target| installed(target))
        .or_else(|| targets.contains(&UNKNOWN).then(with_source).flatten())
        .ok_or(NoToolchain)
}

/// A compiler with its Cargo.
struct Candidate {
    rustc: PathBuf,
    cargo: PathBuf,
    version: String,
    sysroot: PathBuf,
}

impl Candidate {
    fn of(rustc: PathBuf) -> Option<Self> {
        let cargo = rustc.with_file_name("cargo");
        if !rustc.is_file() || !cargo.is_file() {
            return None;
        }
        let version = ask(&rustc, &["--version"])?;
        let sysroot = PathBuf::from(ask(&rustc, &["--print", "sysroot"])?);
        Some(Self { rustc, cargo, version, sysroot })
    }

    fn installed(&self, target: &'static str) -> Option<Toolchain> {
        let libraries = ask(&self.rustc, &["--print", "target-libdir", "--target", target])?;
        Path::new(&libraries).is_dir().then(|| self.toolchain(target, Std::Installed))
    }

    fn with_source(&self) -> Option<Toolchain> {
        if !self.sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file() {
            return None;
        }
        Some(self.toolchain(UNKNOWN, Std::FromSource { linker: linker(&self.sysroot)? }))
    }

    fn toolchain(&self, target: &'static str, std: Std) -> Toolchain {
        Toolchain {
            rustc: self.rustc.clone(),
            cargo: self.cargo.clone(),
            version: self.version.clone(),
            sysroot: self.sysroot.clone(),
            target,
            std,
        }
    }
}

impl Toolchain {
    /// `cargo build` in `folder`, for release. `root` is what no path in the plugin may start with, apart
    /// from the compiler's and the registries' folders: panics name their place.
    ///
    /// # Errors
    /// Cargo's home can't be found or read.
    pub fn cargo_build(&self, folder: &Path, root: &Path) -> io::Result<Command> {
        let mut cargo = Command::new(&self.cargo);
        cargo
            .current_dir(folder)
            .args(["build", "--release", "--target", self.target])
            .env("RUSTC", &self.rustc)
            .env("CARGO_ENCODED_RUSTFLAGS", self.rustflags(root)?.join("\x1f"))
            // These would bring in the settings of the build that runs this command.
            .env_remove("RUSTFLAGS")
            .env_remove("RUSTC_WRAPPER")
            .env_remove("RUSTC_WORKSPACE_WRAPPER");
        if let Std::FromSource { linker } = &self.std {
            cargo
                .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
                // Building the standard library is not stable yet.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        Ok(cargo)
    }

    fn rustflags(&self, root: &Path) -> io::Result<Vec<String>> {
        let mut flags = Vec::new();
        if self.target == UNKNOWN {
            flags.push(format!("-Clink-arg=-zstack-size={STACK_BYTES}"));
        }
        let mut remap =
            |from: &Path, to: &str| flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        remap(root, ".");
        remap(&self.sysroot.join("lib/rustlib/src/rust"), "rust");
        for (folder, to) in [("registry/src", "crates"), ("git/checkouts", "git")] {
            for source in fs::read_dir(cargo_home()?.join(folder)).into_iter().flatten() {
                remap(&source?.path(), to);
            }
        }
        Ok(flags)
    }
}

/// Where Cargo keeps what it has fetched.
///
/// # Errors
/// There is no home folder.
pub fn cargo_home() -> io::Result<PathBuf> {
    if let Some(home) = env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = env::home_dir().ok_or_else(|| io::Error::other("there is no home folder"))?;
    Ok(home.join(".cargo"))
}

/// LLVM's linker: the compiler's own, else what the system has.
fn linker(sysroot: &Path) -> Option<PathBuf> {
    let own = fs::read_dir(sysroot.join("lib/rustlib"))
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
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

fn ask(rustc: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
