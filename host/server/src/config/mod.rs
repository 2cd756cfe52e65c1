//! The operator's configuration: defaults < file < environment < flags.

pub(crate) mod docs;
mod error;
mod keys;
mod mail;
mod oauth;
mod origins;
mod passkey;
mod providers;
mod roles;
mod secret;
mod secret_file;
mod settings;
mod signing;
mod telemetry;
mod values;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookgate_core::passwords::Argon2Settings;
use hookgate_core::role::Role;
use hookgate_core::settings::Settings;
use hookgate_outbound::mail::MailSettings;
use hookgate_outbound::oauth::ProviderSettings;
use toml::Value;

pub(crate) use error::ConfigError;
pub(crate) use secret::{SecretSource, generate_secret};
pub(crate) use signing::SigningSource;
pub(crate) use telemetry::TracesConfig;
use values::Values;

/// The file that is read where no other is named, if it exists.
const DEFAULT_FILE: &str = "hookgate.toml";
/// The data folder where no other is named.
const DEFAULT_DATA_DIR: &str = "hookgate-data";

/// What the command line says; the rest is configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) config: Option<PathBuf>,
    pub(crate) listen: Option<String>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) plugins: Option<PathBuf>,
    pub(crate) safe_mode: bool,
}

/// Everything that the server needs to know, checked.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
    pub(crate) data_dir: PathBuf,
    pub(crate) database: PathBuf,
    pub(crate) read_connections: usize,
    pub(crate) secret: SecretSource,
    pub(crate) signing: SigningSource,
    pub(crate) settings: Settings,
    /// Roles that must exist when the server runs.
    pub(crate) roles: Vec<Role>,
    pub(crate) argon2: Argon2Settings,
    pub(crate) argon2_threads: usize,
    pub(crate) argon2_queue: usize,
    pub(crate) base_url: String,
    pub(crate) http: hookgate_http::HttpOptions,
    pub(crate) server: ServerConfig,
    pub(crate) hooks: HooksConfig,
    pub(crate) admin: AdminConfig,
    pub(crate) log: LogConfig,
    /// None for a server that exports no traces.
    pub(crate) traces: Option<TracesConfig>,
    /// None for a server without mail.
    pub(crate) mail: Option<MailSettings>,
    /// The OAuth providers.
    pub(crate) oauth: Vec<ProviderSettings>,
}

/// The listener.
#[derive(Debug)]
pub(crate) struct ServerConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) header_timeout: Duration,
    pub(crate) shutdown_timeout: Duration,
}

/// The plugin host.
#[derive(Debug)]
pub(crate) struct HooksConfig {
    /// The folder, and whether the operator named it (then it must exist).
    pub(crate) folder: PathBuf,
    pub(crate) is_folder_named: bool,
    pub(crate) safe_mode: bool,
    pub(crate) engine: hookgate_hooks::EngineConfig,
    /// How large the cache of machine code may grow.
    pub(crate) cache_bytes: u64,
    /// How many generations are kept.
    pub(crate) generations: usize,
    pub(crate) auto_roll_back: Option<hookgate_hooks::AutoRollBack>,
}

/// The operator's listener with the token.
#[derive(Clone, Debug)]
pub(crate) struct AdminConfig {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) token_file: PathBuf,
}

/// The log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogConfig {
    pub(crate) json: bool,
    pub(crate) level: tracing::Level,
}

impl Config {
    /// Reads and checks everything. Nothing is created.
    pub(crate) fn load(
        flags: &Flags,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = Values::default();
        let file =
            flags.config.clone().or_else(|| Some(DEFAULT_FILE.into()).filter(|p: &PathBuf| p.exists()));
        if let Some(file) = &file {
            values.read(file)?;
        }
        values.read_environment(environment)?;
        if let Some(listen) = &flags.listen {
            values.set("--listen", "server.listen", Value::from(listen.clone()))?;
        }
        if let Some(folder) = &flags.plugins {
            let folder = folder.to_str().ok_or_else(|| {
                ConfigError::Invalid(format!("--plugins: {} is not UTF-8", folder.display()))
            })?;
            values.set("--plugins", "hooks.plugins", Value::from(folder))?;
        }
        Self::check(&values, file, flags)
    }

    fn check(values: &Values, file: Option<PathBuf>, flags: &Flags) -> Result<Self, ConfigError> {
        let data_dir = flags.data_dir.clone().unwrap_or_else(|| DEFAULT_DATA_DIR.into());
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let named_folder = values.text("hooks.plugins").map(PathBuf::from);
        Ok(Self {
            database: values
                .text("database.path")
                .map_or_else(|| data_dir.join("hookgate.db"), PathBuf::from),
            read_connections: values.int("database.read_connections").unwrap_or((cores / 2).max(1)),
            secret: SecretSource::from_values(values, &data_dir)?,
            signing: SigningSource::from_values(values)?,
            settings: settings::settings(values)?,
            roles: roles::roles(values)?,
            argon2: settings::argon2(values)?,
            argon2_threads: values.int("argon2.threads").unwrap_or(cores),
            argon2_queue: values.number("argon2.queue")?,
            base_url: base_url(values)?,
            http: settings::http(values)?,
            server: ServerConfig {
                listen: address("server.listen", &values.text("server.listen").unwrap_or_default())?,
                header_timeout: millis(values, "server.header_timeout_ms")?,
                shutdown_timeout: millis(values, "server.shutdown_timeout_ms")?,
            },
            hooks: HooksConfig {
                is_folder_named: named_folder.is_some(),
                folder: named_folder.unwrap_or_else(|| data_dir.join("plugins")),
                safe_mode: flags.safe_mode,
                engine: settings::engine(values)?,
                cache_bytes: values.number("hooks.cache_bytes")?,
                generations: values.number("hooks.generations")?,
                auto_roll_back: settings::auto_roll_back(values)?,
            },
            admin: admin(values, &data_dir)?,
            log: log(values),
            traces: telemetry::traces(values)?,
            mail: mail::mail(values)?,
            oauth: oauth::providers(values)?,
            file,
            data_dir,
        })
    }
}

fn millis(values: &Values, name: &str) -> Result<Duration, ConfigError> {
    values.number(name).map(Duration::from_millis)
}

fn admin(values: &Values, data_dir: &Path) -> Result<AdminConfig, ConfigError> {
    let address = values.text("admin.listen").map(|text| address("admin.listen", &text)).transpose()?;
    let token_file =
        values.text("admin.token_file").map_or_else(|| data_dir.join("admin-token"), PathBuf::from);
    Ok(AdminConfig { listen: address, token_file })
}

fn address(name: &str, text: &str) -> Result<SocketAddr, ConfigError> {
    text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next()).ok_or_else(|| {
        ConfigError::Invalid(format!(
            "`{name}`: `{text}` is not an address and a port, such as 127.0.0.1:8000"
        ))
    })
}

fn base_url(values: &Values) -> Result<String, ConfigError> {
    let url = values.text("base_url").unwrap_or_default();
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    Err(ConfigError::Invalid(format!("`base_url`: `{url}` must begin with http:// or https://")))
}

fn log(values: &Values) -> LogConfig {
    let is_debug = values.bool("debug").unwrap_or_default();
    let level = match values.text("server.log_level").as_deref() {
        Some("error") => tracing::Level::ERROR,
        Some("warn") => tracing::Level::WARN,
        Some("trace") => tracing::Level::TRACE,
        Some("debug") => tracing::Level::DEBUG,
        _ if is_debug => tracing::Level::DEBUG,
        _ => tracing::Level::INFO,
    };
    LogConfig { json: values.text("server.log_format").as_deref() == Some("json"), level }
}
