//! Sign-up that does not tell whether an address has an account.

use serde_json::Value;

use super::{Register, Services, enqueue, reset_password, verify_email};
use crate::adapters::{Change, Conflict, StoreError};
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::letter::LetterKind;
use crate::token::TokenKind;
use crate::user::User;

impl Services {
    /// Creates a user who signs in once the address is proven. A taken address gets the same answer and
    /// costs the same work; its owner is told by mail. Nobody is signed in: with tokens, or with a sign-in
    /// by the password just chosen, the caller would know whether the account is new.
    ///
    /// # Errors
    /// [`AuthError::PasswordPolicy`], [`AuthError::Busy`], [`AuthError::CredentialsNotConfigured`].
    pub async fn register_quietly(&self, request: &RequestContext, input: Register) -> Result<(), AuthError> {
        if !self.settings.providers.credentials {
            return Err(AuthError::CredentialsNotConfigured);
        }
        self.settings.password.check(&input.password)?;
        let known = self.adapters.users.get_user_by_email(input.email.as_str()).await?;
        let password_hash = self.hasher.hash(input.password).await?;
        let changes = match known {
            Some(user) if !user.is_active => self.idle_change(),
            Some(user) if user.email_verified => self.tell_owner(&user),
            // The first mail was perhaps lost. The password stays the one of the first registration.
            Some(user) => self.ask_for_proof(&user),
            None => {
                let user = self.new_user(input.email, input.name);
                let event =
                    Event { is_new: true, ..Event::new(Hook::OnSignup, user.clone(), request.clone()) };
                let mut changes = self.create_user(user.clone(), Some(password_hash));
                changes.extend(self.ask_for_proof(&user));
                changes.extend(enqueue(&*self.hooks.pin(), event));
                changes
            }
        };
        match self.commit(changes).await {
            // Somebody registered the same new address at the same time, and gets the mail.
            Err(StoreError::Conflict(Conflict::EmailTaken)) => Ok(()),
            result => Ok(result?),
        }
    }

    fn ask_for_proof(&self, user: &User) -> Vec<Change> {
        let ttl = verify_email::TTL;
        let (secret, token) = self.one_time_token(user, TokenKind::Verification, ttl, Value::Null);
        let letter = self.letter(LetterKind::Verification, user, "/verify-email", &secret, ttl);
        vec![Change::CreateToken(token), self.post(user, &letter)]
    }

    fn tell_owner(&self, user: &User) -> Vec<Change> {
        let ttl = reset_password::TTL;
        let (secret, token) = self.one_time_token(user, TokenKind::PasswordReset, ttl, Value::Null);
        let letter = self.letter(LetterKind::AccountExists, user, "/reset-password", &secret, ttl);
        vec![Change::CreateToken(token), self.post(user, &letter)]
    }

    /// Changes nothing, but waits for the disk as long as a change does.
    pub(super) fn idle_change(&self) -> Vec<Change> {
        vec![Change::ClearLoginAttempts(vec!["none".to_owned()])]
    }

    /// Whether an account may be signed in to with its password.
    pub(super) fn takes_passwords(&self, user: &User) -> bool {
        user.is_active && (self.settings.security.register_reveals_existing || user.email_verified)
    }
}
