//! Taking over users from elsewhere.

use std::collections::BTreeSet;

use serde::Serialize;

use super::users::end_everything;
use super::{OAuthAccountRecord, Operator, OperatorError, PasskeyRecord, UserRecord};
use crate::adapters::{Change, Conflict, StoreError};
use crate::email::EmailAddress;
use crate::ids::UserId;
use crate::passkey::Passkey;
use crate::passwords::check_stored;
use crate::role::Role;
use crate::user::{User, UserPatch};

/// How many users go into one transaction: few enough that a server on the same file hardly waits.
const BATCH: usize = 200;

const ID_TAKEN: &str = "another user has that id";
const NAMELESS_ROLE: &str = "a role without a name";

/// How an import treats what it meets.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportOptions {
    /// Whether users whose address exists are changed; otherwise they are left as they are.
    pub update: bool,
    /// Whether everything is checked and nothing is changed.
    pub dry_run: bool,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// New users.
    pub created: usize,
    /// Users that existed and were changed.
    pub updated: usize,
    /// Users that existed and were left as they are.
    pub skipped: usize,
    /// Roles that were missing. A role that only a user's record names has no permissions.
    pub roles: Vec<String>,
    /// What could not be taken over: where, and why.
    pub refused: Vec<Refusal>,
}

/// One record that could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Where it stands.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// One import.
pub struct Importer<'a> {
    operator: &'a Operator,
    options: ImportOptions,
    report: ImportReport,
    known_roles: BTreeSet<String>,
    pending: Vec<Pending>,
    pending_ids: BTreeSet<String>,
    pending_emails: BTreeSet<String>,
}

struct Pending {
    place: String,
    is_new: bool,
    changes: Vec<Change>,
}

impl Operator {
    /// Starts an import.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn import(&self, options: ImportOptions) -> Result<Importer<'_>, OperatorError> {
        Ok(Importer {
            operator: self,
            options,
            report: ImportReport::default(),
            known_roles: self.list_roles().await?.into_iter().map(|role| role.name).collect(),
            pending: Vec::new(),
            pending_ids: BTreeSet::new(),
            pending_emails: BTreeSet::new(),
        })
    }
}

