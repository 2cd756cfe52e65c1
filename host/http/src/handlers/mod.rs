//! The handlers: a folder per resource, a file per endpoint. A handler reads its input, calls one
//! service and writes its output.

pub(crate) mod account;
pub(crate) mod auth;
pub(crate) mod email;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod oauth;
pub(crate) mod passkeys;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod tokens;

pub use metrics::METRICS_CONTENT_TYPE;
