//! Puts the parts together. The only place that sees all of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookgate_core::adapters::{Adapters, Mailer, NoMailer, StoreError};
use hookgate_core::clock::{Clock, SystemClock};
use hookgate_core::hooks::{Hooks, NoHooks};
use hookgate_core::oauth::OAuthProviders;
use hookgate_core::passwords::{HasherError, PasswordHasher};
use hookgate_core::services::{Parts, Services};
use hookgate_core::tokens::{JwtKey, KeeperError, KeyError, KeyKeeper, KeySet, Sealer, TokenSigner};
use hookgate_hooks::{
    Archive, CodeCache, EngineError, FolderError, HookEngine, HostServices, LoadReport, Observer,
    PluginFolder, WatchHandle, WatchOptions,
};
use hookgate_outbound::mail::MailSetupError;
use hookgate_outbound::oauth::OAuthSetupError;
use hookgate_store::{OpenError, SqliteConfig, SqliteStore};

use crate::admin::{Admin, AdminError, AdminState, Plugins};
use crate::compilation;
use crate::config::{Config, ConfigError, HooksConfig, SigningSource};
use crate::data_dir::{self, DataDirError};
use crate::generations;
use crate::initial_roles;
use crate::metrics::Metrics;
use crate::plugin_services;
use crate::telemetry::SpanCounts;

/// The parts don't fit together. Each is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error("the roles of the configuration can't be made: {0}")]
    Roles(StoreError),
    #[error("passwords: {0}")]
    Passwords(#[from] HasherError),
    #[error("`jwt.algorithm`: {0}")]
    Key(#[from] KeyError),
    #[error(transparent)]
    Keys(#[from] KeeperError),
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    #[error("`providers`: {0}")]
    OAuth(#[from] OAuthSetupError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("plugins can't be compiled: this program does not know where it is: {0}")]
    Compiler(io::Error),
    #[error(transparent)]
    Plugins(#[from] FolderError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error("the plugin folder {} can't be made: {source}", path.display())]
    PluginFolder { path: PathBuf, source: io::Error },
}

/// A server that is ready to serve.
pub(crate) struct App {
    pub(crate) services: Arc<Services>,
    pub(crate) metrics: Arc<Metrics>,
    /// Ends the watch of the plugin folder when dropped.
    pub(crate) plugins: Option<WatchHandle>,
    pub(crate) load_report: Option<LoadReport>,
    pub(crate) admin: Admin,
}

impl App {
    /// Makes what is missing in the data folder and starts everything but the listener. `spans` counts what is exported
    /// of traces, if anything is.
    pub(crate) async fn start(config: &Config, spans: Option<&SpanCounts>) -> Result<Self, AppError> {
        // Makes nothing, so that its complaints come before anything is made.
        let mailer = mailer(config)?;
        let oauth = oauth_providers(config)?;
        data_dir::ensure(&config.data_dir)?;
        let store = open_store(config)?;
        let secret = config.secret.obtain()?;
        let adapters = store.adapters();
        let signer = signer(config, &secret, &adapters).await?;
        initial_roles::ensure(&adapters, &config.roles).await.map_err(AppError::Roles)?;
        let plugins = if config.hooks.safe_mode {
            tracing::warn!("safe mode: no plugin is loaded, everybody with a good password may sign in");
            None
        } else {
            let dir = config.data_dir.join("cache");
            let cache = CodeCache::new(dir, secret.as_bytes(), config.hooks.cache_bytes);
            let services = plugin_services::services(adapters.plugin_kv.clone());
            let archive = generations::archive(config);
            Some(load_plugins(&config.hooks, services, Some(cache), Some(archive)).await?)
        };
        let hooks: Arc<dyn Hooks> = match &plugins {
            Some((folder, _)) => folder.registry().clone(),
            None => Arc::new(NoHooks),
        };
        let services = Arc::new(Services::new(Parts {
            adapters,
            hooks,
            hasher: PasswordHasher::start(config.argon2, config.argon2_threads, config.argon2_queue)?,
            mailer,
            oauth,
            signer,
            sealer: Sealer::new(secret.as_bytes()),
            settings: config.settings.clone(),
            clock: Arc::new(SystemClock),
        }));
        let (folder, load_report) = plugins.unzip();
        let registry = folder.as_ref().map(|folder| folder.registry().clone());
        let metrics = Metrics::new(services.clone(), registry.clone(), spans);
        if let Some(folder) = &folder {
            let observer: Arc<dyn Observer> = metrics.clone();
            folder.engine().observe(&observer);
        }
        let plugins = folder.map(|folder| match config.hooks.auto_roll_back {
            Some(policy) => folder.with_auto_roll_back(policy).watch(WatchOptions::default()),
            None => folder.watch(WatchOptions::default()),
        });
        let operated = registry.zip(plugins.as_ref());
        let state = AdminState {
            plugins: operated.map(|(registry, watch)| Plugins { registry, orders: watch.orders().clone() }),
            archive: generations::archive(config),
            metrics: metrics.clone(),
        };
        let admin = Admin::start(config, state).await?;
        Ok(Self { services, metrics, plugins, load_report, admin })
    }
}

/// What signs tokens, as configured. Keys that the server keeps are made here, if there are none yet.
async fn signer(config: &Config, secret: &str, adapters: &Adapters) -> Result<TokenSigner, AppError> {
    let algorithm = config.settings.jwt.algorithm;
    Ok(match &config.signing {
        SigningSource::Secret => {
            TokenSigner::fixed(KeySet::fixed(JwtKey::secret(algorithm, secret.as_bytes())?, []))
        }
        SigningSource::Given { key, retired } => {
            let retired = retired.iter().map(JwtKey::public).collect::<Result<Vec<_>, _>>()?;
            TokenSigner::fixed(KeySet::fixed(JwtKey::pair(key)?, retired))
        }
        SigningSource::Kept => TokenSigner::kept(key_keeper(config, secret, adapters)).await?,
    })
}

/// Keeps the server's own keys.
pub(crate) fn key_keeper(config: &Config, secret: &str, adapters: &Adapters) -> KeyKeeper {
    KeyKeeper::new(
        Arc::clone(&adapters.signing_keys),
        Sealer::new(secret.as_bytes()),
        config.settings.jwt.key_schedule(),
        Arc::new(SystemClock),
    )
}

/// Sends letters as configured; without a transport nowhere.
pub(crate) fn mailer(config: &Config) -> Result<Arc<dyn Mailer>, MailSetupError> {
    match &config.mail {
        Some(settings) => hookgate_outbound::mail::mailer(settings.clone()),
        None => Ok(Arc::new(NoMailer)),
    }
}

/// Whom users may sign in with. Nothing is connected to.
pub(crate) fn oauth_providers(config: &Config) -> Result<OAuthProviders, OAuthSetupError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    hookgate_outbound::oauth::providers(config.oauth.clone(), &clock)
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
    cache: Option<CodeCache>,
    archive: Option<Archive>,
) -> Result<(PluginFolder, LoadReport), AppError> {
    if !config.is_folder_named {
        make_folder(&config.folder)?;
    }
    let compilation = compilation::for_serving(cache).map_err(AppError::Compiler)?;
    let engine = HookEngine::with(config.engine.clone(), compilation)?;
    engine.lend(services);
    Ok(PluginFolder::open(&engine, &config.folder, archive).await?)
}

fn make_folder(path: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(path).map_err(|source| AppError::PluginFolder { path: path.to_owned(), source })
}
