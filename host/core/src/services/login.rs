//! Sign-in with a password.

use super::{Services, SignedIn, announcement, enqueue};
use crate::adapters::Change;
use crate::clock::Timestamp;
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext};
use crate::settings::GateMoment;
use crate::user::{Credentials, User};

/// The id of this way in.
const PROVIDER: &str = "credentials";

/// Who wants to come in.
pub struct Login {
    /// The address.
    pub email: EmailAddress,
    /// In clear.
    pub password: String,
    /// Whether the session is to last longer.
    pub remember: bool,
}

/// A password that was right, and what its check left to be done.
struct Proof {
    user: User,
    changes: Vec<Change>,
}

/// A sign-in with a password that failed.
pub(super) struct Failure {
    /// Whose it was, if anybody's.
    pub(super) user: Option<User>,
    /// For plugins: `password`, `unverified` or `inactive`.
    pub(super) reason: &'static str,
    /// What it is counted by.
    pub(super) keys: Vec<String>,
}

impl Services {
    /// Checks a password and opens a session.
    ///
    /// # Errors
    /// [`AuthError::InvalidCredentials`] for everything that is wrong with address, password or
    /// account; [`AuthError::Denied`], [`AuthError::HookFailed`], [`AuthError::Busy`],
    /// [`AuthError::CredentialsNotConfigured`].
    pub async fn login(&self, request: &RequestContext, input: Login) -> Result<SignedIn, AuthError> {
        if !self.settings.providers.credentials {
            return Err(AuthError::CredentialsNotConfigured);
        }
        self.counted(PROVIDER, self.login_by_password(request, input).await)
    }

    async fn login_by_password(&self, request: &RequestContext, input: Login) -> Result<SignedIn, AuthError> {
        let remember = input.remember;
        let Proof { user, mut changes } = self.prove_password(request, input).await?;

        let chain = self.hooks.pin();
        let context = HookContext::of(request.clone()).by(PROVIDER);
        if let Err(refusal) = self.pass_gate(&*chain, GateMoment::Credentials, &context, &user).await {
            // The password was right, so its failures are forgotten whatever the gate says.
            if matches!(refusal, AuthError::Denied(_)) && !changes.is_empty() {
                self.commit(changes).await?;
            }
            return Err(refusal);
        }
        let opened = self.open_session(&*chain, &context, &user, remember).await?;

        changes.extend(opened.changes);
        let event = Event::new(Hook::OnSignin, user, request.clone()).by(PROVIDER);
        changes.extend(enqueue(&*chain, event));
        self.commit(changes).await?;
        Ok(opened.signed_in)
    }

    async fn prove_password(&self, request: &RequestContext, input: Login) -> Result<Proof, AuthError> {
        let email = input.email.as_str();
        let credentials = self.adapters.users.get_credentials_by_email(email).await?;
        let keys = self.attempt_keys(request, email, credentials.as_ref().map(|known| &known.user));
        let attempts = &self.adapters.login_attempts;
        if attempts.get_attempts(&keys, self.clock.now()).await?.is_locked(self.clock.now()) {
            return Err(AuthError::InvalidCredentials);
        }

        let stored = credentials.as_ref().and_then(|known| known.password_hash.clone());
        let is_right = self.hasher.verify(input.password.clone(), stored.clone()).await?;
        let now = self.clock.now();
        let (true, Some(Credentials { user, .. }), Some(stored)) = (is_right, &credentials, stored) else {
            let user = credentials.map(|known| known.user);
            self.record_failure(request, Failure { user, reason: "password", keys }, now).await?;
            return Err(AuthError::InvalidCredentials);
        };
        // Guesses that were sent all at once passed the first look together; those that were checked
        // after the lock don't count, right or wrong.
        let failed_before = attempts.get_attempts(&keys, now).await?;
        if failed_before.is_locked(now) {
            return Err(AuthError::InvalidCredentials);
        }
        let user = user.clone();
        if !self.takes_passwords(&user) {
            // Just as for a wrong password, or the time would tell that it was right.
            let reason = if user.is_active { "unverified" } else { "inactive" };
            let failure = Failure { user: Some(user), reason, keys };
            self.record_failure(request, failure, now).await?;
            return Err(AuthError::InvalidCredentials);
        }

        let mut changes = Vec::new();
        if failed_before.failures > 0 {
            changes.push(Change::ClearLoginAttempts(keys));
        }
        if self.hasher.is_outdated(&stored) {
            let hash = Some(self.hasher.hash(input.password).await?);
            changes.push(Change::SetPassword { id: user.id.clone(), hash, now });
        }
        Ok(Proof { user, changes })
    }

    /// Counts a wrong password. For an unknown address as for a known one, of which plugins are told.
    pub(super) async fn record_failure(
        &self,
        request: &RequestContext,
        failure: Failure,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let Failure { user, reason, keys } = failure;
        let chain = self.hooks.pin();
        let event = |hook| user.clone().map(|user| Event::new(hook, user, request.clone()).by(PROVIDER));
        let failed = event(Hook::OnSigninFailed).map(|event| event.saying(reason));
        let on_lock = event(Hook::OnLockout).and_then(|event| announcement(&*chain, event));
        let rule = self.settings.security.lockout;
        let mut changes: Vec<_> = failed.and_then(|event| enqueue(&*chain, event)).into_iter().collect();
        changes.push(Change::RecordLoginFailure { keys, rule, now, on_lock });
        self.commit(changes).await?;
        Ok(())
    }

    /// Tells plugins of a sign-in that failed otherwise than by a wrong password.
    pub(super) async fn report_failure(
        &self,
        request: &RequestContext,
        user: &User,
        provider: &str,
        reason: &str,
    ) -> Result<(), AuthError> {
        let event = Event::new(Hook::OnSigninFailed, user.clone(), request.clone()).by(provider);
        if let Some(change) = enqueue(&*self.hooks.pin(), event.saying(reason)) {
            self.commit(vec![change]).await?;
        }
        Ok(())
    }

    /// What failures are counted by.
    pub(super) fn attempt_keys(
        &self,
        request: &RequestContext,
        email: &str,
        user: Option<&User>,
    ) -> Vec<String> {
        let mut keys = account_keys(email, user);
        if self.settings.security.login_attempts_by_ip {
            keys.extend(request.ip.as_ref().map(|ip| format!("ip:{ip}")));
        }
        keys
    }
}

/// What failures of an account are counted by, wherever they come from.
pub(super) fn account_keys(email: &str, user: Option<&User>) -> Vec<String> {
    let mut keys = vec![format!("email:{email}")];
    keys.extend(user.map(|user| format!("user:{}", user.id)));
    keys
}
