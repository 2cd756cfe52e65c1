//! A service that verifies this server's tokens with `hookgate-tower`.

use hookgate_tower::{Refusal, Verifier, VerifierSettings};

use crate::kit::{Setup, eventually};

#[tokio::test]
async fn a_service_verifies_tokens_through_a_change_of_keys() {
    let config = "[jwt]\nalgorithm = \"ES256\"\nissuer = \"https://id.example\"\naudience = [\"orders\"]\n\
                  key_rotation_interval = 3\nkey_publish_ahead = 1\n";
    let server = Setup::new().config(config).start().await;
    let verifier = Verifier::new(VerifierSettings {
        issuer: Some("https://id.example".to_owned()),
        audience: vec!["orders".to_owned()],
        ..VerifierSettings::new(format!("{}/.well-known/jwks.json", server.url))
    })
    .unwrap();
    let tokens = server.register("ada@example.com").await;
    let access = tokens.text("access_token");
    let claims = verifier.verify(&access).await.unwrap();
    assert_eq!(claims.email.as_deref(), Some("ada@example.com"));
    assert!(claims.sid.is_some() && !claims.email_verified);
    assert_eq!(verifier.verify(&tokens.text("refresh_token")).await, Err(Refusal::Invalid));

    // Whatever signs by then is accepted, and so is what signed before.
    let header = |token: &str| token.split('.').next().unwrap().to_owned();
    let renewed = tokio::sync::Mutex::new(access.clone());
    eventually("another key signs", || async {
        let token = server.login("ada@example.com").await.text("access_token");
        let is_new = header(&token) != header(&access);
        *renewed.lock().await = token;
        is_new
    })
    .await;
    let renewed = renewed.into_inner();
    eventually("it is fetched", || async { verifier.verify(&renewed).await.is_ok() }).await;
    assert!(verifier.verify(&access).await.is_ok());
}
