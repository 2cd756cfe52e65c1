//! Signing in with a passkey.

use super::Services;
use super::challenge::Ceremony;
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext};
use crate::ids::UserId;
use crate::passkey::Passkey;
use crate::services::{SignedIn, enqueue};
use crate::settings::GateMoment;
use crate::user::User;
use crate::webauthn::{AssertionResponse, CeremonyError, CredentialDescriptor, RequestOptions, to_base64url};

/// The id of this way in.
const PROVIDER: &str = "passkey";

impl Services {
    /// What a browser is to ask its authenticator for. With an address, the passkeys of that user will do
    /// and no others; who has none, or no account, gets an invented one, always the same. Without an
    /// address the authenticator offers what it finds.
    ///
    /// # Errors
    /// [`AuthError::PasskeysNotConfigured`].
    pub async fn begin_passkey_sign_in(&self, email: Option<&str>) -> Result<RequestOptions, AuthError> {
        let site = self.relying_party()?;
        let (user_id, allowed) = match email {
            Some(email) => {
                let (user_id, allowed) = self.passkeys_of_address(email).await?;
                (Some(user_id), allowed)
            }
            None => (None, Vec::new()),
        };
        let challenge = self.give_challenge(Ceremony::SignIn, user_id).await?;
        Ok(site.request_options(challenge, allowed))
    }

    /// Who has an address, and what they may sign in with. The work is the same for an unknown address.
    async fn passkeys_of_address(
        &self,
        email: &str,
    ) -> Result<(UserId, Vec<CredentialDescriptor>), AuthError> {
        let address = EmailAddress::parse(email).ok();
        let address = address.as_ref().map_or(email, EmailAddress::as_str);
        let user = self.adapters.users.get_user_by_email(address).await?;
        // A new id is nobody's.
        let user_id = user.map_or_else(UserId::generate, |user| user.id);
        let passkeys = self.adapters.passkeys.list_passkeys(&user_id).await?;
        let decoy = self.decoy(address);
        let allowed = match passkeys.as_slice() {
            [] => vec![decoy],
            passkeys => passkeys.iter().map(CredentialDescriptor::from).collect(),
        };
        Ok((user_id, allowed))
    }

    /// A credential that does not exist, as long as those of common authenticators.
    fn decoy(&self, address: &str) -> CredentialDescriptor {
        let bytes = self.sealer.pseudonym("passkey-decoy", address);
        let length = [16, 20, 32][usize::from(bytes[31]) % 3];
        CredentialDescriptor::of(to_base64url(&bytes[..length]))
    }

    /// Checks the authenticator's answer and opens a session. The challenge is spent whatever comes of it,
    /// unless a plugin fails.
    ///
    /// # Errors
    /// [`AuthError::PasskeysNotConfigured`], [`AuthError::ChallengeInvalid`],
    /// [`AuthError::PasskeyUnknown`], [`AuthError::PasskeyRefused`], [`AuthError::PasskeyUserInactive`],
    /// [`AuthError::Denied`], [`AuthError::HookFailed`].
    pub async fn complete_passkey_sign_in(
        &self,
        request: &RequestContext,
        response: &AssertionResponse,
    ) -> Result<SignedIn, AuthError> {
        let challenge = &response.client_data.challenge;
        let signed_in = self.sign_in_with_passkey(request, response).await;
        match &signed_in {
            // Spent already, or none, or not the fault of the answer.
            Ok(_)
            | Err(
                AuthError::PasskeysNotConfigured
                | AuthError::ChallengeInvalid
                | AuthError::HookFailed(_)
                | AuthError::Store(_),
            ) => {}
            // It was tried and is spent, whoever was faster.
            Err(_) => match self.spend_challenge(Ceremony::SignIn, challenge).await {
                Ok(()) | Err(AuthError::ChallengeInvalid) => {}
                Err(error) => return Err(error),
            },
        }
        signed_in
    }

    async fn sign_in_with_passkey(
        &self,
        request: &RequestContext,
        response: &AssertionResponse,
    ) -> Result<SignedIn, AuthError> {
        let (passkey, sign_count) = self.prove_passkey(request, response).await?;
        let used = Change::UpdatePasskey { id: passkey.id, sign_count, now: self.clock.now() };
        let chain = self.hooks.pin();
        let failed = |user: &User, reason: &str| {
            let event = Event::new(Hook::OnSigninFailed, user.clone(), request.clone());
            enqueue(&*chain, event.by(PROVIDER).saying(reason))
        };
        let user = self.adapters.users.get_user_by_id(&passkey.user_id).await?;
        // The row of a passkey goes with its user's.
        let user = user.ok_or(AuthError::PasskeyUserInactive)?;
        if !user.is_active {
            self.commit_use([used].into_iter().chain(failed(&user, "inactive")).collect()).await?;
            return Err(AuthError::PasskeyUserInactive);
        }

        let context = HookContext::of(request.clone()).by(PROVIDER);
        if let Err(refusal) = self.pass_gate(&*chain, GateMoment::Passkey, &context, &user).await {
            // The passkey was used, whatever the gate says.
            if matches!(refusal, AuthError::Denied(_)) {
                self.commit_use([used].into_iter().chain(failed(&user, "denied")).collect()).await?;
            }
            return Err(refusal);
        }
        let opened = self.open_session(&*chain, &context, &user, false).await?;

        // Not before: a plugin that failed may answer the same request the next time.
        self.spend_challenge(Ceremony::SignIn, &response.client_data.challenge).await?;
        let mut changes = vec![used];
        changes.extend(opened.changes);
        changes.extend(enqueue(&*chain, Event::new(Hook::OnSignin, user, request.clone()).by(PROVIDER)));
        self.commit_use(changes).await?;
        Ok(opened.signed_in)
    }

    /// The passkey that an answer proves, and its counter.
    async fn prove_passkey(
        &self,
        request: &RequestContext,
        response: &AssertionResponse,
    ) -> Result<(Passkey, u32), AuthError> {
        let site = self.relying_party()?;
        let given = self.find_challenge(Ceremony::SignIn, &response.client_data.challenge).await?;
        let id = to_base64url(&response.credential_id);
        let passkey = self.adapters.passkeys.get_passkey(&id).await?.ok_or(AuthError::PasskeyUnknown)?;
        // Whether the user who was named has other passkeys, or exists, makes no difference.
        if given.user_id.is_some_and(|user_id| user_id != passkey.user_id) {
            return Err(AuthError::PasskeyRefused(CeremonyError::UserHandle));
        }
        match site.check_assertion(response, &passkey) {
            Ok(sign_count) => Ok((passkey, sign_count)),
            Err(error) => {
                if error == CeremonyError::SignCount {
                    tracing::error!(
                        request.id = request.id,
                        user = %passkey.user_id,
                        passkey = passkey.id,
                        last_count = passkey.sign_count,
                        "a passkey's signature counter went back: somebody may have cloned the authenticator; \
                         the sign-in was refused"
                    );
                }
                Err(AuthError::PasskeyRefused(error))
            }
        }
    }

    /// Commits what a use of a passkey changes, if the passkey is still there.
    async fn commit_use(&self, changes: Vec<Change>) -> Result<(), AuthError> {
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::PasskeyMissing) => AuthError::PasskeyUnknown,
            other => other.into(),
        })
    }
}
