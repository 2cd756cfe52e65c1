//! What only a browser can tell: the real server, and pages in a real Chromium that is driven through its
//! DevTools protocol.
//!
//! `TEST_BROWSER` names the browser, if it is not in the path under a usual name; `TEST_BROWSER=none` leaves
//! these tests out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chromium;
#[path = "../live/kit/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with tests that use more of it")]
mod kit;
mod passkeys;
mod reset_password;
mod site;
