//! OAuth: what a provider's word is worth, and for how long a state is good.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::http::StatusCode;
use hookgate_core::clock::Clock as _;
use hookgate_core::hooks::Denial;
use hookgate_core::oauth::{
    AuthorizationRequest, CodeGrant, Identity, OAuthProvider, OAuthProviders, ProviderAnswer, ProviderError,
    ProviderTokens, code_challenge,
};
use hookgate_core::passkey::Passkey;
use hookgate_core::user::UserPatch;
use hookgate_core::webauthn::{RelyingParty, UserVerification};
use serde_json::json;

use crate::kit::{Behaviour, Call, EMAIL, PASSWORD, Reply, TestApp, Wish, delete, get, post};

const APP: &str = "https://app.example.com/cb";
const PATH: &str = "/auth/oauth/acme/authorize?redirect_uri=https://app.example.com/cb";

/// What was asked for, and who is there.
#[derive(Default)]
struct Inside {
    identity: Identity,
    asked: Option<[String; 4]>,
}

/// A provider whose one user a test sets.
#[derive(Clone, Default)]
struct FakeProvider(Arc<Mutex<Inside>>);

#[async_trait]
impl OAuthProvider for FakeProvider {
    fn id(&self) -> &str {
        "acme"
    }

    fn label(&self) -> &str {
        "Acme"
    }

    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError> {
        let AuthorizationRequest { redirect_uri, state, nonce, code_challenge } = request;
        let asked = [redirect_uri, state, nonce, code_challenge].map(str::to_owned);
        self.0.lock().expect("no test panics with the lock").asked = Some(asked);
        Ok(format!("https://id.example/?state={state}"))
    }

    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError> {
        let inside = self.0.lock().expect("no test panics with the lock");
        let [redirect_uri, _, nonce, challenge] = inside.asked.clone().expect("a flow was begun");
        assert_eq!((grant.redirect_uri, grant.nonce, grant.code), (&*redirect_uri, &*nonce, "the code"));
        assert_eq!(code_challenge(grant.code_verifier), challenge);
        let tokens =
            ProviderTokens { access_token: "provider token".to_owned(), ..ProviderTokens::default() };
        Ok(ProviderAnswer { identity: inside.identity.clone(), tokens })
    }
}

impl FakeProvider {
    fn app(&self, change: impl FnOnce(&mut Wish)) -> TestApp {
        TestApp::with(|wish| {
            wish.oauth = OAuthProviders::new(vec![Arc::new(self.clone())]);
            change(wish);
        })
    }

    fn says(&self, account: &str, email: &str, is_verified: bool) {
        self.0.lock().expect("no test panics with the lock").identity = Identity {
            account_id: account.to_owned(),
            email: Some(email.to_owned()),
            email_verified: is_verified,
            ..Identity::default()
        };
    }
}

/// A browser on its way back.
struct Flow {
    state: String,
    cookie: String,
}

async fn begin(app: &TestApp, request: Call) -> Flow {
    let reply = app.send(request).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let url = reply.text("url");
    Flow {
        state: url.split_once("state=").expect("a state").1.to_owned(),
        cookie: reply.cookie("oauth_state"),
    }
}

impl Flow {
    async fn end(&self, app: &TestApp, path: &str) -> Reply {
        let query = format!("/auth/oauth/acme/{path}?code=the%20code&state={}", self.state);
        app.send(get(&query).cookie("oauth_state", &self.cookie)).await
    }
}

async fn sign_in(app: &TestApp) -> Reply {
    begin(app, get(PATH)).await.end(app, "callback").await
}

async fn link(app: &TestApp, token: &str) -> Reply {
    let request = get(&PATH.replace("authorize", "link")).bearer(token);
    begin(app, request).await.end(app, "link/callback").await
}

