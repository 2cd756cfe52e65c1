//! What Hookgate calls outside: mail, OAuth providers, the collector of traces, and HTTP to addresses that others chose.

pub mod collector;
pub mod http;
mod https;
pub mod mail;
pub mod oauth;

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !said.contains(&text) {
            said += &format!(": {text}");
        }
        source = error.source();
    }
    said
}
