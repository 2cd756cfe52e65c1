//! Proving an address.

use serde_json::Value;

use super::{Caller, Services, enqueue};
use crate::adapters::{Change, Conflict, StoreError};
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::letter::LetterKind;
use crate::token::TokenKind;
use crate::user::UserPatch;

/// How long the link is good, in seconds.
pub(super) const TTL: i64 = 24 * 3600;

impl Services {
    /// Mails the caller a link that proves the address. Links that were sent before stay good.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn request_verify_email(&self, caller: &Caller) -> Result<(), AuthError> {
        let user = &caller.user;
        let (secret, token) = self.one_time_token(user, TokenKind::Verification, TTL, Value::Null);
        let letter = self.letter(LetterKind::Verification, user, "/verify-email", &secret, TTL);
        self.commit(vec![Change::CreateToken(token), self.post(user, &letter)]).await?;
        Ok(())
    }

    /// Takes a link's token and remembers that the address is proven.
    ///
    /// # Errors
    /// [`AuthError::VerificationTokenInvalid`].
    pub async fn verify_email(&self, request: &RequestContext, token: &str) -> Result<(), AuthError> {
        let invalid = || AuthError::VerificationTokenInvalid;
        let token = self.find_one_time(token, TokenKind::Verification).await?.ok_or_else(invalid)?;
        let user = self.adapters.users.get_user_by_id(&token.user_id).await?.ok_or_else(invalid)?;
        let now = self.clock.now();
        let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
        let mut changes = vec![
            Change::ConsumeToken { key: token.key, kind: TokenKind::Verification, now },
            Change::UpdateUser { id: user.id.clone(), patch, now },
        ];
        let user = crate::user::User { email_verified: true, ..user };
        let event = Event::new(Hook::OnEmailVerify, user, request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::TokenSpent) => invalid(),
            other => other.into(),
        })
    }
}
