//! Passwords: what is accepted, and how it is hashed.

mod cost;
mod foreign;
mod hasher;
mod phc;
mod policy;

pub use cost::{Argon2Settings, HasherError};
pub use hasher::PasswordHasher;
pub use phc::check_stored;
pub use policy::{PasswordPolicy, PolicyViolation};
