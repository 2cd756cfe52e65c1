//! Everything that must not let anybody in.

use reqwest::Method;
use serde_json::json;

use super::{APP, authorize, come_back, link, setup, sign_in, visit};
use crate::kit::{Answer, Browser, Fault, IdentityProvider, Plugins, Server, Signature};

const STATE: &str = "Invalid or expired OAuth state";

async fn get(server: &Server, path: &str) -> Answer {
    server.send(server.request(Method::GET, path)).await
}

#[tokio::test]
async fn unknown_providers_and_missing_parameters() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    for id in ["gitlab", "credentials", "Google", "%20"] {
        let detail = format!("OAuth provider '{}' not found", id.replace("%20", " "));
        get(&server, &format!("/auth/oauth/{id}/authorize?redirect_uri={APP}"))
            .await
            .expect_detail(404, &detail);
        get(&server, &format!("/auth/oauth/{id}/callback?code=c&state=s")).await.expect_detail(404, &detail);
        get(&server, &format!("/auth/oauth/{id}/link/callback?code=c&state=s"))
            .await
            .expect_detail(404, &detail);
    }
    let missing = |path: &'static str, names: &'static [&'static str]| {
        let server = &server;
        async move {
            let answer = get(server, path).await;
            let expected: Vec<_> = names
                .iter()
                .map(|name| json!({"type": "missing", "loc": ["query", name], "msg": "Field required"}))
                .collect();
            assert_eq!((answer.status, answer.json()), (422, json!({ "detail": expected })), "{path}");
        }
    };
    missing("/auth/oauth/google/authorize", &["redirect_uri"]).await;
    missing("/auth/oauth/google/callback", &["code", "state"]).await;
    missing("/auth/oauth/google/callback?state=s", &["code"]).await;
    missing("/auth/oauth/google/link/callback?code=c", &["state"]).await;
}

#[tokio::test]
async fn foreign_redirect_uris() {
    let provider = IdentityProvider::start().await;
    let list = format!("oauth_allowed_redirect_uris = [\"{APP}\", \"com.example.app:/oauth\"]");
    let server = setup(&provider, &list).start().await;
    let token = server.register("ada@example.com").await.text("access_token");
    for uri in
        ["https://evil.example/cb", "https://app.example.com/oauth/callback/", "javascript:alert(1)", "", "/"]
    {
        let detail = "OAuth redirect_uri is not registered";
        let path = format!("/auth/oauth/google/authorize?redirect_uri={uri}");
        get(&server, &path).await.expect_detail(400, detail);
        let path = format!("/auth/oauth/google/link?redirect_uri={uri}");
        server.get(&path, &token).await.expect_detail(400, detail);
    }
    get(&server, "/auth/oauth/google/authorize?redirect_uri=com.example.app:/oauth").await.expect(200);
    authorize(&server, &Browser::new(), "google").await;
}

#[tokio::test]
async fn states_of_nobody_of_another_browser_of_another_provider_and_spent_ones() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let browser = Browser::new();
    let query = visit(&browser, &authorize(&server, &browser, "google").await).await;
    come_back(&server, &browser, "google", "code=code-1&state=forged").await.expect_detail(400, STATE);
    come_back(&server, &browser, "google", "code=code-1&state=").await.expect_detail(400, STATE);
    come_back(&server, &Browser::new(), "google", &query).await.expect_detail(400, STATE);
    let other = Browser::new();
    authorize(&server, &other, "google").await;
    come_back(&server, &other, "google", &query).await.expect_detail(400, STATE);
    come_back(&server, &browser, "github", &query).await.expect_detail(400, "OAuth state provider mismatch");
    // None of that has spent it.
    come_back(&server, &browser, "google", &query).await.expect(200);
    come_back(&server, &browser, "google", &query).await.expect_detail(400, STATE);
    assert_eq!(provider.count("/token"), 1, "the code has left the server once");
}

#[tokio::test]
async fn of_racing_returns_one_gets_in() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let browser = Browser::new();
    let query = visit(&browser, &authorize(&server, &browser, "google").await).await;
    let race = (0..8).map(|_| come_back(&server, &browser, "google", &query));
    let answers = futures_util::future::join_all(race).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((won, provider.count("/token")), (1, 1), "{answers:?}");
}

#[tokio::test]
async fn codes_that_are_wrong_or_spent() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let browser = Browser::new();
    for id in ["google", "github", "oidc"] {
        let used = visit(&browser, &authorize(&server, &browser, id).await).await;
        let query = visit(&browser, &authorize(&server, &browser, id).await).await;
        let part = |query: &str, name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name).unwrap().1.into_owned()
        };
        // Somebody else's code in the own flow: the verifier does not fit.
        let mixed =
            format!("code={}&state={}&iss={}", part(&used, "code"), part(&query, "state"), provider.url);
        let label = [("google", "Google"), ("github", "GitHub"), ("oidc", "OIDC")]
            .into_iter()
            .find(|(name, _)| *name == id)
            .unwrap()
            .1;
        let detail = format!("{label} token exchange failed: invalid_grant: The code is spent.");
        come_back(&server, &browser, id, &mixed).await.expect_detail(400, &detail);
    }
    assert_eq!(server.get("/auth/oauth/accounts", "x").await.status, 401);
}

