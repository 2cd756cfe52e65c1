//! Why a plugin was not built: one sentence each, with what to do about it.

use std::io;
use std::path::PathBuf;

use crate::component::EncodeError;
use crate::rust::NoToolchain;

/// A plugin was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Nothing in the folder looks like a plugin.
    #[error(
        "there is no project in `{}` that could be built: no Cargo.toml (Rust), package.json (JavaScript, TypeScript, \
         AssemblyScript) or go.mod (Go), and no NAME.toml beside a NAME.py, NAME.c, NAME.cpp or NAME.zig", .0.display()
    )]
    NoProject(PathBuf),
    /// A file of the project is not as it should be.
    #[error("`{}` {problem}", file.display())]
    Project {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A tool is not installed, or not the right one.
    #[error("{what} is missing{there}: run `{remedy}`", there = .there.as_ref().map(|there| format!(" (there is {there})")).unwrap_or_default())]
    Missing {
        /// Which tool.
        what: String,
        /// What is there instead.
        there: Option<String>,
        /// The command that installs it.
        remedy: String,
    },
    /// A tool ran and said no; its own words are on standard error already.
    #[error("the plugin does not build: mend what {tool} says above")]
    DoesNotBuild {
        /// Which tool.
        tool: String,
    },
    /// A tool could not be started, or a file not be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it did not work.
        source: io::Error,
    },
    /// There is no Rust tool chain.
    #[error(transparent)]
    NoRust(#[from] NoToolchain),
    /// The module can't become a component.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl BuildError {
    pub(crate) fn missing(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), there: None, remedy: remedy.into() }
    }

    /// The same where another version is there.
    pub(crate) fn instead_of(self, other: Option<String>) -> Self {
        match self {
            Self::Missing { what, remedy, .. } => Self::Missing { what, there: other, remedy },
            error => error,
        }
    }

    /// The same of a tool that has another name than its program.
    pub(crate) fn said_by(self, tool: &str) -> Self {
        match self {
            Self::DoesNotBuild { .. } => Self::DoesNotBuild { tool: tool.to_owned() },
            error => error,
        }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |source| Self::Io { what, source }
    }
}
