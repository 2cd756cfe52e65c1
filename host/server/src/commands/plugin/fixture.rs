//! A made-up user and request: what a hook is called with when no server is there.
//!
//! Everything has a default, the same as in the SDKs' test kits, so that a fixture says only what its case
//! is about.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hookgate_core::JsonObject;
use hookgate_core::clock::Timestamp;
use hookgate_core::hooks::{Hook, HookContext, HookKind, RequestContext, TokenUse};
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::passkey::Passkey;
use hookgate_core::settings::JwtSettings;
use hookgate_core::tokens::Claims;
use hookgate_core::user::User;
use hookgate_hooks::{HookInput, PluginConfig, PreparedPlugin, Secrets};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::PluginError;
use super::expect::Expect;
use super::load::Loaded;
use super::stand_in::{CannedAnswer, StandIn};

/// The start of 2026, in seconds.
const NOW: i64 = 1_767_225_600;

/// A fixture file. A case of `plugin test` is one, too: it has `expect` in addition.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fixture {
    /// Which hook, unless the command line says it.
    pub(super) hook: Option<String>,
    /// For the reader.
    pub(super) note: Option<String>,
    user: UserFixture,
    provider: Option<String>,
    /// The text of the events that have one that is no provider.
    detail: Option<String>,
    claims: JsonObject,
    session: JsonObject,
    passkey: PasskeyFixture,
    request: RequestFixture,
    /// Instead of the manifest's `[config]`.
    config: Option<JsonObject>,
    /// What the plugin keeps before the call.
    kv: BTreeMap<String, Value>,
    /// What others answer.
    http: Vec<CannedAnswer>,
    /// What stands for the secrets of the manifest.
    secrets: BTreeMap<String, String>,
    /// What must be answered; for `plugin test`.
    pub(super) expect: Option<Expect>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct UserFixture {
    id: Option<String>,
    email: String,
    name: Option<String>,
    image: Option<String>,
    email_verified: bool,
    is_active: bool,
}

