//! `hookgate passkey list`

use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::{Desk, Table, date};

pub(super) async fn run(desk: &Desk, whom: &str) -> Result<(), CommandError> {
    let user = desk.operator.find_user(whom).await?;
    let passkeys = desk.operator.list_passkeys(&user).await?;
    desk.answer(&json!(passkeys), || {
        let mut table = Table::new(["PASSKEY", "NAME", "CREATED", "LAST USED", "COUNTER"]);
        for passkey in &passkeys {
            table.row([
                passkey.id.clone(),
                passkey.name.clone(),
                date(passkey.created_at),
                passkey.last_used_at.map(date).unwrap_or_default(),
                passkey.sign_count.to_string(),
            ]);
        }
        table.render()
    })
}
