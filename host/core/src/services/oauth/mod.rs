//! Signing in through a provider, and linking accounts there.
//!
//! A flow has two halves. The first ([`authorize`]) sends the browser away with a state; the second
//! ([`callback`] or [`link`]) is what the browser comes back to. [`flow`] is what is remembered between.

mod accounts;
mod authorize;
mod callback;
mod flow;
mod link;

pub use authorize::Authorization;
pub use flow::{OAuthReturn, Returned};
