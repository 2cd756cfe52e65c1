//! The token of the listener that is not a file.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use subtle::ConstantTimeEq as _;

use super::AdminError;
use super::view::Failure;
use crate::config::generate_secret;

/// Shorter ones can be guessed.
pub(super) const SHORTEST: usize = 32;

/// The token in the file. The first time one is made, for its owner's eyes only.
pub(super) fn obtain(path: &Path) -> Result<String, AdminError> {
    let failed = |source| AdminError::Token { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Ok(mut file) => {
            let token = generate_secret(32);
            writeln!(file, "{token}").and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(token)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let token = fs::read_to_string(path).map_err(failed)?.trim().to_owned();
            if token.len() < SHORTEST {
                return Err(AdminError::ShortToken { path: path.to_owned() });
            }
            Ok(token)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Lets in who has the token.
pub(super) fn guard(router: Router, token: &str) -> Router {
    let expected: Arc<str> = format!("Bearer {token}").into();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let expected = Arc::clone(&expected);
        async move { check(&expected, request, next).await }
    }))
}

async fn check(expected: &str, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes());
    if given.is_some_and(|given| given.ct_eq(expected.as_bytes()).into()) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "an operator's request without the right token");
    let body = Failure::new("the token in `admin.token_file` is needed: `Authorization: Bearer …`");
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], axum::Json(body)).into_response()
}
