//! Asking a signed-in user for the password once more.

use super::login::Failure;
use super::{Caller, Services};
use crate::error::AuthError;
use crate::hooks::RequestContext;

impl Services {
    /// Whether a password is the caller's. Wrong ones count as failed sign-ins, and while an account is
    /// locked the right one is wrong as well: a stolen session must not become a way to guess.
    /// Accounts without a password have no right one.
    pub(super) async fn is_callers_password(
        &self,
        request: &RequestContext,
        caller: &Caller,
        password: String,
    ) -> Result<bool, AuthError> {
        let user = &caller.user;
        let keys = self.attempt_keys(request, &user.email, Some(user));
        let attempts = &self.adapters.login_attempts;
        if attempts.get_attempts(&keys, self.clock.now()).await?.is_locked(self.clock.now()) {
            return Ok(false);
        }
        let stored = self.adapters.users.get_hashed_password(&user.id).await?;
        let is_right = self.hasher.verify(password, stored).await?;
        let now = self.clock.now();
        if is_right {
            return Ok(!attempts.get_attempts(&keys, now).await?.is_locked(now));
        }
        let failure = Failure { user: Some(user.clone()), reason: "password", keys };
        self.record_failure(request, failure, now).await?;
        Ok(false)
    }
}
