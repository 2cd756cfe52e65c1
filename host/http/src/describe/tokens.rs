//! Looking at tokens, and taking them back.

use super::FieldKind::{Text, Texts};
use super::{Description, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Token};

const TAG: &str = "tokens";

pub(super) const ROUTES: &[Description] = &[
    route("POST", "/token/introspect", TAG, Token, "What a token is")
        .body(&[field("token", Text, "")])
        .answers(200, Shape::One("Introspection")),
    route("POST", "/token/revoke", TAG, Default, "Take one of the caller's refresh or session tokens back")
        .body(&[field("token", Text, "")])
        .errors(&[
            (400, "No good token, or an access token."),
            (403, "The token is another user's, or the CSRF header is missing or wrong."),
        ]),
    route("GET", "/verify", TAG, Token, "For reverse proxies: whether the caller may pass")
        .query(&[
            field("role", Texts, "A role that the caller must hold. May be repeated: all of them.")
                .optional(),
            field(
                "permission",
                Texts,
                "A permission that the caller must hold. May be repeated: all of them.",
            )
            .optional(),
        ])
        .answers(200, Shape::Empty)
        .errors(&[(403, "The caller lacks a role or a permission.")]),
];
