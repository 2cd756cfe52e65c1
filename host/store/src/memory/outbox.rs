//! The outbox in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hookgate_core::adapters::{
    Announcement, DeadDelivery, OutboxAdapter, OutboxStats, StoreError, StoreResult,
};
use hookgate_core::event::{Delivery, Event, Parcel};
use hookgate_core::ids::UserId;

use super::memory_state::{Memory, State};
use super::rows::OutboxRow;

impl State {
    /// The event is due from the time of its request on, that is at once.
    pub(super) fn enqueue(&mut self, announcement: Announcement) -> StoreResult<()> {
        let Announcement { event, plugins } = announcement;
        // What serialisation leaves out (a passkey's public key) no store keeps, this one included.
        let event: Event =
            serde_json::to_value(&event).and_then(serde_json::from_value).map_err(StoreError::unavailable)?;
        for plugin in plugins {
            let parcel = Parcel::Event { plugin, event: Box::new(event.clone()) };
            self.put_parcel(parcel, event.user.id.clone(), event.request.time_ms);
        }
        Ok(())
    }

    /// The parcel is due at once.
    pub(super) fn put_parcel(&mut self, parcel: Parcel, user: UserId, now_ms: i64) {
        self.last_delivery += 1;
        let delivery = Delivery { id: self.last_delivery, parcel, attempts: 0 };
        let row = OutboxRow {
            delivery,
            user,
            next_attempt_ms: now_ms,
            created_ms: now_ms,
            is_dead: false,
            last_error: String::new(),
        };
        self.outbox.put(row.delivery.id, row);
    }

    fn pending(&self) -> impl Iterator<Item = &OutboxRow> {
        self.outbox.values().filter(|row| !row.is_dead)
    }

    /// Of each user and plugin the first pending row, in the order of writing.
    fn heads(&self) -> impl Iterator<Item = &OutboxRow> {
        let mut lanes = BTreeSet::new();
        self.pending().filter(move |row| lanes.insert((row.recipient(), &row.user)))
    }
}

#[async_trait]
impl OutboxAdapter for Memory {
    async fn due_deliveries(&self, now_ms: i64, limit: usize) -> StoreResult<Vec<Delivery>> {
        self.look(|state| {
            let mut due: Vec<&OutboxRow> =
                state.heads().filter(|row| row.next_attempt_ms <= now_ms).collect();
            // Of more than fit, those that have been due the longest, as the SQLite store does.
            due.sort_by_key(|row| row.next_attempt_ms);
            due.truncate(limit);
            due.sort_by_key(|row| row.delivery.id);
            due.into_iter().map(|row| row.delivery.clone()).collect()
        })
    }

    async fn next_due_ms(&self) -> StoreResult<Option<i64>> {
        self.look(|state| state.heads().map(|row| row.next_attempt_ms).min())
    }

    async fn mark_delivered(&self, ids: &[i64]) -> StoreResult<()> {
        self.change(|state| {
            for id in ids {
                state.outbox.remove(id);
            }
            Ok(())
        })
    }

    async fn mark_failed(&self, id: i64, next_attempt_ms: i64, error: &str) -> StoreResult<()> {
        self.change(|state| {
            state.outbox.update(&id, |row| {
                if !row.is_dead {
                    row.delivery.attempts = row.delivery.attempts.saturating_add(1);
                    row.next_attempt_ms = next_attempt_ms;
                    error.clone_into(&mut row.last_error);
                }
            });
            Ok(())
        })
    }

    async fn postpone(&self, id: i64, next_attempt_ms: i64) -> StoreResult<()> {
        self.change(|state| {
            state.outbox.update(&id, |row| {
                if !row.is_dead {
                    row.next_attempt_ms = next_attempt_ms;
                }
            });
            Ok(())
        })
    }

    async fn mark_dead(&self, id: i64, error: &str) -> StoreResult<()> {
        self.change(|state| {
            state.outbox.update(&id, |row| {
                row.is_dead = true;
                error.clone_into(&mut row.last_error);
            });
            Ok(())
        })
    }

    async fn list_dead(&self, after: i64, limit: usize) -> StoreResult<Vec<DeadDelivery>> {
        self.look(|state| {
            let dead = state.outbox.values().filter(|row| row.is_dead && row.delivery.id > after);
            dead.take(limit)
                .map(|row| DeadDelivery {
                    delivery: row.delivery.clone(),
                    error: row.last_error.clone(),
                    created_ms: row.created_ms,
                })
                .collect()
        })
    }

    async fn revive(&self, ids: &[i64], now_ms: i64) -> StoreResult<usize> {
        self.change(|state| {
            let mut revived = 0;
            for id in ids {
                state.outbox.update(id, |row| {
                    if std::mem::take(&mut row.is_dead) {
                        row.delivery.attempts = 0;
                        row.next_attempt_ms = now_ms;
                        row.last_error.clear();
                        revived += 1;
                    }
                });
            }
            Ok(revived)
        })
    }

    async fn outbox_stats(&self) -> StoreResult<OutboxStats> {
        self.look(|state| {
            let pending = state.pending().count() as u64;
            OutboxStats {
                pending,
                dead: state.outbox.values().count() as u64 - pending,
                oldest_pending_ms: state.pending().map(|row| row.created_ms).min(),
            }
        })
    }
}
