//! What is done by mail.

mod magic_link;
mod password;
mod reset_page;
mod verify;

pub(crate) use magic_link::redeem_magic_link;
pub(crate) use magic_link::request_magic_link;
pub(crate) use password::forgot;
pub(crate) use password::reset;
pub(crate) use reset_page::reset_page;
pub(crate) use verify::request_verify;
pub(crate) use verify::verify;
pub(crate) use verify::verify_by_link;
