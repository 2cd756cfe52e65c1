//! `clock`: the time, for plugins that have no WASI.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::bindings::host::hookgate::hooks::clock::Host;
use crate::instance::CallState;

impl Host for CallState {
    fn now(&mut self) -> u64 {
        // A clock before 1970 is no clock; 0 is what a guest can best make sense of.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&mut self) -> u64 {
        u64::try_from(self.began().elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
