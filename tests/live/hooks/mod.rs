//! Real components inside a real server.

mod decisions;
mod events;
mod examples;
mod hostile;
mod outside;
mod reload;
