//! The route table: every path, and who may call it.

use std::sync::Arc;

use axum::Router;
use axum::routing::MethodFilter;
use hookgate_core::services::Services;

use crate::handlers::{account, auth, email, health, metrics, oauth, passkeys, roles, sessions, tokens};
use crate::monitor::Monitor;
use crate::openapi;
use crate::options::{HttpOptions, MetricsAccess, OptionsError};
use crate::security::{caller, public};
use crate::state::App;
use crate::table::Table;

/// The whole HTTP face as a router, to be put on a socket by [`serve()`](crate::serve()) or called
/// in-process.
///
/// # Errors
/// An option that can't work.
pub fn router(services: Arc<Services>, options: HttpOptions) -> Result<Router, OptionsError> {
    build(services, options, None)
}

/// The same with a monitor that is told of every request, and whose page is `GET /metrics`.
///
/// # Errors
/// An option that can't work.
pub fn router_with(
    services: Arc<Services>,
    options: HttpOptions,
    monitor: Arc<dyn Monitor>,
) -> Result<Router, OptionsError> {
    build(services, options, Some(monitor))
}

fn build(
    services: Arc<Services>,
    options: HttpOptions,
    monitor: Option<Arc<dyn Monitor>>,
) -> Result<Router, OptionsError> {
    options.check()?;
    let has_page = monitor.is_some() && options.metrics != MetricsAccess::Off;
    let table = routes(Arc::new(App::new(services, options, monitor)));
    let table = if has_page { table.probe("/metrics", public(), metrics::page) } else { table };
    Ok(table.into_router())
}

fn routes(app: Arc<App>) -> Table {
    let table = api(app);
    let app = Arc::clone(table.app());
    if !app.options.openapi {
        return table;
    }
    // First, since the description does not describe itself.
    app.openapi.get_or_init(|| openapi::document(&app, table.routes()));
    table.probe("/openapi.json", public(), openapi::serve_document).probe(
        "/docs",
        public(),
        openapi::serve_page,
    )
}

fn api(app: Arc<App>) -> Table {
    let providers = app.services.settings().providers;
    let has_jwks = app.services.settings().jwt.jwks_enabled;
    let table = Table::new(app)
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
        .post("/token/introspect", caller().with_body(), tokens::introspect)
        .post("/token/revoke", caller().with_body(), tokens::revoke)
        .get("/verify", caller(), tokens::verify)
        .post("/request-verify-email", caller(), email::request_verify)
        .get("/verify-email", public(), email::verify_by_link)
        .post("/verify-email", public().with_body(), email::verify)
        .post("/forgot-password", public().with_body(), email::forgot)
        .get("/reset-password", public(), email::reset_page)
        .post("/reset-password", public().with_body(), email::reset)
        .get("/account/profile", caller(), account::profile)
        .put("/account/profile", caller().with_body(), account::update_profile)
        .post("/account/change-password", caller().with_body(), account::change_password)
        .post("/account/change-email", caller().with_body(), account::change_email)
        .get("/account/confirm-email-change", public(), account::confirm_email_change)
        .delete("/account", caller().with_body(), account::delete)
        .get("/roles", caller(), roles::list)
        .post("/roles", caller().with_body(), roles::create)
        .delete("/roles/{name}", caller(), roles::delete)
        .post("/roles/{name}/permissions", caller().with_body(), roles::add_permissions)
        .delete("/roles/{name}/permissions", caller().with_body(), roles::remove_permissions)
        .post("/roles/assign", caller().with_body(), roles::assign)
        .post("/roles/revoke", caller().with_body(), roles::revoke)
        .get("/roles/me", caller(), roles::my_rights)
        .get("/roles/user/{id}", caller(), roles::user_rights)
        .post("/passkeys/register/begin", caller(), passkeys::begin_registration)
        .post("/passkeys/register/complete", caller().with_body(), passkeys::complete_registration)
        .post("/passkeys/authenticate/begin", public().with_lenient_body(), passkeys::begin_sign_in)
        .post("/passkeys/authenticate/complete", public().with_body(), passkeys::complete_sign_in)
        .get("/passkeys", caller(), passkeys::list)
        .delete("/passkeys/{id}", caller(), passkeys::delete)
        .get("/oauth/{provider}/authorize", public(), oauth::authorize)
        .get("/oauth/{provider}/callback", public(), oauth::callback)
        .get("/oauth/{provider}/link", caller(), oauth::link)
        .get("/oauth/{provider}/link/callback", public(), oauth::link_callback)
        .get("/oauth/accounts", caller(), oauth::list)
        .delete("/oauth/accounts/{provider}", caller(), oauth::unlink)
        .probe("/healthz", public(), health::live)
        .probe("/readyz", public(), health::ready);
    let table = roles_named_like_paths(table);
    let table = if has_jwks { table.probe("/.well-known/jwks.json", public(), tokens::jwks) } else { table };
    if !providers.magic_links {
        return table;
    }
    table.post("/magic-links/login", public().with_body(), email::request_magic_link).get(
        "/magic-links/callback",
        public(),
        email::redeem_magic_link,
    )
}

