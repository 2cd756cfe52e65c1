//! Signing up, in and out.

mod login;
mod logout;
mod me;
mod refresh;
mod register;
mod session;
mod token;

pub(crate) use login::login;
pub(crate) use logout::logout;
pub(crate) use me::me;
pub(crate) use refresh::refresh;
pub(crate) use register::register;
pub(crate) use session::session;
pub(crate) use token::token;
