//! One call of one plugin: its place in the queue, its store and instance, its limits, its end.

pub(crate) mod bounded;
pub(crate) mod breach;
pub(crate) mod compiled;
pub(crate) mod fiber_stack;
pub(crate) mod hook_call;
pub(crate) mod idle;
pub(crate) mod instance;
mod kept_room;
mod live;
pub(crate) mod prepared;
pub(crate) mod store;
pub(crate) mod tally;
