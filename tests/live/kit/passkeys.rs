//! A server with passkeys, and the two ceremonies.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Authenticator, Server};

pub(crate) const ORIGIN: &str = "http://localhost:3000";
pub(crate) const PROVIDERS: &str = "[[providers]]\ntype = \"credentials\"\n[[providers]]\ntype = \"passkey\"\n\
    rp_id = \"localhost\"\nrp_name = \"Example\"\n\
    origin = [\"http://localhost:3000\", \"https://localhost\"]\n";

pub(crate) fn authenticator() -> Authenticator {
    Authenticator::new(ORIGIN, "localhost")
}

pub(crate) async fn post_as(server: &Server, token: &str, path: &str, body: &Value) -> Answer {
    server.send(server.request(Method::POST, path).bearer_auth(token).json(body)).await
}

/// Adds a passkey to the account of a token. Gives its id.
pub(crate) async fn add(server: &Server, token: &str, authenticator: &mut Authenticator) -> String {
    let options = post_as(server, token, "/auth/passkeys/register/begin", &json!({})).await;
    options.expect(200);
    let body = json!({"credential": authenticator.create(&options.json()), "name": "Laptop"});
    let answer = post_as(server, token, "/auth/passkeys/register/complete", &body).await;
    answer.expect(201);
    answer.text("id")
}

/// What completes a sign-in.
pub(crate) async fn answer_challenge(server: &Server, authenticator: &mut Authenticator) -> Value {
    let options = server.post("/auth/passkeys/authenticate/begin", json!({})).await;
    options.expect(200);
    json!({"credential": authenticator.get(&options.json())})
}

pub(crate) async fn sign_in(server: &Server, authenticator: &mut Authenticator) -> Answer {
    let body = answer_challenge(server, authenticator).await;
    server.post("/auth/passkeys/authenticate/complete", body).await
}
