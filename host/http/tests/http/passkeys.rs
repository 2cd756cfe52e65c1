//! `/auth/passkeys`

#[path = "../../../../tests/live/kit/authenticator.rs"]
#[expect(dead_code, reason = "what else it can do wrong, the tests of the core try")]
mod authenticator;

use authenticator::{Authenticator, Vouching};
use axum::http::StatusCode;
use hookgate_core::event::Event;
use hookgate_core::hooks::Denial;
use hookgate_core::passkey::Passkey;
use hookgate_core::webauthn::{RelyingParty, UserVerification};
use serde_json::{Value, json};

use crate::kit::{Behaviour, EMAIL, PASSWORD, Reply, TestApp, Wish, delete, get, post};

const ORIGIN: &str = "https://app.example.com";
const INVALID_CHALLENGE: &str = r#"400 {"detail":"Invalid or expired challenge"}"#;
const NOT_FOUND: &str = r#"401 {"detail":"Passkey not found"}"#;
const ANOTHERS: &str =
    r#"401 {"detail":"Authentication verification failed: the credential belongs to another user"}"#;

fn site(wish: &mut Wish) {
    let origins = [ORIGIN.to_owned()];
    let site = RelyingParty::new("example.com", "Example", &origins, UserVerification::Preferred);
    wish.settings.passkeys = Some(site.expect("a good site"));
}

fn authenticator() -> Authenticator {
    Authenticator::new(ORIGIN, "example.com")
}

