//! FastAuth's `PasskeyAdapter`.

use async_trait::async_trait;

use super::StoreResult;
use crate::clock::Timestamp;
use crate::ids::UserId;
use crate::passkey::{Passkey, PasskeyUse};

/// Where WebAuthn credentials live.
#[async_trait]
pub trait PasskeyAdapter: Send + Sync {
    /// Stores a passkey.
    ///
    /// # Errors
    /// [`Conflict::PasskeyExists`](super::Conflict::PasskeyExists) if a credential of that id exists,
    /// whoever has it; [`Conflict::UserMissing`](super::Conflict::UserMissing).
    async fn create_passkey(&self, passkey: Passkey) -> StoreResult<()>;

    /// The passkey of a credential id.
    async fn get_passkey(&self, id: &str) -> StoreResult<Option<Passkey>>;

    /// A user's passkeys, the oldest first.
    async fn list_passkeys(&self, user: &UserId) -> StoreResult<Vec<Passkey>>;

    /// Remembers a use: the authenticator's new counter, the flag BE if it is not known yet, and the time. A
    /// counter goes up, or stays at 0.
    ///
    /// # Errors
    /// [`Conflict::PasskeyMissing`](super::Conflict::PasskeyMissing);
    /// [`Conflict::PasskeyCounter`](super::Conflict::PasskeyCounter), also if another use was faster: two
    /// copies of an authenticator must not get through side by side.
    async fn update_passkey(&self, id: &str, used: PasskeyUse, now: Timestamp) -> StoreResult<()>;

    /// Removes a passkey; nothing happens if there is none.
    async fn delete_passkey(&self, id: &str) -> StoreResult<()>;

    /// Removes all of a user's passkeys.
    async fn delete_user_passkeys(&self, user: &UserId) -> StoreResult<()>;
}
