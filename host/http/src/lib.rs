//! The HTTP face of Hookgate: FastAuth's wire format over the services of `hookgate-core`.
//!
//! `router.rs` names every path and who may call it. `table.rs` takes the steps that every route
//! shares, in the order that FastAuth's callers see: the body must be JSON (422), the caller must be
//! known (401, 403), the fields must be right (422); only then a handler decides anything. Around all
//! of it is `middleware/`: an id, a log line, CORS, a time limit, a net under panics. `error.rs` is the
//! only place that turns what went wrong into a status and a text.
//!
//! The two entrances are [`router()`], which makes an [`axum::Router`] that can be called in-process,
//! and [`serve()`], which puts it on a socket.

mod call;
mod client;
mod cookies;
mod delivery;
mod describe;
mod error;
mod extract;
mod handlers;
mod middleware;
mod monitor;
mod oauth_cookie;
mod openapi;
mod options;
mod page;
mod rate_limit;
mod request_id;
mod respond;
mod router;
mod security;
mod serve;
mod state;
mod table;
#[cfg(test)]
mod testing;

pub use client::Peer;
pub use handlers::METRICS_CONTENT_TYPE;
pub use ipnet::IpNet;
pub use monitor::{Monitor, Page, Served};
pub use options::{
    CookieSettings, CsrfSettings, HttpOptions, MetricsAccess, OptionsError, SameSite, TokenDelivery,
    TraceTrust,
};
pub use rate_limit::{Rate, RateClass, RateError, RateLimits};
pub use router::{router, router_with};
pub use serve::{Drained, ServeOptions, serve};
