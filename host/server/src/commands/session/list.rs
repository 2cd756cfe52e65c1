//! `hookgate session list`

use hookgate_core::session::Session;
use serde_json::{Value, json};

use crate::commands::CommandError;
use crate::commands::operator::{Desk, Table, date};

pub(super) async fn run(desk: &Desk, whom: &str) -> Result<(), CommandError> {
    let user = desk.operator.find_user(whom).await?;
    let sessions = desk.operator.list_sessions(&user).await?;
    desk.answer(&sessions.iter().map(as_json).collect::<Vec<_>>(), || as_table(&sessions))
}

/// A session for scripts.
pub(crate) fn as_json(session: &Session) -> Value {
    json!({
        "id": session.id.as_str(),
        "user_id": session.user_id.as_str(),
        "ip_address": session.ip_address,
        "user_agent": session.user_agent,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
    })
}

/// Sessions for people.
pub(crate) fn as_table(sessions: &[Session]) -> String {
    let mut table = Table::new(["SESSION", "CREATED", "EXPIRES", "ADDRESS", "USER AGENT"]);
    for session in sessions {
        table.row([
            session.id.to_string(),
            date(session.created_at),
            date(session.expires_at),
            session.ip_address.clone().unwrap_or_default(),
            session.user_agent.clone().unwrap_or_default(),
        ]);
    }
    table.render()
}
