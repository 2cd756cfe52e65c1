//! Puts a user's subscription tier into the access token, as a billing service knows it.
//!
//! The answer is kept for a while, so that a refresh every few minutes asks nobody. A service that does not
//! answer keeps nobody out: the tier is then the one of `if_unknown`.

use hookgate_plugin::kv::{self, Ttl};
use hookgate_plugin::request::{self, TokenKind};
use hookgate_plugin::{Claims, EventHooks, Result, User, config, http, log, plugin};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// With `{user_id}` where the user's id goes.
    url: String,
    #[serde(default = "ten")]
    cache_minutes: u32,
    #[serde(default = "free")]
    if_unknown: String,
}

fn ten() -> u32 {
    10
}

fn free() -> String {
    "free".to_owned()
}

/// What the service answers.
#[derive(serde::Deserialize)]
struct Subscription {
    tier: String,
}

struct SubscriptionTier;

#[plugin]
impl EventHooks for SubscriptionTier {
    fn modify_jwt(claims: &mut Claims, user: &User) -> Result<()> {
        // Nobody reads claims of the refresh token.
        if request::token_kind() != Some(TokenKind::Access) {
            return Ok(());
        }
        let config: Config = config::all()?;
        let key = format!("tier:{}", user.id);
        let tier = match kv::get_json::<String>(&key)? {
            Some(tier) => tier,
            None => match look_up(&config, user) {
                Ok(tier) => {
                    kv::set_json(&key, &tier, Ttl::minutes(config.cache_minutes))?;
                    tier
                }
                Err(error) => {
                    log::warn!(user.id = user.id; "the tier is not known: {}", error.message());
                    config.if_unknown
                }
            },
        };
        claims.set("tier", tier);
        Ok(())
    }
}

fn look_up(config: &Config, user: &User) -> Result<String> {
    let url = config.url.replace("{user_id}", &escape(&user.id));
    let answer = http::get(url).bearer_secret("BILLING_API_KEY").send()?;
    // Not a customer.
    if answer.status() == 404 {
        return Ok(config.if_unknown.clone());
    }
    Ok(answer.error_for_status()?.json::<Subscription>()?.tier)
}

/// As one segment of a path.
fn escape(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::json;
    use hookgate_plugin::testing::{self, Host, Reply, Request};

    use super::*;

    const URL: &str = "https://billing.example.com/users/user-ada/subscription";

    fn host() -> Host {
        let request = Request { token_kind: Some(TokenKind::Access), ..Request::default() };
        Host::new()
            .with_request(request)
            .with_config(json!({ "url": "https://billing.example.com/users/{user_id}/subscription" }))
            .with_secret("BILLING_API_KEY", "x")
    }

    fn tier() -> String {
        let user = testing::user("ada@example.com");
        let mut claims = testing::claims(&user);
        SubscriptionTier::modify_jwt(&mut claims, &user).unwrap();
        claims.get_str("tier").unwrap().to_owned()
    }

    #[test]
    fn the_service_is_asked_once_and_with_the_key() {
        let host = host().with_reply("GET", URL, Reply::json(200, &json!({ "tier": "pro", "seats": 3 })));

        assert_eq!([tier(), tier()], ["pro", "pro"]);
        let requests = host.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].header("authorization"), Some("Bearer {BILLING_API_KEY}"));
    }

    #[test]
    fn a_service_that_fails_keeps_nobody_out_and_is_asked_again() {
        let host = host().with_reply("GET", URL, Reply::failure(http::Error::Timeout));

        assert_eq!([tier(), tier()], ["free", "free"]);
        assert_eq!(host.requests().len(), 2);
        assert!(host.logs()[0].message.contains("no answer in time"));
    }

    #[test]
    fn whoever_is_no_customer_is_remembered_as_such() {
        let host = host().with_reply("GET", URL, Reply::status(404));

        assert_eq!([tier(), tier()], ["free", "free"]);
        assert_eq!(host.requests().len(), 1);
    }

    #[test]
    fn ids_are_escaped() {
        assert_eq!(escape("a/../b?c=ü"), "a%2F..%2Fb%3Fc%3D%C3%BC");
    }
}
