//! Sign-up with a password.

use super::{Services, SignedIn, enqueue};
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext};
use crate::ids::UserId;
use crate::settings::GateMoment;
use crate::user::User;

/// Who wants an account.
pub struct Register {
    /// The address.
    pub email: EmailAddress,
    /// In clear.
    pub password: String,
    /// The display name.
    pub name: Option<String>,
}

impl Services {
    /// Creates a user and signs it in.
    ///
    /// User, role, session and events are one transaction: if a plugin fails there is no user, and the
    /// client may simply try again. If the gate is asked here and *denies*, the user exists and gets no
    /// session.
    ///
    /// # Errors
    /// [`AuthError::PasswordPolicy`], [`AuthError::EmailTaken`], [`AuthError::Denied`],
    /// [`AuthError::HookFailed`], [`AuthError::Busy`], [`AuthError::CredentialsNotConfigured`].
    pub async fn register(&self, request: &RequestContext, input: Register) -> Result<SignedIn, AuthError> {
        if !self.settings.providers.credentials {
            return Err(AuthError::CredentialsNotConfigured);
        }
        self.settings.password.check(&input.password)?;
        if self.adapters.users.get_user_by_email(input.email.as_str()).await?.is_some() {
            return Err(AuthError::EmailTaken);
        }
        let password_hash = self.hasher.hash(input.password).await?;
        let user = self.new_user(input.email, input.name);

        let chain = self.hooks.pin();
        let context = HookContext { is_new: true, ..HookContext::of(request.clone()).by("credentials") };
        let gate = self.pass_gate(&*chain, GateMoment::Register, &context, &user).await;
        let (signed_in, session_changes) = match gate {
            Ok(()) => {
                let opened = self.open_session(&*chain, &context, &user, false).await?;
                (Ok(opened.signed_in), opened.changes)
            }
            Err(AuthError::Denied(denial)) => (Err(AuthError::Denied(denial)), Vec::new()),
            Err(failure) => return Err(failure),
        };

        let event = Event { is_new: true, ..Event::new(Hook::OnSignup, user.clone(), request.clone()) };
        let mut changes = self.create_user(user, Some(password_hash));
        changes.extend(session_changes);
        changes.extend(enqueue(&*chain, event));
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::EmailTaken) => AuthError::EmailTaken,
            other => other.into(),
        })?;
        signed_in
    }

    pub(super) fn new_user(&self, email: EmailAddress, name: Option<String>) -> User {
        let now = self.clock.now();
        User {
            id: UserId::generate(),
            email: email.into_string(),
            name,
            image: None,
            email_verified: false,
            is_active: true,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// The changes that create a user with the default role.
    pub(super) fn create_user(&self, user: User, password_hash: Option<String>) -> Vec<Change> {
        let id = user.id.clone();
        let mut changes = vec![Change::CreateUser { user, password_hash }];
        if let Some(role) = &self.settings.default_role {
            // An administrator may have deleted it.
            changes.push(Change::EnsureRole(role.clone()));
            changes.push(Change::AssignRole { user: id, role: role.clone() });
        }
        changes
    }
}
