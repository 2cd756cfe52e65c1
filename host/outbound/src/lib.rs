//! What Hookgate calls outside: mail.

pub mod mail;
