//! WASI, of a world that is empty: what it is made of stands in `state/wasi.rs`.

use wasmtime_wasi::{WasiCtxView, WasiView};

use crate::state::CallState;

impl WasiView for CallState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi().view()
    }
}
