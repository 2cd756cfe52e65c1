//! `secrets`: used by the plugin, never read by it.

use crate::contract::bindings::host::hookgate::hooks::secrets::Host;
use crate::state::CallState;

impl Host for CallState {
    fn names(&mut self) -> Vec<String> {
        self.services().secrets.names()
    }

    fn hmac_sha256(&mut self, name: String, data: Vec<u8>) -> Option<Vec<u8>> {
        self.services().secrets.hmac_sha256(&name, &data)
    }
}
