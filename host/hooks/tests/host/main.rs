//! The plugin host, tried with guests that behave and guests that don't.

mod capabilities;
mod chain;
mod failure;
mod folder;
mod generations;
mod kit;
mod limits;
mod load;
mod swap;
mod wasi;
