//! `hookgate serve`.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use hookgate_hooks::{PluginState, PluginStatus};
use hookgate_http::ServeOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::CommandError;
use crate::app::App;
use crate::background;
use crate::config::{Config, Flags};
use crate::telemetry::{self, Traces};

/// Runs the server until it is asked to stop.
pub(crate) fn serve(flags: &Flags) -> Result<(), CommandError> {
    let config = Config::load(flags, std::env::vars())?;
    if config.hooks.is_folder_named && !config.hooks.safe_mode && !config.hooks.folder.is_dir() {
        return Err(CommandError::Check(format!(
            "the plugin folder {} does not exist",
            config.hooks.folder.display()
        )));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(hookgate_hooks::HookEngine::on_thread_start)
        .build()?;
    let traces =
        telemetry::init(config.log, config.traces.as_ref(), runtime.handle()).map_err(CommandError::Check)?;
    let ran = runtime.block_on(run(config, traces.as_ref()));
    if let Some(traces) = traces {
        traces.finish();
    }
    ran
}

async fn run(config: Config, traces: Option<&Traces>) -> Result<(), CommandError> {
    // Before anything is made in the data folder: a taken port is the likeliest mistake.
    let address = config.server.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| CommandError::Listen { address, source })?;
    let app = App::start(&config, traces.map(Traces::counts)).await?;
    let mut background = background::start(&app.services);
    let router = hookgate_http::router_with(app.services.clone(), config.http.clone(), app.metrics.clone())
        .map_err(|error| CommandError::Check(error.to_string()))?;
    let stop = stop_signal()?;
    announce(&config, listener.local_addr()?, &app)?;

    let options = ServeOptions {
        header_timeout: config.server.header_timeout,
        drain_timeout: config.server.shutdown_timeout,
        ..ServeOptions::default()
    };
    let drained = hookgate_http::serve(listener, router, options, stop).await;
    tracing::info!(cut_connections = drained.cut, "stopped");
    app.admin.stop().await;
    background.shutdown().await;
    drop(app.plugins);
    Ok(())
}

/// Resolves on SIGTERM or Ctrl-C.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Says on standard output where the server is and what to try first.
fn announce(config: &Config, address: SocketAddr, app: &App) -> io::Result<()> {
    let url = format!("http://{address}");
    let prefix = &config.http.route_prefix;
    let mut out = io::stdout().lock();
    writeln!(out, "Hookgate {} listens on {url}", env!("CARGO_PKG_VERSION"))?;
    if config.base_url != url {
        writeln!(out, "  users reach it at  {}", config.base_url)?;
    }
    let file = config.file.as_ref().map_or("none, defaults apply".into(), |file| file.display().to_string());
    writeln!(out, "  configuration      {file}")?;
    writeln!(out, "  database           {}", config.database.display())?;
    match &app.load_report {
        None => writeln!(out, "  plugins            none: safe mode")?,
        Some(report) => {
            writeln!(out, "  plugins            {} (watched)", config.hooks.folder.display())?;
            let names = report.plugins.iter().map(|plugin| plugin.name.chars().count());
            let width = names.max().unwrap_or_default().max(16);
            for plugin in &report.plugins {
                writeln!(out, "    {:<width$} {}", plugin.name, standing(plugin))?;
            }
        }
    }
    if let Some(traces) = &config.traces {
        writeln!(out, "  traces             to {}", traces.url)?;
    }
    if let Some(address) = app.admin.address {
        writeln!(
            out,
            "  operator's routes  http://{address}, with the token in {}",
            config.admin.token_file.display()
        )?;
    }
    writeln!(out, "Try it:")?;
    writeln!(
        out,
        "  curl {url}{prefix}/register -H 'content-type: application/json' \\\n    -d '{{\"email\": \"ada@example.com\", \"password\": \"correct horse battery\"}}'"
    )?;
    out.flush()
}

/// How a plugin stands, in a line: its hooks, and what is the matter.
fn standing(plugin: &PluginStatus) -> String {
    let hooks = plugin.hooks.iter().map(|hook| hook.name()).collect::<Vec<_>>().join(", ");
    let matter = match (plugin.state, &plugin.error, &plugin.note) {
        (PluginState::LastGood, Some(error), _) => format!("the last good version serves: {error}"),
        (_, Some(matter), _) | (_, None, Some(matter)) => matter.clone(),
        (_, None, None) => return hooks,
    };
    if hooks.is_empty() { matter } else { format!("{hooks} ({matter})") }
}
