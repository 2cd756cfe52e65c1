//! Signing in through other providers, and linking them.

use super::FieldKind::Text;
use super::{Description, Field, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Login};

const TAG: &str = "oauth";
const BEGIN: &[Field] = &[field("redirect_uri", Text, "Where the provider sends the browser back to.")];
const RETURN: &[Field] = &[
    field("code", Text, "From the provider.").optional(),
    field("state", Text, "As it was given to the provider.").optional(),
    field("error", Text, "From a provider that said no, instead of `code`.").optional(),
    field("iss", Text, "The provider, if it says so (RFC 9207).").optional(),
];
const NO_PROVIDER: (u16, &str) = (404, "There is no such provider.");
const UNREACHABLE: (u16, &str) = (502, "The provider is away, or its answer makes no sense.");
const NO_CODE: (u16, &str) = (422, "`code` or `state` is missing.");

pub(super) const ROUTES: &[Description] = &[
    route("GET", "/oauth/{provider}/authorize", TAG, Login, "Where to send the browser, to sign in")
        .query(BEGIN)
        .answers(200, Shape::One("Directions"))
        .errors(&[(400, "The `redirect_uri` is not registered."), NO_PROVIDER, UNREACHABLE]),
    route("GET", "/oauth/{provider}/callback", TAG, Login, "The end of signing in")
        .query(RETURN)
        .answers(200, Shape::Returned)
        .errors(&[
            (400, "State or code is no good, the provider said no, or its address is not verified."),
            (401, "The account is deactivated."),
            (403, "A plugin refuses."),
            NO_PROVIDER,
            NO_CODE,
            UNREACHABLE,
        ]),
    route("GET", "/oauth/{provider}/link", TAG, Default, "Where to send the browser, to link an account")
        .query(BEGIN)
        .answers(200, Shape::One("Directions"))
        .errors(&[(400, "The `redirect_uri` is not registered."), NO_PROVIDER, UNREACHABLE]),
    route("GET", "/oauth/{provider}/link/callback", TAG, Login, "The end of linking").query(RETURN).errors(
        &[
            (400, "State or code is no good, or the account is linked already."),
            (401, "The account is deactivated."),
            NO_PROVIDER,
            NO_CODE,
            UNREACHABLE,
        ],
    ),
    route("GET", "/oauth/accounts", TAG, Default, "The caller's linked accounts")
        .answers(200, Shape::Many("OAuthAccount")),
    route("DELETE", "/oauth/accounts/{provider}", TAG, Default, "Unlink an account").errors(&[
        (400, "Nothing else would let the caller in."),
        (404, "The caller has no account of that provider."),
    ]),
];
