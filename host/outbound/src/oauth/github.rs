//! GitHub, which speaks OAuth but not OpenID Connect.

use std::sync::Arc;

use async_trait::async_trait;
use hookgate_core::JsonObject;
use hookgate_core::oauth::{
    AuthorizationRequest, CodeGrant, ExchangeStep, Identity, OAuthProvider, ProviderAnswer, ProviderError,
};
use serde_json::Value;

use super::client::HttpClient;
use super::identity::{account_id, image, is_true, name, text};
use super::settings::{ClientAuthentication, ProviderSettings};
use super::token::{self, with_query};

const AUTHORIZATION: &str = "https://github.com/login/oauth/authorize";
const TOKEN: &str = "https://github.com/login/oauth/access_token";
const USER: &str = "https://api.github.com/user";
const EMAILS: &str = "https://api.github.com/user/emails";
const SCOPES: &str = "user:email";

pub(super) struct GitHub {
    settings: ProviderSettings,
    client: Arc<HttpClient>,
}

impl GitHub {
    pub(super) const fn new(settings: ProviderSettings, client: Arc<HttpClient>) -> Self {
        Self { settings, client }
    }
}

#[async_trait]
impl OAuthProvider for GitHub {
    fn id(&self) -> &str {
        &self.settings.id
    }

    fn label(&self) -> &str {
        &self.settings.label
    }

    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError> {
        let endpoint = self.settings.endpoints.authorization.as_deref().unwrap_or(AUTHORIZATION);
        let parameters = [
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", request.redirect_uri),
            ("scope", &self.settings.scopes_or(SCOPES)),
            ("state", request.state),
            ("code_challenge", request.code_challenge),
            ("code_challenge_method", "S256"),
        ];
        Ok(with_query(endpoint, &parameters))
    }

    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError> {
        let endpoints = &self.settings.endpoints;
        let endpoint = endpoints.token.as_deref().unwrap_or(TOKEN);
        let post = ClientAuthentication::Post;
        let answer = token::exchange(&self.client, &self.settings, endpoint, post, grant).await?;
        let access_token = &answer.tokens.access_token;
        let endpoint = endpoints.userinfo.as_deref().unwrap_or(USER);
        let user = token::user_info(&self.client, endpoint, access_token).await?;
        let endpoint = endpoints.emails.as_deref().unwrap_or(EMAILS);
        let emails = self.client.get(endpoint, Some(access_token)).await?.list(ExchangeStep::UserInfo)?;
        Ok(ProviderAnswer { identity: read(&user, &emails)?, tokens: answer.tokens })
    }
}

fn read(user: &JsonObject, emails: &[Value]) -> Result<Identity, ProviderError> {
    let (email, email_verified) = address(text(user, "email"), emails);
    Ok(Identity {
        account_id: account_id(user.get("id"))?,
        email,
        email_verified,
        name: text(user, "name").or_else(|| text(user, "login")).map(name),
        image: image(user, "avatar_url"),
    })
}

/// The public address with what the list says of it; without one the primary address, rather a verified
/// one, or the first. An address that is not in the list is not proven.
fn address(public: Option<String>, emails: &[Value]) -> (Option<String>, bool) {
    let emails: Vec<&JsonObject> = emails.iter().filter_map(Value::as_object).collect();
    let is = |email: &JsonObject, flag: &str| is_true(email.get(flag));
    let entry = |email: &JsonObject| (text(email, "email"), is(email, "verified"));
    if let Some(public) = public {
        let same = |email: &&&JsonObject| {
            text(email, "email").is_some_and(|listed| listed.eq_ignore_ascii_case(&public))
        };
        let is_verified = emails.iter().find(same).is_some_and(|email| is(email, "verified"));
        return (Some(public), is_verified);
    }
    let best = emails.iter().find(|email| is(email, "primary") && is(email, "verified"));
    let best = best.or_else(|| emails.iter().find(|email| is(email, "primary"))).or_else(|| emails.first());
    best.map_or((None, false), |email| entry(email))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn email(address: &str, primary: bool, verified: bool) -> Value {
        json!({"email": address, "primary": primary, "verified": verified, "visibility": null})
    }

    #[test]
    fn the_address_is_the_public_one_or_the_best_of_the_list() {
        let list = [
            email("old@example.com", false, true),
            email("main@example.com", true, true),
            email("new@example.com", false, false),
        ];
        let chosen = |public: Option<&str>, list: &[Value]| address(public.map(str::to_owned), list);
        let some = |text: &str, verified| (Some(text.to_owned()), verified);
        assert_eq!(chosen(None, &list), some("main@example.com", true));
        assert_eq!(chosen(Some("OLD@example.com"), &list), some("OLD@example.com", true));
        assert_eq!(chosen(Some("new@example.com"), &list), some("new@example.com", false));
        assert_eq!(chosen(Some("victim@example.com"), &list), some("victim@example.com", false));
        let unproven = [email("a@example.com", false, true), email("b@example.com", true, false)];
        assert_eq!(chosen(None, &unproven), some("b@example.com", false));
        assert_eq!(chosen(None, &unproven[..1]), some("a@example.com", true));
        assert_eq!(chosen(None, &[]), (None, false));
        assert_eq!(chosen(None, &[json!(5), json!({"primary": true})]), (None, false));
    }

    #[test]
    fn the_login_stands_in_for_a_name() {
        let user = json!({"id": 42, "login": "ada", "name": null, "avatar_url": "https://x.example/a.png"});
        let identity = read(user.as_object().expect("an object"), &[]).expect("an identity");
        assert_eq!((identity.account_id.as_str(), identity.name.as_deref()), ("42", Some("ada")));
        assert_eq!(identity.image.as_deref(), Some("https://x.example/a.png"));
        assert!(read(&JsonObject::new(), &[]).is_err());
    }
}
