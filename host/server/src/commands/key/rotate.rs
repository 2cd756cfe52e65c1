//! `hookgate key rotate`

use clap::Args;

use super::list::as_json;
use crate::commands::CommandError;
use crate::commands::operator::{Desk, date};
use crate::config::SigningSource;

#[derive(Debug, Args)]
pub(super) struct RotateKey {
    /// Sign with it at once, instead of publishing it first. Services that keep a copy of the key set
    /// refuse the new tokens until they look again
    #[arg(long)]
    now: bool,
    /// The old keys have leaked: remove them and sign with the new one at once. Everybody has to sign in
    /// again
    #[arg(long)]
    revoke: bool,
}

impl RotateKey {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let algorithm = desk.config().settings.jwt.algorithm;
        match desk.config().signing {
            SigningSource::Kept => {}
            SigningSource::Secret => {
                return Err(CommandError::Refused(format!(
                    "{algorithm} signs with the secret: change `secret`, and everybody has to sign in again"
                )));
            }
            SigningSource::Given { .. } => {
                return Err(CommandError::Refused(
                    "the key is given by `jwt.private_key`: change it, and keep the old public key in `jwt.retired_key_files`"
                        .to_owned(),
                ));
            }
        }
        let key = desk.key_keeper()?.rotate(self.now || self.revoke, self.revoke).await?;
        let record = desk.operator.signing_key(&key.kid).await?;
        desk.answer(&as_json(&record), || match self.now || self.revoke {
            true => format!("{} signs from now on; running servers notice within half a minute", key.kid),
            false => format!("{} is published, and signs from {} on", key.kid, date(key.signs_from)),
        })
    }
}
