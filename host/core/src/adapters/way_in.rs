//! How somebody may sign in, for the rule that the last way in stays.

use crate::ids::UserId;

/// Asks for a way in besides one link to an OAuth provider. What counts is what this server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherWayIn {
    /// Who has to have one.
    pub user: UserId,
    /// The link that does not count: its id.
    pub besides: String,
    /// Whether a password does.
    pub passwords: bool,
    /// Whether a passkey does.
    pub passkeys: bool,
    /// Links to these providers do.
    pub providers: Vec<String>,
}
