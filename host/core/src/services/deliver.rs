//! Telling plugins of events, after the fact and off the request path.

use futures_util::StreamExt as _;

use super::Services;
use crate::adapters::{OutboxStats, StoreResult};
use crate::event::Delivery;
use crate::hooks::DeliveryError;

/// How many deliveries are fetched at once.
const BATCH: usize = 256;
/// How many plugins are told at once. Each has limits of its own besides.
const AT_ONCE: usize = 16;

impl Services {
    /// Delivers everything that is due, in order per user and plugin, and says when to come again (in
    /// milliseconds since the Unix epoch; none if nothing waits).
    ///
    /// # Errors
    /// The storage failed; nothing is lost, some events may be delivered again.
    pub async fn deliver_due(&self) -> StoreResult<Option<i64>> {
        loop {
            let due = self.adapters.outbox.due_deliveries(self.clock.now_ms(), BATCH).await?;
            if due.is_empty() {
                return self.adapters.outbox.next_due_ms().await;
            }
            let outcomes: Vec<_> = futures_util::stream::iter(due)
                .map(|delivery| self.deliver(delivery))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            self.settle(outcomes).await?;
        }
    }

    /// Returns when an event was written since the last call.
    pub async fn outbox_changed(&self) {
        self.outbox_changed.notified().await;
    }

    /// How the outbox stands.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn outbox_stats(&self) -> StoreResult<OutboxStats> {
        self.adapters.outbox.outbox_stats().await
    }

    async fn deliver(&self, delivery: Delivery) -> (Delivery, Result<(), DeliveryError>) {
        let chain = self.hooks.pin();
        let result = chain.deliver(&delivery.plugin, &delivery.event, delivery.attempts + 1).await;
        (delivery, result)
    }

    async fn settle(&self, outcomes: Vec<(Delivery, Result<(), DeliveryError>)>) -> StoreResult<()> {
        let mut done = Vec::new();
        for (delivery, result) in outcomes {
            match result {
                Ok(()) => done.push(delivery.id),
                Err(error @ DeliveryError::NotImplemented { .. }) => {
                    tracing::info!(event.id = delivery.event.id, "event dropped: {error}");
                    done.push(delivery.id);
                }
                Err(error) => self.put_off(&delivery, &error).await?,
            }
        }
        if !done.is_empty() {
            self.adapters.outbox.mark_delivered(&done).await?;
        }
        Ok(())
    }

    async fn put_off(&self, delivery: &Delivery, error: &DeliveryError) -> StoreResult<()> {
        let attempts = delivery.attempts + 1;
        let event = &delivery.event;
        let error = error.to_string();
        if attempts >= self.settings.events.max_attempts {
            tracing::error!(
                event.id = event.id,
                hook = %event.hook,
                plugin.id = delivery.plugin,
                attempts,
                "event given up: {error}"
            );
            return self.adapters.outbox.mark_dead(delivery.id, &error).await;
        }
        let pause = self.retry_pause_ms(attempts);
        tracing::warn!(
            event.id = event.id,
            hook = %event.hook,
            plugin.id = delivery.plugin,
            attempts,
            retry_in_ms = pause,
            "event not delivered: {error}"
        );
        self.adapters.outbox.mark_failed(delivery.id, self.clock.now_ms() + pause, &error).await
    }

    /// Doubles with each attempt up to the longest, give or take a fifth, so that what failed together
    /// does not come back together.
    fn retry_pause_ms(&self, attempts: u32) -> i64 {
        let settings = self.settings.events;
        let doubled = settings.first_retry_ms.saturating_mul(1 << (attempts - 1).min(30));
        let pause = doubled.min(settings.longest_retry_ms);
        pause - pause / 5 + rand::random_range(0..=pause.max(0) / 5 * 2)
    }
}
