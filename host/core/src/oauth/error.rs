//! What can go wrong on the way through a provider.

/// A step of the exchange in which the provider may say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeStep {
    /// The code for tokens.
    Token,
    /// The access token for what is known of the user.
    UserInfo,
}

impl std::fmt::Display for ExchangeStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token => "token exchange",
            Self::UserInfo => "user info request",
        })
    }
}

/// A provider gave no identity. No text holds a code, a token or a client secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It said no.
    #[error("{step} refused: {reason}")]
    Refused {
        /// To what.
        step: ExchangeStep,
        /// Its own words, shortened and without odd characters.
        reason: String,
    },
    /// It said something that must not be believed.
    #[error("not believed: {0}")]
    Untrusted(String),
    /// It is out of reach, or answers what no provider should.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Why an OAuth request was refused or could not be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// There is no provider of that id.
    #[error("unknown OAuth provider")]
    ProviderNotFound(String),
    /// The redirect URI is none, or not one of those that the operator allows.
    #[error("the redirect URI is not registered")]
    RedirectUriNotRegistered,
    /// The state is unknown, spent, expired, of another kind of flow or of another browser.
    #[error("invalid OAuth state")]
    StateInvalid,
    /// The state is that of a sign-in, at the end of a link.
    #[error("invalid link state")]
    LinkStateInvalid,
    /// The state is that of a flow through another provider.
    #[error("the state belongs to another provider")]
    StateProviderMismatch,
    /// The provider sent the user back with an error instead of a code.
    #[error("the provider answered `{0}`")]
    Declined(String),
    /// The provider gave no identity.
    #[error("{label}: {error}")]
    Provider {
        /// The provider's name for people.
        label: String,
        /// Why not.
        error: ProviderError,
    },
    /// The user of a link is gone.
    #[error("the linked user is gone")]
    LinkedUserMissing,
    /// Somebody here has the address, and the provider does not say that it is proven.
    #[error("the provider's e-mail address is not verified")]
    EmailUnverified,
    /// Nobody is linked yet, and the provider gives no address that an account could have.
    #[error("the provider gave no usable e-mail address")]
    EmailMissing,
    /// The provider account is linked to somebody, perhaps to the caller.
    #[error("the provider account is linked already")]
    AccountTaken,
    /// The caller has no link to that provider.
    #[error("no linked account")]
    AccountNotFound(String),
    /// Without this link the caller could not sign in any more.
    #[error("the last way to sign in")]
    LastWayIn,
}
