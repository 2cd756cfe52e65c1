//! Asking `allow-signin`.

use super::Services;
use crate::error::AuthError;
use crate::hooks::{Decision, HookChain, HookContext};
use crate::settings::GateMoment;
use crate::user::User;

impl Services {
    /// Asks the gate, where the operator wants it asked.
    pub(super) async fn pass_gate(
        &self,
        chain: &dyn HookChain,
        moment: GateMoment,
        context: &HookContext,
        user: &User,
    ) -> Result<(), AuthError> {
        if !self.settings.allow_signin_on.contains(&moment) {
            return Ok(());
        }
        let provider = context.provider.as_deref().unwrap_or_default();
        match chain.allow_signin(context, user, provider).await? {
            Decision::Allow => Ok(()),
            Decision::Deny(denial) => {
                // Who is new is no user yet, and a refresh is no sign-in.
                if !context.is_new && moment != GateMoment::Refresh {
                    self.report_failure(&context.request, user, provider, "denied").await?;
                }
                Err(AuthError::Denied(denial))
            }
        }
    }
}
