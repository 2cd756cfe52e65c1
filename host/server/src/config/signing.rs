//! What signs tokens: the secret, a key pair of the operator's, or keys that the server keeps.

use std::path::Path;

use hookgate_core::tokens::{Algorithm, KeyError, PrivateKey, PublicKey};

use super::error::ConfigError;
use super::secret_file;
use super::values::Values;

/// How long a key signs, where the operator does not say: 90 days.
const DEFAULT_INTERVAL: i64 = 7_776_000;
/// The most that a key is published before it signs, where the operator does not say: a day.
const MOST_AHEAD: i64 = 86_400;

/// Where the signing keys come from.
#[derive(Debug)]
pub(crate) enum SigningSource {
    /// `HS…`: the secret is the key.
    Secret,
    /// The operator gave a key pair.
    Given {
        /// Signs.
        key: Box<PrivateKey>,
        /// Earlier ones, which verify only.
        retired: Vec<PublicKey>,
    },
    /// The server makes keys and keeps them in the database.
    Kept,
}

/// Key material belongs to an algorithm with key pairs.
const MATERIAL: [&str; 2] = ["jwt.private_key", "jwt.public_key"];

impl SigningSource {
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let algorithm = algorithm(values);
        let retired_files = values.list("jwt.retired_key_files");
        if algorithm.is_symmetric() {
            let given = MATERIAL.into_iter().chain(["jwt.key_rotation_interval", "jwt.key_publish_ahead"]);
            let mut given = given.filter(|name| values.is_given(name)).collect::<Vec<_>>();
            given.extend((!retired_files.is_empty()).then_some("jwt.retired_key_files"));
            return match given.first() {
                Some(name) => invalid(format!(
                    "`{name}` needs an algorithm with key pairs, but `jwt.algorithm` is {algorithm}"
                )),
                None => Ok(Self::Secret),
            };
        }
        let Some((name, pem)) = material(values, "jwt.private_key")? else {
            let needless = values.is_given("jwt.public_key").then_some("jwt.public_key");
            let needless = needless.or((!retired_files.is_empty()).then_some("jwt.retired_key_files"));
            return match needless {
                Some(name) => invalid(format!("`{name}` needs `jwt.private_key`")),
                None => Ok(Self::Kept),
            };
        };
        if values.int::<i64>("jwt.key_rotation_interval").is_some_and(|seconds| seconds > 0) {
            return invalid(format!(
                "`jwt.key_rotation_interval`: the server replaces only keys that it made, but {name} gives it one"
            ));
        }
        let key = PrivateKey::from_pem(algorithm, &pem).map_err(|error| of_key(&name, &error))?;
        if let Some((name, pem)) = material(values, "jwt.public_key")? {
            let public = PublicKey::from_pem(algorithm, &pem).map_err(|error| of_key(&name, &error))?;
            if key.public_key().as_ref() != Ok(&public) {
                return Err(of_key(&name, &KeyError::Mismatch));
            }
        }
        let read_retired = |path: &String| {
            let pem = secret_file::read(Path::new(path))?;
            PublicKey::from_pem(algorithm, &pem)
                .map_err(|error| of_key(&format!("`jwt.retired_key_files` ({path})"), &error))
        };
        let retired = retired_files.iter().map(read_retired).collect::<Result<_, _>>()?;
        Ok(Self::Given { key: Box::new(key), retired })
    }
}

/// A key that stands in the configuration or in a file, with the name to call it by in errors.
fn material(values: &Values, name: &str) -> Result<Option<(String, String)>, ConfigError> {
    let label = match values.file(name) {
        Some(path) => format!("`{name}_file` ({path})"),
        None => format!("`{name}`"),
    };
    Ok(values.secret(name)?.map(|pem| (label, pem)))
}

/// `jwt.algorithm`.
pub(super) fn algorithm(values: &Values) -> Algorithm {
    // One of the names, or it would not have been taken.
    values.text("jwt.algorithm").and_then(|name| Algorithm::from_name(&name)).unwrap_or_default()
}

/// How long a key signs, none for ever, and how long it is published before.
pub(super) fn rotation(values: &Values) -> Result<(Option<i64>, i64), ConfigError> {
    let interval = values.int("jwt.key_rotation_interval").unwrap_or(DEFAULT_INTERVAL);
    let interval = Some(interval).filter(|seconds| *seconds > 0);
    let default_ahead = interval.map_or(MOST_AHEAD, |seconds| (seconds / 10).clamp(1, MOST_AHEAD));
    let ahead = values.int("jwt.key_publish_ahead").unwrap_or(default_ahead);
    if interval.is_some_and(|interval| interval <= ahead) {
        return invalid(format!(
            "`jwt.key_publish_ahead` ({ahead}) must be less than `jwt.key_rotation_interval` ({})",
            interval.unwrap_or_default()
        ));
    }
    Ok((interval, ahead))
}

fn of_key(name: &str, error: &KeyError) -> ConfigError {
    ConfigError::Invalid(format!("{name}: {error}"))
}

fn invalid<T>(message: String) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid(message))
}
