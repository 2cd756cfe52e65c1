//! Challenges: what an authenticator has to sign, so that its answer is good once and soon.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Services;
use crate::error::AuthError;
use crate::ids::UserId;
use crate::webauthn::to_base64url;

/// How long a challenge can be answered, in seconds.
const TTL: i64 = 300;
/// The length of a challenge in base64url. What is longer was never given, and is not looked for.
const LENGTH: usize = 86;

/// What a challenge was given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Registration,
    SignIn,
}

/// What is remembered of a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Challenge {
    /// Who may answer; anybody if none. It may be nobody.
    pub(super) user_id: Option<UserId>,
}

impl Services {
    /// A new challenge, as text.
    pub(super) async fn give_challenge(
        &self,
        ceremony: Ceremony,
        user_id: Option<UserId>,
    ) -> Result<String, AuthError> {
        let bytes: [[u8; 32]; 2] = rand::random();
        let challenge = to_base64url(bytes.as_flattened());
        let expires_at = self.clock.now().plus(TTL);
        let state = serde_json::to_value(Challenge { user_id })
            .map_err(|error| AuthError::Internal(format!("a challenge: {error}")))?;
        self.adapters.backend.write(&key(ceremony, &challenge), state, expires_at).await?;
        Ok(challenge)
    }

    /// Looks at a challenge, which stays good.
    pub(super) async fn find_challenge(
        &self,
        ceremony: Ceremony,
        challenge: &str,
    ) -> Result<Challenge, AuthError> {
        if challenge.len() != LENGTH {
            return Err(AuthError::ChallengeInvalid);
        }
        let key = key(ceremony, challenge);
        let found = self.adapters.backend.read(&key, self.clock.now()).await?;
        found.and_then(parse).ok_or(AuthError::ChallengeInvalid)
    }

    /// Spends a challenge. Of several callers exactly one succeeds.
    pub(super) async fn spend_challenge(&self, ceremony: Ceremony, challenge: &str) -> Result<(), AuthError> {
        let taken = self.adapters.backend.take(&key(ceremony, challenge), self.clock.now()).await?;
        taken.map(drop).ok_or(AuthError::ChallengeInvalid)
    }
}

fn key(ceremony: Ceremony, challenge: &str) -> String {
    let prefix = match ceremony {
        Ceremony::Registration => "pk_reg",
        Ceremony::SignIn => "pk_auth",
    };
    format!("{prefix}:{challenge}")
}

fn parse(state: Value) -> Option<Challenge> {
    serde_json::from_value(state).ok()
}
