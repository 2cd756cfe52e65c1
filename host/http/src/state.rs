//! What every handler can reach.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use hookgate_core::services::Services;

use crate::cookies::CookieJar;
use crate::middleware::Edge;
use crate::options::HttpOptions;

/// The services and how to speak about them.
pub(crate) struct App {
    pub(crate) services: Arc<Services>,
    pub(crate) options: HttpOptions,
    pub(crate) cookies: CookieJar,
    pub(crate) edge: Edge,
    /// `/openapi.json`, once the routes are known.
    pub(crate) openapi: OnceLock<Bytes>,
}

impl App {
    pub(crate) fn new(services: Arc<Services>, options: HttpOptions) -> Self {
        let (cookies, edge) = (CookieJar::new(&options), Edge::new(&options));
        Self { services, options, cookies, edge, openapi: OnceLock::new() }
    }
}
