//! The caller's own account.

mod change_email;
mod change_password;
mod delete;
mod profile;

pub(crate) use change_email::change_email;
pub(crate) use change_email::confirm_email_change;
pub(crate) use change_password::change_password;
pub(crate) use delete::delete;
pub(crate) use profile::profile;
pub(crate) use profile::update_profile;
