//! The code for tokens (RFC 6749 section 4.1.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use hookgate_core::JsonObject;
use hookgate_core::oauth::{CodeGrant, ExchangeStep, ProviderError, ProviderTokens};
use serde_json::Value;

use super::client::{HttpClient, unavailable};
use super::identity::text;
use super::settings::{ClientAuthentication, ProviderSettings};

/// What a code was good for.
pub(super) struct TokenAnswer {
    pub(super) tokens: ProviderTokens,
    pub(super) id_token: Option<String>,
}

/// Exchanges a code.
pub(super) async fn exchange(
    client: &HttpClient,
    settings: &ProviderSettings,
    endpoint: &str,
    authentication: ClientAuthentication,
    grant: CodeGrant<'_>,
) -> Result<TokenAnswer, ProviderError> {
    let (authorization, form) = write(settings, authentication, grant);
    let reply = client.post(endpoint, authorization, form).await?;
    read(&reply.object(ExchangeStep::Token)?)
}

/// The header that says who asks, if there is one, and the form.
fn write(
    settings: &ProviderSettings,
    authentication: ClientAuthentication,
    grant: CodeGrant<'_>,
) -> (Option<String>, String) {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", grant.code)
        .append_pair("redirect_uri", grant.redirect_uri)
        .append_pair("code_verifier", grant.code_verifier);
    let authorization = match (&settings.client_secret, authentication) {
        (Some(secret), ClientAuthentication::Basic) => Some(basic(&settings.client_id, secret)),
        (secret, _) => {
            form.append_pair("client_id", &settings.client_id);
            if let Some(secret) = secret {
                form.append_pair("client_secret", secret);
            }
            None
        }
    };
    (authorization, form.finish())
}

/// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

fn read(answer: &JsonObject) -> Result<TokenAnswer, ProviderError> {
    let access_token =
        text(answer, "access_token").ok_or_else(|| unavailable("an answer without a token"))?;
    let expires_in = match answer.get("expires_in") {
        Some(Value::Number(seconds)) => seconds.as_i64(),
        Some(Value::String(seconds)) => seconds.parse().ok(),
        _ => None,
    };
    let refresh_token = text(answer, "refresh_token");
    let tokens = ProviderTokens { access_token, refresh_token, expires_in };
    Ok(TokenAnswer { tokens, id_token: text(answer, "id_token") })
}

/// An address with parameters added to those that it has.
pub(super) fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{query}")
}

/// The access token for what is known of the user.
pub(super) async fn user_info(
    client: &HttpClient,
    endpoint: &str,
    access_token: &str,
) -> Result<JsonObject, ProviderError> {
    client.get(endpoint, Some(access_token)).await?.object(ExchangeStep::UserInfo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_credentials_are_encoded_before_they_are_joined() {
        // user "a:b", password "c d": a%3Ab:c+d
        assert_eq!(basic("a:b", "c d"), "Basic YSUzQWI6Yytk");
    }

    #[test]
    fn parameters_are_added() {
        let parameters = [("state", "a b&c"), ("scope", "x")];
        assert_eq!(
            with_query("https://id.example/a", &parameters),
            "https://id.example/a?state=a+b%26c&scope=x"
        );
        assert_eq!(with_query("https://id.example/a?p=1", &[("s", "2")]), "https://id.example/a?p=1&s=2");
    }

    #[test]
    fn an_answer_needs_a_token() {
        let read = |text: &str| read(&serde_json::from_str(text).expect("an object")).ok();
        assert!(read("{}").is_none() && read(r#"{"access_token":""}"#).is_none());
        let answer = read(r#"{"access_token":"a","expires_in":"60","refresh_token":"r"}"#).expect("tokens");
        assert_eq!(answer.tokens.expires_in, Some(60));
        assert_eq!((answer.tokens.refresh_token.as_deref(), answer.id_token), (Some("r"), None));
    }
}
