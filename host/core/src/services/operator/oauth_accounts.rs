//! The operator's view of accounts at OAuth providers.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError};
use crate::adapters::Change;
use crate::clock::Timestamp;
use crate::ids::{UserId, generate_id};
use crate::oauth_account::OAuthAccount;
use crate::user::User;

/// A link as it is written to and read from files. The provider's own tokens are not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthAccountRecord {
    /// The provider's id.
    pub provider: String,
    /// The account's id there.
    pub provider_account_id: String,
    /// When the link was made; now if none.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

impl From<OAuthAccount> for OAuthAccountRecord {
    fn from(account: OAuthAccount) -> Self {
        let OAuthAccount { provider, provider_account_id, created_at, .. } = account;
        Self { provider, provider_account_id, created_at: Some(created_at) }
    }
}

impl OAuthAccountRecord {
    /// What is wrong with the record, if anything is.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        (self.provider.is_empty() || self.provider_account_id.is_empty())
            .then_some("an OAuth account without a provider or without an id")
    }

    /// The change that makes the link.
    pub(super) fn into_change(self, user: &UserId, now: Timestamp) -> Change {
        Change::CreateOAuthAccount(OAuthAccount {
            id: generate_id(),
            provider: self.provider,
            provider_account_id: self.provider_account_id,
            user_id: user.clone(),
            access_token: None,
            refresh_token: None,
            expires_at: None,
            created_at: self.created_at.unwrap_or(now),
        })
    }
}

impl Operator {
    /// A user's accounts at providers, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_oauth_accounts(&self, user: &User) -> Result<Vec<OAuthAccount>, OperatorError> {
        Ok(self.adapters.oauth_accounts.list_oauth_accounts(&user.id).await?)
    }

    /// Those of some links that are not there yet, and how many are there for another user than this.
    pub(super) async fn missing_links(
        &self,
        user: &UserId,
        records: Vec<OAuthAccountRecord>,
    ) -> Result<(Vec<OAuthAccountRecord>, usize), OperatorError> {
        let (mut missing, mut of_others) = (Vec::new(), 0);
        for record in records {
            let links = &self.adapters.oauth_accounts;
            match links.get_oauth_account(&record.provider, &record.provider_account_id).await? {
                None => missing.push(record),
                Some(account) if account.user_id == *user => {}
                Some(_) => of_others += 1,
            }
        }
        Ok((missing, of_others))
    }
}
