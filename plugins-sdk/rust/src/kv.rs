//! A small store that outlives the call: this plugin's alone, in the server's database. Needs the grant
//! `kv`.
//!
//! ```
//! # let _host = hookgate_plugin::testing::Host::new();
//! use hookgate_plugin::kv::{self, Ttl};
//!
//! // The window of a rate limit begins with the first increment.
//! let attempts = kv::increment("attempts:user-ada", 1, Ttl::minutes(10))?;
//! # assert_eq!(attempts, 1);
//!
//! kv::set_json("tier:user-ada", &"pro", Ttl::hours(1))?;
//! let tier: Option<String> = kv::get_json("tier:user-ada")?;
//! # assert_eq!(tier.as_deref(), Some("pro"));
//! # Ok::<_, hookgate_plugin::Error>(())
//! ```
//!
//! Keys have 1 to 256 bytes. How much a plugin may keep is the operator's to say (`kv_entries`, `kv_bytes`
//! and `kv_value_bytes` under `[limits]`). Every change is one step: of several calls at once none is lost.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Result, host};

/// How long an entry stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ttl(pub(crate) Option<u32>);

impl Ttl {
    /// Until it is deleted.
    pub const FOREVER: Self = Self(None);

    /// So many seconds.
    pub const fn secs(seconds: u32) -> Self {
        Self(Some(seconds))
    }

    /// So many minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self(Some(minutes.saturating_mul(60)))
    }

    /// So many hours.
    pub const fn hours(hours: u32) -> Self {
        Self(Some(hours.saturating_mul(60 * 60)))
    }

    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self(Some(days.saturating_mul(24 * 60 * 60)))
    }
}

/// Why an operation was not done. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Key or value can't be used: why.
    Invalid(String),
    /// The plugin's quota is used up: which.
    Quota(String),
    /// An increment of something that is no decimal number, or whose sum does not fit.
    NotANumber,
    /// The storage failed.
    Unavailable,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(f, "kv: {reason}"),
            Self::Quota(reason) => write!(f, "kv: the quota is used up: {reason}"),
            Self::NotANumber => f.write_str("kv: the value is no number"),
            Self::Unavailable => f.write_str("kv: the storage failed"),
        }
    }
}

impl std::error::Error for Error {}

/// The value, unless there is none or its time is over.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    host::kv_get(key)
}

/// The value as a type of yours.
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>> {
    let Some(value) = get(key)? else { return Ok(None) };
    match serde_json::from_slice(&value) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(format!("kv: the value of `{key}` does not fit: {error}").into()),
    }
}

/// Sets a value.
pub fn set(key: &str, value: impl AsRef<[u8]>, ttl: Ttl) -> Result<(), Error> {
    host::kv_set(key, value.as_ref(), ttl.0)
}

/// Sets a value to anything that serialises.
pub fn set_json<T: Serialize + ?Sized>(key: &str, value: &T, ttl: Ttl) -> Result<()> {
    Ok(set(key, serde_json::to_vec(value)?, ttl)?)
}

/// Deletes a value. Fine if there is none.
pub fn delete(key: &str) -> Result<(), Error> {
    host::kv_delete(key)
}

/// Adds to a decimal number (absent counts as 0) and answers the sum.
///
/// The time counts from the first increment: an entry that is there keeps its end.
pub fn increment(key: &str, by: i64, ttl: Ttl) -> Result<i64, Error> {
    host::kv_increment(key, by, ttl.0)
}

/// Sets the value (none deletes it) if the present one is `expected` (none: absent). Whether it was.
pub fn compare_and_set(
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
    ttl: Ttl,
) -> Result<bool, Error> {
    host::kv_compare_and_set(key, expected, value, ttl.0)
}
