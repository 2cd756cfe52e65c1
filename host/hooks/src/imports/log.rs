//! `log`: lines of plugins in the server's log.

use crate::contract::bindings::host::hookgate::hooks::log::{Host, Level};
use crate::state::CallState;

impl Host for CallState {
    fn log(&mut self, level: Level, message: String, fields: Vec<(String, String)>) {
        self.host_calls().enter();
        self.log().write(level, &message, &fields);
        self.host_calls().leave();
    }
}
