//! What parent and child say to each other: a line of JSON, the bytes; then bytes, and what they are.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What compiling one component may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompileLimits {
    pub(crate) time: Duration,
    pub(crate) memory_bytes: u64,
}

/// What the machine code is for: two engines that differ here can't share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// See [`crate::Allocator::OnDemand`].
    pub(crate) on_demand: bool,
    pub(crate) count_instructions: bool,
}

/// The child's last byte when it is done.
pub(super) const DONE: u8 = b'+';
/// Its last byte when the bytes can't be compiled, after the reason.
pub(super) const REFUSED: u8 = b'-';

/// What the child is to do. Its line ends with a line feed, and so many bytes follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) on_demand: bool,
    pub(super) count_instructions: bool,
    pub(super) memory_bytes: u64,
    pub(super) cpu_seconds: u64,
    pub(super) niceness: u8,
    pub(super) length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Task {
    /// Machine code from a component.
    Code,
    /// A component from a core module.
    Component,
}

impl Job {
    pub(super) fn new(task: Task, target: Target, limits: CompileLimits) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // All threads together; the parent's clock is the limit that counts.
        let cpu_seconds = limits.time.as_secs().saturating_add(1).saturating_mul(threads as u64);
        Self {
            task,
            on_demand: target.on_demand,
            count_instructions: target.count_instructions,
            memory_bytes: limits.memory_bytes,
            cpu_seconds,
            niceness: 0,
            length: 0,
        }
    }
}
