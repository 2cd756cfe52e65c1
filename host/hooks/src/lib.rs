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
//! # Where things are
//!
//! From the bottom: each folder knows those above it in this list, and none below.
//!
//! - `contract`: the WIT in Rust, and what can be imported and exported.
//! - `plugin`: what a plugin is and what the operator said of it; with `http`, what it may ask of others.
//! - `inspect`: what a file says of itself, before anything of it is compiled.
//! - `state`: what a store knows of the call that it serves, and what that may cost.
//! - `imports`: the host's functions, which work on the state.
//! - `engine`, with its `compiler` and its `cache` of machine code.
//! - `call`: one call of one plugin, with a fresh instance or one that was kept.
//! - `load`: from bytes to a plugin that is ready to be called, or to a sentence that says why not.
//! - `chain`: all plugins that serve, asked in their order.
//! - `folder`: what lies on the disk, what the operator wants, and what is to serve.
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

mod cache;
mod call;
mod cause;
mod chain;
mod compiler;
mod contract;
mod engine;
mod error;
mod folder;
mod http;
mod imports;
mod inspect;
mod load;
mod plugin;
mod state;
mod text;

pub use cache::CodeCache;
pub use call::prepared::PreparedPlugin;
pub use chain::generation::Generation;
pub use chain::registry::Registry;
pub use compiler::{Compiler, CompilerCommand, run_compiler};
pub use contract::PACKAGE;
pub use contract::call::{CallReport, HookInput, HookOutput};
pub use contract::capability::Capability;
#[doc(hidden)]
pub use engine::PoolTuning;
pub use engine::observer::{Called, Observer, Outcome};
pub use engine::{Allocator, Compilation, EngineConfig, EngineError, HookEngine};
pub use error::Refusal;
pub use folder::archive::{Archive, Record};
pub use folder::decisions::{Decisions, Hold};
pub use folder::offline::Offline;
pub use folder::roll_back::OperateError;
pub use folder::scan::PluginFiles;
pub use folder::watch::{Orders, WatchHandle, WatchOptions};
pub use folder::{AutoRollBack, FolderError, Order, PluginFolder};
pub use http::{HostRule, HttpClient, HttpClients, HttpFailure, HttpGrant, HttpLimits, PrivateAddress};
pub use inspect::anatomy::{Anatomy, Form, Import, ImportKind, MemorySize, Producer};
pub use inspect::{Inspected, check_names};
pub use load::status::{LoadReport, PluginState, PluginStatus};
pub use plugin::breaker::{BreakerConfig, BreakerState};
pub use plugin::config::PluginConfig;
pub use plugin::config_schema::{ConfigMisfit, ConfigSchema};
pub use plugin::digest::Digest;
pub use plugin::limits::{LimitError, Limits, LimitsChange};
pub use plugin::manifest::{Manifest, ManifestError};
pub use plugin::reuse::Reuse;
pub use plugin::secrets::{SecretSource, Secrets};
pub use plugin::services::HostServices;
pub use plugin::version::{FileId, Version};
