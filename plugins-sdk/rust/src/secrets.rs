//! Secrets that the operator lent to this plugin, under `[secrets]` in its manifest. It can use them and never
//! read them. Needs the grant `secrets`; for putting one into a request see
//! [`http::Request::bearer_secret`](crate::http::Request::bearer_secret), which needs `http` only.
//!
//! ```
//! # let _host = hookgate_plugin::testing::Host::new().with_secret("SIGNING_KEY", "key");
//! use hookgate_plugin::secrets;
//!
//! let body = r#"{"event":"signup"}"#;
//! let signature = secrets::hmac_sha256_hex("SIGNING_KEY", body).ok_or("there is no SIGNING_KEY")?;
//! # assert_eq!(signature.len(), 64);
//! # Ok::<_, hookgate_plugin::Error>(())
//! ```

use crate::host;

/// Their names, in order.
pub fn names() -> Vec<String> {
    host::secret_names()
}

/// HMAC-SHA-256 of data with a secret as the key; none if there is no such secret.
pub fn hmac_sha256(secret: &str, data: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    host::secret_hmac_sha256(secret, data.as_ref())
}

/// The same in hexadecimal digits, as webhooks mostly want it.
pub fn hmac_sha256_hex(secret: &str, data: impl AsRef<[u8]>) -> Option<String> {
    let digest = hmac_sha256(secret, data)?;
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
