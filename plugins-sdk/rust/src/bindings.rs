//! Generated code: the server's interfaces once, and one world per hook, so that a plugin exports just
//! the hooks that it implements. Nothing in here is public API.

#![allow(missing_docs, reason = "generated")]

/// What the server offers, and the data that hooks speak of.
pub mod host {
    wit_bindgen::generate!({ path: "wit", world: "host", generate_all });
}

/// One module per hook with the `Guest` trait and the macro that exports an implementation of it.
macro_rules! hook_world {
    ($hook:ident, $world:literal, $export:literal) => {
        pub mod $hook {
            wit_bindgen::generate!({
                path: "wit",
                world: $world,
                pub_export_macro: true,
                export_macro_name: $export,
                with: {
                    "hookgate:hooks/types@0.1.0": crate::bindings::host::hookgate::hooks::types,
                    "hookgate:hooks/log@0.1.0": crate::bindings::host::hookgate::hooks::log,
                    "hookgate:hooks/config@0.1.0": crate::bindings::host::hookgate::hooks::config,
                    "hookgate:hooks/request@0.1.0": crate::bindings::host::hookgate::hooks::request,
                    "hookgate:hooks/clock@0.1.0": crate::bindings::host::hookgate::hooks::clock,
                    "hookgate:hooks/random@0.1.0": crate::bindings::host::hookgate::hooks::random,
                    "hookgate:hooks/kv@0.1.0": crate::bindings::host::hookgate::hooks::kv,
                    "hookgate:hooks/http@0.1.0": crate::bindings::host::hookgate::hooks::http,
                    "hookgate:hooks/secrets@0.1.0": crate::bindings::host::hookgate::hooks::secrets,
                },
            });
        }
    };
}

hook_world!(allow_signin, "allow-signin-hook", "export_allow_signin");
hook_world!(modify_jwt, "modify-jwt-hook", "export_modify_jwt");
hook_world!(modify_session, "modify-session-hook", "export_modify_session");
hook_world!(on_signup, "on-signup-hook", "export_on_signup");
hook_world!(on_signin, "on-signin-hook", "export_on_signin");
hook_world!(on_signout, "on-signout-hook", "export_on_signout");
hook_world!(on_token_refresh, "on-token-refresh-hook", "export_on_token_refresh");
hook_world!(on_email_verify, "on-email-verify-hook", "export_on_email_verify");
hook_world!(on_password_reset, "on-password-reset-hook", "export_on_password_reset");
hook_world!(on_oauth_link, "on-oauth-link-hook", "export_on_oauth_link");
hook_world!(on_magic_link_sent, "on-magic-link-sent-hook", "export_on_magic_link_sent");
hook_world!(on_passkey_registered, "on-passkey-registered-hook", "export_on_passkey_registered");
hook_world!(on_passkey_deleted, "on-passkey-deleted-hook", "export_on_passkey_deleted");
hook_world!(on_signin_failed, "on-signin-failed-hook", "export_on_signin_failed");
hook_world!(on_lockout, "on-lockout-hook", "export_on_lockout");
hook_world!(on_password_change, "on-password-change-hook", "export_on_password_change");
hook_world!(on_email_change, "on-email-change-hook", "export_on_email_change");
hook_world!(on_account_delete, "on-account-delete-hook", "export_on_account_delete");
hook_world!(on_session_revoke, "on-session-revoke-hook", "export_on_session_revoke");
hook_world!(on_refresh_reuse, "on-refresh-reuse-hook", "export_on_refresh_reuse");
hook_world!(validate_config, "validate-config-hook", "export_validate_config");
