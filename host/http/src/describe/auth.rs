//! Signing up, in and out; sessions.

use super::FieldKind::{Bool, Email, Password, Text};
use super::{Description, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Login, Refresh, Register, Token};

const TAG: &str = "auth";

pub(super) const ROUTES: &[Description] = &[
    route("POST", "/register", TAG, Register, "Sign up with a password, and sign in")
        .body(&[
            field("email", Email, ""),
            field("password", Password, ""),
            field("name", Text, "The display name.").optional().nullable(),
        ])
        .answers(201, Shape::Registered)
        .errors(&[
            (400, "The password does not fit the policy, or there is no sign-up with passwords."),
            (403, "A plugin refuses the first sign-in. The account exists."),
            (409, "There is a user with this address."),
        ]),
    route("POST", "/login", TAG, Login, "Sign in with a password")
        .body(&[
            field("email", Email, ""),
            field("password", Password, ""),
            field("remember", Bool, "Whether the login is to last longer. `1`, `\"yes\"` and the like count as true.")
                .optional(),
        ])
        .answers(200, Shape::SignedIn)
        .errors(&[
            (400, "There is no sign-in with passwords."),
            (401, "Address, password or account is not good, or locked: which of them is not told."),
            (403, "A plugin refuses."),
        ]),
    route("POST", "/refresh", TAG, Refresh, "Trade a refresh token for new tokens")
        .optional_body(&[field("refresh_token", Text, "Without it, or empty: the cookie counts.")])
        .answers(200, Shape::SignedIn)
        .errors(&[
            (400, "Not with this session strategy."),
            (401, "There is no token, or it is not good, or it was used before: then every login of the user ends."),
            (403, "The token came by cookie without a good CSRF header, or a plugin refuses."),
        ]),
    route("POST", "/logout", TAG, Default, "Sign out"),
    route("GET", "/me", TAG, Default, "Who the caller is").answers(200, Shape::One("User")),
    route("GET", "/session", TAG, Default, "The login of this request")
        .answers(200, Shape::One("CurrentSession"))
        .errors(&[(404, "The login was ended, which an access token outlives.")]),
    route("POST", "/token", TAG, Token, "A JWT for other services")
        .answers(200, Shape::One("ServiceToken"))
        .errors(&[(400, "Only where a login is an opaque session token.")]),
    route("GET", "/sessions", "sessions", Default, "The caller's logins")
        .answers(200, Shape::Many("Session")),
    route("DELETE", "/sessions/all", "sessions", Default, "End all of the caller's logins"),
    route("DELETE", "/sessions/{id}", "sessions", Default, "End one of the caller's logins")
        .errors(&[(404, "The caller has no login of that id.")]),
];
