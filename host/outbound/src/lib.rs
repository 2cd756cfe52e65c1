//! What Hookgate calls outside: mail, and HTTP to addresses that others chose.

pub mod http;
pub mod mail;