impl Default for UserFixture {
    fn default() -> Self {
        Self {
            id: None,
            email: "ada@example.com".to_owned(),
            name: None,
            image: None,
            email_verified: true,
            is_active: true,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PasskeyFixture {
    id: String,
    name: String,
    aaguid: String,
    sign_count: u32,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl Default for PasskeyFixture {
    fn default() -> Self {
        Self {
            id: "Y3JlZGVudGlhbC0x".to_owned(),
            name: "Laptop".to_owned(),
            aaguid: "00000000-0000-0000-0000-000000000000".to_owned(),
            sign_count: 0,
            created_at: NOW,
            last_used_at: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RequestFixture {
    id: String,
    time_ms: i64,
    ip: Option<String>,
    user_agent: Option<String>,
    /// Given and null is none; not given is the hook's.
    #[serde(deserialize_with = "given")]
    provider: Option<Option<String>>,
    is_new: Option<bool>,
    token_kind: Option<TokenKind>,
    event_id: Option<String>,
    attempt: Option<u32>,
}

impl Default for RequestFixture {
    fn default() -> Self {
        Self {
            id: "request-1".to_owned(),
            time_ms: NOW * 1000,
            ip: Some("192.0.2.1".to_owned()),
            user_agent: None,
            provider: None,
            is_new: None,
            token_kind: None,
            event_id: None,
            attempt: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TokenKind {
    Access,
    Refresh,
}

fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// A plugin with what stands in for the server.
pub(super) struct Configured {
    pub(super) plugin: PreparedPlugin,
    pub(super) stand_in: Arc<StandIn>,
}

/// What a hook is called with.
pub(super) struct Question {
    pub(super) hook: Hook,
    pub(super) context: HookContext,
    /// The claims or the session.
    pub(super) object: JsonObject,
    text: String,
    user: User,
    provider: String,
    detail: String,
    passkey: Passkey,
}

impl Fixture {
    /// Reads a file.
    pub(super) fn read(file: &Path) -> Result<Self, PluginError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| PluginError::Read { file: file.to_owned(), source })?;
        serde_json::from_str(&text)
            .map_err(|error| PluginError::Fixture { file: file.to_owned(), message: error.to_string() })
    }

    /// Reads a file, if there is one.
    pub(super) fn read_or_default(file: Option<&Path>) -> Result<Self, PluginError> {
        file.map_or_else(|| Ok(Self::default()), Self::read)
    }

    /// The question to a hook.
    pub(super) fn question(&self, hook: Hook) -> Result<Question, PluginError> {
        let user = self.user();
        let provider = self.provider.clone().unwrap_or_else(|| "credentials".to_owned());
        let context = self.context(hook, &provider);
        let object = match hook {
            Hook::ModifyJwt => self.claims(&user, &context),
            Hook::ModifySession => self.session(&user, &context),
            _ => JsonObject::new(),
        };
        let text = serde_json::to_string(&object)?;
        let passkey = self.passkey(&user);
        let detail = self.detail.clone().unwrap_or_else(|| usual_detail(hook).to_owned());
        Ok(Question { hook, context, object, text, user, provider, detail, passkey })
    }

    /// The plugin with this fixture's settings, and `set` over them; what the fixture says stands in for
    /// storage, network and secrets.
    pub(super) async fn configure(
        &self,
        loaded: &Loaded,
        set: &[(String, Value)],
    ) -> Result<Configured, PluginError> {
        let plugin = &loaded.plugin;
        let mut config: JsonObject = match &self.config {
            Some(config) => config.clone(),
            None => serde_json::from_str(plugin.manifest().config.as_json())?,
        };
        config.extend(set.iter().cloned());
        let config = PluginConfig::from_json(config);
        if let Some(schema) = &plugin.manifest().config_schema {
            schema.check(&config).map_err(PluginError::Settings)?;
        }
        let now = Timestamp(self.request.time_ms.div_euclid(1000));
        let stand_in = StandIn::new(plugin.name(), now, &self.kv, self.http.clone())
            .await
            .map_err(|error| PluginError::Usage(format!("the fixture's `kv` can't be kept: {error}")))?;
        let plugin =
            plugin.with_config(config).with_services(&stand_in.services(), self.secrets(&loaded.secrets)?);
        Ok(Configured { plugin, stand_in })
    }

    /// Every secret of the manifest has a value, so that a fixture need not say it.
    fn secrets(&self, names: &[String]) -> Result<Secrets, PluginError> {
        if let Some(name) = self.secrets.keys().find(|name| !names.contains(name)) {
            let problem = "the fixture's secret is not in the manifest's [secrets]";
            return Err(PluginError::Usage(format!("{problem}: `{name}`")));
        }
        let made_up = |name: &String| self.secrets.get(name).cloned().unwrap_or(format!("secret-{name}"));
        Ok(Secrets::of(names.iter().map(|name| (name.clone(), made_up(name)))))
    }

    fn user(&self) -> User {
        let UserFixture { id, email, name, image, email_verified, is_active } = &self.user;
        let local = email.split('@').next().unwrap_or_default();
        User {
            id: UserId(id.clone().unwrap_or_else(|| format!("user-{local}"))),
            email: email.clone(),
            name: name.clone(),
            image: image.clone(),
            email_verified: *email_verified,
            is_active: *is_active,
            created_at: Timestamp(NOW),
            updated_at: Timestamp(NOW),
            deleted_at: None,
        }
    }

    fn context(&self, hook: Hook, provider: &str) -> HookContext {
        let request = &self.request;
        let is_event = hook.kind() == HookKind::Event;
        let claimed = match self.claims.get("type").and_then(Value::as_str) {
            Some("refresh") => TokenKind::Refresh,
            _ => TokenKind::Access,
        };
        let token_use = match request.token_kind.unwrap_or(claimed) {
            TokenKind::Access => TokenUse::Access,
            TokenKind::Refresh => TokenUse::Refresh,
        };
        HookContext {
            request: Arc::new(RequestContext {
                id: request.id.clone(),
                time_ms: request.time_ms,
                ip: request.ip.clone(),
                user_agent: request.user_agent.clone(),
            }),
            provider: request.provider.clone().unwrap_or_else(|| Some(provider.to_owned())),
            is_new: request.is_new.unwrap_or(hook == Hook::OnSignup),
            token_use: (hook == Hook::ModifyJwt).then_some(token_use),
            event_id: is_event.then(|| request.event_id.clone().unwrap_or_else(|| "event-1".to_owned())),
            attempt: if is_event { request.attempt.unwrap_or(1) } else { 0 },
        }
    }

    /// The claims that the server would sign, with the fixture's over them.
    fn claims(&self, user: &User, context: &HookContext) -> JsonObject {
        let settings = JwtSettings::default();
        let token_use = context.token_use.unwrap_or(TokenUse::Access);
        let ttl = match token_use {
            TokenUse::Access => settings.access_token_ttl,
            TokenUse::Refresh => settings.refresh_token_ttl,
        };
        let now = Timestamp(context.request.time_ms.div_euclid(1000));
        let session = SessionId("session-1".to_owned());
        let mut claims = Claims::new(&settings, now).build(user, &session, token_use, ttl);
        // Otherwise random; a case is to be the same each time.
        claims.insert("jti".to_owned(), json!("token-1"));
        overlay(claims, &self.claims)
    }

    /// What the server would store of a session, with the fixture's over it.
    fn session(&self, user: &User, context: &HookContext) -> JsonObject {
        let now = context.request.time_ms.div_euclid(1000);
        let session = [
            ("id", json!("session-1")),
            ("user_id", json!(user.id)),
            ("ip_address", json!(context.request.ip)),
            ("user_agent", json!(context.request.user_agent)),
            ("created_at", json!(now)),
            ("expires_at", json!(now + JwtSettings::default().refresh_token_ttl)),
        ];
        let session = session.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        overlay(session, &self.session)
    }

    fn passkey(&self, user: &User) -> Passkey {
        let PasskeyFixture { id, name, aaguid, sign_count, created_at, last_used_at } = &self.passkey;
        Passkey {
            id: id.clone(),
            user_id: user.id.clone(),
            public_key: Vec::new(),
            sign_count: *sign_count,
            backup_eligible: None,
            aaguid: aaguid.clone(),
            name: name.clone(),
            created_at: Timestamp(*created_at),
            last_used_at: last_used_at.map(Timestamp),
        }
    }
}

/// What the text of an event is unless the fixture says otherwise; empty for the other hooks.
const fn usual_detail(hook: Hook) -> &'static str {
    match hook {
        Hook::OnSigninFailed => "password",
        Hook::OnEmailChange => "old@example.com",
        Hook::OnSessionRevoke => "session-1",
        _ => "",
    }
}

/// Lays members over others; null takes one away.
fn overlay(mut object: JsonObject, over: &JsonObject) -> JsonObject {
    for (name, value) in over {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    object
}

impl Question {
    /// As the hook takes it.
    pub(super) fn input(&self) -> HookInput<'_> {
        let (user, provider) = (&self.user, self.provider.as_str());
        match self.hook {
            Hook::AllowSignin => HookInput::AllowSignin { user, provider },
            Hook::ModifyJwt => HookInput::ModifyJwt { claims: &self.text, user },
            Hook::ModifySession => HookInput::ModifySession { session: &self.text, user },
            hook => {
                let text = if usual_detail(hook).is_empty() { provider } else { &self.detail };
                HookInput::Event { hook, user, text: Some(text), passkey: Some(&self.passkey) }
            }
        }
    }
}

/// `KEY=VALUE` of `--config`: the value is JSON if it can be read as such, else text.
pub(super) fn parse_setting(argument: &str) -> Result<(String, Value), String> {
    let (key, value) =
        argument.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or("write it as KEY=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(text: &str) -> Fixture {
        serde_json::from_str(text).expect("a fixture")
    }

    #[test]
    fn without_a_fixture_there_is_ada() {
        let question = Fixture::default().question(Hook::ModifyJwt).expect("a question");
        assert_eq!(question.object["sub"], "user-ada");
        assert_eq!(question.object["type"], "access");
        assert_eq!(question.object["exp"], NOW + 900);
        assert_eq!(question.context.attempt, 0);
    }

    #[test]
    fn claims_are_laid_over_and_null_takes_away() {
        let fixture = fixture(r#"{"claims": {"plan": "pro", "name": null, "type": "refresh"}}"#);
        let question = fixture.question(Hook::ModifyJwt).expect("a question");
        assert_eq!(question.object["plan"], "pro");
        assert!(!question.object.contains_key("name"));
        assert_eq!(question.context.token_use, Some(TokenUse::Refresh));
    }

    #[test]
    fn events_have_an_id_and_an_attempt() {
        let fixture = fixture(r#"{"provider": "google", "request": {"attempt": 3, "provider": null}}"#);
        let question = fixture.question(Hook::OnSignup).expect("a question");
        let context = &question.context;
        assert_eq!((context.event_id.as_deref(), context.attempt), (Some("event-1"), 3));
        assert_eq!((context.provider.as_deref(), context.is_new), (None, true));
        assert_eq!(question.provider, "google");
    }

    #[test]
    fn a_misspelt_field_is_named() {
        let error = serde_json::from_str::<Fixture>(r#"{"usr": {}}"#).expect_err("misspelt").to_string();
        assert!(error.contains("`usr`") && error.contains("`user`"), "{error}");
    }

    #[test]
    fn settings_are_json_or_text() {
        assert_eq!(parse_setting("seats=3"), Ok(("seats".to_owned(), json!(3))));
        assert_eq!(parse_setting("plan=pro"), Ok(("plan".to_owned(), json!("pro"))));
        assert_eq!(parse_setting("a=b=c"), Ok(("a".to_owned(), json!("b=c"))));
        assert!(parse_setting("plan").is_err() && parse_setting("=x").is_err());
    }
}
