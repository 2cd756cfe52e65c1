//! The behaviour of the reference plugin, as README.md specifies it: one function per rule.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use hookgate_core::JsonObject;
use hookgate_core::hooks::{Decision, Denial, Hook, HookContext, Stage, TokenUse};
use hookgate_core::passkey::Passkey;
use hookgate_core::user::User;
use hookgate_hooks::{HookInput, HookOutput};
use serde_json::{Value, json};

use crate::fixture::{self, GREETING};
use crate::logs;
use crate::services;
use crate::subject::Subject;

/// Why a plugin does not behave.
pub type Outcome = Result<(), String>;

/// One rule.
pub struct Case {
    /// What is tried.
    pub name: &'static str,
    /// Where.
    pub hook: Hook,
    /// Tries it.
    pub run: fn(&Subject, Hook) -> Outcome,
}

/// The case that tries `log`.
pub const LOG: &str = "writes one line";
/// The case that tries `config` and `request`.
pub const CLAIMS: &str = "adds claims of every kind";
/// The case that tries all other capabilities.
pub const HOST: &str = "clock random kv http and secrets answer";

/// Every rule for every hook.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = vec![
        case("lets in", Hook::AllowSignin, lets_in),
        case("denies with code, message and reason", Hook::AllowSignin, denies),
        case("denies a user without a name", Hook::AllowSignin, denies_the_nameless),
        case("denies without a word", Hook::AllowSignin, denies_silently),
        case(CLAIMS, Hook::ModifyJwt, adds_claims),
        case("knows what is absent", Hook::ModifyJwt, knows_what_is_absent),
        case("keeps large claims", Hook::ModifyJwt, keeps_large_claims),
        case("changes the session", Hook::ModifySession, changes_the_session),
        case(HOST, Hook::ModifySession, reaches_the_server),
    ];
    for hook in Hook::ALL.iter().copied() {
        cases.push(case("an error becomes the failure's text", hook, fails));
        if hook.name().starts_with("on-") {
            cases.push(case(LOG, hook, writes_one_line));
        }
        cases.push(case("any text goes in and out", hook, takes_any_text));
    }
    cases
}

fn case(name: &'static str, hook: Hook, run: fn(&Subject, Hook) -> Outcome) -> Case {
    Case { name, hook, run }
}

fn lets_in(subject: &Subject, _: Hook) -> Outcome {
    same(&decide(subject, &fixture::user("ada@example.com"))?, &Decision::Allow)
}

fn denies(subject: &Subject, _: Hook) -> Outcome {
    let denial = denial(subject, "No entry, Ada Lovelace. 🦊", "denied@example.com by magic_link");
    same(&decide(subject, &fixture::user("denied@example.com"))?, &Decision::Deny(denial))
}

fn denies_the_nameless(subject: &Subject, _: Hook) -> Outcome {
    let denial = denial(subject, "No entry, stranger. 🦊", "denied@example.com by magic_link");
    same(&decide(subject, &fixture::plain_user("denied@example.com"))?, &Decision::Deny(denial))
}

fn denies_silently(subject: &Subject, _: Hook) -> Outcome {
    let denial = Denial { plugin: subject.language.clone(), code: None, message: None, reason: None };
    same(&decide(subject, &fixture::user("bare@example.com"))?, &Decision::Deny(denial))
}

fn adds_claims(subject: &Subject, _: Hook) -> Outcome {
    let user = fixture::user("ada@example.com");
    let claims = fixture::claims();
    let context = fixture::context();
    same(&modify(subject, &context, &claims, &user)?, &expected(subject, &context, claims, &user))
}

fn knows_what_is_absent(subject: &Subject, _: Hook) -> Outcome {
    let user = fixture::plain_user("ada@example.com");
    let claims = JsonObject::new();
    let context = fixture::bare_context();
    same(&modify(subject, &context, &claims, &user)?, &expected(subject, &context, claims, &user))
}

fn keeps_large_claims(subject: &Subject, _: Hook) -> Outcome {
    let user = fixture::user("ada@example.com");
    let claims = fixture::large_claims();
    let context = fixture::context();
    same(&modify(subject, &context, &claims, &user)?, &expected(subject, &context, claims, &user))
}

