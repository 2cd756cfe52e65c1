//! What can be wrong with the configuration.

use std::path::PathBuf;

/// Something is wrong with the configuration. Each is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: {message}", path.display())]
    Syntax { path: PathBuf, message: String },
    #[error("{origin}: unknown key `{name}`{}", suggestion(.nearest.as_ref()))]
    Unknown { origin: String, name: String, nearest: Option<String> },
    #[error("{origin}: `{name}` must be {expected}, not {found}")]
    Type { origin: String, name: String, expected: String, found: String },
    #[error("{0}")]
    Invalid(String),
}

fn suggestion(nearest: Option<&String>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}
