//! A gate that panics.

use hookgate_plugin::{EventHooks, User, plugin};

struct GateTrap;

#[plugin]
impl EventHooks for GateTrap {
    fn allow_signin(user: &User, _provider: &str) -> bool {
        panic!("no luck with {}", user.id)
    }
}
