//! The stack that a call ran on: what one that went deep has touched goes back to the system.
//!
//! wasmtime's pool never takes memory from a stack. So a guest that recurses once would hold a stack's whole
//! depth for as long as the server runs, and one that does so in many calls at a time that of all of them.

use std::time::Duration;

use hookgate_core::hooks::Stage;
use wasmtime::{Func, Store};

use crate::engine::settings::HOST_STACK;
use crate::engine::{Allocator, HookEngine};
use crate::plugin::limits::size;
use crate::state::{CallState, Release};

/// What a stack keeps for the next call: more than calls use that don't recurse.
const KEPT: usize = 128 << 10;
/// A call that was over sooner can't have touched much: each page is a fault.
const SHORT: Duration = Duration::from_micros(250);

/// Gives back what the calls of this store touched deep in their stack, if the last one may have gone there. It took so
/// long on a processor, and none is under way.
pub(crate) async fn give_back_if_deep<T>(
    answer: &Result<T, Stage>,
    took: Duration,
    store: &mut Store<CallState>,
    engine: &HookEngine,
) {
    // An own stack of the call goes with its store.
    if may_be_deep(answer, took) && engine.allocator() == Allocator::Pooling {
        give_back(store).await;
    }
}

fn may_be_deep<T>(answer: &Result<T, Stage>, took: Duration) -> bool {
    match answer {
        Ok(_) => took >= SHORT,
        // The host's own failure, a panic perhaps: what it left behind is only dropped.
        Err(Stage::Host(_)) => false,
        Err(_) => true,
    }
}

async fn give_back(store: &mut Store<CallState>) {
    // It is called on the very stack that the calls ran on: the store keeps it.
    let called = match release(store) {
        Ok(release) => release.call_async(&mut *store, ()).await,
        Err(error) => Err(error),
    };
    if let Err(error) = called {
        tracing::debug!(error = %format!("{error:#}"), "a stack keeps its memory");
    }
}

/// The store's own, made at its first use.
fn release(store: &mut Store<CallState>) -> wasmtime::Result<Release> {
    if let Some(release) = store.data_mut().release() {
        return Ok(release.clone());
    }
    let deepest = size(store.data().stack_bytes()).saturating_add(HOST_STACK / 2);
    let release = Func::wrap(&mut *store, move || release_below(deepest)).typed(&*store)?;
    *store.data_mut().release() = Some(Release::clone(&release));
    Ok(release)
}

/// Gives back the part of this fiber's stack that begins [`KEPT`] below here and ends `deepest` below.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the system call does not know what a stack is")]
fn release_below(deepest: usize) {
    /// Pages are nowhere larger.
    const PAGE: usize = 64 << 10;
    let here = std::hint::black_box(0_u8);
    let here = (&raw const here).addr();
    let end = here.saturating_sub(KEPT) & !(PAGE - 1);
    let begin = here.saturating_sub(deepest).next_multiple_of(PAGE);
    let Some(len) = end.checked_sub(begin).filter(|len| *len > 0) else { return };
    let begin = std::ptr::without_provenance_mut(begin);
    // SAFETY: this runs on a fiber's stack, which grows downwards and has the guest's stack and `HOST_STACK`.
    // `deepest` is less than that by half of `HOST_STACK`, and above this frame are only those that call a host
    // function, so that all of the range belongs to this stack. It begins far below this frame, where no
    // live frame is: nobody reads there before having written.
    if let Err(error) = unsafe { rustix::mm::madvise(begin, len, rustix::mm::Advice::LinuxDontNeed) } {
        tracing::debug!(%error, "a stack keeps its memory");
    }
}

#[cfg(not(target_os = "linux"))]
fn release_below(_deepest: usize) {}
