//! A new address, proven before it counts.

use serde_json::{Value, json};

use super::{Caller, Services, enqueue};
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::letter::{Letter, LetterKind};
use crate::token::TokenKind;
use crate::user::{User, UserPatch};

/// How long the link is good, in seconds.
const TTL: i64 = 30 * 60;

impl Services {
    /// Mails a link to the new address. Nothing changes before it is followed.
    ///
    /// # Errors
    /// [`AuthError::PasswordIncorrect`], [`AuthError::EmailInUse`].
    pub async fn change_email(
        &self,
        request: &RequestContext,
        caller: &Caller,
        new_email: &EmailAddress,
        password: String,
    ) -> Result<(), AuthError> {
        if !self.is_callers_password(request, caller, password).await? {
            return Err(AuthError::PasswordIncorrect);
        }
        let user = &caller.user;
        let holder = self.adapters.users.get_user_by_email(new_email.as_str()).await?;
        if holder.is_some_and(|holder| holder.id != user.id) {
            return Err(AuthError::EmailInUse);
        }
        let data = json!({ "email": new_email.as_str() });
        let (secret, token) = self.one_time_token(user, TokenKind::EmailChange, TTL, data);
        let letter = Letter {
            to: new_email.as_str().to_owned(),
            new_email: Some(new_email.as_str().to_owned()),
            ..self.letter(LetterKind::EmailChange, user, "/account/confirm-email-change", &secret, TTL)
        };
        self.commit(vec![Change::CreateToken(token), self.post(user, &letter)]).await?;
        Ok(())
    }

    /// Takes a link's token and sets the address that it was sent to. Every login ends, other pending
    /// changes are dropped, and the old address is told.
    ///
    /// # Errors
    /// [`AuthError::EmailChangeTokenInvalid`]; [`AuthError::EmailInUse`] if somebody else was faster,
    /// which leaves the token unspent.
    pub async fn confirm_email_change(&self, request: &RequestContext, token: &str) -> Result<(), AuthError> {
        let invalid = || AuthError::EmailChangeTokenInvalid;
        let token = self.find_one_time(token, TokenKind::EmailChange).await?.ok_or_else(invalid)?;
        let new_email = token.data.get("email").and_then(Value::as_str).ok_or_else(invalid)?.to_owned();
        let user = self.adapters.users.get_user_by_id(&token.user_id).await?.ok_or_else(invalid)?;
        let now = self.clock.now();
        let patch =
            UserPatch { email: Some(new_email.clone()), email_verified: Some(true), ..UserPatch::default() };
        let mut changes = vec![
            Change::ConsumeToken { key: token.key, kind: TokenKind::EmailChange, now },
            Change::UpdateUser { id: user.id.clone(), patch, now },
        ];
        // Links that went to the old address must not open the account any more.
        changes.extend(
            [TokenKind::EmailChange, TokenKind::Refresh, TokenKind::PasswordReset, TokenKind::MagicLink]
                .map(|kind| Change::DeleteUserTokens { user: user.id.clone(), kind: Some(kind) }),
        );
        changes.push(Change::DeleteUserSessions(user.id.clone()));
        if user.email != new_email {
            let notice = Letter {
                kind: LetterKind::EmailChanged,
                to: user.email.clone(),
                name: user.name.clone().unwrap_or_else(|| user.email.clone()),
                url: None,
                expires_in_minutes: None,
                new_email: Some(new_email.clone()),
            };
            changes.push(self.post(&user, &notice));
            let changed = User { email: new_email.clone(), email_verified: true, ..user.clone() };
            let event = Event::new(Hook::OnEmailChange, changed, request.clone()).saying(&user.email);
            changes.extend(enqueue(&*self.hooks.pin(), event));
        }
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::TokenSpent) => invalid(),
            StoreError::Conflict(Conflict::EmailTaken) => AuthError::EmailInUse,
            other => other.into(),
        })
    }
}
