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
use super::known::{KnownProvider, Usual};
use super::settings::ProviderSettings;

const USUAL: Usual = Usual {
    authorization: "https://github.com/login/oauth/authorize",
    token: "https://github.com/login/oauth/access_token",
    userinfo: "https://api.github.com/user",
    scopes: "user:email",
    response_type: None,
    parameters: &[],
};
const EMAILS: &str = "https://api.github.com/user/emails";

pub(super) struct GitHub(KnownProvider);

impl GitHub {
    pub(super) const fn new(settings: ProviderSettings, client: Arc<HttpClient>) -> Self {
        Self(KnownProvider { settings, client, usual: USUAL })
    }
}

#[async_trait]
impl OAuthProvider for GitHub {
    fn id(&self) -> &str {
        &self.0.settings.id
    }

    fn label(&self) -> &str {
        &self.0.settings.label
    }

    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError> {
        Ok(self.0.authorization_url(request))
    }

    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError> {
        let (tokens, user) = self.0.exchange(grant).await?;
        let endpoint = self.0.settings.endpoints.emails.as_deref().unwrap_or(EMAILS);
        let emails = self.0.client.get(endpoint, Some(&tokens.access_token)).await?;
        let emails = emails.list(ExchangeStep::UserInfo)?;
        Ok(ProviderAnswer { identity: read(&user, &emails)?, tokens })
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
