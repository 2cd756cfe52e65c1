//! `hookgate user disable`, `enable`, `unlock`

use hookgate_core::user::User;

use crate::commands::CommandError;
use crate::commands::operator::Desk;

pub(super) async fn disable(desk: &Desk, whom: &str) -> Result<(), CommandError> {
    let user = desk.operator.find_user(whom).await?;
    desk.operator.disable_user(&user).await?;
    answer(desk, &user, "is disabled, and every session is ended").await
}

pub(super) async fn enable(desk: &Desk, whom: &str) -> Result<(), CommandError> {
    let user = desk.operator.find_user(whom).await?;
    desk.operator.enable_user(&user).await?;
    answer(desk, &user, "is enabled").await
}

pub(super) async fn unlock(desk: &Desk, whom: &str) -> Result<(), CommandError> {
    let user = desk.operator.find_user(whom).await?;
    desk.operator.unlock_user(&user).await?;
    answer(desk, &user, "is not locked").await
}

/// A sentence about the user; for scripts, the user as it is now.
pub(super) async fn answer(desk: &Desk, user: &User, what: &str) -> Result<(), CommandError> {
    let now = desk.operator.find_user(user.id.as_str()).await?;
    let record = desk.operator.user_record(now, false).await?;
    desk.answer(&record, || format!("{} {what}", user.email))
}
