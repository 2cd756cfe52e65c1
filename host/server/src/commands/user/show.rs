//! `hookgate user show`

use hookgate_core::services::operator::UserDetails;
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::{Desk, Facts, date};
use crate::commands::session::{as_json, as_table};

pub(super) async fn run(desk: &Desk, whom: &str) -> Result<(), CommandError> {
    let user = desk.operator.find_user(whom).await?;
    let details = desk.operator.user_details(user).await?;
    let UserDetails { user, has_password, roles, sessions, attempts, passkeys } = &details;
    let lock = attempts.locked_until.filter(|until| desk.operator.clock().now() < *until);
    let roles: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();

    let mut value = json!(user);
    value["has_password"] = json!(has_password);
    value["roles"] = json!(roles);
    value["sessions"] = sessions.iter().map(as_json).collect();
    value["passkeys"] = json!(passkeys);
    value["failed_logins"] = json!(attempts.failures);
    value["locked_until"] = json!(lock);
    desk.answer(&value, || {
        let mut facts = Facts::default();
        let yes_no = |value: bool| if value { "yes" } else { "no" };
        facts.add("id", user.id.as_str());
        facts.add("email", &user.email);
        facts.add("verified", yes_no(user.email_verified));
        facts.add("name", user.name.as_deref().unwrap_or("-"));
        facts.add("image", user.image.as_deref().unwrap_or("-"));
        facts.add("password", yes_no(*has_password));
        facts.add("passkeys", &passkeys.len().to_string());
        facts.add("active", yes_no(user.is_active));
        if let Some(at) = user.deleted_at {
            facts.add("deleted", &date(at));
        }
        facts.add("created", &date(user.created_at));
        facts.add("changed", &date(user.updated_at));
        facts.add("roles", &if roles.is_empty() { "-".to_owned() } else { roles.join(", ") });
        facts.add("failed logins", &attempts.failures.to_string());
        facts.add("locked until", &lock.map_or_else(|| "not locked".to_owned(), date));
        facts.add("sessions", &sessions.len().to_string());
        let mut text = facts.render();
        if !sessions.is_empty() {
            text += "\n";
            text += &as_table(sessions);
        }
        text
    })
}
