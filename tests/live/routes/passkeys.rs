//! Passkeys, with an authenticator in software. A real browser is in `tests/browser`.

use serde_json::json;

use crate::kit::passkeys::{ORIGIN, PROVIDERS, add, answer_challenge, authenticator, post_as, sign_in};
use crate::kit::{Authenticator, BACKUP_ELIGIBLE, Plugins, Setup};

const ADA: &str = "ada@example.com";
#[tokio::test]
async fn a_passkey_signs_in_and_its_hooks_are_told() {
    let plugins = Plugins::with("all-hooks");
    let server = Setup::new().config(PROVIDERS).plugins(plugins.path()).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticator = authenticator();
    let id = add(&server, &token, &mut authenticator).await;
    server.logs(&["all-hooks", "on-passkey-registered", &id]).await;

    let answer = sign_in(&server, &mut authenticator).await;
    let claims = crate::kit::claims(&answer.text("access_token"));
    assert_eq!((&claims["email"], &claims["all_hooks"]), (&json!(ADA), &json!(true)));
    server.logs(&["all-hooks", "allow-signin", "provider=passkey"]).await;
    server.logs(&["all-hooks", "on-signin", "about=passkey"]).await;
    server.refresh(&answer.text("refresh_token")).await.expect(200);

    server.delete(&format!("/auth/passkeys/{id}"), &token).await.expect(204);
    server.logs(&["all-hooks", "on-passkey-deleted", &id]).await;
    sign_in(&server, &mut authenticator).await.expect_detail(401, "Passkey not found");
}

#[tokio::test]
async fn keys_of_every_algorithm_survive_a_restart() {
    let mut server = Setup::new().config(PROVIDERS).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticators = [
        authenticator(),
        Authenticator::ed_dsa("https://localhost", "localhost"),
        Authenticator::rs256(2048, ORIGIN, "localhost"),
    ];
    for authenticator in &mut authenticators {
        add(&server, &token, authenticator).await;
    }
    let pending = answer_challenge(&server, &mut authenticators[0]).await;
    server.stop().await;
    let server = Setup::new().config(PROVIDERS).data_of(&server).start().await;
    server.post("/auth/passkeys/authenticate/complete", pending).await.expect(200);
    for authenticator in &mut authenticators {
        sign_in(&server, authenticator).await.expect(200);
    }
    assert_eq!(server.get("/auth/passkeys", &token).await.json().as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_plugin_may_refuse_a_passkey() {
    let plugins = Plugins::none();
    let server = Setup::new().config(PROVIDERS).plugins(plugins.path()).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticator = authenticator();
    add(&server, &token, &mut authenticator).await;
    plugins.put("deny-all", &crate::kit::guest("deny-all"));
    server.logs(&["deny-all", "loaded"]).await;
    sign_in(&server, &mut authenticator).await.expect_detail(403, "This account is closed.");
}

#[tokio::test]
async fn a_cloned_authenticator_is_refused_and_the_operator_told() {
    let server = Setup::new().config(PROVIDERS).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticator = authenticator();
    let id = add(&server, &token, &mut authenticator).await;
    sign_in(&server, &mut authenticator).await.expect(200);
    authenticator.sign_count = 0;
    let detail = "Authentication verification failed: the signature counter went back: the authenticator may have been cloned";
    sign_in(&server, &mut authenticator).await.expect_detail(401, detail);
    server.logs(&["ERROR", "cloned", &id]).await;
    assert!(!server.log.text().contains(ADA), "addresses are not logged");
}

#[tokio::test]
async fn of_many_that_send_the_same_answer_one_is_let_in() {
    let server = Setup::new().config(PROVIDERS).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticator = authenticator();
    // One that does not count, so that nothing but the challenge is in the way.
    authenticator.counts = false;
    add(&server, &token, &mut authenticator).await;
    let body = answer_challenge(&server, &mut authenticator).await;
    let attempts = (0..16).map(|_| server.post("/auth/passkeys/authenticate/complete", body.clone()));
    let answers = futures_util::future::join_all(attempts).await;
    let good = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(good, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.expect_detail(400, "Invalid or expired challenge");
    }
    assert_eq!(server.get("/auth/sessions", &token).await.json().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn huge_and_odd_answers_are_refused_in_good_time() {
    let server = Setup::new().config(PROVIDERS).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticator = authenticator();
    for junk in ["x".repeat(1_000_000), "gYGBgYGB".repeat(100_000), "W3_______38".to_owned()] {
        let options = post_as(&server, &token, "/auth/passkeys/register/begin", &json!({})).await.json();
        let mut credential = authenticator.create(&options);
        credential["response"]["attestationObject"] = json!(junk);
        let answer = post_as(&server, &token, "/auth/passkeys/register/complete", &credential).await;
        answer.expect_detail(400, "Registration verification failed: the attestation object is malformed");
    }
    let mut body = answer_challenge(&server, &mut authenticator).await;
    body["credential"]["id"] = json!("x".repeat(1_000_000));
    let answer = server.post("/auth/passkeys/authenticate/complete", body).await;
    answer.expect_detail(401, "Passkey not found");
}

#[tokio::test]
async fn passkeys_may_be_the_only_provider() {
    let providers = PROVIDERS.replacen("[[providers]]\ntype = \"credentials\"\n", "", 1);
    let server = Setup::new().config(&providers).start().await;
    server.register(ADA).await.expect_detail(400, "Credentials provider is not configured");
    server.post("/auth/passkeys/authenticate/begin", json!({"email": ADA})).await.expect(200);
}

#[tokio::test]
async fn a_passkey_does_not_become_one_that_is_copied() {
    let server = Setup::new().config(PROVIDERS).start().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticator = authenticator();
    add(&server, &token, &mut authenticator).await;
    sign_in(&server, &mut authenticator).await.expect(200);
    let flags = authenticator.flags;
    authenticator.flags |= BACKUP_ELIGIBLE;
    let detail = "Authentication verification failed: the credential can be backed up now and could not before, \
                  or the other way round";
    sign_in(&server, &mut authenticator).await.expect_detail(401, detail);
    authenticator.flags = flags;
    sign_in(&server, &mut authenticator).await.expect(200);
}
