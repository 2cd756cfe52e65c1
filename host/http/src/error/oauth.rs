//! The statuses and texts of what goes wrong on the way through OAuth providers.

use std::borrow::Cow;

use axum::http::StatusCode;
use hookgate_core::oauth::{OAuthError, ProviderError};

/// FastAuth's, where it has some.
pub(super) fn of_oauth_error(error: &OAuthError) -> (StatusCode, Cow<'_, str>) {
    let refused = |text| (StatusCode::BAD_REQUEST, Cow::Borrowed(text));
    match error {
        OAuthError::ProviderNotFound(id) => {
            (StatusCode::NOT_FOUND, format!("OAuth provider '{id}' not found").into())
        }
        OAuthError::RedirectUriNotRegistered => refused("OAuth redirect_uri is not registered"),
        OAuthError::StateInvalid => refused("Invalid or expired OAuth state"),
        OAuthError::LinkStateInvalid => refused("Invalid or expired link state"),
        OAuthError::StateProviderMismatch => refused("OAuth state provider mismatch"),
        OAuthError::Declined(code) => {
            (StatusCode::BAD_REQUEST, format!("OAuth provider returned an error: {code}").into())
        }
        OAuthError::Provider { label, error } => of_provider_error(label, error),
        OAuthError::LinkedUserMissing => refused("Linked user account not found"),
        OAuthError::EmailUnverified => refused("OAuth provider email is not verified"),
        OAuthError::EmailMissing => refused("OAuth provider returned no usable email address"),
        OAuthError::AccountTaken => refused("This provider account is already linked to a user"),
        OAuthError::AccountNotFound(id) => {
            (StatusCode::NOT_FOUND, format!("No linked {id} account found").into())
        }
        OAuthError::LastWayIn => refused("The last way to sign in can't be unlinked"),
    }
}

fn of_provider_error<'a>(label: &str, error: &ProviderError) -> (StatusCode, Cow<'a, str>) {
    match error {
        ProviderError::Refused { step, reason } => {
            (StatusCode::BAD_REQUEST, format!("{label} {step} failed: {reason}").into())
        }
        // What exactly is wrong with the answer is for the log.
        ProviderError::Untrusted(_) => {
            (StatusCode::BAD_REQUEST, format!("{label} sent an answer that can't be trusted").into())
        }
        ProviderError::Unavailable(_) => {
            (StatusCode::BAD_GATEWAY, format!("{label} is not available at the moment").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use hookgate_core::oauth::ExchangeStep;

    use super::*;

    #[test]
    fn every_error_has_its_answer() {
        let provider = |error| OAuthError::Provider { label: "Google".to_owned(), error };
        let id = || "google".to_owned();
        let refused = |step| provider(ProviderError::Refused { step, reason: "invalid_grant".to_owned() });
        let cases = [
            (OAuthError::ProviderNotFound(id()), 404, "OAuth provider 'google' not found"),
            (OAuthError::RedirectUriNotRegistered, 400, "OAuth redirect_uri is not registered"),
            (OAuthError::StateInvalid, 400, "Invalid or expired OAuth state"),
            (OAuthError::LinkStateInvalid, 400, "Invalid or expired link state"),
            (OAuthError::StateProviderMismatch, 400, "OAuth state provider mismatch"),
            (
                OAuthError::Declined("access_denied".to_owned()),
                400,
                "OAuth provider returned an error: access_denied",
            ),
            (refused(ExchangeStep::Token), 400, "Google token exchange failed: invalid_grant"),
            (refused(ExchangeStep::UserInfo), 400, "Google user info request failed: invalid_grant"),
            (
                provider(ProviderError::Untrusted("private".to_owned())),
                400,
                "Google sent an answer that can't be trusted",
            ),
            (
                provider(ProviderError::Unavailable("private".to_owned())),
                502,
                "Google is not available at the moment",
            ),
            (OAuthError::LinkedUserMissing, 400, "Linked user account not found"),
            (OAuthError::EmailUnverified, 400, "OAuth provider email is not verified"),
            (OAuthError::EmailMissing, 400, "OAuth provider returned no usable email address"),
            (OAuthError::AccountTaken, 400, "This provider account is already linked to a user"),
            (OAuthError::AccountNotFound(id()), 404, "No linked google account found"),
            (OAuthError::LastWayIn, 400, "The last way to sign in can't be unlinked"),
        ];
        for (error, status, text) in cases {
            let (found, detail) = of_oauth_error(&error);
            assert_eq!((found.as_u16(), &*detail), (status, text), "{error:?}");
        }
    }
}
