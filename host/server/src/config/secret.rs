//! The secret that signs tokens: given, or made once and kept.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::ConfigError;
use super::secret_file;
use super::values::Values;

/// What sealing needs, whatever signs.
const MIN_BYTES: usize = 32;

/// Where the secret comes from.
pub(crate) enum SecretSource {
    /// The operator gave it.
    Given(String),
    /// It is kept in this file, which is made if it does not exist.
    Kept(PathBuf),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given(…)"),
            Self::Kept(path) => f.debug_tuple("Kept").field(path).finish(),
        }
    }
}

impl SecretSource {
    pub(super) fn from_values(values: &Values, data_dir: &Path) -> Result<Self, ConfigError> {
        let algorithm = super::signing::algorithm(values);
        let least = algorithm.least_secret().unwrap_or(MIN_BYTES);
        let checked = |origin: &str, secret| checked(origin, secret, least);
        if let Some(secret) = values.secret("secret")? {
            return checked("`secret`", secret).map(Self::Given);
        }
        let path = data_dir.join("secret");
        if path.exists() {
            checked(&path.display().to_string(), secret_file::read(&path)?)?;
        }
        Ok(Self::Kept(path))
    }

    /// The secret. The first time a kept one is made, readable by its owner alone.
    pub(crate) fn obtain(&self) -> Result<String, ConfigError> {
        let path = match self {
            Self::Given(secret) => return Ok(secret.clone()),
            Self::Kept(path) => path,
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |source| ConfigError::Read { path: path.clone(), source };
        match options.open(path) {
            Ok(mut file) => {
                let secret = generate_secret(64);
                writeln!(file, "{secret}").and_then(|()| file.sync_all()).map_err(failed)?;
                Ok(secret)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                checked(&path.display().to_string(), secret_file::read(path)?, MIN_BYTES)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

fn checked(origin: &str, secret: String, least: usize) -> Result<String, ConfigError> {
    if secret.len() < least {
        return Err(ConfigError::Invalid(format!(
            "{origin}: the secret has {} bytes, but at least {least} are needed; `hookgate generate-secret` makes one",
            secret.len()
        )));
    }
    Ok(secret)
}

/// That many random bytes in base64url.
pub(crate) fn generate_secret(length: usize) -> String {
    let bytes: Vec<u8> = (0..length).map(|_| rand::random()).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}