#[tokio::test]
async fn users_who_decline_and_providers_that_say_no() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    provider.will(|script| script.declines = Some("access_denied".to_owned()));
    let browser = Browser::new();
    let query = visit(&browser, &authorize(&server, &browser, "google").await).await;
    let answer = come_back(&server, &browser, "google", &query).await;
    answer.expect_detail(400, "OAuth provider returned an error: access_denied");
    come_back(&server, &browser, "google", &query).await.expect_detail(400, STATE);
    // An error that nobody asked for says nothing about anybody's flow.
    come_back(&server, &browser, "google", "error=access_denied&state=forged")
        .await
        .expect_detail(400, STATE);
    come_back(&server, &browser, "google", "error=access_denied").await.expect_detail(400, STATE);
    provider.will(|script| script.declines = Some("<script>alert(1)</script>".to_owned()));
    let query = visit(&browser, &authorize(&server, &browser, "google").await).await;
    let answer = come_back(&server, &browser, "google", &query).await;
    answer.expect_detail(400, "OAuth provider returned an error: unknown_error");
    assert_eq!(provider.count("/token"), 0);
}

#[tokio::test]
async fn id_tokens_that_are_not_to_be_believed() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let browser = Browser::new();
    for (what, id_token, signature) in [
        ("issuer", json!({"iss": "https://evil.example"}), Signature::Key(0)),
        ("audience", json!({"aud": "somebody else"}), Signature::Key(0)),
        ("audience", json!({"azp": "somebody else"}), Signature::Key(0)),
        ("nonce", json!({"nonce": "of another flow"}), Signature::Key(0)),
        ("nonce", json!({"nonce": null}), Signature::Key(0)),
        ("time", json!({"exp": 1_600_000_000}), Signature::Key(0)),
        ("key", json!({}), Signature::Key(1)),
        ("algorithm", json!({}), Signature::Hmac),
        ("algorithm", json!({}), Signature::None),
        ("subject", json!({"sub": "account-2"}), Signature::Key(0)),
    ] {
        provider.will(|script| (script.id_token, script.signature) = (id_token, signature));
        let answer = sign_in(&server, &browser, "oidc").await;
        assert_eq!(
            (answer.status, answer.text("detail").as_str()),
            (400, "OIDC sent an answer that can't be trusted"),
            "{what}"
        );
    }
    server
        .logs(&["WARN", "an OAuth provider gave no identity", "its nonce is not that of the request"])
        .await;
    let register = server.register("ada@example.com").await;
    register.expect(201);
}

#[tokio::test]
async fn a_code_from_another_issuer() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let browser = Browser::new();
    for iss in ["&iss=https://evil.example", ""] {
        let query = visit(&browser, &authorize(&server, &browser, "oidc").await).await;
        let own = query.split_once("&iss=").unwrap().0;
        let answer = come_back(&server, &browser, "oidc", &format!("{own}{iss}")).await;
        answer.expect_detail(400, "OIDC sent an answer that can't be trusted");
    }
    assert_eq!(provider.count("/token"), 0, "the code has not left the server");
}

#[tokio::test]
async fn addresses_that_are_not_proven_or_none() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    server.register("ada@example.com").await.expect(201);
    let unverified = "OAuth provider email is not verified";
    provider.will(|script| {
        script.user["email_verified"] = json!(false);
        script.emails = json!([{"email": "ADA@example.com", "primary": true, "verified": false}]);
    });
    for id in ["google", "github", "oidc"] {
        sign_in(&server, &Browser::new(), id).await.expect_detail(400, unverified);
    }
    // GitHub: a public address that is not in the list of one's own.
    provider.will(|script| {
        script.github_user["email"] = json!("ada@example.com");
        script.emails = json!([{"email": "eve@example.com", "primary": true, "verified": true}]);
    });
    sign_in(&server, &Browser::new(), "github").await.expect_detail(400, unverified);
    for email in [json!(null), json!("no address"), json!("ada@localhost")] {
        provider.will(|script| script.user["email"] = email);
        let detail = "OAuth provider returned no usable email address";
        sign_in(&server, &Browser::new(), "google").await.expect_detail(400, detail);
    }
    server.login("ada@example.com").await.expect(200);
}

#[tokio::test]
async fn deactivated_users() {
    let provider = IdentityProvider::start().await;
    let plugins = Plugins::with("all-hooks");
    let server = setup(&provider, "").plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("access_token");
    link(&server, &Browser::new(), "google", &token).await.expect(200);
    let delete = server.request(Method::DELETE, "/auth/account").bearer_auth(&token);
    server.send(delete.json(&json!({"password": crate::kit::PASSWORD}))).await.expect(200);
    // By the link, and by the address.
    for id in ["google", "oidc"] {
        sign_in(&server, &Browser::new(), id).await.expect_detail(401, "Account is deactivated");
        server.logs(&["all-hooks", "on-signin-failed", "inactive"]).await;
    }
}

