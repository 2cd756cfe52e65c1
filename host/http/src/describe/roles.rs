//! Roles and permissions.

use super::FieldKind::{Name, Names, Text};
use super::{Description, Field, Shape, field, route};
use crate::rate_limit::RateClass::Default;

const TAG: &str = "roles";
const ADMINISTRATORS: (u16, &str) =
    (403, "The caller does not hold the role `admin`, or the CSRF header is missing or wrong.");
const PERMISSIONS: &[Field] = &[field("permissions", Names, "")];
const HOLDER: &[Field] = &[field("user_id", Text, ""), field("role_name", Text, "")];

pub(super) const ROUTES: &[Description] = &[
    route("GET", "/roles", TAG, Default, "Every role")
        .answers(200, Shape::Many("Role"))
        .errors(&[(403, "The caller does not hold the role `admin`.")]),
    route("POST", "/roles", TAG, Default, "Make a role")
        .body(&[field("name", Name, ""), field("permissions", Names, "").optional()])
        .answers(201, Shape::One("Role"))
        .errors(&[ADMINISTRATORS, (409, "There is a role of that name.")]),
    route("DELETE", "/roles/{name}", TAG, Default, "Delete a role, and take it from its holders")
        .errors(&[ADMINISTRATORS, (404, "There is no such role.")]),
    route("POST", "/roles/{name}/permissions", TAG, Default, "Add permissions to a role")
        .body(PERMISSIONS)
        .errors(&[ADMINISTRATORS, (404, "There is no such role.")]),
    route("DELETE", "/roles/{name}/permissions", TAG, Default, "Take permissions from a role")
        .body(PERMISSIONS)
        .errors(&[ADMINISTRATORS, (404, "There is no such role.")]),
    route("POST", "/roles/assign", TAG, Default, "Give a user a role")
        .body(HOLDER)
        .errors(&[ADMINISTRATORS, (404, "There is no such role or user.")]),
    route("POST", "/roles/revoke", TAG, Default, "Take a role from a user")
        .body(HOLDER)
        .errors(&[ADMINISTRATORS]),
    route("GET", "/roles/me", TAG, Default, "The caller's roles and permissions")
        .answers(200, Shape::One("Rights")),
    route("GET", "/roles/user/{id}", TAG, Default, "A user's roles and permissions; none for an unknown one")
        .answers(200, Shape::One("Rights"))
        .errors(&[(403, "The caller does not hold the role `admin`.")]),
];
