//! What the hooks are called with.

use std::sync::Arc;

use hookgate_core::JsonObject;
use hookgate_core::clock::Timestamp;
use hookgate_core::hooks::{HookContext, RequestContext, TokenUse};
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::passkey::Passkey;
use hookgate_core::settings::JwtSettings;
use hookgate_core::tokens::Claims;
use hookgate_core::user::User;
use serde_json::{Value, json};

/// The plugin's settings: `[config]` of the manifest.
pub const MANIFEST: &str = r#"
grants = ["log", "config", "request", "clock", "random", "kv", "http", "secrets"]

[http]
hosts = ["api.example"]

[secrets]
signing = { file = "SECRET_FILE" }

[config]
greeting = "Grüß dich, 世界 🦊 \"quoted\" \\ \n\t end"
seats = 3

[config.nested]
list = [1, "two", true]

# Busy machines run this, too.
[limits]
time_ms = 10000
cpu_ms = 10000
"#;

/// The same greeting as Rust sees it.
pub const GREETING: &str = "Grüß dich, 世界 🦊 \"quoted\" \\ \n\t end";

/// The settings as a plugin sees them.
pub fn settings() -> Value {
    json!({"greeting": GREETING, "seats": 3, "nested": {"list": [1, "two", true]}})
}

/// An active user with a proven address.
pub fn user(email: &str) -> User {
    let name = email.split('@').next().unwrap_or_default();
    User {
        id: UserId::from(&*format!("user-{name}")),
        email: email.to_owned(),
        name: Some("Ada Lovelace".to_owned()),
        image: Some("https://example.com/ada.png".to_owned()),
        email_verified: true,
        is_active: true,
        created_at: Timestamp(1_767_225_600),
        updated_at: Timestamp(1_767_225_600),
        deleted_at: None,
    }
}

/// The same without a name and a picture, and with the other flags.
pub fn plain_user(email: &str) -> User {
    User { name: None, image: None, email_verified: false, is_active: false, ..user(email) }
}

/// A passkey; `used` is when it last signed in.
pub fn passkey(used: Option<i64>) -> Passkey {
    Passkey {
        id: "Y3JlZGVudGlhbC0x".to_owned(),
        user_id: UserId::from("user-ada"),
        public_key: Vec::new(),
        sign_count: u32::MAX,
        backup_eligible: Some(true),
        aaguid: "00000000-0000-0000-0000-000000000000".to_owned(),
        name: "Telefon ü 🔑".to_owned(),
        created_at: Timestamp(1_767_225_600),
        last_used_at: used.map(Timestamp),
    }
}

/// A request of which everything is known.
pub fn context() -> HookContext {
    HookContext {
        request: Arc::new(RequestContext {
            id: "request-7".to_owned(),
            time_ms: 1_767_225_600_123,
            ip: Some("2001:db8::7".to_owned()),
            user_agent: Some("Müller/1.0 (🦊)".to_owned()),
        }),
        provider: Some("magic_link".to_owned()),
        is_new: true,
        token_use: Some(TokenUse::Access),
        event_id: None,
        attempt: 0,
    }
}

/// A request of which nothing is known but its time.
pub fn bare_context() -> HookContext {
    let request = RequestContext { id: String::new(), time_ms: 0, ip: None, user_agent: None };
    HookContext { token_use: Some(TokenUse::Refresh), ..HookContext::of(request) }
}

/// The second delivery of an event.
pub fn event_context() -> HookContext {
    let event_id = Some("event-9".to_owned());
    HookContext { event_id, attempt: 2, token_use: None, ..context() }
}

/// Small claims with every kind of value.
pub fn claims() -> JsonObject {
    object(json!({
        "sub": "user-ada", "jti": "j1", "type": "access", "iat": 1_767_225_600, "exp": 1_767_226_500,
        "aud": ["a", "b"], "email": "ada@example.com", "name": null, "email_verified": true,
        "largest": 9_007_199_254_740_991_i64, "negative": -17, "fraction": 0.5, "empty": {}, "none": [],
        "text": "\u{0}\u{1f} \"quoted\" \\ / \u{7f} ü 世 🦊 \u{2028}", "remove_me": {"deep": [1, {"remove_me": 2}]},
        "lang": "to be replaced",
    }))
}

/// Those of an access token as the server makes them.
pub fn token_claims() -> JsonObject {
    let settings = JwtSettings::default();
    Claims::new(&settings, Timestamp(1_767_225_600)).build(
        &user("ada@example.com"),
        &SessionId::from("session-1"),
        TokenUse::Access,
        900,
    )
}

/// Claims of about ten kilobytes.
pub fn large_claims() -> JsonObject {
    let mut claims = claims();
    claims.insert("long".to_owned(), Value::from("ü 🦊 \" \\ ".repeat(300)));
    let many: Vec<Value> = (0..150).map(|n| json!({"id": n, "role": format!("role-{n}")})).collect();
    claims.insert("many".to_owned(), Value::from(many));
    claims
}

/// A session's payload.
pub fn session() -> JsonObject {
    object(json!({
        "id": "session-1", "user_id": "user-ada", "expires_at": 1_769_817_600,
        "ip_address": "192.0.2.1", "user_agent": null,
    }))
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
