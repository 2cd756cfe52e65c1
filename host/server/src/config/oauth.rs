//! `[[providers]]` of the types `google`, `github` and `oidc`, and the keys about all of them.

use std::str::FromStr;

use hookgate_core::oauth::is_usable;
use hookgate_core::settings::OAuthSettings;
use hookgate_outbound::oauth::{ClientAuthentication, Endpoints, ProviderKind, ProviderSettings};
use toml::{Table, Value};

use super::error::ConfigError;
use super::secret_file;
use super::values::Values;

/// The keys that each of these types has besides its type.
pub(super) const GOOGLE: &[&str] =
    &["id", "name", "client_id", "client_secret", "client_secret_file", "scopes", "endpoints"];
pub(super) const GITHUB: &[&str] = GOOGLE;
pub(super) const OIDC: &[&str] = &[
    "id",
    "name",
    "issuer",
    "client_id",
    "client_secret",
    "client_secret_file",
    "scopes",
    "endpoints",
    "token_endpoint_auth_method",
];

/// What is allowed on the way through providers.
pub(super) fn settings(values: &Values) -> Result<OAuthSettings, ConfigError> {
    let allowed_redirect_uris = values.list("oauth_allowed_redirect_uris");
    if let Some(bad) = allowed_redirect_uris.iter().find(|uri| !is_usable(uri)) {
        return invalid(format!(
            "`oauth_allowed_redirect_uris`: `{bad}` is not an absolute URI without a fragment"
        ));
    }
    Ok(OAuthSettings {
        allowed_redirect_uris,
        store_provider_tokens: values.bool("store_oauth_provider_tokens").unwrap_or_default(),
        bind_browser: values.bool("oauth_state_cookie").unwrap_or(true),
    })
}

/// Where browsers go after signing in: anywhere, or to a path on this server's own site.
pub(super) fn redirect_url<T: FromStr>(values: &Values) -> Result<Option<T>, ConfigError> {
    let Some(url) = values.text("oauth_redirect_url") else { return Ok(None) };
    // Pages of one file have their places behind a `#`.
    let page = url.split('#').next().unwrap_or_default();
    let is_path = page.starts_with('/') && !page.starts_with("//");
    match url.parse() {
        Ok(parsed) if url.is_ascii() && (is_path || is_usable(page)) => Ok(Some(parsed)),
        _ => invalid(format!("`oauth_redirect_url`: `{url}` is not an absolute URI or a path")),
    }
}

/// The providers in their order.
pub(super) fn providers(values: &Values) -> Result<Vec<ProviderSettings>, ConfigError> {
    values.tables("providers").iter().filter_map(|table| provider(table).transpose()).collect()
}

/// A provider; none if the table is about another way in.
fn provider(table: &Table) -> Result<Option<ProviderSettings>, ConfigError> {
    let kind_name = table.get("type").and_then(Value::as_str).unwrap_or_default();
    let reader = Reader { kind: kind_name, table };
    let (kind, label) = match kind_name {
        "google" => (ProviderKind::Google, "Google".to_owned()),
        "github" => (ProviderKind::GitHub, "GitHub".to_owned()),
        "oidc" => {
            let kind = ProviderKind::Oidc {
                issuer: reader.needed("issuer")?,
                authentication: reader.authentication()?,
            };
            (kind, reader.text("id")?.unwrap_or_else(|| "OIDC".to_owned()))
        }
        _ => return Ok(None),
    };
    let is_oidc = matches!(kind, ProviderKind::Oidc { .. });
    let client_secret = reader.secret()?;
    if client_secret.is_none() && !is_oidc {
        return reader.refuse("needs `client_secret` or `client_secret_file`");
    }
    let mut scopes = reader.scopes()?;
    if is_oidc && !scopes.is_empty() && !scopes.iter().any(|scope| scope == "openid") {
        // Without it there is no ID token.
        scopes.insert(0, "openid".to_owned());
    }
    Ok(Some(ProviderSettings {
        id: reader.text("id")?.unwrap_or_else(|| kind_name.to_owned()),
        label: reader.text("name")?.unwrap_or(label),
        kind,
        client_id: reader.needed("client_id")?,
        client_secret,
        scopes,
        endpoints: reader.endpoints(is_oidc)?,
    }))
}

/// Reads a provider's table. Errors name the type and the key, and never show a value: it may be a
/// secret.
struct Reader<'a> {
    kind: &'a str,
    table: &'a Table,
}

