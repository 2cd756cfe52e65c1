//! What is done by mail.

use super::FieldKind::{Email, Password, Text};
use super::{Description, Field, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Email as Mail, Login};

const TAG: &str = "email";
const TOKEN: &[Field] = &[field("token", Text, "From the mailed link.")];

pub(super) const ROUTES: &[Description] = &[
    route("POST", "/request-verify-email", TAG, Mail, "Mail the caller a link that proves the address"),
    route("GET", "/verify-email", TAG, Default, "Follow that link")
        .query(TOKEN)
        .errors(&[(400, "The link is spent or expired.")]),
    route("POST", "/verify-email", TAG, Default, "The same for a front end that has the token")
        .body(TOKEN)
        .errors(&[(400, "The link is spent or expired.")]),
    route("POST", "/forgot-password", TAG, Mail, "Mail a link that sets a new password").body(&[field(
        "email",
        Email,
        "The answer does not tell whether somebody has it.",
    )]),
    route("GET", "/reset-password", TAG, Default, "The page that the link leads to")
        .answers(200, Shape::Page),
    route("POST", "/reset-password", TAG, Login, "Set a new password; every login ends")
        .body(&[field("token", Text, "From the mailed link."), field("new_password", Password, "")])
        .errors(&[(
            400,
            "The link is spent or expired; or the password does not fit the policy, and the link stays good.",
        )]),
    route("POST", "/magic-links/login", TAG, Mail, "Mail a link that signs in").body(&[field(
        "email",
        Email,
        "An unknown address gets an account.",
    )]),
    route("GET", "/magic-links/callback", TAG, Login, "Follow that link")
        .query(TOKEN)
        .answers(200, Shape::SignedIn)
        .errors(&[
            (401, "The link is spent or expired, or the account is not active."),
            (403, "A plugin refuses."),
        ]),
];
