//! Requests of plugins: what the operator allows, what of a request is checked, and the port to whoever
//! sends it.

mod check;
mod grant;
mod host_rule;
mod port;
mod private_address;

pub(crate) use check::{answer, check};
pub use grant::HttpGrant;
pub use host_rule::HostRule;
pub use port::{HttpClient, HttpClients, HttpFailure, HttpLimits};
pub use private_address::PrivateAddress;
