//! How a plugin's source becomes a component: which tool chain builds it, how that is called, and what
//! is left to do with its output.
//!
//! Used by `hookgate plugin build` and by this repository's own `cargo xtask plugins`, so that both build
//! the same way.

pub mod component;
pub mod rust;