#[tokio::test]
async fn users_whom_a_plugin_refuses_leave_nothing_behind() {
    let provider = IdentityProvider::start().await;
    let plugins = Plugins::with("deny-all");
    let server = setup(&provider, "").plugins(plugins.path()).start().await;
    sign_in(&server, &Browser::new(), "google").await.expect_detail(403, "This account is closed.");
    server.register("ada@example.com").await.expect(201);

    let plugins = Plugins::with("gate-trap");
    let server = setup(&provider, "").plugins(plugins.path()).start().await;
    sign_in(&server, &Browser::new(), "google").await.expect(503);
    server.register("ada@example.com").await.expect(201);
}

#[tokio::test]
async fn providers_that_are_broken() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    let html = || Fault::Answer(200, "<html>".to_owned());
    let error = || Fault::Answer(500, "{}".to_owned());
    let elsewhere = || Fault::Redirect(format!("{}/userinfo", provider.url));
    for fault in [html(), error(), elsewhere(), Fault::Huge] {
        for path in ["/token", "/userinfo", "/user", "/emails"] {
            provider.will(|script| script.faults = [(path, fault.clone())].into());
            let (id, label) = if path.starts_with("/token") || path == "/userinfo" {
                ("google", "Google")
            } else {
                ("github", "GitHub")
            };
            let answer = sign_in(&server, &Browser::new(), id).await;
            answer.expect_detail(502, &format!("{label} is not available at the moment"));
        }
    }
    provider.will(|script| script.faults = [("/userinfo", Fault::Answer(403, "{}".to_owned()))].into());
    let answer = sign_in(&server, &Browser::new(), "google").await;
    answer.expect_detail(400, "Google user info request failed: HTTP 403");
}

#[tokio::test]
async fn an_issuer_that_is_away_stops_nobody_else_and_may_come_back() {
    let provider = IdentityProvider::start().await;
    provider.will(|script| {
        script.faults = [("/.well-known/openid-configuration", Fault::Answer(503, String::new()))].into();
    });
    let server = setup(&provider, "").start().await;
    let path = format!("/auth/oauth/oidc/authorize?redirect_uri={APP}");
    get(&server, &path).await.expect_detail(502, "OIDC is not available at the moment");
    sign_in(&server, &Browser::new(), "google").await.expect(200);
    server.register("grace@example.com").await.expect(201);
    provider.will(|script| script.faults.clear());
    crate::kit::eventually("the issuer is back", || async { get(&server, &path).await.status == 200 }).await;
    sign_in(&server, &Browser::new(), "oidc").await.expect(200);
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_no_longer_believed() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    sign_in(&server, &Browser::new(), "oidc").await.expect(200);
    provider.will(|script| (script.published, script.signature) = (1, Signature::Key(1)));
    sign_in(&server, &Browser::new(), "oidc").await.expect(200);
    provider.will(|script| script.signature = Signature::Key(0));
    for _ in 0..3 {
        sign_in(&server, &Browser::new(), "oidc").await.expect(400);
    }
    assert_eq!(provider.count("/keys"), 2, "unknown keys don't make the server ask again and again");
}

#[tokio::test]
async fn a_provider_that_does_not_fit_its_configuration_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hookgate.toml");
    for (text, part) in [
        ("type = \"google\"\nclient_id = \"me\"", "`client_secret`"),
        ("type = \"oidc\"\nclient_id = \"me\"", "`issuer`"),
        ("type = \"oidc\"\nclient_id = \"me\"\nissuer = \"id.example\"", "`issuer` is not an http"),
        (
            "type = \"oidc\"\nclient_id = \"me\"\nissuer = \"https://id.example\"\nid = \"accounts\"",
            "`accounts`",
        ),
        (
            "type = \"github\"\nclient_id = \"me\"\nclient_secret = \"s\"\nredirect_uri = \"x\"",
            "`redirect_uri`",
        ),
    ] {
        std::fs::write(&config, format!("[[providers]]\n{text}\n")).unwrap();
        let output = std::process::Command::new(crate::kit::BINARY)
            .args(["check", "--data-dir"])
            .arg(folder.path().join("data"))
            .arg("--config")
            .arg(&config)
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && message.contains(part), "{text}: {message}");
    }
}

#[tokio::test]
async fn check_says_what_is_to_be_registered() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hookgate.toml");
    let text = "base_url = \"https://auth.example.com/\"\nroute_prefix = \"/api\"\n[[providers]]\n\
                type = \"google\"\nclient_id = \"me\"\nclient_secret = \"s3cret\"\n";
    std::fs::write(&config, text).unwrap();
    let output = std::process::Command::new(crate::kit::BINARY)
        .args(["check", "--data-dir"])
        .arg(folder.path().join("data"))
        .arg("--config")
        .arg(&config)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(
        printed
            .contains("google: good, with the callback https://auth.example.com/api/oauth/google/callback"),
        "{printed}"
    );
    assert!(!printed.contains("s3cret"), "{printed}");
}
