//! The plugin host of Hookgate: loads WebAssembly components, limits them, calls their hooks, and
//! exchanges them while the server runs.
//!
//! # Words
//!
//! - A **plugin** is one component, `NAME.wasm`, with its optional **manifest**, `NAME.toml`.
//! - A **hook** is a named point in a user's life; a plugin exports one interface for each that it
//!   implements.
//! - A **capability** is an interface that plugins may import; a **grant** is the operator's yes to it.
//! - A **generation** is one immutable set of plugins. A request pins one and keeps it to its end.
//!
//! # The way of a plugin
//!
//! bytes → [`Inspected`] (names) → compiled → [`PreparedPlugin`] (linked, tried, limited) → in a
//! [`Generation`] of the [`Registry`], which is the services' [`Hooks`](hookgate_core::hooks::Hooks).
//! [`PluginFolder`] walks it for every file of a folder, and again whenever one changes.
//!
//! # What is trusted
//!
//! Nothing that comes from a plugin: not its bytes, its names, its answers, its log lines. Each call has
//! a store and an instance of its own, so that nothing of one user's call can be read in the next, unless
//! the operator gives that up for one plugin ([`Reuse`]); and what a call may cost is bounded by [`Limits`].
//! A breach costs that one call.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use hookgate_hooks::{EngineConfig, HookEngine, PluginFolder, WatchOptions};
//!
//! let engine = HookEngine::new(EngineConfig::default())?;
//! let (folder, report) = PluginFolder::load(&engine, "plugins").await?;
//! for plugin in report.refused() {
//!     eprintln!("{}", plugin.error.as_deref().unwrap_or_default());
//! }
//! let hooks = folder.registry().clone();
//! let watch = folder.watch(WatchOptions::default());
//! # drop((hooks, watch));
//! # Ok(())
//! # }
//! ```

mod adapt;
mod allowance;
mod anatomy;
mod archive;
mod bindings;
mod breach;
mod breaker;
mod cache;
mod call;
mod call_state;
mod capability;
mod cause;
mod chain;
mod compiled;
mod compiler;
mod componentize;
mod config_schema;
mod contract;
mod decisions;
mod digest;
mod engine;
mod error;
mod fiber_stack;
mod folder;
mod generation;
mod hashed_file;
mod host_calls;
mod http;
mod idle;
mod imports;
mod inspect;
mod instance;
mod limiter;
mod limits;
mod live;
mod loader;
mod machine_code;
mod manifest;
mod meter;
mod observer;
mod offline;
mod pinned;
mod plugin_config;
mod plugin_info;
mod prepared;
mod registry;
mod reuse;
mod roll_back;
mod scan;
mod secrets;
mod services;
mod status;
mod step;
mod tally;
mod text;
mod ticker;
mod trial;
mod version;
mod watch;

pub use anatomy::{Anatomy, Form, Import, ImportKind, MemorySize, Producer};
pub use archive::{Archive, Record};
pub use breaker::{BreakerConfig, BreakerState};
pub use cache::CodeCache;
pub use call::{CallReport, HookInput, HookOutput};
pub use capability::Capability;
pub use compiler::{Compiler, CompilerCommand, run_compiler};
pub use config_schema::{ConfigMisfit, ConfigSchema};
pub use contract::PACKAGE;
pub use decisions::{Decisions, Hold};
pub use digest::Digest;
#[doc(hidden)]
pub use engine::PoolTuning;
pub use engine::{Allocator, Compilation, EngineConfig, EngineError, HookEngine};
pub use error::Refusal;
pub use folder::{AutoRollBack, FolderError, Order, PluginFolder};
pub use generation::Generation;
pub use http::{HostRule, HttpClient, HttpClients, HttpFailure, HttpGrant, HttpLimits, PrivateAddress};
pub use inspect::{Inspected, check_names};
pub use limits::{LimitError, Limits, LimitsChange};
pub use manifest::{Manifest, ManifestError};
pub use observer::{Called, Observer, Outcome};
pub use offline::Offline;
pub use plugin_config::PluginConfig;
pub use prepared::PreparedPlugin;
pub use registry::Registry;
pub use reuse::Reuse;
pub use roll_back::OperateError;
pub use scan::PluginFiles;
pub use secrets::{SecretSource, Secrets};
pub use services::HostServices;
pub use status::{LoadReport, PluginState, PluginStatus};
pub use version::{FileId, Version};
pub use watch::{Orders, WatchHandle, WatchOptions};
