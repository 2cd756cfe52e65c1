//! Implements every hook: allows, leaves a mark in claims and session, writes one line per event.

use hookgate_plugin::{Claims, EventHooks, Passkey, Session, User, log, plugin};

struct AllHooks;

#[plugin]
impl EventHooks for AllHooks {
    fn allow_signin(user: &User, provider: &str) -> bool {
        log::info!(hook = "allow-signin", user.id = user.id, provider = provider; "asked");
        true
    }

    fn modify_jwt(claims: &mut Claims, user: &User) {
        log::info!(hook = "modify-jwt", user.id = user.id; "asked");
        claims.set("all_hooks", true);
    }

    fn modify_session(session: &mut Session, user: &User) {
        log::info!(hook = "modify-session", user.id = user.id; "asked");
        session.set("all_hooks", true);
    }

    fn on_signup(user: &User) {
        told("on-signup", user, "");
    }

    fn on_signin(user: &User, provider: &str) {
        told("on-signin", user, provider);
    }

    fn on_signout(user: &User) {
        told("on-signout", user, "");
    }

    fn on_token_refresh(user: &User) {
        told("on-token-refresh", user, "");
    }

    fn on_email_verify(user: &User) {
        told("on-email-verify", user, "");
    }

    fn on_password_reset(user: &User) {
        told("on-password-reset", user, "");
    }

    fn on_oauth_link(user: &User, provider: &str) {
        told("on-oauth-link", user, provider);
    }

    fn on_magic_link_sent(user: &User) {
        told("on-magic-link-sent", user, "");
    }

    fn on_passkey_registered(user: &User, passkey: &Passkey) {
        told("on-passkey-registered", user, &passkey.id);
    }

    fn on_passkey_deleted(user: &User, passkey: &Passkey) {
        told("on-passkey-deleted", user, &passkey.id);
    }

    fn on_signin_failed(user: &User, reason: &str) {
        told("on-signin-failed", user, reason);
    }

    fn on_lockout(user: &User) {
        told("on-lockout", user, "");
    }

    fn on_password_change(user: &User) {
        told("on-password-change", user, "");
    }

    fn on_email_change(user: &User, previous: &str) {
        told("on-email-change", user, previous);
    }

    fn on_account_delete(user: &User) {
        told("on-account-delete", user, "");
    }

    fn on_session_revoke(user: &User, session_id: &str) {
        told("on-session-revoke", user, session_id);
    }

    fn on_refresh_reuse(user: &User) {
        told("on-refresh-reuse", user, "");
    }
}

/// `about` is the provider or the passkey, if the hook has one.
fn told(hook: &str, user: &User, about: &str) {
    log::info!(hook = hook, user.id = user.id, about = about; "{hook} {}", user.id);
}
