//! An identity provider on the loopback that does as it is told: OpenID Connect, Google and GitHub in one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hookgate_core::oauth::code_challenge;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};

/// Who the server under test is here.
pub(crate) const CLIENT_ID: &str = "hookgate client";
/// How it proves that. The characters are those that encodings get wrong.
pub(crate) const CLIENT_SECRET: &str = "s3cret: a+b/c%&";

/// Seeds and public keys of RFC 8032 section 7.1, tests 1 and 2.
const KEYS: [(&str, &str); 2] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
    ),
];

/// What ID tokens are signed with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signature {
    /// This one of two keys.
    Key(usize),
    /// HMAC with the client secret.
    Hmac,
    /// Nothing.
    None,
}

/// What an endpoint answers in place of the right thing.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This.
    Answer(u16, String),
    /// More than anybody wants to read.
    Huge,
    /// Go to this address.
    Redirect(String),
}

/// What the provider does. A test changes it at any time.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The claims about the user.
    pub(crate) user: Value,
    /// GitHub's `/user`.
    pub(crate) github_user: Value,
    /// GitHub's `/user/emails`.
    pub(crate) emails: Value,
    /// Claims of ID tokens that differ from the right ones.
    pub(crate) id_token: Value,
    pub(crate) signature: Signature,
    /// The error that users come back with.
    pub(crate) declines: Option<String>,
    /// Whether the discovery document, and with it the issuer, says who it is.
    pub(crate) says_issuer: bool,
    /// Which of the two keys is published.
    pub(crate) published: usize,
    /// By path.
    pub(crate) faults: HashMap<&'static str, Fault>,
}

struct Grant {
    challenge: String,
    redirect_uri: String,
    nonce: Option<String>,
}

struct Inside {
    url: String,
    script: Script,
    grants: HashMap<String, Grant>,
    requests: Vec<String>,
    next: usize,
}

/// A running provider.
#[derive(Clone)]
pub(crate) struct IdentityProvider {
    pub(crate) url: String,
    inside: Arc<Mutex<Inside>>,
}

impl IdentityProvider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Script {
            user: json!({
                "sub": "account-1", "email": "ada@example.com", "email_verified": true, "name": "Ada",
                "picture": "https://images.example/ada.png",
            }),
            github_user: json!({"id": 4711, "login": "ada", "name": null, "email": null}),
            emails: json!([
                {"email": "old@example.com", "primary": false, "verified": true},
                {"email": "ada@example.com", "primary": true, "verified": true},
            ]),
            id_token: json!({}),
            signature: Signature::Key(0),
            declines: None,
            says_issuer: true,
            published: 0,
            faults: HashMap::new(),
        };
        let (grants, requests) = (HashMap::new(), Vec::new());
        let inside = Arc::new(Mutex::new(Inside { url: url.clone(), script, grants, requests, next: 0 }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(|state, headers| about(state, headers, |script| &script.user)))
            .route("/user", get(|state, headers| about(state, headers, |script| &script.github_user)))
            .route("/emails", get(|state, headers| about(state, headers, |script| &script.emails)))
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&inside), watch))
            .with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inside }
    }

    /// Changes what it does.
    pub(crate) fn will(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.inside.lock().unwrap().script);
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.inside.lock().unwrap().requests.iter().filter(|asked| *asked == path).count()
    }
}

type Shared = State<Arc<Mutex<Inside>>>;

async fn watch(
    State(inside): Shared,
    uri: Uri,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response<Body> {
    let fault = {
        let mut inside = inside.lock().unwrap();
        inside.requests.push(uri.path().to_owned());
        inside.script.faults.get(uri.path()).cloned()
    };
    match fault {
        None => next.run(request).await,
        Some(Fault::Answer(status, body)) => answer(status, body),
        Some(Fault::Huge) => answer(200, format!("{{\"x\":\"{}\"}}", "x".repeat(2_000_000))),
        Some(Fault::Redirect(url)) => redirect(&url),
    }
}

fn answer(status: u16, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    response
}

fn redirect(url: &str) -> Response<Body> {
    let mut response = answer(302, "");
    response.headers_mut().insert(header::LOCATION, url.parse().unwrap());
    response
}

async fn discovery(State(inside): Shared) -> Response<Body> {
    let inside = inside.lock().unwrap();
    let url = &inside.url;
    let document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/keys"),
        "authorization_response_iss_parameter_supported": inside.script.says_issuer,
    });
    answer(200, document.to_string())
}

