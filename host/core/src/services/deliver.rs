//! Telling plugins of events and posting letters, after the fact and off the request path.

use std::pin::pin;
use std::sync::PoisonError;

use futures_util::StreamExt as _;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::{Services, enqueue};
use crate::adapters::{OutboxStats, StoreResult};
use crate::event::{Delivery, EVERYBODY, Event, Parcel};
use crate::hooks::DeliveryError;
use crate::letter::Letter;

/// How many deliveries are fetched at once.
const BATCH: usize = 256;
/// How many are under way at once. Each plugin has limits of its own besides.
const AT_ONCE: usize = 16;

/// How one attempt ended.
enum Outcome {
    Delivered,
    /// There is nobody to deliver to, and there will not be.
    Pointless(String),
    Failed(String),
    /// Nobody was asked; not before this many milliseconds.
    Waits(i64),
}

impl Outcome {
    const fn word(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Pointless(_) => "dropped",
            Self::Failed(_) => "failed",
            Self::Waits(_) => "waits",
        }
    }
}

impl Services {
    /// Delivers everything that is due, in order per user and recipient, and says when to come again
    /// (in milliseconds since the Unix epoch; none if nothing waits).
    ///
    /// # Errors
    /// The storage failed; nothing is lost, some events may be delivered again.
    pub async fn deliver_due(&self) -> StoreResult<Option<i64>> {
        self.note_delivered(Vec::new()).await?;
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

    /// Returns when something was put into the outbox since the last call.
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

    async fn deliver(&self, delivery: Delivery) -> (Delivery, Outcome) {
        let span = span(&delivery);
        let outcome = {
            // Pinned here, so that it is not kept twice.
            let attempt = pin!(self.attempt(&delivery));
            attempt.instrument(span.clone()).await
        };
        span.record("outcome", outcome.word());
        if matches!(outcome, Outcome::Failed(_) | Outcome::Pointless(_)) {
            span.record("otel.status_code", "ERROR");
        }
        (delivery, outcome)
    }

    async fn attempt(&self, delivery: &Delivery) -> Outcome {
        match &delivery.parcel {
            Parcel::Event { plugin, event } if plugin == EVERYBODY => self.address(event).await,
            Parcel::Event { plugin, event } => self.tell(plugin, event, delivery.attempts + 1).await,
            Parcel::Letter(sealed) => self.send(sealed).await,
        }
    }

    async fn tell(&self, plugin: &str, event: &Event, attempt: u32) -> Outcome {
        match self.hooks.pin().deliver(plugin, event, attempt).await {
            Ok(()) => Outcome::Delivered,
            Err(error @ DeliveryError::NotImplemented { .. }) => Outcome::Pointless(error.to_string()),
            // A little later than the breaker says, so that not all who wait are the one who may try.
            Err(DeliveryError::BreakerOpen { retry_ms, .. }) => {
                Outcome::Waits(i64::try_from(retry_ms).unwrap_or(i64::MAX / 2) + rand::random_range(1..=50))
            }
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    /// Finds out who is to be told of an event of the command line.
    async fn address(&self, event: &Event) -> Outcome {
        let Some(change) = enqueue(&*self.hooks.pin(), event.clone()) else { return Outcome::Delivered };
        match self.commit(vec![change]).await {
            Ok(()) => Outcome::Delivered,
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    async fn send(&self, sealed: &str) -> Outcome {
        let letter: Letter = match self.sealer.open(sealed) {
            Ok(letter) => letter,
            Err(error) => return Outcome::Pointless(error.to_string()),
        };
        match self.mailer.send(&letter).await {
            Ok(()) => Outcome::Delivered,
            Err(error) if error.is_transient => Outcome::Failed(error.reason),
            Err(error) => Outcome::Pointless(error.reason),
        }
    }

    async fn settle(&self, outcomes: Vec<(Delivery, Outcome)>) -> StoreResult<()> {
        let (mut done, mut waiting) = (Vec::new(), Vec::new());
        for (delivery, outcome) in outcomes {
            match outcome {
                Outcome::Delivered => done.push(delivery.id),
                Outcome::Pointless(reason) => {
                    tracing::warn!(delivery = what(&delivery), "not delivered and dropped: {reason}");
                    done.push(delivery.id);
                }
                Outcome::Failed(reason) => waiting.push((delivery, Err(reason))),
                Outcome::Waits(pause) => waiting.push((delivery, Ok(pause))),
            }
        }
        // First, for whoever was told must not be told again because another's pause can't be written.
        self.note_delivered(done).await?;
        for (delivery, outcome) in waiting {
            match outcome {
                Err(reason) => self.put_off(&delivery, &reason).await?,
                Ok(pause) => {
                    tracing::debug!(delivery = what(&delivery), retry_in_ms = pause, "not delivered yet");
                    self.adapters.outbox.postpone(delivery.id, self.clock.now_ms() + pause).await?;
                }
            }
        }
        Ok(())
    }

    /// Notes that these were delivered, and those of which that could not be written before. While it can't
    /// (a full disk), nothing is delivered, so that plugins are not told the same again and again.
    async fn note_delivered(&self, done: Vec<i64>) -> StoreResult<()> {
        let ids = {
            let mut unnoted = self.unnoted.lock().unwrap_or_else(PoisonError::into_inner);
            unnoted.extend(done);
            unnoted.clone()
        };
        if ids.is_empty() {
            return Ok(());
        }
        self.adapters.outbox.mark_delivered(&ids).await?;
        self.unnoted.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| !ids.contains(id));
        Ok(())
    }

    async fn put_off(&self, delivery: &Delivery, reason: &str) -> StoreResult<()> {
        let attempts = delivery.attempts + 1;
        let what = what(delivery);
        if attempts >= self.settings.events.max_attempts {
            tracing::error!(delivery = what, attempts, "given up: {reason}");
            return self.adapters.outbox.mark_dead(delivery.id, reason).await;
        }
        let pause = self.retry_pause_ms(attempts);
        tracing::warn!(delivery = what, attempts, retry_in_ms = pause, "not delivered: {reason}");
        self.adapters.outbox.mark_failed(delivery.id, self.clock.now_ms() + pause, reason).await
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

/// The span of one attempt, for whoever collects traces. It begins a trace of its own, since the request is over; both
/// have the request's id. Nothing of a user or a letter is in it.
fn span(delivery: &Delivery) -> Span {
    let (plugin, event) = match &delivery.parcel {
        Parcel::Event { plugin, event } => (Some(plugin.as_str()), Some(event)),
        Parcel::Letter(_) => (None, None),
    };
    let what = event.map_or("letter", |event| event.hook.name());
    tracing::trace_span!(
        parent: None,
        "delivery",
        otel.name = %format_args!("deliver {what}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        plugin,
        hook = event.map(|event| event.hook.name()),
        event.id = event.map(|event| &*event.id),
        request.id = event.map(|event| &*event.request.id),
        attempt = i64::from(delivery.attempts) + 1,
        outcome = Empty,
    )
}

/// A delivery for the log: nothing of a letter, whose link is a secret.
fn what(delivery: &Delivery) -> String {
    match &delivery.parcel {
        Parcel::Event { plugin, event } => format!("{} {} to {plugin}", event.hook, event.id),
        Parcel::Letter(_) => format!("letter {}", delivery.id),
    }
}
