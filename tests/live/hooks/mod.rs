//! Real components inside a real server.

mod decisions;
mod events;
mod examples;
mod hostile;
mod more_events;
mod outside;
mod reload;
mod restore;
