//! What goes on beside the requests: delivering events, taking out what has expired, replacing keys, giving
//! memory back.

use std::sync::Arc;
use std::time::Duration;

use hookgate_core::services::Services;
use tokio::task::JoinSet;

use crate::allocator;

const CLEANUP_EVERY: Duration = Duration::from_mins(1);
/// After a storage error, so that a full disk does not fill the log as well.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(5);
/// Events that another process wrote wake nobody here; they are found at the latest after this.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Starts the background work. It ends when the set is dropped.
pub(crate) fn start(services: &Arc<Services>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(deliver_events(Arc::clone(services)));
    tasks.spawn(clean_up(Arc::clone(services)));
    tasks.spawn(allocator::give_back());
    if let Some(pause) = services.signer().maintain_every() {
        tasks.spawn(keep_keys(Arc::clone(services), pause));
    }
    tasks
}

async fn deliver_events(services: Arc<Services>) {
    let mut has_stopped = false;
    loop {
        let delivered = services.deliver_due().await;
        if delivered.is_ok() && std::mem::take(&mut has_stopped) {
            tracing::warn!("delivery of events goes on");
        }
        let pause = match delivered {
            Ok(Some(at_ms)) => {
                let wait = u64::try_from(at_ms - services.clock().now_ms()).unwrap_or(0);
                Duration::from_millis(wait.max(1)).min(LOOK_AGAIN)
            }
            Ok(None) => LOOK_AGAIN,
            Err(error) => {
                if !std::mem::replace(&mut has_stopped, true) {
                    tracing::error!("delivery of events stopped for now: {error}");
                }
                PAUSE_AFTER_ERROR
            }
        };
        // A time-out just means that it is time to look.
        let _ = tokio::time::timeout(pause, services.outbox_changed()).await;
    }
}

async fn clean_up(services: Arc<Services>) {
    loop {
        match services.cleanup().await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "expired rows removed"),
            Err(error) => tracing::warn!("expired rows were not removed: {error}"),
        }
        tokio::time::sleep(CLEANUP_EVERY).await;
    }
}

async fn keep_keys(services: Arc<Services>, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        if let Err(error) = services.signer().maintain().await {
            tracing::error!("the signing keys stay as they are for now: {error}");
        }
    }
}
