//! Signing in through providers.

use super::FieldKind::Text;
use super::{Description, Field, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Login};

const TAG: &str = "oauth";
const REDIRECT_URI: &[Field] =
    &[field("redirect_uri", Text, "Where the provider sends the user back to; registered there.")];
const RETURN: &[Field] = &[
    field("state", Text, "As in the provider's URL."),
    field("code", Text, "From the provider; left out where it sends an `error`.").optional(),
    field("error", Text, "From the provider, where there is no code.").optional(),
    field("iss", Text, "The issuer (RFC 9207), where it says so.").optional(),
];
const UNKNOWN: (u16, &str) = (404, "No such provider.");
const AWAY: (u16, &str) = (502, "The provider is not available.");

pub(super) const ROUTES: &[Description] = &[
    route("GET", "/oauth/{provider}/authorize", TAG, Default, "Begin a sign-in: where the browser has to go")
        .query(REDIRECT_URI)
        .answers(200, Shape::One("Directions"))
        .errors(&[(400, "The redirect URI is not registered."), UNKNOWN, AWAY]),
    route("GET", "/oauth/{provider}/callback", TAG, Login, "End it")
        .query(RETURN)
        .answers(200, Shape::SignedIn)
        .errors(&[
            (302, "With `oauth_redirect_url`: goes on there, with the tokens in cookies."),
            (400, "State or code are no good, the provider says no, or the address belongs to somebody."),
            (401, "The account is deactivated."),
            (403, "A plugin refuses."),
            UNKNOWN,
            AWAY,
        ]),
    route(
        "GET",
        "/oauth/{provider}/link",
        TAG,
        Default,
        "Begin to link an account: where the browser has to go",
    )
    .query(REDIRECT_URI)
    .answers(200, Shape::One("Directions"))
    .errors(&[(400, "The redirect URI is not registered."), UNKNOWN, AWAY]),
    route("GET", "/oauth/{provider}/link/callback", TAG, Login, "End it").query(RETURN).errors(&[
        (400, "State or code are no good, the provider says no, or the account is linked already."),
        (401, "The account is deactivated."),
        UNKNOWN,
        AWAY,
    ]),
    route("GET", "/oauth/accounts", TAG, Default, "The caller's linked accounts, the oldest first")
        .answers(200, Shape::Many("OAuthAccount")),
    route("DELETE", "/oauth/accounts/{provider}", TAG, Default, "Unlink the oldest account at a provider")
        .errors(&[(400, "Nothing else lets the caller in."), (404, "There is no such link.")]),
];
