//! `clock`: the time, for plugins that have no WASI.

use crate::contract::bindings::host::hookgate::hooks::clock::Host;
use crate::state::CallState;

impl Host for CallState {
    fn now(&mut self) -> u64 {
        u64::try_from(self.services().clock.now_ms()).unwrap_or(0)
    }

    fn monotonic(&mut self) -> u64 {
        u64::try_from(self.began().elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
