//! The HTTP face from outside: requests in, statuses and bodies out, through the router in-process
//! over a store in memory. What needs a socket is in [`serving`].

mod contract;
mod kit;

mod account;
mod cookies;
mod cors;
mod edge;
mod embedding;
mod enumeration;
mod login;
mod me;
mod oauth;
mod openapi;
mod passkeys;
mod rate_limits;
mod refresh;
mod register;
mod roles;
mod routing;
mod serving;
mod sessions;
mod validation;
