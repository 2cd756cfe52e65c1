//! What an issuer says of itself (OpenID Connect Discovery 1.0, RFC 8414).

use hookgate_core::JsonObject;
use hookgate_core::oauth::ProviderError;
use serde_json::Value;

use super::super::settings::{ClientAuthentication, Endpoints};

/// Where an issuer's document is.
pub(super) fn url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// The part that counts here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) authorization: String,
    pub(super) token: String,
    pub(super) userinfo: Option<String>,
    pub(super) jwks: String,
    /// How the client secret is sent.
    pub(super) authentication: ClientAuthentication,
    /// The signatures that ID tokens may have; any good one if it does not say.
    pub(super) algorithms: Option<Vec<String>>,
    /// Whether it says who it is where it sends users back (RFC 9207).
    pub(super) says_issuer: bool,
}

impl Metadata {
    /// What the operator wrote, where that is enough.
    pub(super) fn of_endpoints(endpoints: &Endpoints) -> Option<Self> {
        let Endpoints { authorization, token, userinfo, jwks, .. } = endpoints.clone();
        Some(Self {
            authorization: authorization?,
            token: token?,
            userinfo,
            jwks: jwks?,
            authentication: ClientAuthentication::Basic,
            algorithms: None,
            says_issuer: false,
        })
    }

    /// The same with what the operator wrote in place of what the issuer says.
    pub(super) fn with(self, endpoints: &Endpoints) -> Self {
        let Endpoints { authorization, token, userinfo, jwks, .. } = endpoints.clone();
        Self {
            authorization: authorization.unwrap_or(self.authorization),
            token: token.unwrap_or(self.token),
            userinfo: userinfo.or(self.userinfo),
            jwks: jwks.unwrap_or(self.jwks),
            ..self
        }
    }

    /// Reads a document.
    pub(super) fn read(document: &JsonObject, issuer: &str) -> Result<Self, String> {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        // By the letter (section 4.3): or one issuer could speak for another.
        match text("issuer") {
            Some(named) if named == issuer => {}
            Some(named) => {
                return Err(format!("its document says that the issuer is `{named}`, not `{issuer}`"));
            }
            None => return Err("its document names no issuer".to_owned()),
        }
        let url = |name: &str| match text(name) {
            None => Ok(None),
            // Who is spoken with in secret must not send us elsewhere in the clear.
            Some(url) if url.starts_with("https://") => Ok(Some(url.to_owned())),
            Some(url) if url.starts_with("http://") && issuer.starts_with("http://") => {
                Ok(Some(url.to_owned()))
            }
            Some(_) => Err(format!("`{name}` in its document is no https:// URL")),
        };
        let needed = |name: &str| url(name)?.ok_or_else(|| format!("its document has no `{name}`"));
        Ok(Self {
            authorization: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            userinfo: url("userinfo_endpoint")?,
            jwks: needed("jwks_uri")?,
            authentication: authentication(
                texts(document, "token_endpoint_auth_methods_supported").as_deref(),
            ),
            algorithms: texts(document, "id_token_signing_alg_values_supported"),
            says_issuer: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }

    /// Whether the code is from this issuer, as far as the browser was told (RFC 9207 section 2.4).
    pub(super) fn check_sender(&self, issuer: &str, named: Option<&str>) -> Result<(), ProviderError> {
        match named {
            Some(named) if named == issuer => Ok(()),
            None if !self.says_issuer => Ok(()),
            Some(_) => Err(ProviderError::Untrusted("the code is from another issuer".to_owned())),
            None => Err(ProviderError::Untrusted("the code does not say which issuer it is from".to_owned())),
        }
    }
}

fn texts(document: &JsonObject, name: &str) -> Option<Vec<String>> {
    let items = document.get(name)?.as_array()?;
    Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// What the issuer likes; `client_secret_basic` if it does not say.
fn authentication(supported: Option<&[String]>) -> ClientAuthentication {
    let likes = |name: &str| supported.is_some_and(|methods| methods.iter().any(|method| method == name));
    if likes("client_secret_post") && !likes("client_secret_basic") {
        ClientAuthentication::Post
    } else {
        ClientAuthentication::Basic
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://id.example/realm";

    fn document() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/a",
            "token_endpoint": "https://id.example/t",
            "jwks_uri": "https://id.example/k",
        })
    }

    fn read(document: &Value, issuer: &str) -> Result<Metadata, String> {
        Metadata::read(document.as_object().expect("an object"), issuer)
    }

    #[test]
    fn the_document_is_below_the_issuer() {
        for issuer in [ISSUER, "https://id.example/realm/"] {
            assert_eq!(url(issuer), "https://id.example/realm/.well-known/openid-configuration");
        }
    }

    #[test]
    fn the_issuer_must_be_named_by_the_letter() {
        assert!(read(&document(), ISSUER).is_ok());
        for other in ["https://id.example/realm/", "https://id.example", "https://ID.example/realm"] {
            let message = read(&document(), other).expect_err("another");
            assert!(message.contains(ISSUER) && message.contains(other), "{message}");
        }
        assert!(read(&json!({}), ISSUER).is_err());
    }

    #[test]
    fn endpoints_must_be_there_and_as_safe_as_the_issuer() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for bad in [json!(null), json!("http://id.example/x"), json!("id.example/x"), json!("file:///x")]
            {
                let mut document = document();
                document[name] = bad;
                assert!(read(&document, ISSUER).expect_err("refused").contains(name));
            }
        }
        let mut document = document();
        document["userinfo_endpoint"] = json!("http://id.example/x");
        assert!(read(&document, ISSUER).is_err());
        document["issuer"] = json!("http://localhost:9000");
        assert!(read(&document, "http://localhost:9000").is_ok());
    }

    #[test]
    fn the_secret_is_sent_as_the_issuer_likes() {
        let chosen = |methods: &[&str]| {
            let methods: Vec<String> = methods.iter().map(|&method| method.to_owned()).collect();
            authentication(Some(&methods))
        };
        assert_eq!(authentication(None), ClientAuthentication::Basic);
        assert_eq!(chosen(&["client_secret_post", "client_secret_basic"]), ClientAuthentication::Basic);
        assert_eq!(chosen(&["client_secret_post"]), ClientAuthentication::Post);
        assert_eq!(chosen(&["private_key_jwt"]), ClientAuthentication::Basic);
    }

    #[test]
    fn a_code_from_another_issuer_is_refused() {
        let mut metadata = read(&document(), ISSUER).expect("good");
        let is_good = |metadata: &Metadata, named| metadata.check_sender(ISSUER, named).is_ok();
        assert!(is_good(&metadata, None) && is_good(&metadata, Some(ISSUER)));
        assert!(!is_good(&metadata, Some("https://evil.example")));
        metadata.says_issuer = true;
        assert!(!is_good(&metadata, None) && is_good(&metadata, Some(ISSUER)));
    }

    #[test]
    fn what_the_operator_writes_counts_more() {
        let endpoints = Endpoints {
            token: Some("http://localhost/t".to_owned()),
            userinfo: Some("http://localhost/u".to_owned()),
            ..Endpoints::default()
        };
        let metadata = read(&document(), ISSUER).expect("good").with(&endpoints);
        assert_eq!(metadata.token, "http://localhost/t");
        assert_eq!(metadata.userinfo.as_deref(), Some("http://localhost/u"));
        assert_eq!(metadata.authorization, "https://id.example/a");
        assert_eq!(Metadata::of_endpoints(&endpoints), None);
    }
}
