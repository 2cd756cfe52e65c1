//! Calls to the server, through the generated bindings.

use crate::bindings::host::hookgate::hooks::{clock, config, log, random, request};
use crate::log::Level;
use crate::request::TokenKind;

pub(crate) fn log(level: Level, message: &str, fields: &[(String, String)]) {
    let level = match level {
        Level::Trace => log::Level::Trace,
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    };
    log::log(level, message, fields);
}

pub(crate) fn request_token_kind() -> Option<TokenKind> {
    request::token_kind().map(|kind| match kind {
        request::TokenType::Access => TokenKind::Access,
        request::TokenType::Refresh => TokenKind::Refresh,
    })
}

pub(crate) use clock::{monotonic as clock_monotonic, now as clock_now};
pub(crate) use config::{all as config_all, get as config_get};
pub(crate) use random::{bytes as random_bytes, number as random_number};
pub(crate) use request::{
    attempt as request_attempt, event_id as request_event_id, id as request_id, ip as request_ip,
    is_new as request_is_new, provider as request_provider, time as request_time,
    user_agent as request_user_agent,
};
