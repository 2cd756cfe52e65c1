//! Lets a user in by the domain of the e-mail address: a list of those who may, a list of those who may
//! not, or both.

use hookgate_plugin::{Decision, Denial, EventHooks, Result, User, config, plugin};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Who may come in; everybody if it is not set.
    allowed_domains: Option<Vec<String>>,
    /// Who may not, even if allowed.
    #[serde(default)]
    blocked_domains: Vec<String>,
    /// What the user reads.
    #[serde(default = "default_message")]
    message: String,
}

fn default_message() -> String {
    "Sign-in is not possible with this e-mail address.".to_owned()
}

struct EmailDomainGate;

#[plugin]
impl EventHooks for EmailDomainGate {
    fn allow_signin(user: &User, _provider: &str) -> Result<Decision> {
        let config: Config = config::all()?;
        let domain = user.email_domain();
        let is_in = |list: &[String]| list.iter().any(|pattern| covers(pattern, domain));

        let reason = if is_in(&config.blocked_domains) {
            format!("`{domain}` is in blocked_domains")
        } else if config.allowed_domains.is_some_and(|allowed| !is_in(&allowed)) {
            format!("`{domain}` is not in allowed_domains")
        } else {
            return Ok(Decision::Allow);
        };
        Ok(Denial::new("email_domain").message(config.message).reason(reason).into())
    }
}

/// `example.com` covers itself; `*.example.com` covers what is below it.
fn covers(pattern: &str, domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let pattern = pattern.to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(parent) => domain
            .strip_suffix(parent)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|below| !below.is_empty()),
        None => domain == pattern,
    }
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::{json, testing};

    use super::*;

    fn ask(email: &str) -> Result<Decision> {
        EmailDomainGate::allow_signin(&testing::user(email), "credentials")
    }

    #[test]
    fn a_blocked_domain_is_told_why() {
        let _host = testing::Host::new().with_config(json!({
            "blocked_domains": ["mailinator.com", "*.mailinator.com"],
            "message": "No throw-away addresses, please.",
        }));

        let denied = ask("eve@mailinator.com").unwrap();
        let denial = denied.denial().unwrap();
        assert_eq!(denial.code.as_deref(), Some("email_domain"));
        assert_eq!(denial.message.as_deref(), Some("No throw-away addresses, please."));
        assert_eq!(denial.reason.as_deref(), Some("`mailinator.com` is in blocked_domains"));
        assert!(!ask("eve@eu.mailinator.com").unwrap().is_allow());
        assert!(ask("ada@example.com").unwrap().is_allow());
    }

    #[test]
    fn with_a_list_of_allowed_domains_all_others_stay_out() {
        let _host = testing::Host::new().with_config(json!({
            "allowed_domains": ["example.com", "*.example.org"],
            "blocked_domains": ["guests.example.org"],
        }));

        assert!(ask("ada@example.com").unwrap().is_allow());
        assert!(ask("ada@staff.example.org").unwrap().is_allow());
        for outsider in ["eve@example.org", "eve@notexample.com", "eve@guests.example.org", "eve", ""] {
            assert!(!ask(outsider).unwrap().is_allow(), "{outsider}");
        }
    }

    #[test]
    fn an_empty_list_lets_nobody_in() {
        let _host = testing::Host::new().with_config(json!({ "allowed_domains": [] }));

        assert!(!ask("ada@example.com").unwrap().is_allow());
    }

    #[test]
    fn without_lists_everybody_may_come_in() {
        assert!(ask("ada@example.com").unwrap().is_allow());
    }

    #[test]
    fn a_misspelt_setting_is_a_failure_and_opens_nothing() {
        let _host = testing::Host::new().with_config(json!({ "allowed_domain": ["example.com"] }));

        assert!(ask("ada@example.com").unwrap_err().message().contains("allowed_domain"));
    }

    #[test]
    fn patterns_cover_what_they_say() {
        assert!(covers("Example.COM", "example.com"));
        assert!(covers("*.example.com", "a.b.EXAMPLE.com"));
        for domain in ["example.com", ".example.com", "badexample.com", "éxample.com", ""] {
            assert!(!covers("*.example.com", domain), "{domain}");
        }
    }
}
