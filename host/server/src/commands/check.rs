//! `hookgate check`: everything that `serve` would find, without starting or making anything.

use std::io::{self, Write as _};
use std::path::Path;

use hookgate_hooks::HostServices;
use hookgate_store::SqliteStore;

use super::CommandError;
use crate::app::{self, AppError};
use crate::config::{Config, Flags};
use crate::data_dir;

/// Checks the configuration, the data folder and the plugins.
pub(crate) fn check(flags: &Flags) -> Result<(), CommandError> {
    let config = Config::load(flags, std::env::vars())?;
    let mut out = io::stdout().lock();
    match &config.file {
        Some(file) => writeln!(out, "configuration  {}: good", file.display())?,
        None => writeln!(out, "configuration  no file, defaults apply: good")?,
    }
    data_dir::check(&config.data_dir)?;
    writeln!(out, "data folder    {}: good", config.data_dir.display())?;

    app::mailer(&config).map_err(AppError::from)?;
    match &config.mail {
        Some(mail) => writeln!(out, "mail           {}: good", mail.transport.name())?,
        None => writeln!(out, "mail           none")?,
    }
    if let Some(traces) = &config.traces {
        writeln!(out, "traces         to {}: good", traces.url)?;
    }
    app::oauth_providers(&config).map_err(AppError::from)?;
    for provider in &config.oauth {
        // What the operator has to register there, unless the application has a page for it.
        let callback = format!("{}/oauth/{}/callback", config.settings.links, provider.id);
        writeln!(out, "OAuth          {}: good, with the callback {callback}", provider.id)?;
    }
    if config.database.exists() {
        check_database(&config.database)?;
        writeln!(out, "database       {}: good", config.database.display())?;
    } else {
        writeln!(out, "database       {}: none yet", config.database.display())?;
    }

    let folder = &config.hooks.folder;
    if !folder.is_dir() {
        if config.hooks.is_folder_named {
            return Err(CommandError::Check(format!(
                "the plugin folder {} does not exist",
                folder.display()
            )));
        }
        writeln!(out, "plugins        {}: none", folder.display())?;
        return Ok(());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let (_, report) =
        runtime.block_on(app::load_plugins(&config.hooks, HostServices::default(), None, None))?;
    let mut first_refusal = None;
    for plugin in &report.plugins {
        let hooks: Vec<_> = plugin.hooks.iter().map(|hook| hook.name()).collect();
        let what = plugin.error.clone().unwrap_or_else(|| format!("good: {}", hooks.join(", ")));
        writeln!(out, "plugin         {}: {what}", plugin.name)?;
        first_refusal = first_refusal.or_else(|| plugin.error.clone());
    }
    first_refusal.map_or(Ok(()), |refusal| Err(CommandError::Check(refusal)))
}

/// Reads all of it.
fn check_database(path: &Path) -> Result<(), CommandError> {
    let problems = SqliteStore::check_file(path).map_err(AppError::from)?;
    match problems.first() {
        None => Ok(()),
        Some(first) => Err(CommandError::Check(format!(
            "the database {} is damaged in {} places, the first of them: {first}",
            path.display(),
            problems.len()
        ))),
    }
}
