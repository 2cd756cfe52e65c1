//! The operator's choices, as the services need them. Checked when the configuration is read.

use std::collections::BTreeSet;

use crate::adapters::LockoutRule;
use crate::passwords::PasswordPolicy;
use crate::tokens::{Algorithm, KeySchedule};
use crate::webauthn::RelyingParty;

/// What a login is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionStrategy {
    /// A signed access token that services check by themselves, and a refresh token.
    #[default]
    Jwt,
    /// An opaque session token that only this server can check, and can revoke at once.
    Database,
}

/// Signatures, lifetimes (in seconds) and addressees of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// How tokens are signed.
    pub algorithm: Algorithm,
    /// Whether the public keys are published.
    pub jwks_enabled: bool,
    /// How long a key that the server made signs before the next one does; none: until it is told to.
    pub key_rotation_interval: Option<i64>,
    /// How long a key is published before it signs.
    pub key_publish_ahead: i64,
    /// How long an access token is good.
    pub access_token_ttl: i64,
    /// How long a refresh token, or a session, is good.
    pub refresh_token_ttl: i64,
    /// The same for a login with "remember me".
    pub remember_me_ttl: i64,
    /// How long a spent refresh token may be presented once more because its answer was lost; 0: never.
    pub refresh_grace: i64,
    /// Whether an access token ends with its session.
    pub check_session: bool,
    /// The claim `iss`; left out and unchecked if none.
    pub issuer: Option<String>,
    /// The claim `aud`; left out and unchecked if empty.
    pub audience: Vec<String>,
}

/// Nobody gives up waiting for an answer sooner than this, in seconds: two uses of a refresh token that are
/// closer together are a race or a theft, not a retry.
pub const SOONEST_RETRY: i64 = 3;

impl Default for JwtSettings {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Hs256,
            jwks_enabled: false,
            key_rotation_interval: Some(7_776_000),
            key_publish_ahead: 86_400,
            access_token_ttl: 900,
            refresh_token_ttl: 2_592_000,
            remember_me_ttl: 7_776_000,
            refresh_grace: 30,
            check_session: false,
            issuer: None,
            audience: Vec::new(),
        }
    }
}

impl JwtSettings {
    /// When keys that the server makes are replaced.
    #[must_use]
    pub fn key_schedule(&self) -> KeySchedule {
        KeySchedule {
            algorithm: self.algorithm,
            interval: self.key_rotation_interval,
            publish_ahead: self.key_publish_ahead,
            longest_ttl: self.access_token_ttl.max(self.refresh_token_ttl).max(self.remember_me_ttl),
        }
    }
}

/// When wrong passwords lock an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecuritySettings {
    /// How many, for how long.
    pub lockout: LockoutRule,
    /// Whether failures count against the peer's address as well.
    pub login_attempts_by_ip: bool,
    /// Whether a registration with a taken address says so.
    pub register_reveals_existing: bool,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self {
            lockout: LockoutRule { max_attempts: 5, lockout_seconds: 300, window_seconds: 900 },
            login_attempts_by_ip: false,
            register_reveals_existing: true,
        }
    }
}

/// A moment at which `allow-signin` may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateMoment {
    /// Sign-in with a password.
    Credentials,
    /// Sign-in through an OAuth provider.
    OAuth,
    /// Sign-in by a mailed link.
    MagicLink,
    /// Sign-in with a passkey.
    Passkey,
    /// Registration, before the first tokens.
    Register,
    /// Each refresh.
    Refresh,
}

impl GateMoment {
    /// Every moment, with its name in `[hooks] allow_signin_on`.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("credentials", Self::Credentials),
        ("oauth", Self::OAuth),
        ("magic_link", Self::MagicLink),
        ("passkey", Self::Passkey),
        ("register", Self::Register),
        ("refresh", Self::Refresh),
    ];

    /// FastAuth's four ways in.
    #[must_use]
    pub fn defaults() -> BTreeSet<Self> {
        [Self::Credentials, Self::OAuth, Self::MagicLink, Self::Passkey].into()
    }
}

/// How often and how patiently events are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSettings {
    /// After how many attempts a delivery is given up.
    pub max_attempts: u32,
    /// The pause after the first failure, in milliseconds; it doubles with each further one.
    pub first_retry_ms: i64,
    /// The longest pause, in milliseconds.
    pub longest_retry_ms: i64,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self { max_attempts: 12, first_retry_ms: 1_000, longest_retry_ms: 600_000 }
    }
}

/// What is allowed on the way through OAuth providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthSettings {
    /// Where providers may send users back to; if empty, wherever the provider lets them.
    pub allowed_redirect_uris: Vec<String>,
    /// Whether the providers' own tokens are kept, sealed.
    pub store_provider_tokens: bool,
    /// Whether a flow must end in the browser that began it.
    pub bind_browser: bool,
}

impl Default for OAuthSettings {
    fn default() -> Self {
        Self { allowed_redirect_uris: Vec::new(), store_provider_tokens: false, bind_browser: true }
    }
}

/// The ways in that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Providers {
    /// Registration and sign-in with a password.
    pub credentials: bool,
    /// Sign-in by a mailed link.
    pub magic_links: bool,
}

impl Default for Providers {
    fn default() -> Self {
        Self { credentials: true, magic_links: false }
    }
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The ways in that exist.
    pub providers: Providers,
    /// What a login is.
    pub session_strategy: SessionStrategy,
    /// Tokens.
    pub jwt: JwtSettings,
    /// What a new password must look like.
    pub password: PasswordPolicy,
    /// Lock-out.
    pub security: SecuritySettings,
    /// The role that every new user gets; it must exist.
    pub default_role: Option<String>,
    /// When `allow-signin` is asked.
    pub allow_signin_on: BTreeSet<GateMoment>,
    /// Delivery of events and letters.
    pub events: EventSettings,
    /// What mailed links begin with: the server's address and the prefix of its routes.
    pub links: String,
    /// How long a mailed link that signs in is good, in seconds.
    pub magic_link_ttl: i64,
    /// The site that passkeys are for; without it nobody signs in with one.
    pub passkeys: Option<RelyingParty>,
    /// OAuth providers.
    pub oauth: OAuthSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            providers: Providers::default(),
            session_strategy: SessionStrategy::default(),
            jwt: JwtSettings::default(),
            password: PasswordPolicy::default(),
            security: SecuritySettings::default(),
            default_role: None,
            allow_signin_on: GateMoment::defaults(),
            events: EventSettings::default(),
            links: "http://localhost:8000/auth".to_owned(),
            magic_link_ttl: 900,
            passkeys: None,
            oauth: OAuthSettings::default(),
        }
    }
}