impl Importer<'_> {
    /// Takes over a role. One that exists gets the permissions that it lacks.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn add_role(&mut self, mut role: Role) -> Result<(), OperatorError> {
        role.permissions.remove("");
        let name = role.name.clone();
        if name.is_empty() {
            self.refuse("roles".to_owned(), NAMELESS_ROLE.to_owned());
            return Ok(());
        }
        let permissions = role.permissions.clone();
        if !self.known_roles.contains(&name) {
            self.create_role(role).await?;
        } else if !self.options.dry_run {
            self.operator.add_permissions(&name, permissions).await?;
        }
        Ok(())
    }

    /// Takes over a user. What is wrong with the record is kept for the report.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn add(&mut self, place: String, mut record: UserRecord) -> Result<(), OperatorError> {
        let email = match check(&record) {
            Ok(email) => email,
            Err(reason) => {
                self.refuse(place, reason);
                return Ok(());
            }
        };
        // FastAuth takes such names. It costs nothing but itself.
        if record.roles.iter().any(String::is_empty) {
            record.roles.retain(|role| !role.is_empty());
            self.refuse(place.clone(), NAMELESS_ROLE.to_owned());
        }
        let id = record.id.clone().map_or_else(UserId::generate, UserId);
        let is_known_email = self.pending_emails.contains(email.as_str());
        if is_known_email || self.pending_ids.contains(id.as_str()) {
            if self.options.dry_run {
                self.judge_repeated(place, is_known_email);
                return Ok(());
            }
            // What is on its way has to arrive before it can be compared with.
            self.flush().await?;
        }
        let users = &self.operator.adapters.users;
        let by_email = users.get_user_by_email(email.as_str()).await?;
        let by_id = users.get_user_by_id(&id).await?;
        let owner = by_email.as_ref().map_or(&id, |existing| &existing.id);
        let record = self.with_new_links(&place, owner, record).await?;
        match (by_email, by_id) {
            (Some(_), _) if !self.options.update => self.report.skipped += 1,
            (Some(existing), _) => {
                self.add_roles(&record.roles).await?;
                let stored = users.get_hashed_password(&existing.id).await?;
                let mut changes = self.changes_of_existing(&existing, &record, stored.as_deref());
                let known = self.operator.list_passkeys(&existing).await?;
                changes.extend(self.new_passkeys(&place, &existing.id, record.passkeys, &known));
                self.push(place, existing.id.as_str(), &email, false, changes);
            }
            (None, Some(_)) => self.refuse(place, ID_TAKEN.to_owned()),
            (None, None) => {
                self.add_roles(&record.roles).await?;
                let passkeys = self.new_passkeys(&place, &id, record.passkeys.clone(), &[]);
                let mut changes = self.changes_of_new(&id, &email, record);
                changes.extend(passkeys);
                self.push(place, id.as_str(), &email, true, changes);
            }
        }
        if self.pending.len() >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    /// A record with those of its links that are not there yet. One that belongs to somebody else is
    /// reported, and costs nothing but itself.
    async fn with_new_links(
        &mut self,
        place: &str,
        owner: &UserId,
        record: UserRecord,
    ) -> Result<UserRecord, OperatorError> {
        let links = record.oauth_accounts;
        let (oauth_accounts, of_others) = self.operator.missing_links(owner, links).await?;
        for _ in 0..of_others {
            self.refuse(place.to_owned(), Conflict::OAuthAccountTaken.to_string());
        }
        Ok(UserRecord { oauth_accounts, ..record })
    }

    /// In a dry run what came before is nowhere in the store.
    fn judge_repeated(&mut self, place: String, is_known_email: bool) {
        match (is_known_email, self.options.update) {
            (true, true) => self.report.updated += 1,
            (true, false) => self.report.skipped += 1,
            (false, _) => self.refuse(place, ID_TAKEN.to_owned()),
        }
    }

    /// Notes a record that could not even be read.
    pub fn refuse(&mut self, place: String, reason: String) {
        self.report.refused.push(Refusal { place, reason });
    }

    /// Makes the last changes.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn finish(mut self) -> Result<ImportReport, OperatorError> {
        self.flush().await?;
        Ok(self.report)
    }

    fn push(&mut self, place: String, id: &str, email: &EmailAddress, is_new: bool, changes: Vec<Change>) {
        self.pending_ids.insert(id.to_owned());
        self.pending_emails.insert(email.as_str().to_owned());
        self.pending.push(Pending { place, is_new, changes });
    }

    fn changes_of_new(&self, id: &UserId, email: &EmailAddress, record: UserRecord) -> Vec<Change> {
        let now = self.operator.clock.now();
        let user = User {
            id: id.clone(),
            email: email.as_str().to_owned(),
            name: record.name,
            image: record.image,
            email_verified: record.email_verified,
            is_active: record.is_active && record.deleted_at.is_none(),
            created_at: record.created_at.unwrap_or(now),
            updated_at: record.updated_at.or(record.created_at).unwrap_or(now),
            deleted_at: record.deleted_at,
        };
        let mut changes = vec![Change::CreateUser { user, password_hash: record.password_hash }];
        changes.extend(record.roles.into_iter().map(|role| Change::AssignRole { user: id.clone(), role }));
        changes.extend(record.oauth_accounts.into_iter().map(|link| link.into_change(id, now)));
        changes
    }

    /// Passkeys are added and never taken or changed. One that can't be used costs nothing but itself.
    fn new_passkeys(
        &mut self,
        place: &str,
        user_id: &UserId,
        records: Vec<PasskeyRecord>,
        known: &[Passkey],
    ) -> Vec<Change> {
        let now = self.operator.clock.now();
        let mut new: Vec<Passkey> = Vec::new();
        for record in records {
            let place = format!("{place}, passkey {}", record.id);
            match record.into_passkey(user_id, now) {
                Ok(passkey) if known.iter().chain(&new).any(|other| other.id == passkey.id) => {}
                Ok(passkey) => new.push(passkey),
                Err(reason) => self.refuse(place, reason),
            }
        }
        new.into_iter().map(Change::CreatePasskey).collect()
    }

    /// Roles and links are added and never taken. Whoever loses the password or the account loses the sessions.
    fn changes_of_existing(&self, user: &User, record: &UserRecord, stored: Option<&str>) -> Vec<Change> {
        let now = self.operator.clock.now();
        let id = user.id.clone();
        let is_active = record.is_active && record.deleted_at.is_none();
        let patch = UserPatch {
            email: None,
            name: record.name.clone(),
            image: record.image.clone(),
            email_verified: Some(record.email_verified),
            // An account that was deleted here stays deleted.
            is_active: Some(is_active && user.deleted_at.is_none()),
        };
        let mut changes = vec![Change::UpdateUser { id: id.clone(), patch, now }];
        let new_hash = record.password_hash.as_ref().filter(|hash| stored != Some(hash.as_str()));
        if let Some(hash) = new_hash {
            changes.push(Change::SetPassword { id: id.clone(), hash: Some(hash.clone()), now });
        }
        if new_hash.is_some() || !is_active {
            changes.extend(end_everything(user));
        }
        let roles = record.roles.iter().cloned();
        changes.extend(roles.map(|role| Change::AssignRole { user: id.clone(), role }));
        changes.extend(record.oauth_accounts.iter().cloned().map(|link| link.into_change(&id, now)));
        changes
    }

    async fn add_roles(&mut self, names: &[String]) -> Result<(), OperatorError> {
        for name in names {
            if !self.known_roles.contains(name) {
                self.create_role(Role { name: name.clone(), permissions: BTreeSet::new() }).await?;
            }
        }
        Ok(())
    }

    async fn create_role(&mut self, role: Role) -> Result<(), OperatorError> {
        let name = role.name.clone();
        if !self.options.dry_run {
            match self.operator.create_role(role).await {
                // Somebody else was faster.
                Ok(()) | Err(OperatorError::RoleExists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.known_roles.insert(name.clone());
        self.report.roles.push(name);
        Ok(())
    }

    /// Makes the pending changes in one transaction; if that fails, each user's by itself, so that one
    /// that can't be made does not cost the others.
    async fn flush(&mut self) -> Result<(), OperatorError> {
        let pending = std::mem::take(&mut self.pending);
        if self.options.dry_run {
            // Ids and addresses are kept: later records are compared with them.
            pending.iter().for_each(|one| self.count(one));
            return Ok(());
        }
        self.pending_ids.clear();
        self.pending_emails.clear();
        let transactions = &self.operator.adapters.transactions;
        let all = pending.iter().flat_map(|one| one.changes.iter().cloned()).collect();
        match transactions.commit(all).await {
            Ok(()) => pending.iter().for_each(|one| self.count(one)),
            Err(_) => {
                for one in pending {
                    match transactions.commit(one.changes.clone()).await {
                        Ok(()) => self.count(&one),
                        Err(StoreError::Conflict(conflict)) => self.refuse(one.place, conflict.to_string()),
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        Ok(())
    }

    const fn count(&mut self, one: &Pending) {
        if one.is_new {
            self.report.created += 1;
        } else {
            self.report.updated += 1;
        }
    }
}

fn check(record: &UserRecord) -> Result<EmailAddress, String> {
    let email = EmailAddress::parse(&record.email)
        .map_err(|error| format!("`{}` is not a valid e-mail address: {error}", record.email))?;
    if record.id.as_deref() == Some("") {
        return Err("the id is empty".to_owned());
    }
    if let Some(complaint) = record.oauth_accounts.iter().find_map(OAuthAccountRecord::complaint) {
        return Err(complaint.to_owned());
    }
    if let Some(hash) = &record.password_hash {
        check_stored(hash).map_err(|error| format!("the password hash can't be used: {error}"))?;
    }
    Ok(email)
}
