//! Passwords: what is accepted, and how it is hashed.

mod foreign;
mod hasher;
mod phc;
mod policy;

pub use hasher::{Argon2Settings, HasherError, PasswordHasher};
pub use phc::check_stored;
pub use policy::{PasswordPolicy, PolicyViolation};
