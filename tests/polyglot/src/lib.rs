//! One specified behaviour, and what it takes to ask a component for it through the real plugin host.

pub mod cases;
pub mod fixture;
pub mod growth;
pub mod languages;
pub mod logs;
pub mod services;
pub mod settings;
pub mod subject;
