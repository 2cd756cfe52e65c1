//! What Hookgate calls outside: mail.

pub mod http;
pub mod mail;
