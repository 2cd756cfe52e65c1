//! Asks a running server, over the socket in its data folder.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use crate::admin::view::{Failure, Overview, SAFE_MODE, Which};

/// From when on a person wants to know what takes so long.
const PATIENCE: Duration = Duration::from_secs(1);

/// The server did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("the server's socket {} can't be used: {source}", path.display())]
    Socket { path: PathBuf, source: io::Error },
    #[error("the server does not answer: {0}")]
    Http(#[from] hyper::Error),
    #[error("the server's answer is not understood; is it of another version? {0}")]
    Answer(#[from] serde_json::Error),
    #[error("the server runs in safe mode, without any plugin")]
    SafeMode,
    #[error("{0}")]
    Refused(String),
}

/// A connection.
pub(crate) struct Client(UnixStream);

impl Client {
    /// None if no server listens.
    pub(crate) async fn connect(path: &Path) -> Result<Option<Self>, ClientError> {
        match UnixStream::connect(path).await {
            Ok(stream) => Ok(Some(Self(stream))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                Ok(None)
            }
            Err(source) => Err(ClientError::Socket { path: path.to_owned(), source }),
        }
    }

    /// One request, one answer.
    pub(crate) async fn call(
        self,
        method: Method,
        path: &str,
        body: Option<&Which>,
    ) -> Result<Overview, ClientError> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.0)).await?;
        let connection = tokio::spawn(connection);
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() =
            path.parse().map_err(|_| ClientError::Refused("that is no plugin's name".to_owned()))?;
        request.headers_mut().insert(header::HOST, header::HeaderValue::from_static("hookgate"));
        let answer = patiently(sender.send_request(request)).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        connection.abort();
        if status.is_success() {
            return Ok(serde_json::from_slice(&bytes)?);
        }
        let failure: Failure = serde_json::from_slice(&bytes)?;
        match failure.code.as_deref() {
            Some(SAFE_MODE) => Err(ClientError::SafeMode),
            _ => Err(ClientError::Refused(failure.detail)),
        }
    }
}

/// Says on standard error that something is going on, if it takes more than a second.
async fn patiently<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    tokio::select! {
        output = &mut work => return output,
        () = tokio::time::sleep(PATIENCE) => eprintln!("the server is at it …"),
    }
    work.await
}
