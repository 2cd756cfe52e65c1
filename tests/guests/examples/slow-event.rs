//! An event hook that never comes to an end.

use hookgate_plugin::{EventHooks, User, plugin};

struct SlowEvent;

#[plugin]
impl EventHooks for SlowEvent {
    fn on_signin(user: &User, _provider: &str) {
        loop {
            std::hint::black_box(user);
        }
    }
}
