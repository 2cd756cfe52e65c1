//! Requests to addresses that somebody else chose: sent to public addresses only, never redirected, bounded
//! in time and size.
//!
//! What a name means is decided when the connection is made, and that very address is connected to. So no
//! answer of a name server, however often it changes, leads to the machine itself or its neighbours.

mod address;
mod client;
mod connector;
mod error;
mod resolver;
mod tls;

pub use address::is_public;
pub use client::{GuardedClient, SendLimits};
pub use error::SendError;
pub use resolver::{Resolver, SystemResolver};
pub use tls::TlsRoots;
