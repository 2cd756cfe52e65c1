//! A new password for someone who forgot the old one.

use serde_json::Value;

use super::{Services, enqueue};
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::letter::LetterKind;
use crate::token::TokenKind;
use crate::user::UserPatch;

/// How long the link is good, in seconds.
pub(super) const TTL: i64 = 30 * 60;

impl Services {
    /// Mails a link, if somebody active has that address. The answer is the same for all, and so is the
    /// work: sending is done later, by somebody else.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn forgot_password(&self, email: &EmailAddress) -> Result<(), AuthError> {
        let user = self.adapters.users.get_user_by_email(email.as_str()).await?;
        let Some(user) = user.filter(|user| user.is_active) else {
            // As much waiting for the disk as for a known address.
            self.commit(self.idle_change()).await?;
            return Ok(());
        };
        let (secret, token) = self.one_time_token(&user, TokenKind::PasswordReset, TTL, Value::Null);
        let letter = self.letter(LetterKind::PasswordReset, &user, "/reset-password", &secret, TTL);
        self.commit(vec![Change::CreateToken(token), self.post(&user, &letter)]).await?;
        Ok(())
    }

    /// Sets a new password with a link's token, and ends every login of the user. A weak password is
    /// refused before the token is spent. A lock is lifted: whoever reads the mail is the owner. Passkeys
    /// stay, unless the address was never proven before: they may be somebody else's then.
    ///
    /// # Errors
    /// [`AuthError::PasswordPolicy`], [`AuthError::ResetTokenInvalid`], [`AuthError::Busy`].
    pub async fn reset_password(
        &self,
        request: &RequestContext,
        token: &str,
        password: String,
    ) -> Result<(), AuthError> {
        let invalid = || AuthError::ResetTokenInvalid;
        let token = self.find_one_time(token, TokenKind::PasswordReset).await?.ok_or_else(invalid)?;
        self.settings.password.check(&password)?;
        let user = self.adapters.users.get_user_by_id(&token.user_id).await?.ok_or_else(invalid)?;
        let hash = Some(self.hasher.hash(password).await?);
        let now = self.clock.now();
        let mut changes = vec![
            Change::ConsumeToken { key: token.key, kind: TokenKind::PasswordReset, now },
            Change::SetPassword { id: user.id.clone(), hash, now },
        ];
        changes.extend(
            [TokenKind::PasswordReset, TokenKind::Refresh, TokenKind::MagicLink]
                .map(|kind| Change::DeleteUserTokens { user: user.id.clone(), kind: Some(kind) }),
        );
        if !self.settings.security.register_reveals_existing {
            // Signing in needs a proven address, and whoever reads its mail has just proven it.
            let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
            changes.push(Change::UpdateUser { id: user.id.clone(), patch, now });
        }
        changes.push(Change::DeleteUserSessions(user.id.clone()));
        if !user.email_verified {
            changes.push(Change::DeleteUserPasskeys(user.id.clone()));
            // Linked by whoever registered the address, who was perhaps not the one who reads its mail.
            changes.push(Change::DeleteUserOAuthAccounts(user.id.clone()));
        }
        changes.push(Change::ClearLoginAttempts(self.attempt_keys(request, &user.email, Some(&user))));
        let event = Event::new(Hook::OnPasswordReset, user, request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::TokenSpent) => invalid(),
            other => other.into(),
        })
    }
}
