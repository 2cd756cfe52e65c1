//! What a plugin may know of the request that caused its call.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The request, as far as hooks, sessions and events need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestContext {
    /// The id that the log and the answer's `X-Request-Id` carry.
    pub id: String,
    /// When it came in, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// The peer's address.
    pub ip: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
}

/// Which of the two tokens of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// Presented to services.
    Access,
    /// Presented to `/refresh` alone.
    Refresh,
}

impl TokenUse {
    /// The claim `type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// The surroundings of one hook call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookContext {
    /// The request behind it, which each of its calls shares.
    pub request: Arc<RequestContext>,
    /// The way in, where there is one.
    pub provider: Option<String>,
    /// Whether this request created the user.
    pub is_new: bool,
    /// In `modify-jwt`: which token.
    pub token_use: Option<TokenUse>,
    /// In an event: its id.
    pub event_id: Option<String>,
    /// In an event: 1 at the first delivery; elsewhere 0.
    pub attempt: u32,
}

impl HookContext {
    /// The context of a request without a way in.
    #[must_use]
    pub fn of(request: RequestContext) -> Self {
        Self { request: Arc::new(request), ..Self::default() }
    }

    /// The same for a way in.
    #[must_use]
    pub fn by(self, provider: &str) -> Self {
        Self { provider: Some(provider.to_owned()), ..self }
    }

    /// The same for one of the two tokens.
    #[must_use]
    pub fn for_token(&self, token_use: TokenUse) -> Self {
        Self { token_use: Some(token_use), ..self.clone() }
    }
}