#[tokio::test]
async fn a_state_is_good_for_ten_minutes() {
    let provider = FakeProvider::default();
    provider.says("1", EMAIL, true);
    let app = provider.app(|_| {});
    let flow = begin(&app, get(PATH)).await;
    app.clock.advance(599);
    assert_eq!(flow.end(&app, "callback").await.status, StatusCode::OK);
    let flow = begin(&app, get(PATH)).await;
    app.clock.advance(600);
    assert_eq!(flow.end(&app, "callback").await.line(), r#"400 {"detail":"Invalid or expired OAuth state"}"#);
}

#[tokio::test]
async fn what_waits_in_storage_is_worth_nothing_to_a_thief() {
    let provider = FakeProvider::default();
    let app = provider.app(|_| {});
    let flow = begin(&app, get(PATH)).await;
    let now = app.clock.now();
    let by_state = app.adapters.backend.read(&format!("oauth_state:{}", flow.state), now).await;
    assert_eq!(by_state.expect("a store"), None, "states are stored by their digests");
}

#[tokio::test]
async fn a_browser_keeps_its_secret_but_a_made_up_one_is_replaced() {
    let provider = FakeProvider::default();
    let app = provider.app(|_| {});
    let first = begin(&app, get(PATH)).await.cookie;
    assert_eq!(first.len(), 43);
    assert_eq!(begin(&app, get(PATH).cookie("oauth_state", &first)).await.cookie, first);
    for made_up in ["x", &"ä".repeat(43), &"a b".repeat(15)] {
        let cookie = begin(&app, get(PATH).cookie("oauth_state", made_up)).await.cookie;
        assert!(cookie.len() == 43 && cookie != *made_up, "{cookie}");
    }
}

#[tokio::test]
async fn a_link_proves_the_own_address_and_no_other() {
    let provider = FakeProvider::default();
    provider.says("1", "other@example.com", true);
    let app = provider.app(|_| {});
    let token = app.register().await.text("access_token");
    assert_eq!(link(&app, &token).await.line(), r#"200 {"message":"Acme account linked successfully"}"#);
    let me = |reply: Reply| {
        let token = reply.text("access_token");
        let app = &app;
        async move { app.send(get("/auth/me").bearer(&token)).await.json()["email_verified"].clone() }
    };
    assert_eq!(me(sign_in(&app).await).await, json!(false), "another address");
    provider.says("1", EMAIL, false);
    assert_eq!(me(sign_in(&app).await).await, json!(false), "not proven");
    provider.says("1", "ADA@Example.com", true);
    assert_eq!(me(sign_in(&app).await).await, json!(true));
    // The account was theirs all along, so the password is too.
    assert_eq!(app.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_squatters_link_does_not_survive_the_owner() {
    for by_reset in [false, true] {
        let provider = FakeProvider::default();
        provider.says("squatter", EMAIL, false);
        let app = provider.app(|_| {});
        assert_eq!(
            sign_in(&app).await.status,
            StatusCode::OK,
            "the account is made with an unproven address"
        );
        if by_reset {
            app.send(post("/auth/forgot-password").json(&json!({"email": EMAIL}))).await;
            let token = app.mailed_token().await;
            let body = json!({"token": token, "new_password": PASSWORD});
            assert_eq!(app.send(post("/auth/reset-password").json(&body)).await.status, StatusCode::OK);
        } else {
            app.send(post("/auth/magic-links/login").json(&json!({"email": EMAIL}))).await;
            let token = app.mailed_token().await;
            let path = format!("/auth/magic-links/callback?token={token}");
            assert_eq!(app.send(get(&path)).await.status, StatusCode::OK);
        }
        let expected = r#"400 {"detail":"OAuth provider email is not verified"}"#;
        assert_eq!(sign_in(&app).await.line(), expected, "by reset: {by_reset}");
    }
}

#[tokio::test]
async fn a_gate_is_asked_where_the_operator_wants_it() {
    let provider = FakeProvider::default();
    provider.says("1", EMAIL, true);
    let app = provider.app(|_| {});
    app.hooks.will(Behaviour::Deny(Denial::default()));
    assert_eq!(sign_in(&app).await.line(), r#"403 {"detail":"Sign-in not allowed"}"#);
    let user = app.adapters.users.get_user_by_email(EMAIL).await.expect("a store");
    assert_eq!(user, None, "nobody was created");
    app.hooks.will(Behaviour::Fail);
    assert_eq!(sign_in(&app).await.status, StatusCode::SERVICE_UNAVAILABLE);

    let app = provider.app(|wish| wish.settings.allow_signin_on.clear());
    app.hooks.will(Behaviour::Deny(Denial::default()));
    assert_eq!(sign_in(&app).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_was_deactivated_meanwhile_links_nothing() {
    let provider = FakeProvider::default();
    provider.says("1", "other@example.com", true);
    let app = provider.app(|_| {});
    let token = app.register().await.text("access_token");
    let flow = begin(&app, get(&PATH.replace("authorize", "link")).bearer(&token)).await;
    app.deactivate().await;
    assert_eq!(flow.end(&app, "link/callback").await.line(), r#"401 {"detail":"Account is deactivated"}"#);
    assert_eq!(sign_in(&app).await.status, StatusCode::OK, "a user of their own");
}

#[tokio::test]
async fn the_user_of_a_link_may_be_gone() {
    let provider = FakeProvider::default();
    provider.says("1", "other@example.com", true);
    let app = provider.app(|_| {});
    let token = app.register().await.text("access_token");
    let flow = begin(&app, get(&PATH.replace("authorize", "link")).bearer(&token)).await;
    let user = app.adapters.users.get_user_by_email(EMAIL).await.expect("a store").expect("Ada");
    app.adapters.users.delete_user(&user.id, false, app.clock.now()).await.expect("a store");
    assert_eq!(
        flow.end(&app, "link/callback").await.line(),
        r#"400 {"detail":"Linked user account not found"}"#
    );
}

#[tokio::test]
async fn magic_links_and_passwords_are_ways_in_where_they_are_offered() {
    let provider = FakeProvider::default();
    provider.says("1", EMAIL, true);
    for (magic_links, credentials, has_password, status) in [
        (true, false, false, 200),
        (false, true, true, 200),
        (false, true, false, 400),
        (false, false, true, 400),
    ] {
        let app = provider.app(|wish| {
            wish.settings.providers.magic_links = magic_links;
            wish.settings.providers.credentials = credentials;
        });
        let token = sign_in(&app).await.text("access_token");
        if has_password {
            let user = app.adapters.users.get_user_by_email(EMAIL).await.expect("a store").expect("Ada");
            let hash = Some("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA".to_owned());
            app.adapters.users.set_hashed_password(&user.id, hash, app.clock.now()).await.expect("a store");
        }
        let reply = app.send(delete("/auth/oauth/accounts/acme").bearer(&token)).await;
        assert_eq!(reply.status.as_u16(), status, "{magic_links} {credentials} {has_password}");
    }
}

#[tokio::test]
async fn a_passkey_is_a_way_in_where_passkeys_are() {
    let provider = FakeProvider::default();
    provider.says("1", EMAIL, true);
    for (has_site, status) in [(true, 200), (false, 400)] {
        let app = provider.app(|wish| {
            let origins = ["https://example.com".to_owned()];
            let site = RelyingParty::new("example.com", "Example", &origins, UserVerification::Preferred);
            wish.settings.passkeys = Some(site.expect("a site")).filter(|_| has_site);
            wish.settings.providers.magic_links = false;
        });
        let token = sign_in(&app).await.text("access_token");
        let user = app.adapters.users.get_user_by_email(EMAIL).await.expect("a store").expect("Ada");
        let passkey = Passkey {
            id: "cGFzc2tleQ".to_owned(),
            user_id: user.id,
            public_key: vec![1],
            sign_count: 0,
            backup_eligible: None,
            aaguid: String::new(),
            name: "Passkey".to_owned(),
            created_at: app.clock.now(),
            last_used_at: None,
        };
        app.adapters.passkeys.create_passkey(passkey).await.expect("a store");
        let reply = app.send(delete("/auth/oauth/accounts/acme").bearer(&token)).await;
        assert_eq!(reply.status.as_u16(), status, "{has_site}");
    }
}

#[tokio::test]
async fn an_address_that_was_proven_before_joins_without_losing_its_password() {
    let provider = FakeProvider::default();
    provider.says("1", EMAIL, true);
    let app = provider.app(|_| {});
    app.register().await;
    let user = app.adapters.users.get_user_by_email(EMAIL).await.expect("a store").expect("Ada");
    let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
    app.adapters.users.update_user(&user.id, patch, app.clock.now()).await.expect("a store");
    assert_eq!(sign_in(&app).await.status, StatusCode::OK);
    assert_eq!(app.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_redirect_uri_of_the_flow_is_the_one_that_is_sent_again() {
    let provider = FakeProvider::default();
    provider.says("1", EMAIL, true);
    let app = provider.app(|wish| wish.settings.oauth.allowed_redirect_uris = vec![APP.to_owned()]);
    assert_eq!(sign_in(&app).await.status, StatusCode::OK);
    let foreign = app.send(get("/auth/oauth/acme/authorize?redirect_uri=https://app.example.com/cb2")).await;
    assert_eq!(foreign.line(), r#"400 {"detail":"OAuth redirect_uri is not registered"}"#);
    assert_eq!(foreign.set_cookie("oauth_state"), None);
}
