//! Sessions: one per login.

use crate::JsonObject;
use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};
use crate::token::TokenKey;

/// One login on one device.
///
/// With `session_strategy = "jwt"` it is what a chain of refresh tokens belongs to; with
/// `"database"` it is what the opaque session token stands for. Ending it ends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Public: listed to the user, the `sid` of tokens.
    pub id: SessionId,
    /// Whose login it is.
    pub user_id: UserId,
    /// The digest of the session token, with `session_strategy = "database"` only.
    pub key: Option<TokenKey>,
    /// The peer's address at sign-in.
    pub ip_address: Option<String>,
    /// The `User-Agent` at sign-in.
    pub user_agent: Option<String>,
    /// What `modify_session` added.
    pub payload: JsonObject,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// From when on it counts as ended.
    pub expires_at: Timestamp,
}
