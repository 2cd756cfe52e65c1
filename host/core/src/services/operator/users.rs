//! The operator's view of users.

use super::{OAuthAccountRecord, Operator, OperatorError, PasskeyRecord, UserRecord};
use crate::adapters::{Change, Conflict, LoginAttempts};
use crate::email::EmailAddress;
use crate::hooks::Hook;
use crate::ids::UserId;
use crate::oauth_account::OAuthAccount;
use crate::passkey::Passkey;
use crate::role::Role;
use crate::services::delete_account::end_of_use;
use crate::services::login::account_keys;
use crate::session::Session;
use crate::token::TokenKind;
use crate::user::{User, UserPatch};

/// Who is to have an account.
pub struct NewUser {
    /// The address.
    pub email: EmailAddress,
    /// The display name.
    pub name: Option<String>,
    /// Of a password that the policy allows; none for users who sign in by other means.
    pub password_hash: Option<String>,
    /// Whether the address counts as proven.
    pub email_verified: bool,
    /// Roles, beside the default one.
    pub roles: Vec<String>,
}

/// All that is known of a user.
pub struct UserDetails {
    /// The user.
    pub user: User,
    /// Whether there is a password.
    pub has_password: bool,
    /// Its roles, by name.
    pub roles: Vec<Role>,
    /// Its logins, the oldest first.
    pub sessions: Vec<Session>,
    /// Its failed sign-ins.
    pub attempts: LoginAttempts,
    /// Its accounts at OAuth providers, the oldest first.
    pub oauth_accounts: Vec<OAuthAccount>,
    /// Its passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
}

impl Operator {
    /// Reads an address, by the rules of the server.
    ///
    /// # Errors
    /// [`OperatorError::Email`].
    pub fn address(text: &str) -> Result<EmailAddress, OperatorError> {
        EmailAddress::parse(text).map_err(|source| OperatorError::Email { address: text.to_owned(), source })
    }

    /// Checks a new password, by the rules of the server.
    ///
    /// # Errors
    /// [`OperatorError::PasswordPolicy`].
    pub fn check_password(&self, password: &str) -> Result<(), OperatorError> {
        Ok(self.settings.password.check(password)?)
    }

    /// The user of an id or an address.
    ///
    /// # Errors
    /// [`OperatorError::UserNotFound`].
    pub async fn find_user(&self, id_or_email: &str) -> Result<User, OperatorError> {
        let users = &self.adapters.users;
        if let Some(user) = users.get_user_by_id(&UserId::from(id_or_email)).await? {
            return Ok(user);
        }
        let not_found = || OperatorError::UserNotFound(id_or_email.to_owned());
        let email = EmailAddress::parse(id_or_email).map_err(|_| not_found())?;
        users.get_user_by_email(email.as_str()).await?.ok_or_else(not_found)
    }

    /// Whether nobody has the address yet.
    ///
    /// # Errors
    /// [`OperatorError::EmailTaken`].
    pub async fn require_free(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        match self.adapters.users.get_user_by_email(email.as_str()).await? {
            Some(user) => Err(OperatorError::EmailTaken(user.email)),
            None => Ok(()),
        }
    }

    /// Creates a user with the default role, which must exist, and others.
    ///
    /// # Errors
    /// [`OperatorError::EmailTaken`], [`OperatorError::RoleNotFound`]; nothing was created.
    pub async fn create_user(&self, new: NewUser) -> Result<UserRecord, OperatorError> {
        let roles: std::collections::BTreeSet<String> =
            new.roles.into_iter().chain(self.settings.default_role.clone()).collect();
        for role in &roles {
            self.require_role(role).await?;
        }
        let now = self.clock.now();
        let user = User {
            id: UserId::generate(),
            email: new.email.into_string(),
            name: new.name,
            image: None,
            email_verified: new.email_verified,
            is_active: true,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        let mut changes = vec![Change::CreateUser { user: user.clone(), password_hash: new.password_hash }];
        changes.extend(
            roles.iter().map(|role| Change::AssignRole { user: user.id.clone(), role: role.clone() }),
        );
        changes.push(self.tell(Hook::OnSignup, user.clone(), None));
        let email = user.email.clone();
        self.commit(changes, |conflict| {
            (conflict == Conflict::EmailTaken).then_some(OperatorError::EmailTaken(email))
        })
        .await?;
        Ok(UserRecord::new(user, roles.into_iter().collect(), None))
    }

    /// Users in the order of their ids, after the id `after`.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_users(&self, after: Option<&str>, limit: usize) -> Result<Vec<User>, OperatorError> {
        let after = after.map(UserId::from);
        Ok(self.adapters.users.list_users(after.as_ref(), limit).await?)
    }

