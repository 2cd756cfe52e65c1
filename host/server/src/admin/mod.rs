//! The operator's way into a running server: JSON over HTTP, on a socket in the data folder that its
//! owner alone can open, and if the configuration says so on an address with a token.
//!
//! Nothing here runs a plugin or asks the database, so that neither can lock the operator out.

mod routes;
mod socket;
mod token;
pub(crate) mod view;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use hookgate_hooks::{Archive, Orders, Registry};
use hookgate_http::ServeOptions;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::metrics::Metrics;

pub(crate) use socket::socket_path;

/// What the operator's routes need.
#[derive(Clone)]
pub(crate) struct AdminState {
    /// None in safe mode.
    pub(crate) plugins: Option<Plugins>,
    pub(crate) archive: Archive,
    pub(crate) metrics: Arc<Metrics>,
}

/// The plugins of a running server.
#[derive(Clone)]
pub(crate) struct Plugins {
    pub(crate) registry: Arc<Registry>,
    pub(crate) orders: Orders,
}

/// The operator's routes can't be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    #[error("`admin.listen`: cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("`admin.token_file`: {}: {source}", path.display())]
    Token { path: PathBuf, source: io::Error },
    #[error("`admin.token_file`: {} must hold at least {} characters", path.display(), token::SHORTEST)]
    ShortToken { path: PathBuf },
}

/// The running listeners.
pub(crate) struct Admin {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    /// Where the listener with the token is.
    pub(crate) address: Option<SocketAddr>,
}

impl Admin {
    /// Starts what the configuration wants. Without a socket the server still serves, and says so.
    pub(crate) async fn start(config: &Config, state: AdminState) -> Result<Self, AdminError> {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let router = routes::router(state);
        let mut address = None;
        if let Some(wanted) = config.admin.listen {
            let token = token::obtain(&config.admin.token_file)?;
            let failed = |source| AdminError::Listen { address: wanted, source };
            let listener = TcpListener::bind(wanted).await.map_err(failed)?;
            address = Some(listener.local_addr().map_err(failed)?);
            let (router, stopped) = (token::guard(router.clone(), &token), stopped(stopping.clone()));
            let options = ServeOptions { max_connections: 64, ..ServeOptions::default() };
            tasks.spawn(async move {
                hookgate_http::serve(listener, router, options, stopped).await;
            });
        }
        match socket::Socket::bind(&config.data_dir) {
            Ok(socket) => drop(tasks.spawn(socket.serve(router, stopped(stopping)))),
            Err(error) => tracing::error!(
                socket = %socket_path(&config.data_dir).display(), %error,
                "there is no socket for `hookgate plugin`: it can't reach this server"
            ),
        }
        Ok(Self { tasks, stop, address })
    }

    /// Ends the listeners when they have answered.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(std::time::Duration::from_secs(2), all).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server.
    drop(stopping.wait_for(|stop| *stop).await);
}
