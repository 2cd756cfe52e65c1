//! A gate that never answers.

use hookgate_plugin::{EventHooks, User, plugin};

struct GateLoop;

#[plugin]
impl EventHooks for GateLoop {
    fn allow_signin(user: &User, _provider: &str) -> bool {
        loop {
            std::hint::black_box(user);
        }
    }
}
