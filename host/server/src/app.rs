//! Puts the parts together. The only place that sees all of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookgate_core::adapters::{Adapters, Change, Mailer, NoMailer, StoreError};
use hookgate_core::clock::SystemClock;
use hookgate_core::hooks::{Hooks, NoHooks};
use hookgate_core::passwords::{HasherError, PasswordHasher};
use hookgate_core::role::Role;
use hookgate_core::services::{Parts, Services};
use hookgate_core::tokens::{KeyError, Sealer, TokenSigner};
use hookgate_hooks::{
    EngineConfig, EngineError, FolderError, HookEngine, HostServices, LoadReport, PluginFolder, WatchHandle,
    WatchOptions,
};
use hookgate_outbound::mail::MailSetupError;
use hookgate_store::{OpenError, SqliteConfig, SqliteStore};

use crate::config::{Config, ConfigError, HooksConfig};
use crate::data_dir::{self, DataDirError};
use crate::plugin_services;

/// The parts don't fit together. Each is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error("`default_role`: {0}")]
    DefaultRole(StoreError),
    #[error("passwords: {0}")]
    Passwords(#[from] HasherError),
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Plugins(#[from] FolderError),
    #[error("the plugin folder {} can't be made: {source}", path.display())]
    PluginFolder { path: PathBuf, source: io::Error },
}

/// A server that is ready to serve.
pub(crate) struct App {
    pub(crate) services: Arc<Services>,
    /// Ends the watch of the plugin folder when dropped.
    pub(crate) plugins: Option<WatchHandle>,
    pub(crate) load_report: Option<LoadReport>,
}

impl App {
    /// Makes what is missing in the data folder and starts everything but the listener.
    pub(crate) async fn start(config: &Config) -> Result<Self, AppError> {
        // Makes nothing, so that its complaints come before anything is made.
        let mailer = mailer(config)?;
        data_dir::ensure(&config.data_dir)?;
        let store = open_store(config)?;
        let secret = config.secret.obtain()?;
        let adapters = store.adapters();
        if let Some(role) = &config.settings.default_role {
            ensure_role(&adapters, role).await.map_err(AppError::DefaultRole)?;
        }
        let plugins = if config.hooks.safe_mode {
            tracing::warn!("safe mode: no plugin is loaded, everybody with a good password may sign in");
            None
        } else {
            let services = plugin_services::services(adapters.plugin_kv.clone());
            Some(load_plugins(&config.hooks, services).await?)
        };
        let hooks: Arc<dyn Hooks> = match &plugins {
            Some((folder, _)) => folder.registry().clone(),
            None => Arc::new(NoHooks),
        };
        let services = Services::new(Parts {
            adapters,
            hooks,
            hasher: PasswordHasher::start(config.argon2, config.argon2_threads, config.argon2_queue)?,
            mailer,
            signer: TokenSigner::hs256(secret.as_bytes())?,
            sealer: Sealer::new(secret.as_bytes()),
            settings: config.settings.clone(),
            clock: Arc::new(SystemClock),
        });
        let (plugins, load_report) = plugins.unzip();
        Ok(Self {
            services: Arc::new(services),
            plugins: plugins.map(|folder| folder.watch(WatchOptions::default())),
            load_report,
        })
    }
}

/// Sends letters as configured; without a transport nowhere.
pub(crate) fn mailer(config: &Config) -> Result<Arc<dyn Mailer>, MailSetupError> {
    match &config.mail {
        Some(settings) => hookgate_outbound::mail::mailer(settings.clone()),
        None => Ok(Arc::new(NoMailer)),
    }
}

/// Opens the database alone: neither plugins nor password threads.
pub(crate) fn open_store(config: &Config) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(SqliteConfig {
        read_connections: config.read_connections,
        ..SqliteConfig::new(&config.database)
    })
}

/// Loads the folder, and lends the plugins what they may use. Without one that the operator named, the one in the data folder is made.
pub(crate) async fn load_plugins(
    config: &HooksConfig,
    services: HostServices,
) -> Result<(PluginFolder, LoadReport), AppError> {
    if !config.is_folder_named {
        make_folder(&config.folder)?;
    }
    let engine = HookEngine::new(EngineConfig { limits: config.limits, ..EngineConfig::default() })?;
    engine.lend(services);
    Ok(PluginFolder::load(&engine, &config.folder).await?)
}

fn make_folder(path: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(path).map_err(|source| AppError::PluginFolder { path: path.to_owned(), source })
}

/// Creates a role without permissions, unless there is one of that name.
pub(crate) async fn ensure_role(adapters: &Adapters, name: &str) -> Result<(), StoreError> {
    if adapters.roles.get_role(name).await?.is_some() {
        return Ok(());
    }
    let role = Role { name: name.to_owned(), permissions: std::collections::BTreeSet::new() };
    match adapters.transactions.commit(vec![Change::CreateRole(role)]).await {
        // Another process was faster.
        Err(error) if error.conflict().is_some() => Ok(()),
        result => result,
    }
}
