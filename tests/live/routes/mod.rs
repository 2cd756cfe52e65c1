//! The HTTP API, by resource.

mod bad_input;
mod cookies;
mod database_sessions;
mod keys;
mod login;
mod mail;
mod mail_transports;
mod me;
mod oauth;
mod passkeys;
mod refresh;
mod register;
mod sessions;
mod tokens;
