//! What every route is: its class of rate limit, what it reads, what it answers. `/openapi.json` is written
//! from these, and a test finds a route of the [table](crate::table) that has none.

mod account;
mod auth;
mod email;
mod oauth;
mod objects;
mod passkeys;
mod roles;
mod server;
mod tokens;

pub(crate) use objects::{OBJECTS, Object};

use crate::rate_limit::RateClass;

/// One route.
#[derive(Clone, Copy)]
pub(crate) struct Description {
    pub(crate) method: &'static str,
    /// As in the route table, without the prefix.
    pub(crate) path: &'static str,
    /// None for a route that is never limited.
    pub(crate) class: Option<RateClass>,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    /// Parameters of the query.
    pub(crate) query: &'static [Field],
    /// The fields of the JSON body.
    pub(crate) body: &'static [Field],
    /// Whether the body may be left out.
    pub(crate) body_is_optional: bool,
    pub(crate) status: u16,
    pub(crate) answer: Shape,
    /// What else the route itself may answer: status and meaning. What follows from its access, its input
    /// and its class is not repeated here.
    pub(crate) errors: &'static [(u16, &'static str)],
}

/// What a body holds.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// `{"message": …}`
    Message,
    /// Tokens, or cookies and a message.
    SignedIn,
    /// The same, or a message where a registration does not sign in.
    Registered,
    /// The same, or a redirect with cookies where browsers are sent on.
    Returned,
    /// An object of [`OBJECTS`].
    One(&'static str),
    /// A list of them.
    Many(&'static str),
    /// An object that is described elsewhere.
    Free,
    /// HTML.
    Page,
    /// Nothing.
    Empty,
}

/// What a field may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Text,
    /// A text that is not empty.
    Name,
    Email,
    Password,
    Bool,
    Int,
    Texts,
    /// Texts, none of them empty.
    Names,
    /// Any object.
    Object,
    /// An object of [`OBJECTS`].
    One(&'static str),
}

/// A field of a body or an answer, or a parameter of a query.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: FieldKind,
    pub(crate) is_required: bool,
    pub(crate) is_nullable: bool,
    pub(crate) doc: &'static str,
}

/// A field that must be there.
const fn field(name: &'static str, kind: FieldKind, doc: &'static str) -> Field {
    Field { name, kind, is_required: true, is_nullable: false, doc }
}

impl Field {
    /// May be left out.
    const fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    /// May be `null`.
    const fn nullable(self) -> Self {
        Self { is_nullable: true, ..self }
    }
}

/// A route that answers 200 and a message.
const fn route(
    method: &'static str,
    path: &'static str,
    tag: &'static str,
    class: RateClass,
    summary: &'static str,
) -> Description {
    Description {
        method,
        path,
        class: Some(class),
        tag,
        summary,
        query: &[],
        body: &[],
        body_is_optional: false,
        status: 200,
        answer: Shape::Message,
        errors: &[],
    }
}

impl Description {
    const fn query(self, query: &'static [Field]) -> Self {
        Self { query, ..self }
    }

    const fn body(self, body: &'static [Field]) -> Self {
        Self { body, ..self }
    }

    const fn optional_body(self, body: &'static [Field]) -> Self {
        Self { body, body_is_optional: true, ..self }
    }

    const fn answers(self, status: u16, answer: Shape) -> Self {
        Self { status, answer, ..self }
    }

    const fn errors(self, errors: &'static [(u16, &'static str)]) -> Self {
        Self { errors, ..self }
    }

    const fn unlimited(self) -> Self {
        Self { class: None, ..self }
    }
}

/// Every list of descriptions.
const ALL: &[&[Description]] = &[
    auth::ROUTES,
    tokens::ROUTES,
    email::ROUTES,
    account::ROUTES,
    roles::ROUTES,
    oauth::ROUTES,
    passkeys::ROUTES,
    server::ROUTES,
];

/// The description of a route. `path` is without the prefix.
pub(crate) fn find(method: &str, path: &str) -> Option<&'static Description> {
    all().find(|route| route.method == method && route.path == path)
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Description> {
    ALL.iter().copied().flatten()
}
