//! A gate that cannot answer, and says why.

use hookgate_plugin::{EventHooks, Result, User, plugin};

struct GateError;

#[plugin]
impl EventHooks for GateError {
    fn allow_signin(_user: &User, _provider: &str) -> Result<bool> {
        Err("the list of members is not there")?
    }
}
