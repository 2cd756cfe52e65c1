//! A gate that writes ten times as much to the log as it may, with control characters, then allows.

use hookgate_plugin::{EventHooks, User, log, plugin};

struct LogFlood;

#[plugin]
impl EventHooks for LogFlood {
    fn allow_signin(_user: &User, _provider: &str) -> bool {
        // One line that is too long, one that tries to look like two, and many.
        log::warn(format!("long {}", "x".repeat(20_000)));
        log::warn("first\nsecond \x1b[31mred\x1b[0m");
        for number in 0..640 {
            log::info!(number = number; "{}", "x".repeat(1_000));
        }
        true
    }
}
