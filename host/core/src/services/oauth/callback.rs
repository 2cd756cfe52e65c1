//! Signing in with what a provider says.

use super::super::{Services, SignedIn, enqueue};
use super::flow::OAuthReturn;
use super::link::link_conflict;
use crate::adapters::Change;
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext};
use crate::oauth::{Identity, OAuthError, OAuthProvider, ProviderAnswer};
use crate::oauth_account::OAuthAccount;
use crate::settings::GateMoment;
use crate::user::{User, UserPatch};

/// Whom an identity belongs to.
enum Match {
    /// The account is linked to this user.
    Linked(User, OAuthAccount),
    /// This user has the address, and the provider says that it is proven.
    Joins(User),
    /// Nobody: this is the user that is to be.
    New(User),
}

impl Services {
    /// Ends a flow that [`oauth_authorize`](Self::oauth_authorize) began: whoever comes back is signed
    /// in, with an account of their own if they have none yet. User, link, session and events are one
    /// transaction, and the gate is asked before it: who is turned away leaves nothing behind.
    ///
    /// # Errors
    /// [`OAuthError::StateInvalid`], [`OAuthError::StateProviderMismatch`], [`OAuthError::Declined`],
    /// [`OAuthError::Provider`], [`OAuthError::LinkedUserMissing`], [`OAuthError::EmailUnverified`],
    /// [`OAuthError::EmailMissing`], [`OAuthError::AccountTaken`], [`AuthError::AccountDeactivated`],
    /// [`AuthError::Denied`], [`AuthError::HookFailed`].
    pub async fn oauth_callback(
        &self,
        request: &RequestContext,
        back: &OAuthReturn,
    ) -> Result<SignedIn, AuthError> {
        let provider = self.provider(&back.provider)?;
        let flow = self.resume_flow(back, false).await?;
        let answer = self.identify(provider, &flow, back).await?;
        let found = self.match_identity(provider, &answer.identity).await?;
        self.sign_in(request, provider.id(), &answer, found).await
    }

    async fn match_identity(
        &self,
        provider: &dyn OAuthProvider,
        identity: &Identity,
    ) -> Result<Match, AuthError> {
        let links = &self.adapters.oauth_accounts;
        if let Some(account) = links.get_oauth_account(provider.id(), &identity.account_id).await? {
            let user = self.adapters.users.get_user_by_id(&account.user_id).await?;
            return Ok(Match::Linked(user.ok_or(OAuthError::LinkedUserMissing)?, account));
        }
        let email = identity.email.as_deref().and_then(|text| EmailAddress::parse(text).ok());
        let email = email.ok_or(OAuthError::EmailMissing)?;
        match self.adapters.users.get_user_by_email(email.as_str()).await? {
            // Or anybody could write somebody's address into a profile somewhere, and be them here.
            Some(_) if !identity.email_verified => Err(OAuthError::EmailUnverified.into()),
            Some(user) => Ok(Match::Joins(user)),
            None => {
                let user = self.new_user(email, identity.name.clone());
                let (image, email_verified) = (identity.image.clone(), identity.email_verified);
                Ok(Match::New(User { image, email_verified, ..user }))
            }
        }
    }

    async fn sign_in(
        &self,
        request: &RequestContext,
        provider: &str,
        answer: &ProviderAnswer,
        found: Match,
    ) -> Result<SignedIn, AuthError> {
        let (user, is_new) = match &found {
            Match::Linked(user, _) | Match::Joins(user) => (user.clone(), false),
            Match::New(user) => (user.clone(), true),
        };
        if !user.is_active {
            self.report_failure(request, &user, provider, "inactive").await?;
            return Err(AuthError::AccountDeactivated);
        }
        let chain = self.hooks.pin();
        let context = HookContext { is_new, ..HookContext::of(request.clone()).by(provider) };
        self.pass_gate(&*chain, GateMoment::OAuth, &context, &user).await?;

        let is_proof = !user.email_verified && proves_address(&answer.identity, &user);
        let user = User { email_verified: user.email_verified || is_proof, ..user };
        let opened = self.open_session(&*chain, &context, &user, false).await?;

        let event = |hook| Event { is_new, ..Event::new(hook, user.clone(), request.clone()) };
        let mut changes = self.take_in(provider, answer, found, is_proof);
        changes.extend(opened.changes);
        changes.extend(is_new.then(|| enqueue(&*chain, event(Hook::OnSignup))).flatten());
        changes.extend(is_proof.then(|| enqueue(&*chain, event(Hook::OnEmailVerify))).flatten());
        changes.extend(enqueue(&*chain, event(Hook::OnSignin).by(provider)));
        self.commit(changes).await.map_err(link_conflict)?;
        Ok(opened.signed_in)
    }

    /// The changes to user and link.
    fn take_in(&self, provider: &str, answer: &ProviderAnswer, found: Match, is_proof: bool) -> Vec<Change> {
        match found {
            Match::New(user) => {
                let account = self.oauth_account(provider, answer, &user.id);
                let mut changes = self.create_user(user, None);
                changes.push(Change::CreateOAuthAccount(account));
                changes
            }
            Match::Joins(user) => {
                let account = self.oauth_account(provider, answer, &user.id);
                let mut changes = if is_proof { self.first_proof(&user) } else { Vec::new() };
                changes.push(Change::CreateOAuthAccount(account));
                changes
            }
            Match::Linked(user, account) => {
                let mut changes = Vec::new();
                if is_proof {
                    let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
                    changes.push(Change::UpdateUser { id: user.id, patch, now: self.clock.now() });
                }
                if self.settings.oauth.store_provider_tokens {
                    changes.extend(self.renewed(account, answer));
                }
                changes
            }
        }
    }

    /// A link with the provider's newest tokens. A refresh token that was not given anew is still good.
    fn renewed(&self, old: OAuthAccount, answer: &ProviderAnswer) -> [Change; 2] {
        let new = self.oauth_account(&old.provider, answer, &old.user_id);
        let account = OAuthAccount {
            id: old.id.clone(),
            created_at: old.created_at,
            refresh_token: new.refresh_token.clone().or(old.refresh_token),
            ..new
        };
        [Change::DeleteOAuthAccount(old.id), Change::CreateOAuthAccount(account)]
    }
}

/// Whether the provider says that a user's own address is proven, and not just any.
fn proves_address(identity: &Identity, user: &User) -> bool {
    let address = identity.email.as_deref().and_then(|text| EmailAddress::parse(text).ok());
    identity.email_verified && address.is_some_and(|address| address.as_str() == user.email)
}