impl Reader<'_> {
    fn refuse<T>(&self, what: &str) -> Result<T, ConfigError> {
        let id = self.table.get("id").and_then(Value::as_str);
        let which = id.map(|id| format!(" (`{id}`)")).unwrap_or_default();
        invalid(format!("`providers`: \"{}\"{which} {what}", self.kind))
    }

    fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => self.refuse(&format!("has a `{key}` that is no text, or empty")),
        }
    }

    fn needed(&self, key: &str) -> Result<String, ConfigError> {
        match self.text(key)? {
            Some(text) => Ok(text),
            None => self.refuse(&format!("needs `{key}`, which is not set")),
        }
    }

    fn secret(&self) -> Result<Option<String>, ConfigError> {
        let id = self.table.get("id").and_then(Value::as_str);
        let which = id.map(|id| format!(" (`{id}`)")).unwrap_or_default();
        let place = format!("`providers`: \"{}\"{which}", self.kind);
        match secret_file::of_table(&place, self.table, "client_secret")? {
            Some(secret) if secret.is_empty() => self.refuse("has a `client_secret` that is empty"),
            secret => Ok(secret),
        }
    }

    /// A list, or one text with blanks between.
    fn scopes(&self) -> Result<Vec<String>, ConfigError> {
        match self.table.get("scopes") {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(text.split_whitespace().map(str::to_owned).collect()),
            Some(Value::Array(items)) if items.iter().all(Value::is_str) => {
                Ok(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Some(_) => self.refuse("has `scopes` that are no list of texts"),
        }
    }

    fn endpoints(&self, is_oidc: bool) -> Result<Endpoints, ConfigError> {
        let table = match self.table.get("endpoints") {
            None => return Ok(Endpoints::default()),
            Some(Value::Table(table)) => table,
            Some(_) => return self.refuse("has `endpoints` that are no table"),
        };
        let known = ["authorization", "token", "userinfo", if is_oidc { "jwks" } else { "emails" }];
        if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return self.refuse(&format!("has no `endpoints.{key}`; there are {}", known.join(", ")));
        }
        if table.values().any(|url| !url.is_str()) {
            return self.refuse("has `endpoints` that are no texts");
        }
        let url = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Endpoints {
            authorization: url("authorization"),
            token: url("token"),
            userinfo: url("userinfo"),
            emails: url("emails"),
            jwks: url("jwks"),
        })
    }

    fn authentication(&self) -> Result<Option<ClientAuthentication>, ConfigError> {
        match self.text("token_endpoint_auth_method")?.as_deref() {
            None => Ok(None),
            Some("client_secret_basic") => Ok(Some(ClientAuthentication::Basic)),
            Some("client_secret_post") => Ok(Some(ClientAuthentication::Post)),
            Some(_) => self.refuse(
                "has a `token_endpoint_auth_method` other than \"client_secret_basic\" and \"client_secret_post\"",
            ),
        }
    }
}

fn invalid<T>(text: String) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<ProviderSettings>, String> {
        provider(&text.parse().expect("test writes TOML")).map_err(|error| error.to_string())
    }

    fn good(text: &str) -> ProviderSettings {
        read(text).expect("good").expect("a provider")
    }

    #[test]
    fn a_provider_has_the_fields_of_fastauths_constructor() {
        let google = good("type = 'google'\nclient_id = 'me'\nclient_secret = 's'");
        assert_eq!((google.id.as_str(), google.label.as_str()), ("google", "Google"));
        assert_eq!(google.client_secret.as_deref(), Some("s"));
        let github = good(
            "type = 'github'\nclient_id = 'me'\nclient_secret = 's'\nscopes = ['user:email', 'read:org']\n[endpoints]\nemails = 'http://localhost/e'",
        );
        assert_eq!(github.endpoints.emails.as_deref(), Some("http://localhost/e"));
        assert_eq!(github.scopes, ["user:email", "read:org"]);
        assert!(read("type = 'credentials'").expect("good").is_none());
    }

    #[test]
    fn several_issuers_have_ids() {
        let acme = good(
            "type = 'oidc'\nid = 'acme'\nname = 'Acme'\nissuer = 'https://id.example'\nclient_id = 'me'\nscopes = 'email groups'\ntoken_endpoint_auth_method = 'client_secret_post'",
        );
        assert_eq!((acme.id.as_str(), acme.label.as_str(), acme.client_secret), ("acme", "Acme", None));
        assert_eq!(acme.scopes, ["openid", "email", "groups"]);
        let issuer = "https://id.example".to_owned();
        let authentication = Some(ClientAuthentication::Post);
        assert_eq!(acme.kind, ProviderKind::Oidc { issuer, authentication });
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_no_secret_shown() {
        let google = "type = 'google'\nclient_id = 'me'\n";
        let message = |text: &str| read(text).expect_err("refused");
        assert_eq!(
            message("type = 'google'\nclient_secret = 's'"),
            "`providers`: \"google\" needs `client_id`, which is not set"
        );
        assert_eq!(message(google), "`providers`: \"google\" needs `client_secret` or `client_secret_file`");
        assert_eq!(
            message("type = 'oidc'\nid = 'acme'\nclient_id = 'me'"),
            "`providers`: \"oidc\" (`acme`) needs `issuer`, which is not set"
        );
        assert!(message(&format!("{google}client_secret = ['hunter2']")).contains("`client_secret`"));
        assert!(!message(&format!("{google}client_secret = ['hunter2']")).contains("hunter2"));
        assert!(message(&format!("{google}client_secret = 's'\nclient_secret_file = 'f'")).contains("both"));
        assert!(
            message(&format!("{google}client_secret = 's'\n[endpoints]\njwks = 'x'"))
                .contains("`endpoints.jwks`")
        );
        assert!(message(&format!("{google}client_secret = 's'\nscopes = 5")).contains("`scopes`"));
    }
}
