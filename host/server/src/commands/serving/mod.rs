//! `hookgate plugin list`, `status`, `enable`, `disable`, `rollback`, `reload`: what serves.
//!
//! They ask the server that runs on the data folder. What can be decided without one (`disable`,
//! `enable`, `rollback`) is written into the folder when none runs, or one in safe mode. No plugin is
//! run here.

mod client;
mod offline;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hookgate_hooks::OperateError;
use http::Method;

use super::CommandError;
use super::operator::{Place, answer};
use crate::admin::{socket_path, view};
use crate::config::Config;
use client::Client;
use offline::Desk;

pub(crate) use client::ClientError;

/// What `hookgate plugin` can do with plugins that serve.
#[derive(Debug, Subcommand)]
pub(crate) enum ServingCommand {
    /// List the plugins of the running server.
    List(Everything),
    /// Say how the plugins stand, and which generations are kept; or all about one plugin.
    Status(Perhaps),
    /// Let a plugin serve again that was disabled.
    Enable(One),
    /// Let a plugin serve no more, with or without a running server.
    Disable(One),
    /// Serve what served in an earlier generation, with or without a running server.
    Rollback(Rollback),
    /// Take what lies in the plugin folder, which ends roll-backs.
    Reload(Perhaps),
}

#[derive(Debug, Args)]
pub(crate) struct Everything {
    #[command(flatten)]
    place: PluginPlace,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The plugin: its file's name without `.wasm`
    plugin: String,
    #[command(flatten)]
    place: PluginPlace,
}

#[derive(Debug, Args)]
pub(crate) struct Perhaps {
    /// The plugin: its file's name without `.wasm` [default: all]
    plugin: Option<String>,
    #[command(flatten)]
    place: PluginPlace,
}

#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The plugin: its file's name without `.wasm` [default: all]
    plugin: Option<String>,
    /// The generation [default: the one before]
    #[arg(long, value_name = "GENERATION")]
    to: Option<u64>,
    #[command(flatten)]
    place: PluginPlace,
}

/// Where the data is, and where the plugins are, should no server run.
#[derive(Debug, Args)]
struct PluginPlace {
    #[command(flatten)]
    place: Place,
    /// The folder of plugins, where no server runs that knows it [default: as for `serve`]
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
}

impl PluginPlace {
    fn config(&self) -> Result<Config, CommandError> {
        self.place.config(self.plugins.clone())
    }
}

/// Does it.
pub(crate) fn serving(command: ServingCommand) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(command))
}

async fn run(command: ServingCommand) -> Result<(), CommandError> {
    match command {
        ServingCommand::List(Everything { place }) => {
            let overview = overview(&place).await?;
            answer(place.place.json, &overview.plugins, || show::list(&overview))
        }
        ServingCommand::Status(Perhaps { plugin: None, place }) => {
            let overview = overview(&place).await?;
            answer(place.place.json, &overview, || show::overview(&overview))
        }
        ServingCommand::Status(Perhaps { plugin: Some(name), place }) => {
            let overview = overview(&place).await?;
            let Some(plugin) = overview.plugins.iter().find(|plugin| plugin["name"] == *name) else {
                return Err(CommandError::Serving(OperateError::NoPlugin(name)));
            };
            answer(place.place.json, plugin, || show::plugin(plugin, &overview.generations))
        }
        ServingCommand::Enable(One { plugin, place }) => {
            order(&place, &format!("/plugins/{plugin}/enable"), None, |desk| desk.enable(&plugin)).await
        }
        ServingCommand::Disable(One { plugin, place }) => {
            order(&place, &format!("/plugins/{plugin}/disable"), None, |desk| desk.disable(&plugin)).await
        }
        ServingCommand::Rollback(Rollback { plugin, to, place }) => {
            let which = view::Which { plugin: plugin.clone(), to };
            order(&place, "/rollback", Some(&which), |desk| desk.roll_back(plugin.as_deref(), to)).await
        }
        ServingCommand::Reload(Perhaps { plugin, place }) => {
            let config = place.config()?;
            let which = view::Which { plugin, to: None };
            let client = Client::connect(&socket_path(&config.data_dir)).await?;
            let Some(client) = client else { return Err(no_server(&config.data_dir)) };
            let overview = client.call(Method::POST, "/reload", Some(&which)).await?;
            answer(place.place.json, &overview, || show::overview(&overview))
        }
    }
}

/// How the plugins stand: in the running server, else as they would at the next start.
async fn overview(place: &PluginPlace) -> Result<view::Overview, CommandError> {
    let config = place.config()?;
    match Client::connect(&socket_path(&config.data_dir)).await? {
        Some(client) => Ok(client.call(Method::GET, "/plugins", None).await?),
        None => {
            place.place.remark("no server runs on this data folder: this is how the last one ended");
            Ok(Desk::open(&config)?.overview())
        }
    }
}

/// Has the running server obey, or writes the decision down for the next start.
async fn order(
    place: &PluginPlace,
    path: &str,
    which: Option<&view::Which>,
    offline: impl FnOnce(&Desk) -> Result<String, OperateError>,
) -> Result<(), CommandError> {
    let config = place.config()?;
    let why = match Client::connect(&socket_path(&config.data_dir)).await? {
        None => "no server runs on this data folder",
        Some(client) => match client.call(Method::POST, path, which).await {
            Ok(overview) => return answer(place.place.json, &overview, || show::overview(&overview)),
            Err(ClientError::SafeMode) => "the server runs in safe mode",
            Err(error) => return Err(error.into()),
        },
    };
    let desk = Desk::open(&config)?;
    let done = offline(&desk)?;
    place.place.remark(&format!("{why}: it is written down for the next start"));
    answer(place.place.json, &desk.overview(), || done)
}

fn no_server(data_dir: &Path) -> CommandError {
    CommandError::Refused(format!(
        "no server runs on {}; the plugin folder is read at its next start anyway",
        data_dir.display()
    ))
}
