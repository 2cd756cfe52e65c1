//! A server in memory, so that hooks can be tested with plain `cargo test`.
//!
//! ```
//! use hookgate_plugin::{EventHooks, User, config, json, log, plugin, testing};
//!
//! struct Gate;
//!
//! #[plugin]
//! impl EventHooks for Gate {
//!     fn allow_signin(user: &User, provider: &str) -> bool {
//!         log::debug!(provider = provider; "asked");
//!         Some(user.email_domain()) == config::get("domain").as_deref()
//!     }
//! }
//!
//! let host = testing::Host::new().with_config(json!({ "domain": "example.com" }));
//!
//! assert!(Gate::allow_signin(&testing::user("ada@example.com"), "credentials"));
//! assert!(!Gate::allow_signin(&testing::user("eve@elsewhere.example"), "credentials"));
//! assert_eq!(host.logs()[0].field("provider"), Some("credentials"));
//! ```

mod outside;
pub(crate) mod records;

use std::marker::PhantomData;

use serde_json::{Value, json};

use crate::host::fake_state::{State, with};
use crate::{Claims, Passkey, Session, User};

pub use records::{LogLine, Reply, Request, SentRequest};

/// This thread's server: what it tells the plugin, and what the plugin wrote to its log.
///
/// It starts without settings and with the default [`Request`], and forgets all when it is dropped.
#[derive(Debug)]
#[must_use = "the server forgets its settings when this is dropped"]
pub struct Host {
    /// The state is the thread's.
    thread: PhantomData<*const ()>,
}

impl Host {
    /// A server without settings.
    #[expect(clippy::new_without_default, reason = "making one resets the thread's state: no plain value")]
    pub fn new() -> Self {
        with(|state| *state = State::default());
        Self { thread: PhantomData }
    }

    /// Sets the plugin's `[config]`.
    ///
    /// # Panics
    /// If it is not a JSON object.
    pub fn with_config(self, config: Value) -> Self {
        let Value::Object(config) = config else { panic!("[config] is a table, not {config}") };
        with(|state| state.config = config);
        self
    }

    /// Sets what is known of the request.
    pub fn with_request(self, request: Request) -> Self {
        with(|state| state.request = request);
        self
    }

    /// Sets what `clock::now` answers; without it that is the time of the request.
    pub fn with_clock(self, now_ms: u64) -> Self {
        with(|state| state.now = Some(now_ms));
        self
    }

    /// Other random numbers than the usual ones. They are the same in each run.
    pub fn with_random_seed(self, seed: u64) -> Self {
        with(|state| state.random = seed);
        self
    }

    /// What the plugin has written so far.
    pub fn logs(&self) -> Vec<LogLine> {
        with(|state| state.lines.clone())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        with(|state| *state = State::default());
    }
}

/// An active user with a proven address and the id `user-NAME`, where NAME is what stands before the `@`.
pub fn user(email: &str) -> User {
    let name = email.split('@').next().unwrap_or_default();
    User {
        id: format!("user-{name}"),
        email: email.to_owned(),
        name: None,
        image: None,
        email_verified: true,
        is_active: true,
    }
}

/// A passkey of this user that was never used.
pub fn passkey(user: &User) -> Passkey {
    Passkey {
        id: "Y3JlZGVudGlhbC0x".into(),
        user_id: user.id.clone(),
        name: "Laptop".into(),
        aaguid: "00000000-0000-0000-0000-000000000000".into(),
        sign_count: 0,
        created_at: 1_767_225_600,
        last_used_at: None,
    }
}

/// The claims of an access token as the server hands them to the first plugin.
pub fn claims(user: &User) -> Claims {
    let mut claims = Claims::default();
    claims
        .set("sub", user.id.as_str())
        .set("jti", "token-1")
        .set("type", "access")
        .set("iat", 1_767_225_600)
        .set("exp", 1_767_226_500)
        .set("email", user.email.as_str())
        .set("name", user.name.clone())
        .set("email_verified", user.email_verified);
    claims
}

/// The payload of a session as the server hands it to the first plugin.
pub fn session(user: &User) -> Session {
    let mut session = Session::default();
    session
        .set("id", "session-1")
        .set("user_id", user.id.as_str())
        .set("expires_at", 1_769_817_600)
        .set("ip_address", json!("192.0.2.1"))
        .set("user_agent", Value::Null);
    session
}
