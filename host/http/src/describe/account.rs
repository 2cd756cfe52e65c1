//! The caller's own account.

use super::FieldKind::{Email, Password, Text};
use super::{Description, Shape, field, route};
use crate::rate_limit::RateClass::{Default, Email as Mail, Login};

const TAG: &str = "account";

pub(super) const ROUTES: &[Description] = &[
    route("GET", "/account/profile", TAG, Default, "Name and picture").answers(200, Shape::One("Profile")),
    route("PUT", "/account/profile", TAG, Default, "Change name or picture")
        .body(&[
            field("name", Text, "").optional().nullable(),
            field("image", Text, "").optional().nullable(),
        ])
        .answers(200, Shape::One("Profile"))
        .errors(&[(400, "There is nothing to change.")]),
    route("POST", "/account/change-password", TAG, Login, "Change the password; every login ends")
        .body(&[field("current_password", Password, ""), field("new_password", Password, "")])
        .errors(&[(400, "The current password is wrong, or the new one does not fit the policy.")]),
    route("POST", "/account/change-email", TAG, Mail, "Mail a link to a new address")
        .body(&[field("new_email", Email, ""), field("password", Password, "")])
        .errors(&[(400, "The password is wrong."), (409, "Another user has that address.")]),
    route("GET", "/account/confirm-email-change", TAG, Default, "Follow that link")
        .query(&[field("token", Text, "From the mailed link.")])
        .errors(&[
            (400, "The link is spent or expired."),
            (409, "Another user took that address meanwhile."),
        ]),
    route("DELETE", "/account", TAG, Login, "Deactivate the account")
        .body(&[field("password", Password, "")])
        .errors(&[(400, "The password is wrong.")]),
];
