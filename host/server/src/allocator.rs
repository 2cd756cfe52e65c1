//! The allocator of the process, and when it gives memory back.

use std::time::Duration;

use mimalloc::MiMalloc;

/// A request allocates and frees a few dozen small things, across threads: a tenth of its time with the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often memory goes back that nobody has used since: the allocator itself looks for it only while it is
/// busy, and what loading a plugin took would stay with a server that then idles.
const EVERY: Duration = Duration::from_secs(2);

#[expect(unsafe_code, reason = "the allocator is written in C")]
mod c {
    // SAFETY: the declaration is that of mimalloc.h; it may be called on any thread at any time.
    unsafe extern "C" {
        /// Frees what the calling thread keeps for its next allocations, and gives the memory back that no
        /// thread has used for a second; at once, if forced.
        pub(super) safe fn mi_collect(force: bool);
    }
}

/// Gives memory back for as long as the server runs.
pub(crate) async fn give_back() {
    loop {
        tokio::time::sleep(EVERY).await;
        c::mi_collect(false);
    }
}
