//! A gate that takes memory until there is none.

use hookgate_plugin::{EventHooks, User, plugin};

struct GateGrow;

#[plugin]
impl EventHooks for GateGrow {
    fn allow_signin(_user: &User, _provider: &str) -> bool {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            // Written to, so that the memory is really taken.
            hoard.push(vec![1; 1 << 20]);
            std::hint::black_box(&hoard);
        }
    }
}
