//! Signing in with a passkey.

use super::Services;
use super::challenge::{Ceremony, Challenge};
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext};
use crate::ids::UserId;
use crate::services::{SignedIn, enqueue};
use crate::settings::GateMoment;
use crate::webauthn::{
    AssertionResponse, CeremonyError, CredentialDescriptor, RelyingParty, RequestOptions, to_base64url,
};

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
    /// unless a plugin or the storage fails.
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
        let site = self.relying_party()?;
        self.counted(PROVIDER, self.sign_in_by_passkey(request, site, response).await)
    }

    async fn sign_in_by_passkey(
        &self,
        request: &RequestContext,
        site: &RelyingParty,
        response: &AssertionResponse,
    ) -> Result<SignedIn, AuthError> {
        let challenge = &response.client_data.challenge;
        let given = self.find_challenge(Ceremony::SignIn, challenge).await?;
        let Verdict { answer, changes } = self.judge(request, site, response, given).await?;
        // Only now: a plugin that failed may answer the same request the next time. Of several requests
        // with the same answer one gets further.
        self.spend_challenge(Ceremony::SignIn, challenge).await?;
        let answer = self.commit_use(changes).await.and(answer);
        if matches!(answer, Err(AuthError::PasskeyRefused(CeremonyError::SignCount))) {
            tracing::error!(
                request.id = request.id,
                passkey = to_base64url(&response.credential_id),
                "a passkey's signature counter went back: somebody may have cloned the authenticator; the \
                 sign-in was refused"
            );
        }
        answer
    }

    /// What is to be answered and what changes with it. An error is not the fault of the authenticator.
    async fn judge(
        &self,
        request: &RequestContext,
        site: &RelyingParty,
        response: &AssertionResponse,
        given: Challenge,
    ) -> Result<Verdict, AuthError> {
        let id = to_base64url(&response.credential_id);
        let Some(passkey) = self.adapters.passkeys.get_passkey(&id).await? else {
            return Ok(Verdict::refused(AuthError::PasskeyUnknown));
        };
        // Whether the user who was named has other passkeys, or exists, makes no difference.
        if given.user_id.is_some_and(|user_id| user_id != passkey.user_id) {
            return Ok(Verdict::refused(AuthError::PasskeyRefused(CeremonyError::UserHandle)));
        }
        let used = match site.check_assertion(response, &passkey) {
            Ok(used) => used,
            Err(error) => return Ok(Verdict::refused(AuthError::PasskeyRefused(error))),
        };
        // The row of a passkey goes with its user's.
        let Some(user) = self.adapters.users.get_user_by_id(&passkey.user_id).await? else {
            return Ok(Verdict::refused(AuthError::PasskeyUserInactive));
        };

        // From here on the passkey was used, whatever comes of it.
        let used = Change::UpdatePasskey { id, used, now: self.clock.now() };
        let chain = self.hooks.pin();
        let event = |hook| Event::new(hook, user.clone(), request.clone()).by(PROVIDER);
        if !user.is_active {
            let told = enqueue(&*chain, event(Hook::OnSigninFailed).saying("inactive"));
            let changes = [used].into_iter().chain(told).collect();
            return Ok(Verdict { answer: Err(AuthError::PasskeyUserInactive), changes });
        }
        let context = HookContext::of(request.clone()).by(PROVIDER);
        match self.pass_gate(&*chain, GateMoment::Passkey, &context, &user).await {
            Ok(()) => {}
            Err(AuthError::Denied(denial)) => {
                return Ok(Verdict { answer: Err(AuthError::Denied(denial)), changes: vec![used] });
            }
            Err(failure) => return Err(failure),
        }
        let opened = self.open_session(&*chain, &context, &user, false).await?;
        let mut changes = vec![used];
        changes.extend(opened.changes);
        changes.extend(enqueue(&*chain, event(Hook::OnSignin)));
        Ok(Verdict { answer: Ok(opened.signed_in), changes })
    }

    /// Commits what a use of a passkey changes, if the passkey is still as it was judged.
    async fn commit_use(&self, changes: Vec<Change>) -> Result<(), AuthError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::PasskeyMissing) => AuthError::PasskeyUnknown,
            StoreError::Conflict(Conflict::PasskeyCounter) => {
                AuthError::PasskeyRefused(CeremonyError::SignCount)
            }
            other => other.into(),
        })
    }
}

/// What is to be answered to an authenticator, and what changes with it.
struct Verdict {
    answer: Result<SignedIn, AuthError>,
    changes: Vec<Change>,
}

impl Verdict {
    const fn refused(error: AuthError) -> Self {
        Self { answer: Err(error), changes: Vec::new() }
    }
}
