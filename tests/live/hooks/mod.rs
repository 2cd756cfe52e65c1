//! Real components inside a real server.

mod breaches;
mod compiling;
mod decisions;
mod events;
mod examples;
mod hostile;
mod languages;
mod loading;
mod more_events;
mod outside;
mod reload;
mod request_limits;
mod restore;
mod ways_in;
mod withstand;
