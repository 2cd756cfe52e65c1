//! Writes to the server's log. Needs the grant `log`.
//!
//! Each line carries the plugin, the hook and the request id without the plugin's doing. Do not write
//! secrets or addresses: a log is read by many.
//!
//! ```
//! # let user = hookgate_plugin::testing::user("ada@example.com");
//! use hookgate_plugin::log;
//!
//! log::info("a plain text");
//! log::info!("formatted like {}", "println!");
//! log::warn!(user.id = user.id, seats = 5; "fields come first, then the text of {}", user.id);
//! ```

use crate::host;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step.
    Trace,
    /// For whoever debugs the plugin.
    Debug,
    /// What normally happens.
    Info,
    /// Odd, but answered.
    Warn,
    /// Something is broken.
    Error,
}

/// Writes one line with structured context. The server keeps at most 16 fields and 8 KiB.
pub fn write(level: Level, message: &str, fields: &[(String, String)]) {
    host::log(level, message, fields);
}

macro_rules! level {
    ($dollar:tt $name:ident $hidden:ident $level:ident $doc:literal) => {
        #[doc = $doc]
        pub fn $name(message: impl AsRef<str>) {
            write(Level::$level, message.as_ref(), &[]);
        }

        #[doc = $doc]
        ///
        /// `info!("text {}", x)` or, with fields, `info!(user.id = id, other = value; "text {}", x)`.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $hidden {
            ($dollar($dollar($dollar key:ident).+ = $dollar value:expr),+; $dollar($dollar text:tt)+) => {
                $dollar crate::log::write(
                    $dollar crate::log::Level::$level,
                    &::std::format!($dollar($dollar text)+),
                    &[$dollar((
                        ::std::string::String::from(::std::stringify!($dollar($dollar key).+)),
                        ::std::string::ToString::to_string(&$dollar value),
                    )),+],
                )
            };
            ($dollar($dollar text:tt)+) => {
                $dollar crate::log::write(
                    $dollar crate::log::Level::$level,
                    &::std::format!($dollar($dollar text)+),
                    &[],
                )
            };
        }

        #[doc(inline)]
        pub use $hidden as $name;
    };
}

level!($ trace __log_trace Trace "Writes one line at level `trace`.");
level!($ debug __log_debug Debug "Writes one line at level `debug`.");
level!($ info __log_info Info "Writes one line at level `info`.");
level!($ warn __log_warn Warn "Writes one line at level `warn`.");
level!($ error __log_error Error "Writes one line at level `error`.");

#[cfg(test)]
mod tests {
    use super::Level;
    use crate::{log, testing};

    #[test]
    fn macros_format_text_and_fields() {
        let host = testing::Host::new();
        let user = testing::user("ada@example.com");

        log::error("plain");
        log::info!("hello {}", user.id);
        log::debug!(user.id = user.id, count = 2; "seen {x}", x = 1);

        let lines = host.logs();
        assert_eq!(lines[0].level, Level::Error);
        assert_eq!(lines[0].message, "plain");
        assert_eq!(lines[1].message, "hello user-ada");
        assert_eq!(lines[2].level, Level::Debug);
        assert_eq!(lines[2].message, "seen 1");
        assert_eq!(lines[2].field("user.id"), Some("user-ada"));
        assert_eq!(lines[2].field("count"), Some("2"));
    }
}
