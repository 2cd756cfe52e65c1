//! A server in memory, one per thread, for [`testing`](crate::testing).

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::testing::records::{LogLine, Reply, Request, SentRequest};

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// What the fake server knows and has heard.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) config: Map<String, Value>,
    pub(crate) request: Request,
    pub(crate) lines: Vec<LogLine>,
    /// By `clock`, if it is not the time of the request.
    pub(crate) now: Option<u64>,
    /// How often the running time was asked for.
    pub(crate) readings: u64,
    pub(crate) random: u64,
    pub(crate) outside: Outside,
}

/// Reads or changes this thread's server.
pub(crate) fn with<T>(work: impl FnOnce(&mut State) -> T) -> T {
    STATE.with(|state| work(&mut state.borrow_mut()))
}

/// What the plugin keeps, sends and uses.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) kv: BTreeMap<String, Entry>,
    /// By method and URL.
    pub(crate) replies: Vec<(String, String, Reply)>,
    pub(crate) sent: Vec<SentRequest>,
    pub(crate) secrets: BTreeMap<String, String>,
}

/// A value with its end in milliseconds.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) value: Vec<u8>,
    pub(crate) ends: Option<u64>,
}
