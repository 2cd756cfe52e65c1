//! What the operator can choose about providers. Reading these from a file is the server's business.

use std::fmt;

use http::Uri;

/// One provider.
#[derive(Clone)]
pub struct ProviderSettings {
    /// The id in routes, hooks and storage.
    pub id: String,
    /// The name for people.
    pub label: String,
    /// Which it is.
    pub kind: ProviderKind,
    /// Who this server is there.
    pub client_id: String,
    /// How it proves that; none for a public client.
    pub client_secret: Option<String>,
    /// What is asked for; the provider's usual if empty.
    pub scopes: Vec<String>,
    /// Addresses that take the place of the known ones.
    pub endpoints: Endpoints,
}

/// Which provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Google.
    Google,
    /// GitHub, or a GitHub Enterprise server by its endpoints.
    GitHub,
    /// Whoever publishes `/.well-known/openid-configuration`.
    Oidc {
        /// The issuer's identifier, by the letter.
        issuer: String,
        /// How the client secret is sent; as the issuer likes it if none.
        authentication: Option<ClientAuthentication>,
    },
}

/// How a client secret is sent (OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// In the header `Authorization`.
    Basic,
    /// In the body.
    Post,
}

/// Addresses at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Where users go.
    pub authorization: Option<String>,
    /// Where codes become tokens.
    pub token: Option<String>,
    /// Who somebody is.
    pub userinfo: Option<String>,
    /// GitHub: the addresses of somebody.
    pub emails: Option<String>,
    /// OpenID Connect: the keys that ID tokens are signed with.
    pub jwks: Option<String>,
}

impl Endpoints {
    fn all(&self) -> [(&'static str, Option<&String>); 5] {
        [
            ("authorization", self.authorization.as_ref()),
            ("token", self.token.as_ref()),
            ("userinfo", self.userinfo.as_ref()),
            ("emails", self.emails.as_ref()),
            ("jwks", self.jwks.as_ref()),
        ]
    }
}

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSettings")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("client_id", &self.client_id)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

/// A setting that can't work. Each is one sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthSetupError {
    /// The id can't stand in a path, or means something else there.
    #[error(
        "the provider id `{0}` can't be used: take lower-case letters, digits, `-` and `_`, and none of \
         `accounts`, `credentials`, `magic_link`, `magic_links`, `passkey`"
    )]
    Id(String),
    /// Two providers have one id.
    #[error("two providers have the id `{0}`; give one of them another `id`")]
    IdTwice(String),
    /// An address is none.
    #[error("provider `{id}`: `{key}` is not an http:// or https:// URL")]
    Url {
        /// Whose.
        id: String,
        /// Which.
        key: String,
    },
    /// The machine's certificates can't be used.
    #[error("TLS for OAuth providers: {0}")]
    Tls(String),
}

/// What ids would be mistaken for: another way in, or another route.
const RESERVED: [&str; 5] = ["accounts", "credentials", "magic_link", "magic_links", "passkey"];

impl ProviderSettings {
    pub(super) fn check(&self) -> Result<(), OAuthSetupError> {
        let id = &self.id;
        let is_word = !id.is_empty()
            && id.len() <= 64
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
        if !is_word || RESERVED.contains(&id.as_str()) {
            return Err(OAuthSetupError::Id(id.clone()));
        }
        let issuer = match &self.kind {
            ProviderKind::Oidc { issuer, .. } => Some(("issuer".to_owned(), issuer)),
            ProviderKind::Google | ProviderKind::GitHub => None,
        };
        let endpoints = self.endpoints.all().into_iter();
        let endpoints = endpoints.filter_map(|(name, url)| Some((format!("endpoints.{name}"), url?)));
        match issuer.into_iter().chain(endpoints).find(|(_, url)| !is_url(url)) {
            Some((key, _)) => Err(OAuthSetupError::Url { id: id.clone(), key }),
            None => Ok(()),
        }
    }

    /// What is asked for, in one text.
    pub(super) fn scopes_or(&self, usual: &str) -> String {
        if self.scopes.is_empty() { usual.to_owned() } else { self.scopes.join(" ") }
    }

    /// Whether anything here is reached by HTTPS. What is not overridden is.
    pub(super) fn uses_tls(&self) -> bool {
        let Endpoints { authorization: _, token, userinfo, emails, .. } = &self.endpoints;
        let is_plain = |url: &Option<String>| url.as_ref().is_some_and(|url| url.starts_with("http://"));
        match &self.kind {
            ProviderKind::Oidc { issuer, .. } => {
                !issuer.starts_with("http://")
                    || self
                        .endpoints
                        .all()
                        .iter()
                        .any(|(_, url)| url.is_some_and(|url| url.starts_with("https://")))
            }
            ProviderKind::Google => !(is_plain(token) && is_plain(userinfo)),
            ProviderKind::GitHub => !(is_plain(token) && is_plain(userinfo) && is_plain(emails)),
        }
    }
}

fn is_url(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.parse::<Uri>().is_ok_and(|url| url.host().is_some_and(|host| !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(id: &str, issuer: &str) -> ProviderSettings {
        ProviderSettings {
            id: id.to_owned(),
            label: "Acme".to_owned(),
            kind: ProviderKind::Oidc { issuer: issuer.to_owned(), authentication: None },
            client_id: "me".to_owned(),
            client_secret: Some("s3cret".to_owned()),
            scopes: Vec::new(),
            endpoints: Endpoints::default(),
        }
    }

    #[test]
    fn debugging_shows_no_secret() {
        let shown = format!("{:?}", settings("acme", "https://id.example"));
        assert!(shown.contains("id.example") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn ids_can_stand_in_paths() {
        for good in ["oidc", "acme-2", "a_b"] {
            assert_eq!(settings(good, "https://id.example").check(), Ok(()), "{good}");
        }
        for bad in ["", "Acme", "a/b", "a b", "ä", "accounts", "passkey", "magic_link", &"a".repeat(65)] {
            let error = settings(bad, "https://id.example").check();
            assert_eq!(error, Err(OAuthSetupError::Id(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn addresses_are_urls() {
        for bad in ["", "id.example", "ftp://id.example", "https://", "https:///x"] {
            let error = settings("acme", bad).check();
            let expected = OAuthSetupError::Url { id: "acme".to_owned(), key: "issuer".to_owned() };
            assert_eq!(error, Err(expected), "{bad}");
        }
        let mut wrong = settings("acme", "http://localhost:9000/realm");
        assert_eq!(wrong.check(), Ok(()));
        wrong.endpoints.token = Some("localhost/token".to_owned());
        assert!(wrong.check().expect_err("no URL").to_string().contains("`endpoints.token`"));
    }

    #[test]
    fn certificates_are_needed_unless_all_is_plain() {
        assert!(settings("acme", "https://id.example").uses_tls());
        let mut plain = settings("acme", "http://localhost:9000");
        assert!(!plain.uses_tls());
        plain.endpoints.jwks = Some("https://id.example/keys".to_owned());
        assert!(plain.uses_tls());
        plain.kind = ProviderKind::Google;
        plain.endpoints.token = Some("http://localhost/t".to_owned());
        assert!(plain.uses_tls());
        plain.endpoints.userinfo = Some("http://localhost/u".to_owned());
        assert!(!plain.uses_tls());
    }
}
