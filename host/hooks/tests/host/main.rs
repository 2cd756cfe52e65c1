//! The plugin host, tried with guests that behave and guests that don't.

mod capabilities;
mod chain;
mod clock_and_random;
mod failure;
mod folder;
mod generations;
mod kit;
mod limits;
mod load;
mod outside;
mod reuse;
mod swap;
mod wasi;
