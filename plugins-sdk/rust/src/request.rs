//! What is known of the request that caused this call. Needs the grant `request`.

use crate::host;

/// Which token `modify_jwt` is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The short-lived one, for calls.
    Access,
    /// The long-lived one, for new pairs.
    Refresh,
}

/// The request's id, as in the server's log and in the answer's `X-Request-Id`.
pub fn id() -> String {
    host::request_id()
}

/// When the request came in: milliseconds since the Unix epoch, by the server's clock.
pub fn time() -> u64 {
    host::request_time()
}

/// The peer's address as text, if there is a peer.
pub fn ip() -> Option<String> {
    host::request_ip()
}

/// The `User-Agent` header, at most 512 bytes.
pub fn user_agent() -> Option<String> {
    host::request_user_agent()
}

/// The way in, as for `allow_signin`; none where there is none (a refresh, say).
pub fn provider() -> Option<String> {
    host::request_provider()
}

/// Whether the user was created by this very request.
pub fn is_new() -> bool {
    host::request_is_new()
}

/// Which token is about to be signed. Set in `modify_jwt` only.
pub fn token_kind() -> Option<TokenKind> {
    host::request_token_kind()
}

/// In an event: its id, the same at each attempt. None elsewhere.
pub fn event_id() -> Option<String> {
    host::request_event_id()
}

/// In an event: 1 at the first delivery. Elsewhere 0.
pub fn attempt() -> u32 {
    host::request_attempt()
}
