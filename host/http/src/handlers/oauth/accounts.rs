//! `GET /oauth/accounts`, `DELETE /oauth/accounts/{provider}`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::oauth_account::OAuthAccount;
use hookgate_core::services::Caller;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::{json, message};

#[derive(Serialize)]
struct Row<'a> {
    provider: &'a str,
    provider_account_id: &'a str,
}

impl<'a> From<&'a OAuthAccount> for Row<'a> {
    fn from(account: &'a OAuthAccount) -> Self {
        Self { provider: &account.provider, provider_account_id: &account.provider_account_id }
    }
}

/// The caller's linked accounts, the oldest first.
pub(crate) async fn list(call: Call<Caller>) -> Result<Response, ApiError> {
    let accounts = call.app.services.list_oauth_accounts(&call.access).await?;
    let rows: Vec<Row<'_>> = accounts.iter().map(Row::from).collect();
    Ok(json(StatusCode::OK, &rows))
}

/// Unlinks the oldest of a provider's. 404 if there is none, 400 if nothing else lets the caller in.
pub(crate) async fn unlink(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let provider = call.path_parameter().await?;
    call.app.services.unlink_oauth_account(&call.access, &provider).await?;
    Ok(message("Account unlinked"))
}
