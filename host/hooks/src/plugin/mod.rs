//! What a plugin is and what the operator said of it. Nothing here runs anything.

pub(crate) mod breaker;
pub(crate) mod config;
pub(crate) mod config_schema;
pub(crate) mod digest;
pub(crate) mod info;
pub(crate) mod limits;
pub(crate) mod manifest;
pub(crate) mod reuse;
pub(crate) mod secrets;
pub(crate) mod services;
pub(crate) mod version;
