//! Accounts at providers, linked to users and taken off again.

use reqwest::Method;
use serde_json::json;

use super::{APP, authorize, come_back, end_link, link, setup, sign_in, visit};
use crate::kit::{Browser, IdentityProvider, Plugins, claims};

const TAKEN: &str = "This provider account is already linked to a user";

#[tokio::test]
async fn a_linked_account_signs_its_user_in() {
    let provider = IdentityProvider::start().await;
    let plugins = Plugins::with("all-hooks");
    let server = setup(&provider, "").plugins(plugins.path()).start().await;
    let registered = server.register("grace@example.com").await;
    let token = registered.text("access_token");
    // The address at the provider is another one, and not proven: it does not matter here.
    provider.will(|script| script.user["email_verified"] = json!(false));
    let linked = link(&server, &Browser::new(), "github", &token).await;
    assert_eq!(linked.expect(200).json(), json!({"message": "Github account linked successfully"}));
    assert!(linked.set_cookies().is_empty(), "nobody is signed in by it");
    server.logs(&["all-hooks", "on-oauth-link", "github"]).await;
    let me = server.get("/auth/me", &token).await.json();
    assert_eq!(
        (me["email"].as_str(), me["email_verified"].as_bool()),
        (Some("grace@example.com"), Some(false))
    );
    assert_eq!(
        server.get("/auth/oauth/accounts", &token).await.json(),
        json!([{"provider": "github", "provider_account_id": "4711"}])
    );
    let signed_in = sign_in(&server, &Browser::new(), "github").await.text("access_token");
    assert_eq!(claims(&signed_in)["sub"], claims(&token)["sub"]);
    assert_eq!(claims(&signed_in)["email_verified"], false, "the proven address is another one");
    server.login("grace@example.com").await.expect(200);
}

#[tokio::test]
async fn an_account_is_linked_once() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let ada = server.register("ada@example.com").await.text("access_token");
    let bob = server.register("bob@example.com").await.text("access_token");
    link(&server, &Browser::new(), "oidc", &ada).await.expect(200);
    for token in [&ada, &bob] {
        link(&server, &Browser::new(), "oidc", token).await.expect_detail(400, TAKEN);
    }
    // Another provider has ids of its own.
    let linked = link(&server, &Browser::new(), "acme", &bob).await;
    assert_eq!(linked.text("message"), "Acme account linked successfully");
}

#[tokio::test]
async fn linking_needs_a_signed_in_user_and_their_browser() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let path = format!("/auth/oauth/google/link?redirect_uri={APP}");
    server.send(server.request(Method::GET, &path)).await.expect_detail(401, "Not authenticated");
    let token = server.register("ada@example.com").await.text("access_token");
    let browser = Browser::new();
    let begin = || async { browser.open_as(&server, &path, &token).await.expect(200).text("url") };

    // Whoever follows a stranger's link must not hand their account over.
    let query = visit(&Browser::new(), &begin().await).await;
    end_link(&server, &Browser::new(), "google", &query)
        .await
        .expect_detail(400, "Invalid or expired OAuth state");
    come_back(&server, &browser, "google", &query).await.expect_detail(400, "Invalid or expired OAuth state");
    end_link(&server, &browser, "google", &query).await.expect(200);
    end_link(&server, &browser, "google", &query).await.expect_detail(400, "Invalid or expired OAuth state");

    let sign_in = visit(&browser, &authorize(&server, &browser, "google").await).await;
    end_link(&server, &browser, "google", &sign_in).await.expect_detail(400, "Invalid or expired link state");
    come_back(&server, &browser, "google", &sign_in).await.expect(200);
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let token = sign_in(&server, &Browser::new(), "google").await.text("access_token");
    let unlink = |provider: &str| {
        let path = format!("/auth/oauth/accounts/{provider}");
        let (server, token) = (&server, &token);
        async move { server.delete(&path, token).await }
    };
    unlink("google").await.expect_detail(400, "The last way to sign in can't be unlinked");
    unlink("github").await.expect_detail(404, "No linked github account found");
    unlink("nothing").await.expect_detail(404, "No linked nothing account found");
    link(&server, &Browser::new(), "github", &token).await.expect(200);
    assert_eq!(unlink("google").await.expect(200).json(), json!({"message": "Account unlinked"}));
    unlink("github").await.expect(400);
    let path = "/auth/oauth/accounts/google";
    server.send(server.request(Method::DELETE, path)).await.expect_detail(401, "Not authenticated");
    server.send(server.request(Method::GET, "/auth/oauth/accounts")).await.expect(401);
}

#[tokio::test]
async fn with_a_password_every_link_may_go() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let token = server.register("grace@example.com").await.text("access_token");
    link(&server, &Browser::new(), "google", &token).await.expect(200);
    server.delete("/auth/oauth/accounts/google", &token).await.expect(200);
    assert_eq!(server.get("/auth/oauth/accounts", &token).await.json(), json!([]));
    // The account at the provider is free again.
    sign_in(&server, &Browser::new(), "google").await.expect(200);
}

#[tokio::test]
async fn of_two_links_that_are_removed_at_once_one_stays() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let token = sign_in(&server, &Browser::new(), "google").await.text("access_token");
    for _ in 0..4 {
        link(&server, &Browser::new(), "github", &token).await.expect(200);
        let answers = futures_util::future::join(
            server.delete("/auth/oauth/accounts/google", &token),
            server.delete("/auth/oauth/accounts/github", &token),
        )
        .await;
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{answers:?}");
        let left = server.get("/auth/oauth/accounts", &token).await.json();
        assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
        if left[0]["provider"] == "github" {
            link(&server, &Browser::new(), "google", &token).await.expect(200);
            server.delete("/auth/oauth/accounts/github", &token).await.expect(200);
        }
    }
}
