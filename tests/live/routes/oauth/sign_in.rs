//! Sign-ins that work.

use reqwest::Method;
use serde_json::json;

use super::{APP, authorize, come_back, setup, sign_in, visit};
use crate::kit::{Browser, IdentityProvider, Plugins, Server, claims};

const ALL: [&str; 4] = ["google", "github", "oidc", "acme"];

#[tokio::test]
async fn every_provider_signs_new_and_known_users_in() {
    for id in ALL {
        let provider = IdentityProvider::start().await;
        let server = setup(&provider, "").start().await;
        let first = sign_in(&server, &Browser::new(), id).await;
        let token = first.expect(200).text("access_token");
        assert_eq!(first.text("token_type"), "bearer");
        let me = server.get("/auth/me", &token).await.json();
        assert_eq!(
            (me["email"].as_str(), me["email_verified"].as_bool()),
            (Some("ada@example.com"), Some(true))
        );
        assert_eq!(me["name"].as_str(), Some(if id == "github" { "ada" } else { "Ada" }));
        assert_eq!(claims(&token)["email_verified"], true);
        let again = sign_in(&server, &Browser::new(), id).await.text("access_token");
        assert_eq!(claims(&again)["sub"], claims(&token)["sub"], "{id}: the same user");
        let account = if id == "github" { "4711" } else { "account-1" };
        let accounts = server.get("/auth/oauth/accounts", &token).await.json();
        assert_eq!(accounts, json!([{"provider": id, "provider_account_id": account}]));
        server.refresh(&first.text("refresh_token")).await.expect(200);
    }
}

#[tokio::test]
async fn the_providers_page_is_asked_as_fastauth_asks() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let query = |url: &str| -> Vec<(String, String)> {
        let query = url.split_once('?').unwrap().1;
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    };
    let google = query(&authorize(&server, &Browser::new(), "google").await);
    let names: Vec<_> = google.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "client_id",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
            "access_type",
            "prompt",
            "code_challenge",
            "code_challenge_method",
        ]
    );
    let value = |pairs: &[(String, String)], name: &str| {
        pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(value(&google, "scope"), "openid email profile");
    assert_eq!(value(&google, "redirect_uri"), APP);
    assert_eq!((value(&google, "state").len(), value(&google, "code_challenge").len()), (43, 43));
    let github = query(&authorize(&server, &Browser::new(), "github").await);
    assert_eq!(value(&github, "scope"), "user:email");
    assert_eq!(value(&query(&authorize(&server, &Browser::new(), "oidc").await), "nonce").len(), 43);
}

#[tokio::test]
async fn a_proven_address_joins_the_account_that_has_it_and_ends_what_a_squatter_left() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let squatter = server.register("ada@example.com").await;
    let joined = sign_in(&server, &Browser::new(), "google").await.text("access_token");
    assert_eq!(claims(&joined)["sub"], claims(&squatter.text("access_token"))["sub"]);
    assert_eq!(server.get("/auth/me", &joined).await.json()["email_verified"], true);
    server.login("ada@example.com").await.expect(401);
    server.refresh(&squatter.text("refresh_token")).await.expect(401);
}

#[tokio::test]
async fn two_tabs_of_one_browser_do_not_disturb_each_other() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let browser = Browser::new();
    let one = authorize(&server, &browser, "google").await;
    let two = authorize(&server, &browser, "oidc").await;
    let (one, two) = (visit(&browser, &one).await, visit(&browser, &two).await);
    come_back(&server, &browser, "google", &one).await.expect(200);
    come_back(&server, &browser, "oidc", &two).await.expect(200);
}

#[tokio::test]
async fn the_cookie_is_for_the_server_alone() {
    let provider = IdentityProvider::start().await;
    let path = format!("/auth/oauth/google/authorize?redirect_uri={APP}");
    let line = |server: Server| {
        let path = path.clone();
        async move {
            let answer = server.send(server.request(Method::GET, &path)).await;
            assert_eq!(answer.header("cache-control"), "no-store");
            answer.set_cookies().concat()
        }
    };
    let plain = line(setup(&provider, "cookie_samesite = \"strict\"").start().await).await;
    assert!(plain.starts_with("oauth_state="), "{plain}");
    assert!(plain.ends_with("; HttpOnly; Max-Age=600; Path=/; SameSite=lax"), "{plain}");
    let https = line(setup(&provider, "base_url = \"https://auth.example.com\"").start().await).await;
    assert!(https.ends_with("; SameSite=lax; Secure"), "{https}");
    let unbound = line(setup(&provider, "oauth_state_cookie = false").start().await).await;
    assert_eq!(unbound, "");
}

#[tokio::test]
async fn without_the_cookie_any_browser_may_end_a_flow() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "oauth_state_cookie = false").start().await;
    let query = visit(&Browser::new(), &authorize(&server, &Browser::new(), "google").await).await;
    come_back(&server, &Browser::new(), "google", &query).await.expect(200);
}

#[tokio::test]
async fn tokens_are_delivered_as_everywhere() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "token_delivery = \"cookie\"").start().await;
    let answer = sign_in(&server, &Browser::new(), "oidc").await;
    assert_eq!(answer.expect(200).json(), json!({"message": "Authentication successful"}));
    for name in ["access_token", "refresh_token", "csrf_token"] {
        assert!(answer.cookie(name).is_some(), "{name}");
    }
    let server = setup(&provider, "session_strategy = \"database\"").start().await;
    let answer = sign_in(&server, &Browser::new(), "oidc").await;
    assert_eq!(answer.text("token_type"), "session");
    server.get("/auth/session", &answer.text("session_token")).await.expect(200);
}

#[tokio::test]
async fn the_browser_goes_on_to_the_application_with_cookies_whatever_the_delivery() {
    let provider = IdentityProvider::start().await;
    for delivery in ["json", "cookie"] {
        let config = format!(
            "token_delivery = \"{delivery}\"\noauth_redirect_url = \"https://app.example.com/#/home\""
        );
        let server = setup(&provider, &config).start().await;
        let answer = sign_in(&server, &Browser::new(), "google").await;
        assert_eq!((answer.status, answer.header("location")), (302, "https://app.example.com/#/home"));
        assert_eq!(answer.body, "");
        let token = answer.cookie("access_token").unwrap();
        assert!(answer.cookie("refresh_token").is_some() && answer.cookie("csrf_token").is_some());
        let me = server.request(Method::GET, "/auth/me").header("cookie", format!("access_token={token}"));
        server.send(me).await.expect(200);
    }
}

#[tokio::test]
async fn plugins_are_told_as_at_every_sign_in() {
    let provider = IdentityProvider::start().await;
    let plugins = Plugins::with("all-hooks");
    let server = setup(&provider, "").plugins(plugins.path()).start().await;
    sign_in(&server, &Browser::new(), "google").await.expect(200);
    for hook in ["allow-signin", "modify-jwt", "on-signup"] {
        server.logs(&["all-hooks", hook]).await;
    }
    server.logs(&["all-hooks", "allow-signin", "google"]).await;
    server.logs(&["all-hooks", "on-signin", "google"]).await;
    assert_eq!(
        server.log.count(&["all-hooks", "on-email-verify", "user.id"]),
        0,
        "a new user's address is no news"
    );
}

#[tokio::test]
async fn a_default_role_is_given_to_new_users() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "default_role = \"member\"").start().await;
    let token = sign_in(&server, &Browser::new(), "github").await.text("access_token");
    assert_eq!(server.get("/auth/roles/me", &token).await.json()["roles"], json!(["member"]));
}
