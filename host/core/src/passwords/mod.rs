//! Passwords: what is accepted, and how it is hashed.

mod hasher;
mod phc;
mod policy;

pub use hasher::{Argon2Settings, HasherError, PasswordHasher};
pub use policy::{PasswordPolicy, PolicyViolation};
