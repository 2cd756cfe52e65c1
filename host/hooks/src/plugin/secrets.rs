//! Secrets that the operator lends to one plugin: where they come from, and what may be done with them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use serde::Deserialize;
use sha2::Sha256;
use url::Url;
use zeroize::Zeroizing;

use crate::http::HostRule;

/// What names of variables must begin with: a slip of the pen must not lend out the server's own secrets.
const PREFIX: &str = "HOOKGATE_SECRET_";
const MAX_BYTES: usize = 64 << 10;

/// One entry of a manifest's `[secrets]` table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawSource")]
pub struct SecretSource {
    from: From,
    hosts: Option<Vec<HostRule>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    File(PathBuf),
    Env(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    file: Option<PathBuf>,
    env: Option<String>,
    hosts: Option<Vec<String>>,
}

impl TryFrom<RawSource> for SecretSource {
    type Error = String;

    fn try_from(raw: RawSource) -> Result<Self, String> {
        let from = match (raw.file, raw.env) {
            (Some(file), None) if file.is_absolute() => From::File(file),
            (Some(file), None) => {
                return Err(format!("the `file` of a secret, {}, is not an absolute path", file.display()));
            }
            (None, Some(name)) if name.len() > PREFIX.len() && name.starts_with(PREFIX) => From::Env(name),
            (None, Some(name)) => {
                return Err(format!("the `env` of a secret, {name}, does not begin with {PREFIX}"));
            }
            _ => {
                return Err(format!(
                    "a secret is either `{{ file = \"/run/secrets/…\" }}` or `{{ env = \"{PREFIX}…\" }}`"
                ));
            }
        };
        let parse = |text: &String| text.parse().map_err(|error| format!("`{text}` {error}"));
        let hosts = raw.hosts.map(|hosts| hosts.iter().map(parse).collect()).transpose()?;
        Ok(Self { from, hosts })
    }
}

impl SecretSource {
    /// Reads it. An error says where it was looked for, never what was found.
    fn read(&self) -> Result<Zeroizing<Vec<u8>>, String> {
        let mut bytes = Zeroizing::new(match &self.from {
            From::File(path) => {
                std::fs::read(path).map_err(|error| format!("{} can't be read: {error}", path.display()))?
            }
            From::Env(name) => {
                let value =
                    std::env::var_os(name).ok_or_else(|| format!("the variable {name} is not set"))?;
                value.into_encoded_bytes()
            }
        });
        // Editors and `echo` end a file with a line break, which is no part of a secret.
        for end in [b'\n', b'\r'] {
            if bytes.last() == Some(&end) {
                bytes.pop();
            }
        }
        if bytes.is_empty() {
            return Err("it is empty".to_owned());
        }
        if bytes.len() > MAX_BYTES {
            return Err(format!("it is longer than {MAX_BYTES} bytes"));
        }
        Ok(bytes)
    }
}

/// A secret whose bytes are wiped when the last plugin that has it is gone.
pub(crate) struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    hosts: Option<Vec<HostRule>>,
}

impl Secret {
    /// `prefix` and the secret; none if they can't be in a header.
    pub(crate) fn header_value(&self, prefix: &str) -> Option<HeaderValue> {
        let bytes = Zeroizing::new([prefix.as_bytes(), &self.bytes].concat());
        let mut value = HeaderValue::from_bytes(&bytes).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn hmac_sha256(&self, data: &[u8]) -> Option<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.bytes).ok()?;
        mac.update(data);
        Some(mac.finalize().into_bytes().to_vec())
    }
}

/// The secrets of one plugin. Cheap to clone.
#[derive(Clone, Default)]
pub struct Secrets(Arc<BTreeMap<String, Secret>>);

impl Secrets {
    /// Reads what a manifest names. Blocks for as long as the files take.
    ///
    /// # Errors
    /// Which can't be read, and why.
    pub(crate) fn read(sources: &BTreeMap<String, SecretSource>) -> Result<Self, String> {
        let read = |(name, source): (&String, &SecretSource)| {
            let bytes = source.read().map_err(|error| format!("the secret `{name}`: {error}"))?;
            Ok((name.clone(), Secret { bytes, hosts: source.hosts.clone() }))
        };
        sources.iter().map(read).collect::<Result<_, String>>().map(|secrets| Self(Arc::new(secrets)))
    }

    /// Made-up ones, for tools.
    #[must_use]
    pub fn of(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let secret = |text: String| Secret { bytes: Zeroizing::new(text.into_bytes()), hosts: None };
        Self(Arc::new(secrets.into_iter().map(|(name, text)| (name, secret(text))).collect()))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// A secret that may be sent there.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn for_request(&self, name: &str, url: &Url) -> Result<&Secret, String> {
        let secret = self.0.get(name).ok_or_else(|| {
            format!("the secret `{name}` is not granted: add it under [secrets] in the manifest")
        })?;
        match &secret.hosts {
            Some(hosts) if !hosts.iter().any(|rule| rule.allows(url)) => {
                let origin = url.origin().ascii_serialization();
                Err(format!(
                    "the secret `{name}` is not for {origin}: its `hosts` in the manifest are others"
                ))
            }
            _ => Ok(secret),
        }
    }

    pub(crate) fn hmac_sha256(&self, name: &str, data: &[u8]) -> Option<Vec<u8>> {
        self.0.get(name)?.hmac_sha256(data)
    }
}

/// The names alone.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
