//! Linking an account at a provider to a signed-in user.

use super::super::{Services, enqueue};
use super::flow::{OAuthReturn, Purpose};
use crate::adapters::{Change, Conflict, StoreError};
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::ids::{UserId, generate_id};
use crate::oauth::{OAuthError, ProviderAnswer};
use crate::oauth_account::OAuthAccount;

impl Services {
    /// Ends a flow that [`oauth_link`](Self::oauth_link) began. The state says who is linked, and the
    /// browser that it belongs to is theirs. Neither the address nor whether it is proven changes.
    ///
    /// # Errors
    /// [`OAuthError::StateInvalid`], [`OAuthError::LinkStateInvalid`],
    /// [`OAuthError::StateProviderMismatch`], [`OAuthError::Declined`], [`OAuthError::Provider`],
    /// [`OAuthError::AccountTaken`], [`OAuthError::LinkedUserMissing`],
    /// [`AuthError::AccountDeactivated`].
    pub async fn oauth_link_callback(
        &self,
        request: &RequestContext,
        back: &OAuthReturn,
    ) -> Result<(), AuthError> {
        let provider = self.provider(&back.provider)?;
        let flow = self.resume_flow(back, true).await?;
        let Purpose::Link(user) = &flow.purpose else { return Err(OAuthError::LinkStateInvalid.into()) };
        let user = self.adapters.users.get_user_by_id(user).await?.ok_or(OAuthError::LinkedUserMissing)?;
        if !user.is_active {
            return Err(AuthError::AccountDeactivated);
        }
        let answer = self.identify(provider, &flow, back).await?;
        let account_id = &answer.identity.account_id;
        if self.adapters.oauth_accounts.get_oauth_account(provider.id(), account_id).await?.is_some() {
            return Err(OAuthError::AccountTaken.into());
        }
        let account = self.oauth_account(provider.id(), &answer, &user.id);
        let mut changes = vec![Change::CreateOAuthAccount(account)];
        let event = Event::new(Hook::OnOauthLink, user, request.clone()).by(provider.id());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await.map_err(link_conflict)
    }

    /// A new link. The provider's tokens are kept only where the operator asked for that, and sealed.
    pub(super) fn oauth_account(
        &self,
        provider: &str,
        answer: &ProviderAnswer,
        user: &UserId,
    ) -> OAuthAccount {
        let now = self.clock.now();
        let tokens = self.settings.oauth.store_provider_tokens.then_some(&answer.tokens);
        let sealed = |token: &String| self.sealer.seal(token);
        OAuthAccount {
            id: generate_id(),
            provider: provider.to_owned(),
            provider_account_id: answer.identity.account_id.clone(),
            user_id: user.clone(),
            access_token: tokens.map(|tokens| sealed(&tokens.access_token)),
            refresh_token: tokens.and_then(|tokens| tokens.refresh_token.as_ref()).map(sealed),
            expires_at: tokens.and_then(|tokens| tokens.expires_in).map(|seconds| now.plus(seconds)),
            created_at: now,
        }
    }
}

/// What came in between the look and the change.
pub(super) fn link_conflict(error: StoreError) -> AuthError {
    match error.conflict() {
        Some(Conflict::OAuthAccountTaken) => OAuthError::AccountTaken.into(),
        Some(Conflict::UserMissing) => OAuthError::LinkedUserMissing.into(),
        Some(Conflict::EmailTaken) => AuthError::EmailTaken,
        _ => error.into(),
    }
}