    /// The record of a user for an export.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn user_record(&self, user: User, with_hash: bool) -> Result<UserRecord, OperatorError> {
        let roles = self.adapters.roles.get_user_roles(&user.id).await?;
        let hash = if with_hash { self.adapters.users.get_hashed_password(&user.id).await? } else { None };
        let roles = roles.into_iter().map(|role| role.name).collect();
        let passkeys = self.list_passkeys(&user).await?.into_iter().map(PasskeyRecord::from).collect();
        let links = self.list_oauth_accounts(&user).await?;
        let oauth_accounts = links.into_iter().map(OAuthAccountRecord::from).collect();
        Ok(UserRecord { passkeys, oauth_accounts, ..UserRecord::new(user, roles, hash) })
    }

    /// All that is known of a user.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn user_details(&self, user: User) -> Result<UserDetails, OperatorError> {
        let now = self.clock.now();
        Ok(UserDetails {
            has_password: self.adapters.users.get_hashed_password(&user.id).await?.is_some(),
            roles: self.adapters.roles.get_user_roles(&user.id).await?,
            sessions: self.adapters.sessions.list_user_sessions(&user.id, now).await?,
            attempts: self.adapters.login_attempts.get_attempts(&keys(&user), now).await?,
            oauth_accounts: self.list_oauth_accounts(&user).await?,
            passkeys: self.list_passkeys(&user).await?,
            user,
        })
    }

    /// Sets a new password and ends every login of the user. Links that were mailed before are spent,
    /// and a lock is lifted.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn set_password(&self, user: &User, hash: String) -> Result<(), OperatorError> {
        let set = Change::SetPassword { id: user.id.clone(), hash: Some(hash), now: self.clock.now() };
        let mut changes = vec![set];
        changes.extend(
            [TokenKind::Refresh, TokenKind::PasswordReset, TokenKind::MagicLink]
                .map(|kind| Change::DeleteUserTokens { user: user.id.clone(), kind: Some(kind) }),
        );
        changes.push(Change::DeleteUserSessions(user.id.clone()));
        changes.push(Change::ClearLoginAttempts(keys(user)));
        changes.push(self.tell(Hook::OnPasswordChange, user.clone(), None));
        self.change_user(user, changes).await
    }

    /// Takes the account out of use and ends every login of it. Links that prove its address stay good, as in
    /// FastAuth; magic links stay to be told why they let nobody in.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn disable_user(&self, user: &User) -> Result<(), OperatorError> {
        let mut changes = vec![self.activity(user, false)];
        changes.extend(end_of_use(&user.id));
        changes.push(self.gone(user));
        self.change_user(user, changes).await
    }

    /// Brings a disabled account back into use.
    ///
    /// # Errors
    /// [`OperatorError::UserDeleted`].
    pub async fn enable_user(&self, user: &User) -> Result<(), OperatorError> {
        if user.deleted_at.is_some() {
            return Err(OperatorError::UserDeleted(user.email.clone()));
        }
        // One that was mailed before is not what brings it back into use.
        let links = Change::DeleteUserTokens { user: user.id.clone(), kind: Some(TokenKind::MagicLink) };
        self.change_user(user, vec![self.activity(user, true), links]).await
    }

    /// Deletes a user. Unless `hard`, the row stays, so that the address stays taken, as if the user had
    /// left.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn delete_user(&self, user: &User, hard: bool) -> Result<(), OperatorError> {
        let mut changes: Vec<_> = end_of_use(&user.id).collect();
        changes.push(Change::DeleteUserTokens { user: user.id.clone(), kind: Some(TokenKind::Verification) });
        changes.push(Change::ClearLoginAttempts(keys(user)));
        changes.push(Change::DeleteUser { id: user.id.clone(), soft: !hard, now: self.clock.now() });
        changes.push(self.gone(user));
        self.change_user(user, changes).await
    }

    /// Forgets the failed sign-ins of an account, and with them the lock. Those that count against a
    /// peer's address stay.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn unlock_user(&self, user: &User) -> Result<(), OperatorError> {
        self.change_user(user, vec![Change::ClearLoginAttempts(keys(user))]).await
    }

    fn gone(&self, user: &User) -> Change {
        self.tell(Hook::OnAccountDelete, User { is_active: false, ..user.clone() }, None)
    }

    fn activity(&self, user: &User, is_active: bool) -> Change {
        let patch = UserPatch { is_active: Some(is_active), ..UserPatch::default() };
        Change::UpdateUser { id: user.id.clone(), patch, now: self.clock.now() }
    }

    async fn change_user(&self, user: &User, changes: Vec<Change>) -> Result<(), OperatorError> {
        self.commit(changes, |conflict| {
            (conflict == Conflict::UserMissing).then(|| OperatorError::UserNotFound(user.email.clone()))
        })
        .await
    }
}

fn keys(user: &User) -> Vec<String> {
    account_keys(&user.email, Some(user))
}

/// Every session and every token.
pub(super) fn end_everything(user: &User) -> [Change; 2] {
    [
        Change::DeleteUserTokens { user: user.id.clone(), kind: None },
        Change::DeleteUserSessions(user.id.clone()),
    ]
}
