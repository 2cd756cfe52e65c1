//! WASI as language runtimes expect it, of a world that is empty.
//!
//! No files, no environment, no arguments, no network; real clocks and real random numbers; what is
//! printed goes to the plugin's log. Nothing of this is built until a guest first uses it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::{WasiCtx, WasiCtxView, async_trait};

use super::log::CallLog;
use crate::contract::bindings::host::hookgate::hooks::log::Level;
use crate::plugin::limits::size;

/// The most random bytes at once. The default of 64 MiB is a way to make the host allocate.
const MAX_RANDOM_BYTES: u64 = 64 << 10;
/// What a guest may write at once.
const WRITE_PERMIT: usize = 64 << 10;

/// The WASI state of one call.
pub(crate) struct WasiState {
    ctx: WasiCtx,
    table: ResourceTable,
    printed: [Printed; 2],
}

impl WasiState {
    pub(crate) fn new(log: &Arc<CallLog>, max_handles: u64) -> Self {
        let (stdout, stderr) = (Printed::new(log, Level::Info), Printed::new(log, Level::Warn));
        let ctx = WasiCtx::builder()
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .max_random_size(MAX_RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(size(max_handles));
        Self { ctx, table, printed: [stdout, stderr] }
    }

    /// What is printed from now on belongs to this call.
    pub(crate) fn begin(&self, log: &Arc<CallLog>) {
        for printed in &self.printed {
            printed.line().log = Some(Arc::clone(log));
        }
    }

    /// What was printed without an end of line ends with its call.
    pub(crate) fn end(&self) {
        for printed in &self.printed {
            let mut line = printed.line();
            line.flush();
            line.log = None;
        }
    }

    /// What WASI's functions work on.
    pub(crate) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }

    /// How many handles the guest has.
    pub(crate) fn handles(&mut self) -> usize {
        self.table.iter_mut().count()
    }
}

/// Standard output or error: whole lines go to the log, and a write never fails or waits.
///
/// wasmtime-wasi's own streams either trap the guest when they are full or start a task per stream.
#[derive(Clone)]
struct Printed(Arc<Mutex<Line>>);

struct Line {
    /// The call's that is under way. A guest that is used again keeps its streams.
    log: Option<Arc<CallLog>>,
    level: Level,
    text: Vec<u8>,
}

impl Printed {
    fn new(log: &Arc<CallLog>, level: Level) -> Self {
        Self(Arc::new(Mutex::new(Line { log: Some(Arc::clone(log)), level, text: Vec::new() })))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn print(&self, bytes: &[u8]) {
        self.line().print(bytes);
    }
}

impl Line {
    fn print(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (part, complete) = match part.strip_suffix(b"\n") {
                Some(part) => (part, true),
                None => (part, false),
            };
            // What is beyond the limit would be cut anyway: don't keep it.
            let limit = self.log.as_ref().map_or(0, |log| log.line_limit());
            let room = limit.saturating_sub(self.text.len());
            self.text.extend_from_slice(&part[..part.len().min(room)]);
            if complete {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        let text = text.trim_end_matches('\r');
        if let Some(log) = &self.log
            && !text.is_empty()
        {
            log.write(self.level, text, &[]);
        }
        self.text.clear();
    }
}

impl Drop for Line {
    /// A last line without its end, say from a panic.
    fn drop(&mut self) {
        self.flush();
    }
}

impl IsTerminal for Printed {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printed {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Printed {
    async fn ready(&mut self) {}
}

impl OutputStream for Printed {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.print(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT)
    }
}

impl AsyncWrite for Printed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.print(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
