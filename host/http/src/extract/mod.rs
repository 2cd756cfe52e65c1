//! From bytes to checked input, with pydantic's answers to what is wrong.

mod body;
mod fields;
mod json_error;

pub(crate) use body::{BodyError, Document, Reading};
pub(crate) use fields::{FieldError, Fields, Invalid};