async fn begin_registration(app: &TestApp, token: &str) -> Value {
    let reply = app.send(post("/auth/passkeys/register/begin").bearer(token)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.json()
}

async fn complete_registration(app: &TestApp, token: &str, body: &Value) -> Reply {
    app.send(post("/auth/passkeys/register/complete").bearer(token).json(body)).await
}

async fn begin(app: &TestApp, body: &Value) -> Value {
    let reply = app.send(post("/auth/passkeys/authenticate/begin").json(body)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.json()
}

async fn complete(app: &TestApp, credential: &Value) -> Reply {
    app.send(post("/auth/passkeys/authenticate/complete").json(&json!({"credential": credential}))).await
}

/// Signs in from the beginning to the end.
async fn sign_in(app: &TestApp, authenticator: &mut Authenticator) -> Reply {
    let options = begin(app, &json!({})).await;
    complete(app, &authenticator.get(&options)).await
}

/// Adds a passkey to an account.
async fn add(app: &TestApp, token: &str, authenticator: &mut Authenticator) -> Reply {
    let options = begin_registration(app, token).await;
    let credential = authenticator.create(&options);
    let reply = complete_registration(app, token, &json!({"credential": credential, "name": "Laptop"})).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    reply
}

async fn register(app: &TestApp, email: &str) -> String {
    let reply = app.send(post("/auth/register").json(&json!({"email": email, "password": PASSWORD}))).await;
    reply.text("access_token")
}

/// Ada with a passkey, and her token.
async fn ada() -> (TestApp, Authenticator, String) {
    let app = TestApp::with(site);
    let token = app.register().await.text("access_token");
    let mut authenticator = authenticator();
    add(&app, &token, &mut authenticator).await;
    (app, authenticator, token)
}

async fn stored(app: &TestApp, authenticator: &Authenticator) -> Passkey {
    let id = authenticator::encode(&authenticator.credential_id);
    app.adapters.passkeys.get_passkey(&id).await.expect("a store").expect("a passkey")
}

#[tokio::test]
async fn what_the_browser_is_asked_is_what_fastauth_asks() {
    let (app, authenticator, token) = ada().await;
    let known = json!([{"id": authenticator::encode(&authenticator.credential_id), "type": "public-key"}]);
    let options = begin_registration(&app, &token).await;
    let id = app.send(get("/auth/me").bearer(&token)).await.text("id");
    let challenge = options["challenge"].as_str().expect("text");
    assert_eq!(authenticator::decode(&options["challenge"]).len(), 64);
    assert_eq!(
        options,
        json!({
            "rp": {"name": "Example", "id": "example.com"},
            "user": {"id": authenticator::encode(id.as_bytes()), "name": EMAIL, "displayName": EMAIL},
            "challenge": challenge,
            "pubKeyCredParams": [
                {"type": "public-key", "alg": -7},
                {"type": "public-key", "alg": -8},
                {"type": "public-key", "alg": -257},
            ],
            "timeout": 60000,
            "excludeCredentials": known,
            "authenticatorSelection": {
                "residentKey": "preferred",
                "requireResidentKey": false,
                "userVerification": "preferred",
            },
            "attestation": "none",
        })
    );
    let options = begin(&app, &json!({"email": EMAIL})).await;
    assert_eq!(
        options,
        json!({
            "challenge": options["challenge"],
            "timeout": 60000,
            "rpId": "example.com",
            "allowCredentials": known,
            "userVerification": "preferred",
        })
    );
    assert_eq!(begin(&app, &json!({})).await["allowCredentials"], json!([]));
}

#[tokio::test]
async fn a_passkey_is_registered_used_listed_and_deleted() {
    let (app, mut authenticator, token) = ada().await;
    let id = authenticator::encode(&authenticator.credential_id);
    let listed = app.send(get("/auth/passkeys").bearer(&token)).await;
    let aaguid = "07070707-0707-0707-0707-070707070707";
    let (created, used) = ("2023-11-14T22:13:21+00:00", "2023-11-14T22:14:21+00:00");
    let row = |used: Option<&str>| json!([{"id": id, "name": "Laptop", "aaguid": aaguid, "created_at": created, "last_used_at": used}]);
    assert_eq!(listed.json(), row(None));

    app.clock.advance(60);
    let reply = sign_in(&app, &mut authenticator).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let me = app.send(get("/auth/me").bearer(&reply.text("access_token"))).await;
    assert_eq!(me.text("email"), EMAIL);
    assert_eq!(app.send(get("/auth/passkeys").bearer(&token)).await.json(), row(Some(used)));

    let path = format!("/auth/passkeys/{id}");
    let bob = register(&app, "bob@example.com").await;
    let missing = r#"404 {"detail":"Passkey not found"}"#;
    assert_eq!(app.send(delete(&path).bearer(&bob)).await.line(), missing);
    assert_eq!(app.send(delete(&path).bearer(&token)).await.line(), "204 ");
    assert_eq!(app.send(delete(&path).bearer(&token)).await.line(), missing);
    assert_eq!(app.send(get("/auth/passkeys").bearer(&token)).await.line(), "200 []");
    assert_eq!(sign_in(&app, &mut authenticator).await.line(), NOT_FOUND);
}

#[tokio::test]
async fn a_credential_may_come_bare_and_names_are_bounded() {
    let app = TestApp::with(site);
    let token = app.register().await.text("access_token");
    let mut authenticator = authenticator();
    let options = begin_registration(&app, &token).await;
    let mut bare = authenticator.create(&options);
    bare["name"] = json!("ignored");
    let reply = complete_registration(&app, &token, &bare).await;
    assert_eq!((reply.status, reply.text("name").as_str()), (StatusCode::CREATED, "Passkey"));
    let options = begin(&app, &json!({})).await;
    let credential = authenticator.get(&options);
    let reply = app.send(post("/auth/passkeys/authenticate/complete").json(&credential)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);

    let options = begin_registration(&app, &token).await;
    let credential = self::authenticator().create(&options);
    let body = |name: Value| json!({"credential": credential, "name": name});
    let reply = complete_registration(&app, &token, &body(json!("x".repeat(256)))).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.body);
    let reply = complete_registration(&app, &token, &body(json!("  "))).await;
    assert_eq!((reply.status, reply.text("name").as_str()), (StatusCode::CREATED, "Passkey"));
}

#[tokio::test]
async fn a_challenge_is_good_once_and_for_five_minutes() {
    let (app, mut authenticator, token) = ada().await;
    let credential = authenticator.get(&begin(&app, &json!({})).await);
    assert_eq!(complete(&app, &credential).await.status, StatusCode::OK);
    assert_eq!(complete(&app, &credential).await.line(), INVALID_CHALLENGE);

    let credential = authenticator.get(&begin(&app, &json!({})).await);
    app.clock.advance(300);
    assert_eq!(complete(&app, &credential).await.line(), INVALID_CHALLENGE);

    let options = begin_registration(&app, &token).await;
    let body = |authenticator: &mut Authenticator| json!({"credential": authenticator.create(&options)});
    let reply = complete_registration(&app, &token, &body(&mut self::authenticator())).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let reply = complete_registration(&app, &token, &body(&mut self::authenticator())).await;
    assert_eq!(reply.line(), INVALID_CHALLENGE);

    // One ceremony's challenge is no good in the other, nor is one that was never given.
    let options = begin_registration(&app, &token).await;
    assert_eq!(complete(&app, &authenticator.get(&options)).await.line(), INVALID_CHALLENGE);
    let foreign = json!({"challenge": "x".repeat(86)});
    assert_eq!(complete(&app, &authenticator.get(&foreign)).await.line(), INVALID_CHALLENGE);
}

#[tokio::test]
async fn of_many_that_send_the_same_answer_one_is_let_in() {
    let (app, mut authenticator, _) = ada().await;
    let credential = authenticator.get(&begin(&app, &json!({})).await);
    let replies = futures_util::future::join_all((0..8).map(|_| complete(&app, &credential))).await;
    let good = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_failed_attempt_spends_the_challenge() {
    let (app, mut authenticator, token) = ada().await;
    let mut wrong = self::authenticator();
    wrong.origin = "https://evil.example".to_owned();
    let options = begin_registration(&app, &token).await;
    let body = json!({"credential": wrong.create(&options)});
    assert_eq!(
        complete_registration(&app, &token, &body).await.line(),
        r#"400 {"detail":"Registration verification failed: the origin is not allowed"}"#
    );
    let body = json!({"credential": self::authenticator().create(&options)});
    assert_eq!(complete_registration(&app, &token, &body).await.line(), INVALID_CHALLENGE);

    let options = begin(&app, &json!({})).await;
    authenticator.origin = "https://evil.example".to_owned();
    let refused = r#"401 {"detail":"Authentication verification failed: the origin is not allowed"}"#;
    assert_eq!(complete(&app, &authenticator.get(&options)).await.line(), refused);
    authenticator.origin = ORIGIN.to_owned();
    assert_eq!(complete(&app, &authenticator.get(&options)).await.line(), INVALID_CHALLENGE);

    let options = begin(&app, &json!({})).await;
    assert_eq!(complete(&app, &self::authenticator().get(&options)).await.line(), NOT_FOUND);
    assert_eq!(complete(&app, &authenticator.get(&options)).await.line(), INVALID_CHALLENGE);
}

#[tokio::test]
async fn a_challenge_of_another_user_is_neither_accepted_nor_spent() {
    let (app, _, ada) = ada().await;
    let bob = register(&app, "bob@example.com").await;
    let options = begin_registration(&app, &ada).await;
    let body = json!({"credential": authenticator().create(&options)});
    assert_eq!(complete_registration(&app, &bob, &body).await.line(), INVALID_CHALLENGE);
    assert_eq!(complete_registration(&app, &ada, &body).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn who_was_named_at_the_start_signs_in_and_nobody_else() {
    let (app, mut of_ada, _) = ada().await;
    let bob = register(&app, "bob@example.com").await;
    for email in ["bob@example.com", "nobody@example.com", "no address"] {
        let options = begin(&app, &json!({"email": email})).await;
        assert_eq!(complete(&app, &of_ada.get(&options)).await.line(), ANOTHERS, "{email}");
    }
    let mut of_bob = authenticator();
    add(&app, &bob, &mut of_bob).await;
    let options = begin(&app, &json!({"email": " Bob@Example.com"})).await;
    assert_eq!(complete(&app, &of_bob.get(&options)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn begin_does_not_tell_who_has_an_account() {
    let (app, authenticator, _) = ada().await;
    register(&app, "bob@example.com").await;
    let allowed = async |email: &str| begin(&app, &json!({"email": email})).await["allowCredentials"].clone();
    let real = allowed(EMAIL).await;
    assert_eq!(real[0]["id"], authenticator::encode(&authenticator.credential_id));
    for email in ["bob@example.com", "nobody@example.com"] {
        let decoy = allowed(email).await;
        assert_eq!(decoy.as_array().map(Vec::len), Some(1), "{email}");
        assert_eq!(decoy[0]["type"], "public-key");
        assert!(authenticator::decode(&decoy[0]["id"]).len() >= 16, "{decoy}");
        assert_eq!(decoy, allowed(&email.to_uppercase()).await, "always the same");
    }
    assert_ne!(allowed("bob@example.com").await, allowed("nobody@example.com").await);
}

#[tokio::test]
async fn begin_takes_any_body() {
    let app = TestApp::with(site);
    let begin = || post("/auth/passkeys/authenticate/begin");
    for call in [
        begin(),
        begin().body("{"),
        begin().json(&json!(null)),
        begin().json(&json!({"email": null})),
        begin().json(&json!({"email": " "})),
    ] {
        assert_eq!(app.send(call).await.json()["allowCredentials"], json!([]));
    }
    for body in [json!([]), json!({"email": 1})] {
        assert_eq!(app.send(begin().json(&body)).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn a_malformed_answer_is_told_by_its_place_and_spends_nothing() {
    let (app, mut authenticator, token) = ada().await;
    let good = authenticator.get(&begin(&app, &json!({})).await);
    let cases: [(&[&str], Value); 12] = [
        (&["id"], json!(null)),
        (&["id"], json!("not base64url!")),
        (&["type"], json!("password")),
        (&["response"], json!("x")),
        (&["response", "clientDataJSON"], json!(1)),
        (&["response", "clientDataJSON"], json!("%")),
        (&["response", "clientDataJSON"], json!(authenticator::encode(b"{\"type\":"))),
        (&["response", "clientDataJSON"], json!(authenticator::encode(b"\xff\xfe"))),
        (&["response", "clientDataJSON"], json!(authenticator::encode(br#"{"type": "webauthn.get"}"#))),
        (&["response", "authenticatorData"], json!([])),
        (&["response", "signature"], json!("a")),
        (&["response", "userHandle"], json!(5)),
    ];
    for (path, value) in cases {
        let mut credential = good.clone();
        let pointer = format!("/{}", path.join("/"));
        *credential.pointer_mut(&pointer).expect("a member") = value.clone();
        for (body, prefix) in
            [(json!({"credential": credential}), &["body", "credential"][..]), (credential, &["body"])]
        {
            let reply = app.send(post("/auth/passkeys/authenticate/complete").json(&body)).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{pointer} {value}: {}", reply.body);
            let place = [prefix, path].concat();
            assert_eq!(reply.json()["detail"][0]["loc"], json!(place), "{pointer} {value}");
        }
    }
    for body in [json!({}), json!([]), json!({"credential": 5})] {
        let reply = app.send(post("/auth/passkeys/authenticate/complete").json(&body)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let reply = complete_registration(&app, &token, &body).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert_eq!(complete(&app, &good).await.status, StatusCode::OK);

    let options = begin_registration(&app, &token).await;
    let mut credential = self::authenticator().create(&options);
    credential["response"]["attestationObject"] = json!(authenticator::encode(b"no CBOR"));
    assert_eq!(
        complete_registration(&app, &token, &json!({"credential": credential})).await.line(),
        r#"400 {"detail":"Registration verification failed: the attestation object is malformed"}"#
    );
}

#[tokio::test]
async fn a_cloned_authenticator_is_refused() {
    let (app, mut authenticator, _) = ada().await;
    authenticator.sign_count = 10;
    assert_eq!(sign_in(&app, &mut authenticator).await.status, StatusCode::OK);
    authenticator.sign_count = 10;
    assert_eq!(
        sign_in(&app, &mut authenticator).await.line(),
        r#"401 {"detail":"Authentication verification failed: the signature counter went back: the authenticator may have been cloned"}"#
    );
    assert_eq!(stored(&app, &authenticator).await.sign_count, 11);
    authenticator.sign_count = 11;
    assert_eq!(sign_in(&app, &mut authenticator).await.status, StatusCode::OK);
}

#[tokio::test]
async fn two_copies_of_an_authenticator_do_not_get_in_side_by_side() {
    let (app, mut authenticator, _) = ada().await;
    let (one, two) = (begin(&app, &json!({})).await, begin(&app, &json!({})).await);
    let one = authenticator.get(&one);
    authenticator.sign_count -= 1;
    let two = authenticator.get(&two);
    // Both are judged before either is let in.
    app.hooks.will(Behaviour::Hang);
    let open_the_gate = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        app.hooks.will(Behaviour::Allow);
    };
    let (one, two, ()) = tokio::join!(complete(&app, &one), complete(&app, &two), open_the_gate);
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    assert_eq!(stored(&app, &authenticator).await.sign_count, 1);
}

#[tokio::test]
async fn a_credential_belongs_to_one_user() {
    let (app, mut authenticator, ada) = ada().await;
    let bob = register(&app, "bob@example.com").await;
    for token in [&bob, &ada] {
        let options = begin_registration(&app, token).await;
        let body = json!({"credential": authenticator.create(&options)});
        let taken = r#"409 {"detail":"Passkey is already registered"}"#;
        assert_eq!(complete_registration(&app, token, &body).await.line(), taken);
    }
    assert_eq!(app.send(get("/auth/passkeys").bearer(&bob)).await.line(), "200 []");
}

#[tokio::test]
async fn a_deactivated_user_is_turned_away_and_the_use_is_remembered() {
    let (app, mut authenticator, _) = ada().await;
    app.deactivate().await;
    let refused = r#"401 {"detail":"User not found or inactive"}"#;
    assert_eq!(sign_in(&app, &mut authenticator).await.line(), refused);
    assert_eq!(stored(&app, &authenticator).await.sign_count, 1);
}

#[tokio::test]
async fn a_plugin_that_refuses_spends_the_challenge_and_one_that_fails_does_not() {
    let (app, mut authenticator, _) = ada().await;
    app.hooks.will(Behaviour::Deny(Denial::default()));
    let credential = authenticator.get(&begin(&app, &json!({})).await);
    assert_eq!(complete(&app, &credential).await.line(), r#"403 {"detail":"Sign-in not allowed"}"#);
    assert_eq!(complete(&app, &credential).await.line(), INVALID_CHALLENGE);
    assert_eq!(stored(&app, &authenticator).await.sign_count, 1);

    app.hooks.will(Behaviour::Fail);
    let credential = authenticator.get(&begin(&app, &json!({})).await);
    assert_eq!(complete(&app, &credential).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stored(&app, &authenticator).await.sign_count, 1);
    app.hooks.will(Behaviour::Allow);
    assert_eq!(complete(&app, &credential).await.status, StatusCode::OK);
    assert_eq!(stored(&app, &authenticator).await.sign_count, 2);
}

#[tokio::test]
async fn tokens_come_in_cookies_or_as_sessions_if_so_configured() {
    let cookie = TestApp::with(|wish| {
        site(wish);
        wish.options.token_delivery = hookgate_http::TokenDelivery::Cookie;
    });
    let reply = cookie.register().await;
    let (token, csrf) = (reply.cookie("access_token"), reply.cookie("csrf_token"));
    let with_cookies =
        |call: crate::kit::Call| call.header("cookie", format!("access_token={token}; csrf_token={csrf}"));
    let begin_path = "/auth/passkeys/register/begin";
    let refused = cookie.send(with_cookies(post(begin_path))).await;
    assert_eq!(refused.line(), r#"403 {"detail":"CSRF token missing or invalid"}"#);
    let options = cookie.send(with_cookies(post(begin_path)).header("x-csrf-token", &csrf)).await.json();
    let mut authenticator = authenticator();
    let body = json!({"credential": authenticator.create(&options)});
    let call = with_cookies(post("/auth/passkeys/register/complete")).header("x-csrf-token", &csrf);
    assert_eq!(cookie.send(call.json(&body)).await.status, StatusCode::CREATED);
    let reply = sign_in(&cookie, &mut authenticator).await;
    assert_eq!(reply.line(), r#"200 {"message":"Authentication successful"}"#);
    assert!(!reply.cookie("refresh_token").is_empty());

    let database = TestApp::with(|wish| {
        site(wish);
        wish.settings.session_strategy = hookgate_core::settings::SessionStrategy::Database;
    });
    let token = database.register().await.text("session_token");
    let mut authenticator = self::authenticator();
    add(&database, &token, &mut authenticator).await;
    let token = sign_in(&database, &mut authenticator).await.text("session_token");
    assert_eq!(database.send(get("/auth/me").bearer(&token)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_provider_passkeys_can_only_be_looked_at_and_removed() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let missing = r#"501 {"detail":"PasskeyProvider is not configured"}"#;
    let credential = authenticator().get(&json!({"challenge": "eA"}));
    let of_registration = {
        let options = json!({"challenge": "eA", "user": {"id": "eA"}});
        authenticator().create(&options)
    };
    for call in [
        post("/auth/passkeys/register/begin").bearer(&token),
        post("/auth/passkeys/register/complete").bearer(&token).json(&of_registration),
        post("/auth/passkeys/authenticate/begin"),
        post("/auth/passkeys/authenticate/complete").json(&credential),
    ] {
        assert_eq!(app.send(call).await.line(), missing);
    }
    assert_eq!(app.send(get("/auth/passkeys").bearer(&token)).await.line(), "200 []");
    let reply = app.send(delete("/auth/passkeys/x").bearer(&token)).await;
    assert_eq!(reply.line(), r#"404 {"detail":"Passkey not found"}"#);
    for path in ["/auth/passkeys/register/begin", "/auth/passkeys/register/complete"] {
        assert_eq!(app.send(post(path)).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// Whoever registered an address before its owner may have added a passkey.
#[tokio::test]
async fn passkeys_end_when_an_address_is_first_proven_by_its_owner() {
    for by_magic_link in [true, false] {
        let (app, mut authenticator, _) = ada().await;
        if by_magic_link {
            app.send(post("/auth/magic-links/login").json(&json!({"email": EMAIL}))).await;
            let path = format!("/auth/magic-links/callback?token={}", app.mailed_token().await);
            assert_eq!(app.send(get(&path)).await.status, StatusCode::OK);
        } else {
            app.send(post("/auth/forgot-password").json(&json!({"email": EMAIL}))).await;
            let body = json!({"token": app.mailed_token().await, "new_password": "another long password"});
            assert_eq!(app.send(post("/auth/reset-password").json(&body)).await.status, StatusCode::OK);
        }
        assert_eq!(sign_in(&app, &mut authenticator).await.line(), NOT_FOUND, "{by_magic_link}");
    }
}

#[tokio::test]
async fn passkeys_of_a_proven_address_survive_a_new_password() {
    let (app, mut authenticator, token) = ada().await;
    app.send(post("/auth/request-verify-email").bearer(&token)).await;
    let path = format!("/auth/verify-email?token={}", app.mailed_token().await);
    assert_eq!(app.send(get(&path)).await.status, StatusCode::OK);
    app.send(post("/auth/forgot-password").json(&json!({"email": EMAIL}))).await;
    let body = json!({"token": app.mailed_token().await, "new_password": "another long password"});
    assert_eq!(app.send(post("/auth/reset-password").json(&body)).await.status, StatusCode::OK);
    assert_eq!(sign_in(&app, &mut authenticator).await.status, StatusCode::OK);
}

#[tokio::test]
async fn plugins_are_told_what_happened() {
    async fn told(app: &TestApp) -> Vec<(&'static str, Option<String>, Option<String>, Option<String>)> {
        let events = app.events().await.into_iter();
        let row = |event: Event| {
            (event.hook.name(), event.provider, event.detail, event.passkey.map(|passkey| passkey.id))
        };
        events.map(row).collect()
    }
    let (app, mut authenticator, token) = ada().await;
    let id = Some(authenticator::encode(&authenticator.credential_id));
    let by = || Some("passkey".to_owned());
    let events = told(&app).await;
    assert_eq!(events[1..], [("on-passkey-registered", None, None, id.clone())]);
    sign_in(&app, &mut authenticator).await;
    assert_eq!(told(&app).await, [("on-signin", by(), None, None)]);

    app.hooks.will(Behaviour::Deny(Denial::default()));
    sign_in(&app, &mut authenticator).await;
    assert_eq!(told(&app).await, [("on-signin-failed", by(), Some("denied".to_owned()), None)]);
    app.hooks.will(Behaviour::Fail);
    sign_in(&app, &mut authenticator).await;
    assert_eq!(told(&app).await, []);

    let path = format!("/auth/passkeys/{}", authenticator::encode(&authenticator.credential_id));
    let mut other = self::authenticator();
    add(&app, &token, &mut other).await;
    app.send(delete(&path).bearer(&token)).await;
    let events = told(&app).await;
    assert_eq!(events[1..], [("on-passkey-deleted", None, None, id)]);
    app.deactivate().await;
    sign_in(&app, &mut other).await;
    assert_eq!(told(&app).await, [("on-signin-failed", by(), Some("inactive".to_owned()), None)]);
}

#[tokio::test]
async fn what_vouches_for_an_authenticator_is_not_needed() {
    let app = TestApp::with(site);
    let token = app.register().await.text("access_token");
    for vouching in [Vouching::Itself, Vouching::Maker] {
        let mut authenticator = authenticator();
        authenticator.vouching = vouching;
        add(&app, &token, &mut authenticator).await;
    }
}
