//! What can go wrong in storage.

/// A rule of the data that a change would have broken. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another user has that address.
    #[error("the address is taken")]
    EmailTaken,
    /// There is no such user.
    #[error("no such user")]
    UserMissing,
    /// The token to be consumed is not there (any more).
    #[error("the token is spent, expired or unknown")]
    TokenSpent,
    /// There is no such session.
    #[error("no such session")]
    SessionMissing,
    /// A role of that name exists.
    #[error("the role exists")]
    RoleExists,
    /// There is no such role.
    #[error("no such role")]
    RoleMissing,
    /// That provider account is linked to a user.
    #[error("the provider account is linked")]
    OAuthAccountTaken,
    /// A passkey of that id exists.
    #[error("the passkey exists")]
    PasskeyExists,
    /// There is no such passkey.
    #[error("no such passkey")]
    PasskeyMissing,
    /// A use of a passkey has a counter that does not go up.
    #[error("the passkey's counter would go back")]
    PasskeyCounter,
    /// Nothing else lets the user in.
    #[error("the last way to sign in")]
    LastWayIn,
}

/// An adapter could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data says no.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The storage is out of reach, full or broken.
    #[error("storage failed: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The conflict, if it is one.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Conflict(conflict) => Some(*conflict),
            Self::Unavailable(_) => None,
        }
    }

    /// A failure of the storage itself.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}
