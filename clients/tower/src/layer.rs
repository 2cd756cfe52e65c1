//! The layer that lets requests with a good token pass.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::claims::Claims;
use crate::refusal::Refusal;
use crate::verifier::Verifier;

/// Lets only requests with a good access token pass, and puts its [`Claims`] into their extensions.
#[derive(Clone, Debug)]
pub struct RequireToken {
    verifier: Verifier,
    roles: Vec<String>,
    permissions: Vec<String>,
}

impl RequireToken {
    /// Asks for a good token.
    #[must_use]
    pub const fn new(verifier: Verifier) -> Self {
        Self { verifier, roles: Vec::new(), permissions: Vec::new() }
    }

    /// Asks for a role as well, in the claim `roles`.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Asks for a permission as well, in the claim `permissions`.
    #[must_use]
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.permissions.push(permission.into());
        self
    }

    /// What a request's token says, if it is good enough.
    async fn admit(&self, token: Option<String>) -> Result<Claims, Refusal> {
        let claims = self.verifier.verify(&token.ok_or(Refusal::Missing)?).await?;
        if !self.roles.iter().all(|role| claims.roles.contains(role)) {
            return Err(Refusal::MissingRole);
        }
        if !self.permissions.iter().all(|permission| claims.permissions.contains(permission)) {
            return Err(Refusal::MissingPermission);
        }
        Ok(claims)
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = RequireTokenService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireTokenService { rule: self.clone(), inner }
    }
}

/// What [`RequireToken`] makes of a service.
#[derive(Clone, Debug)]
pub struct RequireTokenService<S> {
    rule: RequireToken,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for RequireTokenService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<&'static str>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that is ready goes along; its clone need not be.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let rule = self.rule.clone();
        // Whatever somebody before us put there, what the handler finds is ours.
        request.extensions_mut().remove::<Claims>();
        let token = bearer(request.headers());
        Box::pin(async move {
            match rule.admit(token).await {
                Ok(claims) => {
                    request.extensions_mut().insert(claims);
                    inner.call(request).await
                }
                Err(refusal) => Ok(refusal.response()),
            }
        })
    }
}

/// The credentials of the scheme `Bearer`, which is case-insensitive.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}
