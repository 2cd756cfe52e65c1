//! Adding a passkey to an account.

use super::Services;
use super::challenge::Ceremony;
use crate::adapters::{Change, Conflict, StoreError};
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::passkey::Passkey;
use crate::services::{Caller, enqueue};
use crate::webauthn::{Account, CreationOptions, RegistrationResponse, to_base64url};

impl Services {
    /// What the caller's browser is to ask the authenticator for.
    ///
    /// # Errors
    /// [`AuthError::PasskeysNotConfigured`].
    pub async fn begin_passkey_registration(&self, caller: &Caller) -> Result<CreationOptions, AuthError> {
        let site = self.relying_party()?;
        let user = &caller.user;
        let passkeys = self.adapters.passkeys.list_passkeys(&user.id).await?;
        let challenge = self.give_challenge(Ceremony::Registration, Some(user.id.clone())).await?;
        Ok(site.creation_options(challenge, Account { user, passkeys: &passkeys }))
    }

    /// Checks the authenticator's answer and stores the passkey. The challenge is spent whatever comes of
    /// it; another user's stays as it is.
    ///
    /// # Errors
    /// [`AuthError::PasskeysNotConfigured`], [`AuthError::ChallengeInvalid`],
    /// [`AuthError::PasskeyRegistrationFailed`], [`AuthError::PasskeyExists`].
    pub async fn complete_passkey_registration(
        &self,
        request: &RequestContext,
        caller: &Caller,
        response: &RegistrationResponse,
        name: String,
    ) -> Result<Passkey, AuthError> {
        let site = self.relying_party()?;
        let challenge = &response.client_data.challenge;
        let given = self.find_challenge(Ceremony::Registration, challenge).await?;
        let user = &caller.user;
        if given.user_id.as_ref() != Some(&user.id) {
            return Err(AuthError::ChallengeInvalid);
        }
        self.spend_challenge(Ceremony::Registration, challenge).await?;
        let credential = site.check_registration(response).map_err(AuthError::PasskeyRegistrationFailed)?;

        let passkey = Passkey {
            id: to_base64url(&credential.id),
            user_id: user.id.clone(),
            public_key: credential.public_key,
            sign_count: credential.sign_count,
            backup_eligible: Some(credential.backup_eligible),
            aaguid: credential.aaguid,
            name,
            created_at: self.clock.now(),
            last_used_at: None,
        };
        let event = Event::new(Hook::OnPasskeyRegistered, user.clone(), request.clone());
        let mut changes = vec![Change::CreatePasskey(passkey.clone())];
        changes.extend(enqueue(&*self.hooks.pin(), event.about(passkey.clone())));
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::PasskeyExists) => AuthError::PasskeyExists,
            // Deleted while this was on its way.
            StoreError::Conflict(Conflict::UserMissing) => AuthError::NotAuthenticated,
            other => other.into(),
        })?;
        Ok(passkey)
    }
}
