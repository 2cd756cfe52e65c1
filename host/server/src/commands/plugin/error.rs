//! Why a tool could not do its work: one sentence each, and exit code 2.

use std::io;
use std::path::{Path, PathBuf};

use hookgate_core::hooks::Hook;
use hookgate_hooks::{ConfigMisfit, EngineError, Refusal};
use hookgate_plugin_build::BuildError;

/// A plugin tool could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PluginError {
    #[error("{}", sentence(file, refusal))]
    Refused { file: PathBuf, refusal: Refusal },
    #[error("there is no file `{}`", .0.display())]
    NoFile(PathBuf),
    #[error("`{}` can't be read: {source}", file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("`{}` can't be written: {source}", file.display())]
    Write { file: PathBuf, source: io::Error },
    #[error("the fixture `{}` can't be used: {message}", file.display())]
    Fixture { file: PathBuf, message: String },
    #[error("the settings do not fit the manifest's [config_schema]: {0}")]
    Settings(ConfigMisfit),
    #[error("unknown hook `{name}`{hint}; known are {known}", known = names(Hook::ALL))]
    UnknownHook { name: String, hint: String },
    #[error("the plugin does not implement {hook}; it has {}", names(has))]
    NotImplemented { hook: Hook, has: Vec<Hook> },
    #[error("the plugin has several hooks; say with --hook which one: {}", names(.0))]
    WhichHook(Vec<Hook>),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Usage(String),
}

/// A refusal as a sentence about the file that is at fault, as the server's log has it.
fn sentence(file: &Path, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Manifest(error) => {
            format!("`{}` can't be used: {error}", file.with_extension("toml").display())
        }
        other => format!("`{}` {other}", file.display()),
    }
}

/// Hooks as a list for a sentence.
fn names(hooks: &[Hook]) -> String {
    hooks.iter().map(|hook| hook.name()).collect::<Vec<_>>().join(", ")
}

/// The hook of that name.
pub(super) fn parse_hook(name: &str) -> Result<Hook, PluginError> {
    Hook::from_name(name).ok_or_else(|| {
        let hint = did_you_mean(name, Hook::ALL.iter().map(|hook| hook.name()));
        PluginError::UnknownHook { name: name.escape_debug().to_string(), hint }
    })
}

/// The known word that is close to another, as part of a sentence; nothing if none is.
pub(super) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map(|(_, name)| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}
