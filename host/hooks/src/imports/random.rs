//! `random`: numbers of the operating system's generator.

use rand::TryRng as _;
use rand::rngs::SysRng;

use crate::contract::bindings::host::hookgate::hooks::random::Host;
use crate::state::CallState;

/// As the WIT promises.
const MAX_BYTES: u32 = 4096;

impl Host for CallState {
    fn bytes(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        // A shorter answer than was asked for would be a weaker secret: rather none.
        if length > MAX_BYTES {
            wasmtime::bail!("asked for {length} random bytes at once; at most {MAX_BYTES} are given");
        }
        let mut bytes = vec![0; length as usize];
        SysRng.try_fill_bytes(&mut bytes)?;
        Ok(bytes)
    }

    fn number(&mut self) -> wasmtime::Result<u64> {
        Ok(SysRng.try_next_u64()?)
    }
}
