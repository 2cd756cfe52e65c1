//! `config`: the operator's settings for one plugin.

use crate::bindings::host::hookgate::hooks::config::Host;
use crate::call_state::CallState;

impl Host for CallState {
    fn get(&mut self, key: String) -> Option<String> {
        self.plugin().config.get(&key).map(str::to_owned)
    }

    fn all(&mut self) -> String {
        self.plugin().config.as_json().to_owned()
    }
}
