//! The objects that answers are made of.

use super::FieldKind::{Bool, Email, Int, One, Text, Texts};
use super::{Field, field};

/// A named shape.
pub(crate) struct Object {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
    /// Whether plugins, or a later version, may add fields.
    pub(crate) is_open: bool,
}

const fn object(name: &'static str, fields: &'static [Field]) -> Object {
    Object { name, fields, is_open: false }
}

/// All of them.
pub(crate) const OBJECTS: &[Object] = &[
    object("Message", &[field("message", Text, "What was done.")]),
    object("Directions", &[field("url", Text, "The provider's page.")]),
    object(
        "OAuthAccount",
        &[
            field("provider", Text, "The provider's id."),
            field("provider_account_id", Text, "The account's id there."),
        ],
    ),
    object(
        "Tokens",
        &[
            field("access_token", Text, "A JWT that names the caller."),
            field("refresh_token", Text, "Good once, for new tokens."),
            field("token_type", Text, "`bearer`"),
            field("expires_in", Int, "How long the access token is good, in seconds."),
        ],
    ),
    object(
        "SessionToken",
        &[
            field("session_token", Text, "Opaque; names the caller."),
            field("token_type", Text, "`session`"),
            field("expires_in", Int, "How long it is good, in seconds."),
        ],
    ),
    object(
        "ServiceToken",
        &[
            field("access_token", Text, "A JWT for other services."),
            field("token_type", Text, "`bearer`"),
            field("expires_in", Int, "How long it is good, in seconds."),
        ],
    ),
    object(
        "User",
        &[
            field("id", Text, ""),
            field("email", Email, ""),
            field("name", Text, "").nullable(),
            field("image", Text, "The address of a picture.").nullable(),
            field("email_verified", Bool, "Whether the address was proven."),
            field("is_active", Bool, ""),
        ],
    ),
    object(
        "Profile",
        &[
            field("id", Text, ""),
            field("email", Email, ""),
            field("name", Text, "").nullable(),
            field("image", Text, "").nullable(),
        ],
    ),
    object(
        "Session",
        &[
            field("id", Text, "The claim `sid` of its tokens."),
            field("user_id", Text, ""),
            field("ip_address", Text, "").nullable(),
            field("user_agent", Text, "").nullable(),
        ],
    ),
    Object {
        name: "CurrentSessionRecord",
        fields: &[
            field("id", Text, ""),
            field("user_id", Text, ""),
            field("ip_address", Text, "").nullable(),
            field("user_agent", Text, "").nullable(),
            field("created_at", Int, "Seconds since 1970."),
            field("expires_at", Int, "Seconds since 1970."),
        ],
        is_open: true,
    },
    object(
        "CurrentSession",
        &[
            field("user", One("User"), ""),
            field("session", One("CurrentSessionRecord"), "With what plugins added."),
        ],
    ),
    object(
        "Introspection",
        &[
            field("active", Bool, "Whether the token is good, and for the caller to know."),
            field("sub", Text, "").nullable(),
            field("exp", Int, "").nullable(),
            field("jti", Text, "Of a session token the session's id.").nullable(),
            field("token_type", Text, "`access`, `refresh` or `session`").nullable(),
            field("email", Email, "").nullable(),
        ],
    ),
    object("Role", &[field("name", Text, ""), field("permissions", Texts, "")]),
    object(
        "Rights",
        &[
            field("user_id", Text, ""),
            field("roles", Texts, ""),
            field("permissions", Texts, "What the roles allow together."),
        ],
    ),
    object("Directions", &[field("url", Text, "At the provider.")]),
    object("OAuthAccount", &[field("provider", Text, ""), field("provider_account_id", Text, "")]),
    object("NewPasskey", &[field("id", Text, ""), field("name", Text, ""), field("created_at", Text, "")]),
    object(
        "Passkey",
        &[
            field("id", Text, ""),
            field("name", Text, ""),
            field("aaguid", Text, "The model of the authenticator."),
            field("created_at", Text, ""),
            field("last_used_at", Text, "").nullable(),
        ],
    ),
    object("Status", &[field("status", Text, "")]),
];
