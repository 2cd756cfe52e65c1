//! `config`: the operator's settings for one plugin.

use crate::contract::bindings::host::hookgate::hooks::config::Host;
use crate::state::CallState;

impl Host for CallState {
    fn get(&mut self, key: String) -> Option<String> {
        self.plugin().config.get(&key).map(str::to_owned)
    }

    fn all(&mut self) -> String {
        self.plugin().config.as_json().to_owned()
    }
}
