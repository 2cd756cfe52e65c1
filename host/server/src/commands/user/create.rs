//! `hookgate user create`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use hookgate_core::role::ADMIN;
use hookgate_core::services::operator::{NewUser, Operator};

use crate::commands::CommandError;
use crate::commands::operator::{Desk, PasswordSource};

#[derive(Debug, Args)]
pub(super) struct CreateUser {
    /// The address
    #[arg(long)]
    email: String,
    /// The display name
    #[arg(long)]
    name: Option<String>,
    /// A role, beside the default one; may be repeated
    #[arg(long = "role", value_name = "ROLE", value_parser = NonEmptyStringValueParser::new())]
    roles: Vec<String>,
    #[command(flatten)]
    password: PasswordSource,
    /// Create the user without a password
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    /// The address is known to be the user's
    #[arg(long)]
    verified: bool,
}

impl CreateUser {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let email = Operator::address(&self.email)?;
        // Before anybody types a password.
        desk.operator.require_free(&email).await?;
        for role in self.roles.iter().filter(|role| *role != ADMIN) {
            desk.operator.find_role(role).await?;
        }
        let password_hash =
            if self.no_password { None } else { Some(desk.hash(self.password.read()?).await?) };
        let new = NewUser {
            email,
            name: self.name,
            password_hash,
            email_verified: self.verified,
            roles: self.roles,
        };
        let record = desk.operator.create_user(new).await?;
        desk.answer(&record, || record.id.clone().unwrap_or_default())
    }
}
