//! The functions of a plugin's server, by the server in memory.

use serde_json::Value;

use super::fake_state::with;
use crate::log::Level;
use crate::request::TokenKind;
use crate::testing::records::LogLine;

pub(crate) fn log(level: Level, message: &str, fields: &[(String, String)]) {
    let line = LogLine { level, message: message.to_owned(), fields: fields.to_vec() };
    with(|state| state.lines.push(line));
}

pub(crate) fn config_get(key: &str) -> Option<String> {
    with(|state| {
        state.config.get(key).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    })
}

pub(crate) fn config_all() -> String {
    with(|state| Value::Object(state.config.clone()).to_string())
}

pub(crate) fn clock_now() -> u64 {
    with(|state| state.now.unwrap_or(state.request.time))
}

/// A microsecond more at each reading, so that a test measures the same each time.
pub(crate) fn clock_monotonic() -> u64 {
    with(|state| {
        state.readings += 1;
        state.readings * 1_000
    })
}

pub(crate) fn random_bytes(length: u32) -> Vec<u8> {
    (0..length).map(|_| random_number() as u8).collect()
}

/// SplitMix64: the same numbers in each test.
pub(crate) fn random_number() -> u64 {
    with(|state| {
        state.random = state.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    })
}

pub(crate) fn request_id() -> String {
    with(|state| state.request.id.clone())
}

pub(crate) fn request_time() -> u64 {
    with(|state| state.request.time)
}

pub(crate) fn request_ip() -> Option<String> {
    with(|state| state.request.ip.clone())
}

pub(crate) fn request_user_agent() -> Option<String> {
    with(|state| state.request.user_agent.clone())
}

pub(crate) fn request_provider() -> Option<String> {
    with(|state| state.request.provider.clone())
}

pub(crate) fn request_is_new() -> bool {
    with(|state| state.request.is_new)
}

pub(crate) fn request_token_kind() -> Option<TokenKind> {
    with(|state| state.request.token_kind)
}

pub(crate) fn request_event_id() -> Option<String> {
    with(|state| state.request.event_id.clone())
}

pub(crate) fn request_attempt() -> u32 {
    with(|state| state.request.attempt)
}
