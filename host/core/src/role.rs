//! Roles and their permissions.

use std::collections::BTreeSet;

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Unique.
    pub name: String,
    /// What holders of the role may do; opaque to the server.
    pub permissions: BTreeSet<String>,
}
