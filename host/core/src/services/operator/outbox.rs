//! The operator's view of deliveries that were given up.

use super::{Operator, OperatorError};
use crate::adapters::{DeadDelivery, OutboxStats};

/// How many are looked at in one step.
const BATCH: usize = 500;

impl Operator {
    /// How the outbox stands.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn outbox_stats(&self) -> Result<OutboxStats, OperatorError> {
        Ok(self.adapters.outbox.outbox_stats().await?)
    }

    /// Deliveries that were given up, after the id `after`.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn dead_deliveries(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<DeadDelivery>, OperatorError> {
        Ok(self.adapters.outbox.list_dead(after, limit).await?)
    }

    /// Lets deliveries be tried anew that were given up.
    ///
    /// # Errors
    /// [`OperatorError::DeliveryNotFound`]: one of them was not given up; the others are tried anew.
    pub async fn redeliver(&self, ids: &[i64]) -> Result<usize, OperatorError> {
        let now_ms = self.clock.now_ms();
        for id in ids {
            if self.adapters.outbox.revive(&[*id], now_ms).await? == 0 {
                return Err(OperatorError::DeliveryNotFound(*id));
            }
        }
        Ok(ids.len())
    }

    /// The same for all of them. How many there were.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn redeliver_all(&self) -> Result<usize, OperatorError> {
        let (mut after, mut count) = (0, 0);
        loop {
            let dead = self.adapters.outbox.list_dead(after, BATCH).await?;
            let ids: Vec<i64> = dead.iter().map(|dead| dead.delivery.id).collect();
            let Some(last) = ids.last() else { return Ok(count) };
            after = *last;
            count += self.adapters.outbox.revive(&ids, self.clock.now_ms()).await?;
        }
    }
}
