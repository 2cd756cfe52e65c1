//! Lets users in by the country of their address, as a look-up service knows it.
//!
//! What a service says of an address is kept for a day: addresses move slowly, and signing in should not wait for
//! others. What happens while the service does not answer is the operator's to say.

use hookgate_plugin::kv::{self, Ttl};
use hookgate_plugin::{Decision, Denial, EventHooks, Result, User, config, http, log, plugin, request};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// With `{ip}` where the address goes.
    url: String,
    /// Two letters (ISO 3166-1). If there are any, nobody else comes in.
    #[serde(default)]
    allowed_countries: Vec<String>,
    #[serde(default)]
    blocked_countries: Vec<String>,
    #[serde(default)]
    if_unknown: IfUnknown,
}

#[derive(serde::Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum IfUnknown {
    Allow,
    #[default]
    Deny,
}

/// What the service answers.
#[derive(serde::Deserialize)]
struct Place {
    country: String,
}

struct GeoIpGate;

#[plugin]
impl EventHooks for GeoIpGate {
    fn allow_signin(_user: &User, _provider: &str) -> Result<Decision> {
        let config: Config = config::all()?;
        let country = match request::ip() {
            Some(ip) => country(&config, &ip),
            None => Err("the peer has no address".into()),
        };
        Ok(match (country, config.if_unknown) {
            (Ok(country), _) if config.lets_in(&country) => Decision::Allow,
            (Ok(country), _) => denial(format!("the country is {country}")),
            (Err(error), IfUnknown::Allow) => {
                log::warn!("the country is not known, let in all the same: {}", error.message());
                Decision::Allow
            }
            (Err(error), IfUnknown::Deny) => denial(format!("the country is not known: {}", error.message())),
        })
    }
}

impl Config {
    fn lets_in(&self, country: &str) -> bool {
        let lists = |countries: &[String]| countries.iter().any(|code| code.eq_ignore_ascii_case(country));
        !lists(&self.blocked_countries)
            && (self.allowed_countries.is_empty() || lists(&self.allowed_countries))
    }
}

fn denial(reason: String) -> Decision {
    Denial::new("country").message("Signing in is not possible from where you are.").reason(reason).into()
}

fn country(config: &Config, ip: &str) -> Result<String> {
    let key = format!("country:{ip}");
    if let Some(country) = kv::get_json(&key)? {
        return Ok(country);
    }
    let url = config.url.replace("{ip}", ip);
    let Place { country } = http::get(url).bearer_secret("GEO_IP_KEY").send()?.error_for_status()?.json()?;
    // A full store must keep nobody out: it costs one more question next time.
    if let Err(error) = kv::set_json(&key, &country, Ttl::days(1)) {
        log::warn!("{}", error.message());
    }
    Ok(country)
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::testing::{self, Host, Reply};
    use hookgate_plugin::{Value, json};

    use super::*;

    fn ask(config: Value, reply: Reply) -> (Decision, usize) {
        let mut config = config;
        config["url"] = json!("https://geo.example.com/{ip}");
        let host = Host::new().with_config(config).with_secret("GEO_IP_KEY", "x").with_reply(
            "GET",
            "https://geo.example.com/192.0.2.1",
            reply,
        );
        let user = testing::user("ada@example.com");
        GeoIpGate::allow_signin(&user, "credentials").unwrap();
        let decision = GeoIpGate::allow_signin(&user, "credentials").unwrap();
        (decision, host.requests().len())
    }

    fn in_germany() -> Reply {
        Reply::json(200, &json!({ "country": "DE" }))
    }

    #[test]
    fn countries_are_allowed_and_blocked_and_asked_for_once() {
        for (config, is_in) in [
            (json!({}), true),
            (json!({ "allowed_countries": ["de", "FR"] }), true),
            (json!({ "allowed_countries": ["FR"] }), false),
            (json!({ "blocked_countries": ["DE"] }), false),
        ] {
            let (decision, requests) = ask(config.clone(), in_germany());
            assert_eq!((decision == Decision::Allow, requests), (is_in, 1), "{config}");
        }
    }

    #[test]
    fn without_an_answer_it_is_the_operators_to_say() {
        let (decision, _) = ask(json!({ "if_unknown": "allow" }), Reply::status(500));
        assert_eq!(decision, Decision::Allow);

        let (decision, requests) = ask(json!({}), Reply::status(500));
        let denial = decision.denial().unwrap();
        assert_eq!((denial.code.as_deref(), requests), (Some("country"), 2));
        assert!(denial.reason.as_deref().unwrap().contains("500"));
    }
}
