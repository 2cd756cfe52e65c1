//! The plugin's heap, made for instances that live for one call.
//!
//! A module's memory is a whole number of pages of 64 KiB, and most of the last one is unused. The standard
//! library's allocator never takes it: its first allocation asks the host for one page more, which costs two
//! system calls per instance, and the other processors a pause. This one begins with what is there. For
//! `wasm32-unknown-unknown` only: elsewhere a C library has its own use for it.

#![expect(unsafe_code, reason = "an allocator hands out memory; it does nothing else here")]

use core::alloc::Layout;
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::NonNull;

use talc::base::binning::Binning;
use talc::base::{CHUNK_UNIT, Talc};
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static HEAP: TalcSyncCell<Pages, WasmBinning> = TalcSyncCell::new_wasm(Pages { end: None });

const PAGE: usize = 64 << 10;

/// The module's own pages from where its data ends, and new ones after that.
#[derive(Debug)]
struct Pages {
    /// Where the heap ends; `None` before the first allocation.
    end: Option<NonNull<u8>>,
}

// SAFETY: it allocates nothing and calls nobody but the allocator that it is given.
unsafe impl Source for Pages {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let Some(end) = talc.source.end else {
            let (base, size) = rest_of_memory();
            // SAFETY: the linker puts nothing there, and nobody else takes it.
            talc.source.end = unsafe { talc.claim(base, size) };
            return if talc.source.end.is_some() { Ok(()) } else { grow(talc, None, layout) };
        };
        grow(talc, Some(end), layout)
    }
}

/// Asks the host for as many pages as the allocation needs.
fn grow<B: Binning>(talc: &mut Talc<Pages, B>, end: Option<NonNull<u8>>, layout: Layout) -> Result<(), ()> {
    // The allocator's own word on each side, and what the alignment may cost.
    let needed = layout.size().saturating_add(layout.align()).saturating_add(4 * CHUNK_UNIT);
    let pages = needed.div_ceil(PAGE);
    let before = memory_grow::<0>(pages);
    if before == usize::MAX {
        return Err(());
    }
    let base = core::ptr::with_exposed_provenance_mut::<u8>(before * PAGE);
    // The last page there can be has no address behind it.
    let size = (pages * PAGE).min(usize::MAX - before * PAGE);
    // SAFETY: these pages are new. Where the heap ends right before them, it is made longer.
    talc.source.end = unsafe {
        match end {
            Some(end) if end.as_ptr().addr() == base.addr() => Some(talc.extend(end, base.add(size))),
            _ => talc.claim(base, size),
        }
    };
    if talc.source.end.is_some() { Ok(()) } else { Err(()) }
}

/// From where the linker's data and the stack end.
fn rest_of_memory() -> (*mut u8, usize) {
    unsafe extern "C" {
        static mut __heap_base: u8;
    }
    let base = &raw mut __heap_base;
    (base, (memory_size::<0>() * PAGE).saturating_sub(base.addr()))
}
