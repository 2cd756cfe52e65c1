//! Signing in by a mailed link.

use serde_json::Value;

use super::{Services, SignedIn, enqueue};
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext};
use crate::letter::LetterKind;
use crate::settings::GateMoment;
use crate::token::TokenKind;
use crate::user::{User, UserPatch};

/// The id of this way in.
const PROVIDER: &str = "magic_link";

impl Services {
    /// Mails a link that signs in. An unknown address gets an account first. Deactivated accounts get no
    /// mail, but the same answer.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn request_magic_link(
        &self,
        request: &RequestContext,
        email: EmailAddress,
    ) -> Result<(), AuthError> {
        let ttl = self.settings.magic_link_ttl;
        let chain = self.hooks.pin();
        let mut changes = Vec::new();
        let known = self.adapters.users.get_user_by_email(email.as_str()).await?;
        let (user, is_new) = match known {
            Some(user) => (user, false),
            None => (self.new_user(email, None), true),
        };
        if is_new {
            changes.extend(self.create_user(user.clone(), None));
            let event = Event { is_new, ..Event::new(Hook::OnSignup, user.clone(), request.clone()) };
            changes.extend(enqueue(&*chain, event));
        }
        if user.is_active {
            let (secret, token) = self.one_time_token(&user, TokenKind::MagicLink, ttl, Value::Null);
            let letter =
                self.letter(LetterKind::MagicLinkLogin, &user, "/magic-links/callback", &secret, ttl);
            changes.extend([Change::CreateToken(token), self.post(&user, &letter)]);
            let event = Event { is_new, ..Event::new(Hook::OnMagicLinkSent, user, request.clone()) };
            changes.extend(enqueue(&*chain, event));
        }
        match self.commit(changes).await {
            // Somebody asked for the same new address at the same time, and gets the mail.
            Err(StoreError::Conflict(Conflict::EmailTaken)) => Ok(()),
            result => Ok(result?),
        }
    }

    /// Takes a link's token and opens a session. The link is spent even if the gate says no; it is not
    /// if a plugin fails. Other links of the user are spent with it.
    ///
    /// # Errors
    /// [`AuthError::MagicLinkInvalid`], [`AuthError::AccountInactive`], [`AuthError::Denied`],
    /// [`AuthError::HookFailed`].
    pub async fn redeem_magic_link(
        &self,
        request: &RequestContext,
        token: &str,
    ) -> Result<SignedIn, AuthError> {
        let invalid = || AuthError::MagicLinkInvalid;
        let token = self.find_one_time(token, TokenKind::MagicLink).await?.ok_or_else(invalid)?;
        let user = self.adapters.users.get_user_by_id(&token.user_id).await?.ok_or_else(invalid)?;
        let now = self.clock.now();
        let mut changes = vec![
            Change::ConsumeToken { key: token.key, kind: TokenKind::MagicLink, now },
            Change::DeleteUserTokens { user: user.id.clone(), kind: Some(TokenKind::MagicLink) },
        ];
        let spent = |error: StoreError| match error {
            StoreError::Conflict(Conflict::TokenSpent) => invalid(),
            other => other.into(),
        };
        if !user.is_active {
            let event = Event::new(Hook::OnSigninFailed, user, request.clone()).by(PROVIDER);
            changes.extend(enqueue(&*self.hooks.pin(), event.saying("inactive")));
            self.commit(changes).await.map_err(spent)?;
            return Err(AuthError::AccountInactive);
        }

        let chain = self.hooks.pin();
        let context = HookContext::of(request.clone()).by(PROVIDER);
        match self.pass_gate(&*chain, GateMoment::MagicLink, &context, &user).await {
            Ok(()) => {}
            Err(AuthError::Denied(denial)) => {
                self.commit(changes).await.map_err(spent)?;
                return Err(AuthError::Denied(denial));
            }
            Err(failure) => return Err(failure),
        }
        let is_first_proof = !user.email_verified;
        let user = User { email_verified: true, ..user };
        let opened = self.open_session(&*chain, &context, &user, false).await?;

        if is_first_proof {
            changes.extend(self.first_proof(&user));
            let event = Event::new(Hook::OnEmailVerify, user.clone(), request.clone());
            changes.extend(enqueue(&*chain, event));
        }
        changes.extend(opened.changes);
        changes.extend(enqueue(&*chain, Event::new(Hook::OnSignin, user, request.clone()).by(PROVIDER)));
        self.commit(changes).await.map_err(spent)?;
        Ok(opened.signed_in)
    }

    /// What happens when an address is proven for the first time by something else than a link that its
    /// account asked for. Whoever registered it before was perhaps not its owner: the password, the
    /// passkeys, the links to providers and the logins of that time end.
    pub(super) fn first_proof(&self, user: &User) -> Vec<Change> {
        let now = self.clock.now();
        let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
        vec![
            Change::UpdateUser { id: user.id.clone(), patch, now },
            Change::SetPassword { id: user.id.clone(), hash: None, now },
            Change::DeleteUserPasskeys(user.id.clone()),
            Change::DeleteUserOAuthAccounts(user.id.clone()),
            Change::DeleteUserTokens { user: user.id.clone(), kind: Some(TokenKind::Refresh) },
            Change::DeleteUserSessions(user.id.clone()),
        ]
    }
}
