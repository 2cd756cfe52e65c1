//! Passkeys (WebAuthn).

use super::FieldKind::{Email, Object, Text};
use super::{Description, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Login};

const TAG: &str = "passkeys";

pub(super) const ROUTES: &[Description] = &[
    route(
        "POST",
        "/passkeys/register/begin",
        TAG,
        Default,
        "What to ask the authenticator for, to make a passkey",
    )
    .answers(200, Shape::Free)
    .errors(&[(501, "There is no passkey provider.")]),
    route("POST", "/passkeys/register/complete", TAG, Login, "Store a new passkey")
        .body(&[
            field(
                "credential",
                Object,
                "What `navigator.credentials.create` gave, as JSON. It may be the body itself.",
            )
            .optional(),
            field("name", Text, "What the user calls the passkey.").optional().nullable(),
        ])
        .answers(201, Shape::One("NewPasskey"))
        .errors(&[
            (400, "The challenge is spent, or the answer is not good."),
            (409, "The passkey is stored already."),
            (501, "There is no passkey provider."),
        ]),
    route(
        "POST",
        "/passkeys/authenticate/begin",
        TAG,
        Login,
        "What to ask the authenticator for, to sign in",
    )
    .optional_body(&[field("email", Email, "The answer does not tell whether somebody has it.")
        .optional()
        .nullable()])
    .answers(200, Shape::Free)
    .errors(&[(501, "There is no passkey provider.")]),
    route("POST", "/passkeys/authenticate/complete", TAG, Login, "Sign in with a passkey")
        .body(&[field(
            "credential",
            Object,
            "What `navigator.credentials.get` gave, as JSON. It may be the body itself.",
        )
        .optional()])
        .answers(200, Shape::SignedIn)
        .errors(&[
            (400, "The challenge is spent."),
            (401, "The passkey is unknown, its answer not good, or the account not active."),
            (403, "A plugin refuses."),
            (501, "There is no passkey provider."),
        ]),
    route("GET", "/passkeys", TAG, Default, "The caller's passkeys").answers(200, Shape::Many("Passkey")),
    route("DELETE", "/passkeys/{id}", TAG, Default, "Remove one of the caller's passkeys")
        .answers(204, Shape::Empty)
        .errors(&[(404, "The caller has no passkey of that id.")]),
];
