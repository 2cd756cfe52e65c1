//! The HTTP API, by resource.

mod bad_input;
mod clients;
mod cookies;
mod database_sessions;
mod enumeration;
mod keys;
mod login;
mod mail;
mod mail_transports;
mod me;
mod oauth;
mod passkeys;
mod rate_limits;
mod refresh;
mod register;
mod roles;
mod sessions;
mod tokens;