async fn keys(State(inside): Shared) -> Response<Body> {
    let index = inside.lock().unwrap().script.published;
    let key =
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": index.to_string(), "x": KEYS[index].1});
    answer(200, json!({ "keys": [key] }).to_string())
}

/// Where users are asked; these agree at once, or decline.
async fn authorize(State(inside): Shared, Query(query): Query<HashMap<String, String>>) -> Response<Body> {
    let mut inside = inside.lock().unwrap();
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    assert_eq!(text("client_id"), CLIENT_ID);
    assert_eq!(text("code_challenge_method"), "S256");
    assert!(!text("scope").is_empty(), "{query:?}");
    let mut pairs = vec![("state", text("state"))];
    match inside.script.declines.clone() {
        Some(error) => pairs.push(("error", error)),
        None => {
            inside.next += 1;
            let code = format!("code-{}", inside.next);
            let grant = Grant {
                challenge: text("code_challenge"),
                redirect_uri: text("redirect_uri"),
                nonce: query.get("nonce").cloned(),
            };
            inside.grants.insert(code.clone(), grant);
            pairs.push(("code", code));
        }
    }
    if inside.script.says_issuer {
        pairs.push(("iss", inside.url.clone()));
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    redirect(&format!("{}?{query}", text("redirect_uri")))
}

async fn token(State(inside): Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    if !knows_client(&headers, &form) {
        return answer(401, r#"{"error":"invalid_client"}"#);
    }
    let mut inside = inside.lock().unwrap();
    let grant = inside.grants.remove(&text("code")).filter(|grant| {
        grant.redirect_uri == text("redirect_uri")
            && grant.challenge == code_challenge(&text("code_verifier"))
    });
    // As GitHub says no; the others do it with 400.
    let Some(grant) = grant else {
        return answer(200, r#"{"error":"invalid_grant","error_description":"The code is spent."}"#);
    };
    let mut tokens = json!({
        "access_token": "provider-access-token", "refresh_token": "provider-refresh-token",
        "token_type": "bearer", "expires_in": 3600,
    });
    if let Some(nonce) = grant.nonce {
        tokens["id_token"] = json!(id_token(&inside, &nonce));
    }
    answer(200, tokens.to_string())
}

fn knows_client(headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
    let by_header =
        headers.get(header::AUTHORIZATION).is_some_and(|value| value == &format!("Basic {basic}"));
    let is = |name: &str, expected: &str| form.get(name).is_some_and(|value| value == expected);
    by_header || (is("client_id", CLIENT_ID) && is("client_secret", CLIENT_SECRET))
}

fn id_token(inside: &Inside, nonce: &str) -> String {
    let now = jsonwebtoken::get_current_timestamp();
    let mut claims: Map<String, Value> = Map::new();
    claims.insert("iss".to_owned(), json!(inside.url));
    claims.insert("aud".to_owned(), json!(CLIENT_ID));
    claims.insert("sub".to_owned(), inside.script.user["sub"].clone());
    claims.insert("nonce".to_owned(), json!(nonce));
    claims.insert("iat".to_owned(), json!(now));
    claims.insert("exp".to_owned(), json!(now + 300));
    claims.extend(inside.script.id_token.as_object().unwrap().clone());
    match inside.script.signature {
        Signature::Key(index) => {
            let header = Header { kid: Some(index.to_string()), ..Header::new(Algorithm::EdDSA) };
            jsonwebtoken::encode(&header, &claims, &ed25519(KEYS[index].0)).unwrap()
        }
        Signature::Hmac => {
            let key = EncodingKey::from_secret(CLIENT_SECRET.as_bytes());
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
        }
        Signature::None => {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", encode(&json!({"alg": "none"})), encode(&Value::Object(claims)))
        }
    }
}

/// A private key in PKCS #8, from its seed.
fn ed25519(seed: &str) -> EncodingKey {
    let text = format!("302e020100300506032b657004220420{seed}");
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
    EncodingKey::from_ed_der(&bytes)
}

async fn about(
    State(inside): Shared,
    headers: HeaderMap,
    what: impl FnOnce(&Script) -> &Value,
) -> Response<Body> {
    let has_token =
        headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer provider-access-token");
    if !has_token || !headers.contains_key(header::USER_AGENT) {
        return answer(401, r#"{"message":"Bad credentials"}"#);
    }
    answer(200, what(&inside.lock().unwrap().script).to_string())
}
