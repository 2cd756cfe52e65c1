//! The time, which `std::time` does not have in a plugin without WASI. Needs the grant `clock`.
//!
//! When the request came in is known without it: see [`request::time`](crate::request::time).

use std::time::Duration;

use crate::host;

/// Milliseconds since the Unix epoch, by the server's clock.
pub fn now() -> u64 {
    host::clock_now()
}

/// How long the call has been running; never goes back. For measuring within one call.
pub fn elapsed() -> Duration {
    Duration::from_nanos(host::clock_monotonic())
}
