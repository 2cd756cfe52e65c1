//! Rows that no type of the core has the shape of.

use hookgate_core::clock::Timestamp;
use hookgate_core::event::{Delivery, Parcel};
use hookgate_core::ids::UserId;
use serde_json::Value;

/// Short-lived state: a value with its end.
#[derive(Clone)]
pub(super) struct StateEntry {
    pub(super) value: Value,
    pub(super) expires_at: Timestamp,
}

/// One parcel on its way.
#[derive(Clone)]
pub(super) struct OutboxRow {
    pub(super) delivery: Delivery,
    pub(super) user: UserId,
    pub(super) next_attempt_ms: i64,
    pub(super) created_ms: i64,
    pub(super) is_dead: bool,
    pub(super) last_error: String,
}

impl OutboxRow {
    /// A plugin, or none for the mail transport.
    pub(super) fn recipient(&self) -> Option<&str> {
        match &self.delivery.parcel {
            Parcel::Event { plugin, .. } => Some(plugin),
            Parcel::Letter(_) => None,
        }
    }
}
