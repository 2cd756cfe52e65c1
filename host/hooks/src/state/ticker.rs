//! The thread that advances the engine's epoch, which is what makes a looping guest stop.
//!
//! Exactly one per engine, started with it: two would make time run twice as fast, none would let a
//! loop run for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How often running guests look at the clock.
pub(crate) const TICK: Duration = Duration::from_micros(500);

/// After so many ticks without a call the thread parks, so that an idle server does not wake up two
/// thousand times a second. Waking it costs a system call; hence not after the first idle tick.
const IDLE_TICKS: u32 = 1_000;

/// Owns the thread; it ends with this value.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    active: AtomicUsize,
    stopped: AtomicBool,
}

impl Ticker {
    /// Starts the thread. It holds the engine weakly: an engine must not live for its clock's sake.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (weak, theirs) = (engine.weak(), Arc::clone(&shared));
        let handle =
            std::thread::Builder::new().name("hook-epoch".to_owned()).spawn(move || run(&weak, &theirs))?;
        Ok(Self { shared, thread: handle.thread().clone() })
    }

    /// Keeps the clock going as long as the guard lives.
    pub(crate) fn enter(&self) -> Ticking<'_> {
        // The count rises before the thread is woken, and the thread reads it after it was: whichever
        // of the two is first, the thread does not sleep through a call.
        if self.shared.active.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Ticking(&self.shared)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// One running call.
pub(crate) struct Ticking<'a>(&'a Shared);

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::SeqCst);
    }
}

fn run(engine: &EngineWeak, shared: &Shared) {
    let mut idle = 0;
    while !shared.stopped.load(Ordering::SeqCst) {
        let active = shared.active.load(Ordering::SeqCst) > 0;
        if active {
            idle = 0;
        } else if idle >= IDLE_TICKS {
            std::thread::park();
            idle = 0;
            continue;
        } else {
            idle += 1;
        }
        std::thread::sleep(TICK);
        let Some(engine) = engine.upgrade() else { return };
        engine.increment_epoch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_ends_with_its_owner() {
        let ticker = Ticker::start(&Engine::default()).expect("a thread");
        let shared = Arc::downgrade(&ticker.shared);
        drop(ticker);
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while shared.strong_count() > 0 {
            assert!(std::time::Instant::now() < until, "the thread still runs");
            std::thread::yield_now();
        }
    }
}
