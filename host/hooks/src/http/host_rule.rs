//! One entry of `[http] hosts`: which scheme, host and port a plugin may talk to.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// `api.example.com`, `*.example.org:8443`, `http://localhost:9000`. Without a scheme it is `https`, without a
/// port the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostRule {
    is_encrypted: bool,
    name: Name,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Exactly(Host),
    /// Every name below this one.
    Below(String),
}

impl HostRule {
    /// Whether a request to this address is allowed.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        url.scheme() == scheme && url.port_or_known_default() == Some(self.port) && self.is_host(url.host())
    }

    fn is_host(&self, host: Option<Host<&str>>) -> bool {
        match (&self.name, host) {
            (Name::Exactly(Host::Domain(ours)), Some(Host::Domain(theirs))) => ours == undotted(theirs),
            (Name::Exactly(ours), Some(theirs)) => *ours == theirs.to_owned(),
            (Name::Below(parent), Some(Host::Domain(theirs))) => undotted(theirs)
                .strip_suffix(parent.as_str())
                .is_some_and(|child| child.len() > 1 && child.ends_with('.')),
            _ => false,
        }
    }
}

/// `example.com.` is the same host as `example.com`.
fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Why an entry can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostRuleError {
    /// A path, a user, a query.
    #[error(
        "is more than scheme, host and port; write it as `api.example.com` or `https://api.example.com:8443`"
    )]
    TooMuch,
    /// Another scheme.
    #[error("has a scheme that is neither https nor http")]
    Scheme,
    /// Everything, or half a label.
    #[error("has a `*` that is not the whole first label; write it as `*.example.com`")]
    Wildcard,
    /// No host.
    #[error("is not a host: {0}")]
    Host(String),
}

impl FromStr for HostRule {
    type Err = HostRuleError;

    fn from_str(text: &str) -> Result<Self, HostRuleError> {
        let (scheme, authority) = text.split_once("://").unwrap_or(("https", text));
        let is_encrypted = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(HostRuleError::Scheme),
        };
        let (is_wildcard, authority) = match authority.strip_prefix("*.") {
            Some(parent) => (true, parent),
            None => (false, authority),
        };
        if authority.contains('*') {
            return Err(HostRuleError::Wildcard);
        }
        let url = Url::parse(&format!("{scheme}://{authority}"))
            .map_err(|error| HostRuleError::Host(error.to_string()))?;
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.path() != "/" || authority.contains(['/', '?', '#', '@']) {
            return Err(HostRuleError::TooMuch);
        }
        let host = url.host().ok_or_else(|| HostRuleError::Host("there is none".to_owned()))?;
        let name = match (is_wildcard, host.to_owned()) {
            (true, Host::Domain(name)) => Name::Below(undotted(&name).to_owned()),
            (true, _) => return Err(HostRuleError::Wildcard),
            (false, Host::Domain(name)) => Name::Exactly(Host::Domain(undotted(&name).to_owned())),
            (false, host) => Name::Exactly(host),
        };
        let port = url.port().unwrap_or(if is_encrypted { 443 } else { 80 });
        Ok(Self { is_encrypted, name, port })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_encrypted {
            f.write_str("http://")?;
        }
        match &self.name {
            Name::Exactly(host) => write!(f, "{host}")?,
            Name::Below(parent) => write!(f, "*.{parent}")?,
        }
        match (self.is_encrypted, self.port) {
            (true, 443) | (false, 80) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rule: &str, url: &str) -> bool {
        rule.parse::<HostRule>().expect("a rule").allows(&Url::parse(url).expect("a URL"))
    }

    #[test]
    fn scheme_host_and_port_must_fit() {
        for (rule, url) in [
            ("api.example.com", "https://api.example.com/a?b"),
            ("api.example.com", "https://API.EXAMPLE.COM:443/"),
            ("api.example.com", "https://api.example.com./"),
            ("api.example.com.", "https://api.example.com/"),
            ("*.example.org:8443", "https://a.b.example.org:8443/"),
            ("http://localhost:9000", "http://localhost:9000"),
            ("http://127.0.0.1", "http://2130706433/"),
            ("http://127.0.0.1", "http://0177.0.0.1/"),
            ("http://127.0.0.1", "http://0x7f.1/"),
            ("[::1]:8443", "https://[0:0::1]:8443/"),
            ("bücher.example", "https://xn--bcher-kva.example/"),
        ] {
            assert!(allows(rule, url), "{rule} allows {url}");
        }
        for (rule, url) in [
            ("api.example.com", "http://api.example.com/"),
            ("api.example.com", "https://api.example.com:8443/"),
            ("api.example.com", "https://api.example.com.evil.example/"),
            ("api.example.com", "https://x.api.example.com/"),
            ("*.example.org", "https://example.org/"),
            ("*.example.org", "https://badexample.org/"),
            ("*.example.org", "https://.example.org/"),
            ("http://localhost:9000", "https://localhost:9000"),
            ("http://127.0.0.1", "http://127.0.0.2/"),
            ("http://127.0.0.1", "http://[::ffff:127.0.0.1]/"),
        ] {
            assert!(Url::parse(url).is_err() || !allows(rule, url), "{rule} refuses {url}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "a*.example.com",
            "*.*.example.com",
            "*.10.0.0.1",
            "ftp://example.com",
            "https://example.com/path",
            "user@example.com",
            "example.com?x",
            "exa mple.com",
            "example.com:99999",
        ] {
            assert!(text.parse::<HostRule>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_rule_is_written_as_it_is_read() {
        for text in ["api.example.com", "*.example.org:8443", "http://localhost:9000", "http://*.internal"] {
            assert_eq!(text.parse::<HostRule>().expect("a rule").to_string(), text);
        }
    }
}
