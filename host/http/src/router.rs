//! The route table: every path, and who may call it.

use std::sync::Arc;

use axum::Router;
use hookgate_core::services::Services;

use crate::handlers::{auth, health, sessions};
use crate::options::{HttpOptions, OptionsError};
use crate::security::{caller, public};
use crate::state::App;
use crate::table::Table;

/// The whole HTTP face as a router, to be put on a socket by [`serve()`](crate::serve()) or called
/// in-process.
///
/// # Errors
/// An option that can't work.
pub fn router(services: Arc<Services>, options: HttpOptions) -> Result<Router, OptionsError> {
    options.check()?;
    Ok(routes(Arc::new(App::new(services, options))).into_router())
}

fn routes(app: Arc<App>) -> Table {
    Table::new(app)
        .post("/register", public().with_body(), auth::register)
        .post("/login", public().with_body(), auth::login)
        .post("/refresh", public().with_body(), auth::refresh)
        .post("/logout", caller(), auth::logout)
        .get("/me", caller(), auth::me)
        .get("/session", caller(), auth::session)
        .post("/token", caller(), auth::token)
        .get("/sessions", caller(), sessions::list)
        .delete("/sessions/all", caller(), sessions::revoke_all)
        .delete("/sessions/{id}", caller(), sessions::revoke)
        .probe("/healthz", public(), health::live)
        .probe("/readyz", public(), health::ready)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    /// A change of who may call what shows here.
    #[test]
    fn every_route_has_its_access() {
        let expected = [
            "POST /auth/register public",
            "POST /auth/login public",
            "POST /auth/refresh public",
            "POST /auth/logout caller",
            "GET /auth/me caller",
            "GET /auth/session caller",
            "POST /auth/token caller",
            "GET /auth/sessions caller",
            "DELETE /auth/sessions/all caller",
            "DELETE /auth/sessions/{id} caller",
            "GET /healthz public",
            "GET /readyz public",
        ];
        assert_eq!(routes(testing::app()).rows(), expected);
    }
}