fn changes_the_session(subject: &Subject, _: Hook) -> Outcome {
    for user in [fixture::user("ada@example.com"), fixture::plain_user("ada@example.com")] {
        let session = fixture::session();
        let text = Value::Object(session.clone()).to_string();
        let input = HookInput::ModifySession { session: &text, user: &user };
        let mut after = session;
        after.insert("lang".to_owned(), json!(subject.language));
        after.insert("seen".to_owned(), json!({"request": "request-7", "verified": user.email_verified}));
        same(&object(answer(subject, &fixture::context(), input)?)?, &after)?;
    }
    Ok(())
}

/// Time, randomness, the store, requests and secrets, twice.
fn reaches_the_server(subject: &Subject, _: Hook) -> Outcome {
    let user = fixture::user("host@example.com");
    let session = Value::Object(fixture::session()).to_string();
    let now =
        || SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_millis()).unwrap_or_default();
    let mut drawn = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let input = HookInput::ModifySession { session: &session, user: &user };
        let before = now();
        let mut answered = object(answer(subject, &fixture::context(), input)?)?;
        let Some(Value::Object(mut host)) = answered.remove("host") else {
            return Err("no `host`".to_owned());
        };
        for name in ["bytes", "number"] {
            let value = host.remove(name).unwrap_or_default().to_string();
            if value.len() < 8 || !drawn.insert(value) {
                return Err(format!("`{name}` was the same twice, or nothing: {drawn:?}"));
            }
        }
        let clock = host.remove("clock").as_ref().and_then(Value::as_u64).unwrap_or_default();
        if !(before..=now()).contains(&u128::from(clock)) {
            return Err(format!("the clock says {clock}, which is not now"));
        }
        let expected = object_of(json!({
            "later": true,
            "kv": [null, "v ü", 2, -3, true, false, "w", null],
            "errors": ["not-a-number", "invalid", "denied"],
            "http": [201, "yes", "POST https://api.example/echo true hello"],
            "secrets": [["signing"], services::SIGNATURE, null],
        }));
        same(&host, &expected)?;
    }
    Ok(())
}

