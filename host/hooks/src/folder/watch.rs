//! Hot load: reads the plugin folder again whenever something changes in it.
//!
//! The operating system's notices make it quick, a look every two seconds makes it certain (network
//! file systems give no notices, and a folder that is replaced takes its watch along).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use super::roll_back::OperateError;
use super::scan::folder_identity;
use super::{Order, PluginFolder};
use crate::load::status::LoadReport;

/// How the folder is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchOptions {
    /// A change is acted on when nothing else has changed for so long: many files, one generation.
    pub quiet: Duration,
    /// How often to look without having been told.
    pub scan: Duration,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { quiet: Duration::from_millis(40), scan: Duration::from_secs(2) }
    }
}

/// A folder in which something is written without end is read nevertheless.
const LONGEST_QUIET: u32 = 25;

/// A watched folder. Dropping it ends the watch; what serves keeps serving.
#[derive(Debug)]
pub struct WatchHandle {
    orders: Orders,
    task: JoinHandle<()>,
}

/// The way of orders to a watched folder: one is carried out after the other, and none is lost. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub struct Orders(mpsc::Sender<Request>);

#[derive(Debug)]
struct Request {
    /// None just reads the folder.
    order: Option<Order>,
    reply: oneshot::Sender<Result<LoadReport, OperateError>>,
}

impl PluginFolder {
    /// Watches the folder from now on. To be called within a tokio runtime.
    #[must_use]
    pub fn watch(self, options: WatchOptions) -> WatchHandle {
        let (requests, receiver) = mpsc::channel(16);
        let task = tokio::spawn(run(self, options, receiver));
        WatchHandle { orders: Orders(requests), task }
    }
}

impl WatchHandle {
    /// Reads the folder now and answers when what has changed serves. None if the watch has ended.
    pub async fn reload_now(&self) -> Option<LoadReport> {
        self.orders.send(None).await.ok()
    }

    /// The way in for orders.
    #[must_use]
    pub fn orders(&self) -> &Orders {
        &self.orders
    }
}

impl Orders {
    /// Has an order carried out, and answers how things stand then.
    ///
    /// # Errors
    /// It can't be carried out.
    pub async fn give(&self, order: Order) -> Result<LoadReport, OperateError> {
        self.send(Some(order)).await
    }

    async fn send(&self, order: Option<Order>) -> Result<LoadReport, OperateError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request { order, reply }).await.map_err(|_| OperateError::Stopping)?;
        answer.await.map_err(|_| OperateError::Stopping)?
    }
}

impl Drop for WatchHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(mut folder: PluginFolder, options: WatchOptions, mut requests: mpsc::Receiver<Request>) {
    let notices = Arc::new(Notify::new());
    let mut watch = FolderWatch::new(&notices);
    watch.follow(folder.dir());
    // What has changed between the first reading and the watch.
    folder.reload().await;
    let trouble = folder.trouble();
    let mut look = tokio::time::interval_at(Instant::now() + options.scan, options.scan);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(Request { order, reply }) => {
                    let done = match order {
                        Some(order) => folder.obey(order).await,
                        None => Ok(folder.reload().await),
                    };
                    // The asker may have gone; it has been done all the same.
                    drop(reply.send(done));
                }
                None => return,
            },
            () = notices.notified() => {
                settle(&notices, options.quiet).await;
                folder.reload().await;
            }
            () = trouble.notified() => folder.judge().await,
            _ = look.tick() => {
                watch.follow(folder.dir());
                folder.reload().await;
            }
        }
    }
}

/// Waits until there has been no notice for a while.
async fn settle(notices: &Notify, quiet: Duration) {
    let latest = Instant::now() + quiet * LONGEST_QUIET;
    while Instant::now() < latest && tokio::time::timeout(quiet, notices.notified()).await.is_ok() {}
}

/// The operating system's notices, if it gives any.
struct FolderWatch {
    watcher: Option<RecommendedWatcher>,
    followed: Option<(u64, u64)>,
}

impl FolderWatch {
    fn new(notices: &Arc<Notify>) -> Self {
        let notices = Arc::clone(notices);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| is_change(event.kind)) {
                notices.notify_one();
            }
        });
        let watcher = watcher.inspect_err(no_notices).ok();
        Self { watcher, followed: None }
    }

    /// Watches the folder that now has this path, if it is not that already.
    fn follow(&mut self, dir: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        let identity = folder_identity(dir);
        if identity == self.followed {
            return;
        }
        if self.followed.is_some() {
            // Fails where the folder is gone, and its watch with it.
            drop(watcher.unwatch(dir));
        }
        self.followed = None;
        if identity.is_none() {
            return;
        }
        match watcher.watch(dir, RecursiveMode::NonRecursive) {
            Ok(()) => self.followed = identity,
            Err(error) => {
                no_notices(&error);
                self.watcher = None;
            }
        }
    }
}

fn no_notices(error: &notify::Error) {
    tracing::warn!(%error, "no notices of changes in the plugin folder; it is looked at periodically");
}

/// Reading the folder makes notices, too; reacting to those would never end.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}
