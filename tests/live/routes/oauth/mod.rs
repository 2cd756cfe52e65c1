//! Signing in through providers.

mod certified;
mod linking;
mod provider_tokens;
mod refused;
mod sign_in;

use crate::kit::{Answer, Browser, CLIENT_ID, CLIENT_SECRET, IdentityProvider, Server, Setup};

/// Where providers send users back to.
const APP: &str = "https://app.example.com/oauth/callback";

/// Passwords, the fake as Google and GitHub and as two issuers, and what a test wants besides.
fn setup(provider: &IdentityProvider, more: &str) -> Setup {
    let url = &provider.url;
    let client = format!("client_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"");
    let endpoints = format!("authorization = \"{url}/authorize\", token = \"{url}/token\"");
    Setup::new().config(&format!(
        "{more}\n[[providers]]\ntype = \"credentials\"\n\
         [[providers]]\ntype = \"google\"\n{client}\nendpoints = {{ {endpoints}, userinfo = \"{url}/userinfo\" }}\n\
         [[providers]]\ntype = \"github\"\n{client}\n\
         endpoints = {{ {endpoints}, userinfo = \"{url}/user\", emails = \"{url}/emails\" }}\n\
         [[providers]]\ntype = \"oidc\"\nissuer = \"{url}\"\n{client}\n\
         [[providers]]\ntype = \"oidc\"\nid = \"acme\"\nname = \"Acme\"\nissuer = \"{url}\"\n{client}\n"
    ))
}

/// Begins a sign-in, and gives the provider's page.
async fn authorize(server: &Server, browser: &Browser, provider: &str) -> String {
    let answer = browser.open(server, &format!("/auth/oauth/{provider}/authorize?redirect_uri={APP}")).await;
    answer.expect(200).text("url")
}

/// Goes through the provider, and gives the query that the application is called with.
async fn visit(browser: &Browser, url: &str) -> String {
    let place = browser.sent_to(url).await;
    place.strip_prefix(&format!("{APP}?")).unwrap_or_else(|| panic!("sent to {place}")).to_owned()
}

/// Comes back with a query.
async fn come_back(server: &Server, browser: &Browser, provider: &str, query: &str) -> Answer {
    browser.open(server, &format!("/auth/oauth/{provider}/callback?{query}")).await
}

/// All of it.
async fn sign_in(server: &Server, browser: &Browser, provider: &str) -> Answer {
    let url = authorize(server, browser, provider).await;
    let query = visit(browser, &url).await;
    come_back(server, browser, provider, &query).await
}

/// Links an account to the owner of a token.
async fn link(server: &Server, browser: &Browser, provider: &str, token: &str) -> Answer {
    let path = format!("/auth/oauth/{provider}/link?redirect_uri={APP}");
    let url = browser.open_as(server, &path, token).await.expect(200).text("url");
    let query = visit(browser, &url).await;
    end_link(server, browser, provider, &query).await
}

/// Comes back with a query to the end of a link.
async fn end_link(server: &Server, browser: &Browser, provider: &str, query: &str) -> Answer {
    browser.open(server, &format!("/auth/oauth/{provider}/link/callback?{query}")).await
}