fn object_of(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

fn fails(subject: &Subject, hook: Hook) -> Outcome {
    let user = fixture::user("error@example.com");
    match call(subject, hook, &fixture::event_context(), &user, &fixture::passkey(None)) {
        Err(Stage::Guest(text)) if text.contains("boom error@example.com") => Ok(()),
        other => Err(format!("expected an error with `boom error@example.com`, got {other:?}")),
    }
}

/// Of an event: level, text and fields, and for a passkey everything that is known of it.
fn writes_one_line(subject: &Subject, hook: Hook) -> Outcome {
    for used in [None, Some(1_767_300_000)] {
        let mut context = fixture::event_context();
        Arc::make_mut(&mut context.request).id = format!("line-{hook}-{}", used.is_some());
        let passkey = fixture::passkey(used);
        let user = fixture::user("ada@example.com");
        let answer = call(subject, hook, &context, &user, &passkey).map_err(|stage| format!("it {stage}"))?;
        same(&answer, &HookOutput::Taken)?;

        let last = used.map_or("never".to_owned(), |at| at.to_string());
        let about = match hook {
            Hook::OnSignin
            | Hook::OnOauthLink
            | Hook::OnSigninFailed
            | Hook::OnEmailChange
            | Hook::OnSessionRevoke => "magic_link".to_owned(),
            Hook::OnPasskeyRegistered | Hook::OnPasskeyDeleted => {
                format!("\"Y3JlZGVudGlhbC0x of user-ada: Telefon ü 🔑, 4294967295, 1767225600, {last}\"")
            }
            _ => "\"\"".to_owned(),
        };
        let line = logs::Line {
            plugin: subject.language.clone(),
            request: context.request.id.clone(),
            level: "INFO".to_owned(),
            message: format!("{hook} user-ada"),
            fields: format!("hook={hook} user.id=user-ada event.id=event-9 attempt=2 about={about}"),
        };
        same(&logs::take(&subject.language, &context.request.id), &vec![line])?;
    }
    Ok(())
}

/// Names in all scripts, quotes, control characters, and nothing at all.
fn takes_any_text(subject: &Subject, hook: Hook) -> Outcome {
    for name in ["Zoë 李 🦊 \u{202e}", "\"; \\ \n\t\r\u{0}\u{1f}", "", &"x".repeat(5000)] {
        let user = User { name: Some(name.to_owned()), ..fixture::user("ada@example.com") };
        let answer = call(subject, hook, &fixture::context(), &user, &fixture::passkey(None))
            .map_err(|stage| format!("with the name {name:?} it {stage}"))?;
        if hook == Hook::ModifyJwt {
            same(&object(answer)?["user"]["name"], &json!(name))?;
        }
    }
    Ok(())
}

fn denial(subject: &Subject, message: &str, reason: &str) -> Denial {
    Denial {
        plugin: subject.language.clone(),
        code: Some("reference.denied".to_owned()),
        message: Some(message.to_owned()),
        reason: Some(reason.to_owned()),
    }
}

/// What `modify-jwt` must answer.
fn expected(subject: &Subject, context: &HookContext, mut claims: JsonObject, user: &User) -> JsonObject {
    let request = &context.request;
    claims.remove("remove_me");
    for (key, value) in [
        ("lang", json!(subject.language)),
        ("n", json!(42)),
        ("nested", json!({"list": [1, "two", true, null], "ratio": 0.5})),
        ("greeting", json!(GREETING)),
        ("seats", json!(3)),
        ("missing", Value::Null),
        ("config", fixture::settings()),
        (
            "request",
            json!({
                "id": request.id, "time": request.time_ms, "ip": request.ip, "user_agent": request.user_agent,
                "provider": context.provider, "is_new": context.is_new, "event_id": context.event_id,
                "attempt": context.attempt,
            }),
        ),
        ("now", json!(request.time_ms)),
        ("token", json!(context.token_use.map(TokenUse::as_str))),
        (
            "user",
            json!({
                "id": user.id.as_str(), "email": user.email, "name": user.name, "image": user.image,
                "email_verified": user.email_verified, "is_active": user.is_active,
            }),
        ),
    ] {
        claims.insert(key.to_owned(), value);
    }
    claims
}

/// Calls whichever hook with a user, and with the rest of its arguments as they always are.
fn call(
    subject: &Subject,
    hook: Hook,
    context: &HookContext,
    user: &User,
    passkey: &Passkey,
) -> Result<HookOutput, Stage> {
    let (claims, session) =
        (Value::Object(fixture::claims()).to_string(), Value::Object(fixture::session()).to_string());
    let input = match hook {
        Hook::AllowSignin => HookInput::AllowSignin { user, provider: "magic_link" },
        Hook::ModifyJwt => HookInput::ModifyJwt { claims: &claims, user },
        Hook::ModifySession => HookInput::ModifySession { session: &session, user },
        hook => HookInput::Event { hook, user, text: Some("magic_link"), passkey: Some(passkey) },
    };
    subject.ask(context, input).0
}

fn decide(subject: &Subject, user: &User) -> Result<Decision, String> {
    let input = HookInput::AllowSignin { user, provider: "magic_link" };
    match answer(subject, &fixture::context(), input)? {
        HookOutput::Decision(decision) => Ok(decision),
        other => Err(format!("no decision: {other:?}")),
    }
}

fn modify(
    subject: &Subject,
    context: &HookContext,
    claims: &JsonObject,
    user: &User,
) -> Result<JsonObject, String> {
    let text = Value::Object(claims.clone()).to_string();
    object(answer(subject, context, HookInput::ModifyJwt { claims: &text, user })?)
}

fn answer(subject: &Subject, context: &HookContext, input: HookInput<'_>) -> Result<HookOutput, String> {
    subject.ask(context, input).0.map_err(|stage| format!("it {stage}"))
}

fn object(answer: HookOutput) -> Result<JsonObject, String> {
    let HookOutput::Json(text) = answer else { return Err(format!("no JSON: {answer:?}")) };
    serde_json::from_str(&text).map_err(|error| format!("{error} in {text}"))
}

/// Says where two values differ; large objects member by member.
fn same<T: PartialEq + std::fmt::Debug + 'static>(is: &T, should: &T) -> Outcome {
    if is == should {
        return Ok(());
    }
    let (is_any, should_any) = (is as &dyn std::any::Any, should as &dyn std::any::Any);
    if let (Some(is), Some(should)) =
        (is_any.downcast_ref::<JsonObject>(), should_any.downcast_ref::<JsonObject>())
    {
        let keys = is.keys().chain(should.keys());
        let differing = keys.filter(|key| is.get(*key) != should.get(*key));
        let lines: Vec<String> = differing
            .map(|key| format!("`{key}`: expected {:?}, got {:?}", should.get(key), is.get(key)))
            .collect();
        return Err(lines.join("; "));
    }
    Err(format!("expected {should:?}, got {is:?}"))
}
