//! `GET /verify`: what a reverse proxy asks before it lets a request through

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hookgate_core::services::{Caller, Rights};

use crate::call::Call;
use crate::error::ApiError;

/// 200 with who the caller is in headers, if they hold every `role` and every `permission` of the query;
/// 401 or 403 otherwise. Both may be repeated. Roles are read from the store, not from the token.
pub(crate) async fn verify(call: Call<Caller>) -> Result<Response, ApiError> {
    let (roles, permissions) = (call.query_all("role"), call.query_all("permission"));
    let rights = call.app.services.require_rights(&call.access, &roles, &permissions).await?;
    Ok((StatusCode::OK, identity(&call.access, &rights)).into_response())
}

fn identity(caller: &Caller, rights: &Rights) -> HeaderMap {
    let user = &caller.user;
    let headers = [
        ("x-auth-user-id", user.id.as_str().to_owned()),
        ("x-auth-email", user.email.clone()),
        ("x-auth-email-verified", user.email_verified.to_string()),
        ("x-auth-roles", list(&rights.roles)),
        ("x-auth-permissions", list(&rights.permissions)),
    ];
    // What no header can hold is left out rather than changed: what is not there grants nothing.
    let valid = headers.into_iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    valid.collect()
}

/// Names with commas between them. One with a comma in it would be read as two others.
fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let is_plain = |name: &&String| {
        !name.contains(|c: char| c == ',' || c.is_control())
            && name.trim() == name.as_str()
            && !name.is_empty()
    };
    names.into_iter().filter(is_plain).map(String::as_str).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_reads_as_another() {
        let names = ["editor", "x,admin", "a\r\nb", " admin", "", "über"].map(str::to_owned);
        assert_eq!(list(&names), "editor,über");
    }
}
