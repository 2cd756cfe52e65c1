//! Against a certified OpenID Connect provider, with a user who signs in on its own pages.

use crate::kit::{APP, APP_SECRET, Browser, CertifiedProvider, Server, Setup, claims};

/// One provider for each of the clients that the certified provider knows.
fn setup(provider: &CertifiedProvider) -> Setup {
    let mut config = String::new();
    for (id, client, more) in [
        ("rs256", "RS256", format!("client_secret = \"{APP_SECRET}\"")),
        (
            "es256",
            "ES256",
            format!("client_secret = \"{APP_SECRET}\"\ntoken_endpoint_auth_method = \"client_secret_post\""),
        ),
        ("eddsa", "EdDSA", format!("client_secret = \"{APP_SECRET}\"")),
        ("ps256", "PS256", format!("client_secret = \"{APP_SECRET}\"")),
        ("public", "public", String::new()),
        ("wrong", "RS256", "client_secret = \"not it\"".to_owned()),
    ] {
        config += &format!(
            "[[providers]]\ntype = \"oidc\"\nid = \"{id}\"\nissuer = \"{}\"\nclient_id = \"{client}\"\n{more}\n",
            provider.issuer
        );
    }
    Setup::new().config(&format!("oauth_allowed_redirect_uris = [\"{APP}\"]\n{config}"))
}

async fn begin(server: &Server, browser: &Browser, id: &str) -> String {
    let path = format!("/auth/oauth/{id}/authorize?redirect_uri={APP}");
    browser.open(server, &path).await.expect(200).text("url")
}

#[tokio::test]
async fn its_users_sign_in_whatever_the_signature_and_the_clients_secret() {
    let provider = CertifiedProvider::start();
    let server = setup(&provider).start().await;
    for id in ["rs256", "es256", "eddsa", "ps256", "public"] {
        let browser = Browser::new();
        let url = begin(&server, &browser, id).await;
        let query = provider.sign_in(&browser, &url, id).await;
        assert!(query.contains("iss="), "{query}");
        let answer = browser.open(&server, &format!("/auth/oauth/{id}/callback?{query}")).await;
        let token = answer.expect(200).text("access_token");
        assert_eq!(claims(&token)["email"].as_str(), Some(&*format!("{id}@example.com")));
        assert_eq!(claims(&token)["email_verified"], true);
        assert_eq!(claims(&token)["name"].as_str(), Some(&*format!("{id} of the provider")));
        let replay = browser.open(&server, &format!("/auth/oauth/{id}/callback?{query}")).await;
        replay.expect_detail(400, "Invalid or expired OAuth state");
    }
}

#[tokio::test]
async fn an_unproven_address_takes_nobody_over() {
    let provider = CertifiedProvider::start();
    let server = setup(&provider).start().await;
    let browser = Browser::new();
    let url = begin(&server, &browser, "rs256").await;
    let query = provider.sign_in(&browser, &url, "unproven").await;
    let created = browser.open(&server, &format!("/auth/oauth/rs256/callback?{query}")).await;
    assert_eq!(claims(&created.expect(200).text("access_token"))["email_verified"], false);
    // The same person through another provider, which does not vouch for the address either.
    let url = begin(&server, &browser, "eddsa").await;
    let query = provider.sign_in(&browser, &url, "unproven").await;
    let answer = browser.open(&server, &format!("/auth/oauth/eddsa/callback?{query}")).await;
    answer.expect_detail(400, "OAuth provider email is not verified");
}

#[tokio::test]
async fn what_the_provider_refuses_is_told() {
    let provider = CertifiedProvider::start();
    let server = setup(&provider).start().await;
    let browser = Browser::new();
    let url = begin(&server, &browser, "wrong").await;
    let query = provider.sign_in(&browser, &url, "ada").await;
    let answer = browser.open(&server, &format!("/auth/oauth/wrong/callback?{query}")).await;
    answer.expect(400);
    let detail = answer.text("detail");
    assert!(detail.starts_with("wrong token exchange failed: invalid_client"), "{detail}");

    // A code that is another flow's: the verifier does not fit.
    let url = begin(&server, &browser, "rs256").await;
    let stolen = provider.sign_in(&browser, &url, "ada").await;
    let url = begin(&server, &browser, "rs256").await;
    let own = provider.sign_in(&browser, &url, "ada").await;
    let part = |query: &str, name: &str| {
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.into_iter().find(|(found, _)| found == name).unwrap().1.into_owned()
    };
    let mixed =
        format!("code={}&state={}&iss={}", part(&stolen, "code"), part(&own, "state"), provider.issuer);
    let answer = browser.open(&server, &format!("/auth/oauth/rs256/callback?{mixed}")).await;
    answer.expect(400);
    assert!(answer.text("detail").contains("invalid_grant"), "{answer:?}");
}
