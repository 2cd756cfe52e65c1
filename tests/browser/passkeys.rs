//! Passkeys with the page of the documentation, and the authenticator that Chromium brings for tests.

use serde_json::{Value, json};

use crate::chromium::Page;
use crate::kit::{Plugins, Server, Setup};
use crate::site::Site;

const ADA: &str = "ada@example.com";

struct Scene {
    server: Server,
    page: Page,
    authenticator: String,
    url: String,
}

/// A server, its site, and a browser in front of it.
async fn scene(setup: Setup, extra: &str) -> Option<Scene> {
    let mut page = Page::open().await?;
    let site = Site::prepare().await;
    let origin = &site.origin;
    let config = format!(
        "cors_origins = [\"{origin}\"]\n\
         [[providers]]\ntype = \"credentials\"\n\
         [[providers]]\ntype = \"passkey\"\nrp_id = \"localhost\"\nrp_name = \"Example\"\n\
         origin = \"{origin}\"\n{extra}"
    );
    let server = setup.config(&config).start().await;
    server.register(ADA).await.expect(201);
    let url = site.serve(&server.url);
    let authenticator = page.plug_in_authenticator().await;
    page.go(&url).await;
    Some(Scene { server, page, authenticator, url })
}

impl Scene {
    async fn sign_in_with_password(&mut self) {
        self.page.fill("[name=email]", ADA).await;
        self.page.fill("[name=password]", crate::kit::PASSWORD).await;
        self.page.click("#password button").await;
        self.page.shows("#message", &format!("Signed in as {ADA}")).await;
    }

    async fn add_passkey(&mut self) {
        self.page.click("#add").await;
        self.page.shows("#message", "Passkey added").await;
    }

    /// Starts anew: the page has forgotten everything.
    async fn reload(&mut self) {
        self.page.go("about:blank").await;
        self.page.go(&self.url).await;
    }

    /// Signs in with a passkey, after naming an address if there is one.
    async fn sign_in(&mut self, email: &str) {
        self.reload().await;
        self.page.fill("[name=email]", email).await;
        self.page.click("#sign-in").await;
    }

    async fn credentials(&mut self) -> Vec<Value> {
        let of = json!({"authenticatorId": self.authenticator});
        let answer = self.page.call("WebAuthn.getCredentials", of).await;
        answer["credentials"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_passkey_is_added_and_signs_in() {
    let plugins = Plugins::with("all-hooks");
    let Some(mut scene) = scene(Setup::new().plugins(plugins.path()), "").await else { return };
    scene.sign_in_with_password().await;
    scene.add_passkey().await;
    let credentials = scene.credentials().await;
    assert_eq!(credentials.len(), 1);
    assert_eq!(
        (&credentials[0]["rpId"], &credentials[0]["isResidentCredential"]),
        (&json!("localhost"), &json!(true))
    );

    // With the address, and without: then the authenticator knows who it is.
    for email in [ADA, ""] {
        scene.sign_in(email).await;
        scene.page.shows("#message", &format!("Signed in as {ADA}")).await;
    }
    scene.server.logs(&["all-hooks", "on-passkey-registered"]).await;
    scene.server.logs(&["all-hooks", "on-signin", "about=passkey"]).await;
}

#[tokio::test]
async fn an_authenticator_is_added_once() {
    let Some(mut scene) = scene(Setup::new(), "").await else { return };
    scene.sign_in_with_password().await;
    scene.add_passkey().await;
    // The browser itself refuses: the authenticator is among those that are excluded.
    scene.page.click("#add").await;
    scene.page.shows("#message", "already registered").await;
    assert_eq!(scene.credentials().await.len(), 1);
}

#[tokio::test]
async fn a_removed_passkey_and_a_cloned_one_sign_nobody_in() {
    let Some(mut scene) = scene(Setup::new(), "").await else { return };
    scene.sign_in_with_password().await;
    scene.add_passkey().await;
    scene.sign_in("").await;
    scene.page.shows("#message", "Signed in").await;

    // The same authenticator with its counter set back, as a copy would have it.
    let mut credential = scene.credentials().await.remove(0);
    assert!(credential["signCount"].as_u64().unwrap() >= 1, "{credential}");
    let of = json!({"authenticatorId": scene.authenticator});
    scene.page.call("WebAuthn.clearCredentials", of).await;
    credential["signCount"] = json!(0);
    let copy = json!({"authenticatorId": scene.authenticator, "credential": credential});
    scene.page.call("WebAuthn.addCredential", copy).await;
    scene.sign_in("").await;
    scene.page.shows("#message", "may have been cloned").await;

    scene.reload().await;
    scene.sign_in_with_password().await;
    scene.page.click("#remove").await;
    scene.page.shows("#message", "Passkeys removed").await;
    scene.sign_in("").await;
    scene.page.shows("#message", "Passkey not found").await;
}

#[tokio::test]
async fn a_user_who_is_not_recognised_is_refused_where_that_is_required() {
    let extra = "user_verification = \"required\"\n";
    let Some(mut scene) = scene(Setup::new(), extra).await else { return };
    scene.sign_in_with_password().await;
    scene.add_passkey().await;
    scene.sign_in("").await;
    scene.page.shows("#message", "Signed in").await;
    let nobody = json!({"authenticatorId": scene.authenticator, "isUserVerified": false});
    scene.page.call("WebAuthn.setUserVerified", nobody).await;
    scene.sign_in("").await;
    scene.page.wait_for("document.querySelector('#message').textContent !== ''").await;
    assert_eq!(
        scene.page.evaluate("document.querySelector('#message').textContent.includes('Signed in')").await,
        false
    );
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nowhere() {
    let Some(mut scene) = scene(Setup::new(), "").await else { return };
    scene.sign_in_with_password().await;
    scene.add_passkey().await;
    // Another port is another origin of the same site: the browser has the passkey, the server refuses.
    let other = Site::prepare().await;
    let origin = other.origin.clone();
    let server = scene.server.url.clone();
    let options = scene.server.post("/auth/passkeys/authenticate/begin", json!({})).await.json();
    let url = other.serve(&server);
    scene.page.go(&url).await;
    let get = format!(
        "navigator.credentials.get({{publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({options})}})\
         .then(credential => credential.toJSON())"
    );
    let credential = scene.page.evaluate(&get).await;
    assert_eq!(credential["type"], "public-key", "{origin}");
    let answer = scene.server.post("/auth/passkeys/authenticate/complete", credential).await;
    answer.expect_detail(401, "Authentication verification failed: the origin is not allowed");
}
