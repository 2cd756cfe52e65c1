//! Lets nobody in, and says so to the client, the user and the operator.

use hookgate_plugin::{Denial, EventHooks, User, plugin};

struct DenyAll;

#[plugin]
impl EventHooks for DenyAll {
    fn allow_signin(user: &User, provider: &str) -> Denial {
        Denial::new("banned")
            .message("This account is closed.")
            .reason(format!("deny-all: {} by {provider}", user.id))
    }
}
