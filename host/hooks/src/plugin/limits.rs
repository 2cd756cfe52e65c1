//! What one call of one plugin may cost, as the operator sets it.
//!
//! One table: name, default, ceiling, meaning. A breached limit costs that one call and nothing else.

use std::time::Duration;

use serde::{Deserialize, Serialize};

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: default $default:expr, ceiling $ceiling:expr;)*) => {
        /// What one call of one plugin may cost.
        ///
        /// `Default` is what a plugin gets whose manifest says nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// The names, as in a manifest's `[limits]` table.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// What a manifest may ask for at most, unless the operator says otherwise.
            #[must_use]
            pub const fn ceiling() -> Self {
                Self { $($name: $ceiling,)* }
            }

            /// Replaces what `change` names.
            ///
            /// # Errors
            /// A value is zero or above the ceiling.
            pub fn with(mut self, change: &LimitsChange, ceiling: &Self) -> Result<Self, LimitError> {
                $(if let Some(asked) = change.$name {
                    if asked > ceiling.$name {
                        return Err(LimitError::TooHigh {
                            name: stringify!($name), asked, ceiling: ceiling.$name,
                        });
                    }
                    self.$name = asked;
                })*
                self.nonzero()?;
                Ok(self)
            }

            /// # Errors
            /// The first limit that is above the same one of `ceiling`, or zero.
            pub(crate) fn within(&self, ceiling: &Self) -> Result<(), LimitError> {
                $(if self.$name > ceiling.$name {
                    return Err(LimitError::TooHigh {
                        name: stringify!($name), asked: self.$name, ceiling: ceiling.$name,
                    });
                })*
                self.nonzero()
            }
        }

        /// A manifest's `[limits]` table: what it wants to differ from the defaults.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct LimitsChange {
            $($(#[$doc])* pub $name: Option<u64>,)*
        }
    };
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

limits! {
    /// Wall time of a call in milliseconds, start of the instance and waiting in the host included. Above
    /// [`Self::cpu_ms`], so that a busy machine or a slow service is not taken for a loop.
    time_ms: default 1_000, ceiling 10_000;
    /// Time of a call on a processor in milliseconds: without any waiting. Only less than [`Self::time_ms`]
    /// makes a difference.
    cpu_ms: default 100, ceiling 10_000;
    /// Memory in bytes: the sum of all linear memories of the instance.
    memory_bytes: default 64 * MIB, ceiling 512 * MIB;
    /// Elements in all tables together.
    table_elements: default 100_000, ceiling 200_000;
    /// Core instances in the component; interpreters are linked from dozens.
    instances: default 100, ceiling 200;
    /// Linear memories in the component.
    memories: default 8, ceiling 16;
    /// Tables in the component.
    tables: default 32, ceiling 64;
    /// Bytes that the plugin may hand to the host at once: an answer, or the arguments of one host
    /// function.
    hostcall_bytes: default MIB, ceiling 16 * MIB;
    /// Resource handles alive at once.
    max_handles: default 256, ceiling 10_000;
    /// Size of the answer of `modify-jwt` in bytes.
    max_claims_bytes: default 16 * KIB, ceiling 64 * KIB;
    /// Size of the answer of `modify-session` in bytes.
    max_session_bytes: default 16 * KIB, ceiling 64 * KIB;
    /// Error texts are cut at so many bytes.
    max_error_bytes: default 2048, ceiling 16 * KIB;
    /// Bytes that one call may write to the log; the rest is dropped and counted.
    max_log_bytes: default 64 * KIB, ceiling MIB;
    /// Log lines are cut at so many bytes.
    max_log_line_bytes: default 8 * KIB, ceiling 64 * KIB;
    /// Calls of this plugin that run at once; further ones wait.
    concurrent_calls: default 64, ceiling 4096;
    /// Entries that the plugin may keep through `kv`.
    kv_entries: default 10_000, ceiling 1_000_000;
    /// Bytes of keys and values that the plugin may keep through `kv`.
    kv_bytes: default 8 * MIB, ceiling 1024 * MIB;
    /// Size of one value in bytes.
    kv_value_bytes: default 64 * KIB, ceiling MIB;
    /// Requests that one call may make through `http`.
    http_requests: default 4, ceiling 64;
    /// Size of a request's body in bytes.
    http_request_bytes: default 64 * KIB, ceiling 4 * MIB;
    /// Size of an answer's body in bytes.
    http_response_bytes: default 256 * KIB, ceiling 8 * MIB;
    /// How long one request may take in milliseconds; never longer than what the call has left.
    http_timeout_ms: default 5_000, ceiling 10_000;
    /// How long a call waits for its turn, in milliseconds.
    queue_wait_ms: default 500, ceiling 10_000;
}

impl Limits {
    /// [`Self::time_ms`].
    #[must_use]
    pub const fn time(&self) -> Duration {
        Duration::from_millis(self.time_ms)
    }

    /// [`Self::cpu_ms`].
    #[must_use]
    pub const fn cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ms)
    }

    /// With one of these at zero no call could ever succeed, which is what `enabled = false` is for.
    fn nonzero(&self) -> Result<(), LimitError> {
        for (name, value) in [
            ("time_ms", self.time_ms),
            ("cpu_ms", self.cpu_ms),
            ("memory_bytes", self.memory_bytes),
            ("instances", self.instances),
            ("hostcall_bytes", self.hostcall_bytes),
            ("concurrent_calls", self.concurrent_calls),
        ] {
            if value == 0 {
                return Err(LimitError::Zero(name));
            }
        }
        Ok(())
    }
}

/// A limit that can't be set like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Above what the operator allows.
    #[error(
        "`{name}` = {asked} is above the server's ceiling of {ceiling}; lower it, or raise the ceiling in the server's configuration"
    )]
    TooHigh {
        /// The limit.
        name: &'static str,
        /// What the manifest says.
        asked: u64,
        /// What the operator allows.
        ceiling: u64,
    },
    /// No call could succeed.
    #[error("`{0}` = 0 would let no call succeed; use `enabled = false` to switch the plugin off")]
    Zero(&'static str),
}

/// A [`u64`] of the configuration as a size; on a 32-bit host the largest there is.
pub(crate) fn size(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_within_the_ceiling() {
        assert_eq!(Limits::default().within(&Limits::ceiling()), Ok(()));
    }

    #[test]
    fn a_change_replaces_what_it_names_only() {
        let change = LimitsChange { time_ms: Some(250), ..LimitsChange::default() };
        let limits = Limits::default().with(&change, &Limits::ceiling()).expect("within");
        assert_eq!(limits, Limits { time_ms: 250, ..Limits::default() });
    }

    #[test]
    fn a_change_above_the_ceiling_is_named() {
        let change = LimitsChange { memory_bytes: Some(1 << 40), ..LimitsChange::default() };
        let error = Limits::default().with(&change, &Limits::ceiling()).expect_err("too much");
        assert!(error.to_string().contains("`memory_bytes` = 1099511627776"), "{error}");
    }

    #[test]
    fn zero_time_is_refused() {
        let change = LimitsChange { time_ms: Some(0), ..LimitsChange::default() };
        assert_eq!(Limits::default().with(&change, &Limits::ceiling()), Err(LimitError::Zero("time_ms")));
    }
}
