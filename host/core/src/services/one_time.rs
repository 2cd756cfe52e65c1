//! One-time tokens and the letters that carry them.

use serde_json::Value;

use super::Services;
use crate::adapters::Change;
use crate::error::AuthError;
use crate::ids::generate_secret;
use crate::letter::{Letter, LetterKind};
use crate::token::{Token, TokenKey, TokenKind};
use crate::user::User;

impl Services {
    /// A new one-time token: the secret, and what is stored of it. `ttl` in seconds.
    pub(super) fn one_time_token(
        &self,
        user: &User,
        kind: TokenKind,
        ttl: i64,
        data: Value,
    ) -> (String, Token) {
        let secret = generate_secret();
        let now = self.clock.now();
        let token = Token {
            key: TokenKey::of(&secret),
            kind,
            user_id: user.id.clone(),
            session_id: None,
            data,
            created_at: now,
            expires_at: now.plus(ttl),
        };
        (secret, token)
    }

    /// The stored half of a presented token, which this does not spend.
    pub(super) async fn find_one_time(
        &self,
        secret: &str,
        kind: TokenKind,
    ) -> Result<Option<Token>, AuthError> {
        Ok(self.adapters.tokens.get_token(&TokenKey::of(secret), kind, self.clock.now()).await?)
    }

    /// A letter to a user with a link to `path`, below the prefix, that carries a secret.
    pub(super) fn letter(&self, kind: LetterKind, user: &User, path: &str, secret: &str, ttl: i64) -> Letter {
        Letter {
            kind,
            to: user.email.clone(),
            name: user.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| user.email.clone()),
            url: Some(format!("{}{path}?token={secret}", self.settings.links)),
            expires_in_minutes: Some(ttl / 60),
            new_email: None,
        }
    }

    /// The change that hands a letter over for delivery.
    pub(super) fn post(&self, user: &User, letter: &Letter) -> Change {
        Change::Post { user: user.id.clone(), letter: self.sealer.seal(letter), now_ms: self.clock.now_ms() }
    }
}
