//! The server as its operator sees it.

mod command_line;
mod crash;
mod disks;
mod logs;
mod metrics;
mod operator;
mod plugin_capabilities;
mod plugin_mistakes;
mod plugin_tool;
mod proxy;
mod traces;
