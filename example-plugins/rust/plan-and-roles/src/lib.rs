//! Adds the claims `plan` and `roles` to tokens: what a user has by address, else by the address's domain,
//! else by default.

use std::collections::BTreeMap;

use hookgate_plugin::request::{self, TokenKind};
use hookgate_plugin::{Claims, EventHooks, Result, User, config, plugin};

#[derive(serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// Keep the refresh token lean.
    only_access_tokens: bool,
    /// Go by addresses that nobody has proven to be theirs. Off: those get the default.
    trust_unverified_email: bool,
    default: Grant,
    domains: BTreeMap<String, Grant>,
    users: BTreeMap<String, Grant>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Grant {
    plan: Option<String>,
    roles: Option<Vec<String>>,
}

struct PlanAndRoles;

#[plugin]
impl EventHooks for PlanAndRoles {
    fn modify_jwt(claims: &mut Claims, user: &User) -> Result<()> {
        let config: Config = config::all()?;
        if config.only_access_tokens && request::token_kind() == Some(TokenKind::Refresh) {
            return Ok(());
        }

        let is_known = user.email_verified || config.trust_unverified_email;
        let by_user = config.users.get(&user.email).filter(|_| is_known);
        let by_domain = config.domains.get(user.email_domain()).filter(|_| is_known);
        let grants = || [by_user, by_domain, Some(&config.default)].into_iter().flatten();

        // Each claim by itself: a user may have a plan of their own and the domain's roles.
        if let Some(plan) = grants().find_map(|grant| grant.plan.as_deref()) {
            claims.set("plan", plan);
        }
        if let Some(roles) = grants().find_map(|grant| grant.roles.as_deref()) {
            claims.set("roles", roles);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::{Value, json, testing};

    use super::*;

    fn settings() -> Value {
        json!({
            "only_access_tokens": true,
            "default": { "plan": "free", "roles": ["member"] },
            "domains": { "example.com": { "plan": "pro" } },
            "users": { "ada@example.com": { "roles": ["member", "admin"] } },
        })
    }

    fn tagged(user: &User) -> Claims {
        let mut claims = testing::claims(user);
        PlanAndRoles::modify_jwt(&mut claims, user).unwrap();
        claims
    }

    #[test]
    fn the_closest_setting_wins_for_each_claim() {
        let _host = testing::Host::new().with_config(settings());

        let ada = tagged(&testing::user("ada@example.com"));
        assert_eq!((&ada["plan"], &ada["roles"]), (&json!("pro"), &json!(["member", "admin"])));
        let bob = tagged(&testing::user("bob@example.com"));
        assert_eq!((&bob["plan"], &bob["roles"]), (&json!("pro"), &json!(["member"])));
        let eve = tagged(&testing::user("eve@elsewhere.example"));
        assert_eq!((&eve["plan"], &eve["roles"]), (&json!("free"), &json!(["member"])));
    }

    #[test]
    fn an_address_that_is_not_proven_counts_for_nothing_unless_trusted() {
        let mut ada = testing::user("ada@example.com");
        ada.email_verified = false;

        let host = testing::Host::new().with_config(settings());
        assert_eq!(tagged(&ada)["roles"], json!(["member"]));

        let mut trusting = settings();
        trusting["trust_unverified_email"] = json!(true);
        let _host = host.with_config(trusting);
        assert_eq!(tagged(&ada)["roles"], json!(["member", "admin"]));
    }

    #[test]
    fn refresh_tokens_stay_lean_if_so_set() {
        let user = testing::user("ada@example.com");
        let request = testing::Request { token_kind: Some(TokenKind::Refresh), ..Default::default() };
        let _host = testing::Host::new().with_config(settings()).with_request(request);

        assert_eq!(tagged(&user), testing::claims(&user));
    }

    #[test]
    fn without_settings_nothing_is_added() {
        let user = testing::user("ada@example.com");

        assert_eq!(tagged(&user), testing::claims(&user));
    }
}
