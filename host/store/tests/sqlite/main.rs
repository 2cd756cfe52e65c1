//! What SQLite promises beyond the adapters' traits: opening, durability, sharing, backups.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod durability;
mod opening;
mod sharing;
mod support;
