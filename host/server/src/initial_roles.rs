//! The roles of the configuration, in the database.

use std::collections::BTreeSet;

use hookgate_core::adapters::{Adapters, Change, StoreError};
use hookgate_core::role::Role;

/// Makes the roles that are missing and adds the permissions that are missing. Takes nothing away.
pub(crate) async fn ensure(adapters: &Adapters, roles: &[Role]) -> Result<(), StoreError> {
    for role in roles {
        let stored = match adapters.roles.get_role(&role.name).await? {
            Some(stored) => stored,
            None => match adapters.transactions.commit(vec![Change::CreateRole(role.clone())]).await {
                Ok(()) => continue,
                // Another process was faster, perhaps with other permissions.
                Err(error) if error.conflict().is_some() => {
                    Role { name: role.name.clone(), permissions: BTreeSet::new() }
                }
                Err(error) => return Err(error),
            },
        };
        let permissions: BTreeSet<_> = role.permissions.difference(&stored.permissions).cloned().collect();
        if !permissions.is_empty() {
            let change = Change::AddPermissions { role: role.name.clone(), permissions };
            adapters.transactions.commit(vec![change]).await?;
        }
    }
    Ok(())
}
