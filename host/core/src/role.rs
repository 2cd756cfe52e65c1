//! Roles and their permissions.

use std::collections::BTreeSet;

/// The role whose holders may change roles, as in FastAuth.
pub const ADMIN: &str = "admin";

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Unique.
    pub name: String,
    /// What holders of the role may do; opaque to the server.
    pub permissions: BTreeSet<String>,
}