/// A role may have any name, those of paths below `/roles` included.
fn roles_named_like_paths(table: Table) -> Table {
    const GET: (&str, MethodFilter) = ("GET", MethodFilter::GET);
    const POST: (&str, MethodFilter) = ("POST", MethodFilter::POST);
    const DELETE: (&str, MethodFilter) = ("DELETE", MethodFilter::DELETE);
    let permissions = "/roles/{name}/permissions";
    ["assign", "me", "revoke"]
        .into_iter()
        .fold(table, |table, name| table.also_for(name, DELETE, "/roles/{name}", caller(), roles::delete))
        .also_for("user", POST, permissions, caller().with_body(), roles::add_permissions)
        .also_for("user", DELETE, permissions, caller().with_body(), roles::remove_permissions)
        .also_for("permissions", GET, "/roles/user/{id}", caller(), roles::user_rights)
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
            "POST /auth/token/introspect caller",
            "POST /auth/token/revoke caller",
            "GET /auth/verify caller",
            "POST /auth/request-verify-email caller",
            "GET /auth/verify-email public",
            "POST /auth/verify-email public",
            "POST /auth/forgot-password public",
            "GET /auth/reset-password public",
            "POST /auth/reset-password public",
            "GET /auth/account/profile caller",
            "PUT /auth/account/profile caller",
            "POST /auth/account/change-password caller",
            "POST /auth/account/change-email caller",
            "GET /auth/account/confirm-email-change public",
            "DELETE /auth/account caller",
            "GET /auth/roles caller",
            "POST /auth/roles caller",
            "DELETE /auth/roles/{name} caller",
            "POST /auth/roles/{name}/permissions caller",
            "DELETE /auth/roles/{name}/permissions caller",
            "POST /auth/roles/assign caller",
            "POST /auth/roles/revoke caller",
            "GET /auth/roles/me caller",
            "GET /auth/roles/user/{id} caller",
            "POST /auth/passkeys/register/begin caller",
            "POST /auth/passkeys/register/complete caller",
            "POST /auth/passkeys/authenticate/begin public",
            "POST /auth/passkeys/authenticate/complete public",
            "GET /auth/passkeys caller",
            "DELETE /auth/passkeys/{id} caller",
            "GET /auth/oauth/{provider}/authorize public",
            "GET /auth/oauth/{provider}/callback public",
            "GET /auth/oauth/{provider}/link caller",
            "GET /auth/oauth/{provider}/link/callback public",
            "GET /auth/oauth/accounts caller",
            "DELETE /auth/oauth/accounts/{provider} caller",
            "GET /healthz public",
            "GET /readyz public",
            "GET /.well-known/jwks.json public",
            "POST /auth/magic-links/login public",
            "GET /auth/magic-links/callback public",
            "GET /openapi.json public",
            "GET /docs public",
        ];
        assert_eq!(routes(testing::app()).rows(), expected);
    }

    /// What clients may rely on, and what a client may cost, is written down for each.
    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        let table = routes(testing::app());
        let served: Vec<_> = table.routes().iter().filter_map(|row| row.description).collect();
        for row in table.routes() {
            let description = row.description.unwrap_or_else(|| panic!("{row} has no description"));
            assert_eq!(row.reads_body, !description.body.is_empty(), "{row}: the body");
            assert!(!description.summary.is_empty() && !description.summary.ends_with('.'), "{row}");
        }
        for description in crate::describe::all() {
            let is_served = served.iter().any(|one| std::ptr::eq(*one, description));
            assert!(is_served, "{} {} is described only", description.method, description.path);
        }
    }
}
