//! The reference plugin, see ../../README.md.

use hookgate_plugin::{
    Claims, Decision, Denial, EventHooks, Passkey, Result, Session, User, Value, clock, config, http, json, kv, log, plugin,
    random, request, secrets,
};

const LANG: &str = "rust";

struct Reference;

#[plugin]
impl EventHooks for Reference {
    fn allow_signin(user: &User, provider: &str) -> Result<Decision> {
        refuse_errors(user)?;
        if user.email.starts_with("denied") {
            let name = user.name.as_deref().unwrap_or("stranger");
            let denial = Denial::new("reference.denied")
                .message(format!("No entry, {name}. 🦊"))
                .reason(format!("{} by {provider}", user.email));
            return Ok(denial.into());
        }
        Ok((!user.email.starts_with("bare")).into())
    }

    fn modify_jwt(claims: &mut Claims, user: &User) -> Result<()> {
        refuse_errors(user)?;
        claims.remove("remove_me");
        claims
            .set("lang", LANG)
            .set("n", 42)
            .set("nested", json!({"list": [1, "two", true, null], "ratio": 0.5}))
            .set("greeting", config::get("greeting"))
            .set("seats", config::get("seats").ok_or("`seats` is not set")?.parse::<u32>()?)
            .set("missing", config::get("missing"))
            .set("config", config::all::<Value>()?)
            .set("now", request::time())
            .set("token", request::token_kind().map(|kind| format!("{kind:?}").to_lowercase()))
            .set_json("user", user)?
            .set(
                "request",
                json!({
                    "id": request::id(), "time": request::time(), "ip": request::ip(),
                    "user_agent": request::user_agent(), "provider": request::provider(),
                    "is_new": request::is_new(), "event_id": request::event_id(), "attempt": request::attempt(),
                }),
            );
        Ok(())
    }

    fn modify_session(session: &mut Session, user: &User) -> Result<()> {
        refuse_errors(user)?;
        if user.email.starts_with("host") {
            session.set("host", asked()?);
            return Ok(());
        }
        session
            .set("lang", LANG)
            .set("seen", json!({"request": request::id(), "verified": user.email_verified}));
        Ok(())
    }

    fn on_signup(user: &User) -> Result<()> {
        told("on-signup", user, "")
    }

    fn on_signin(user: &User, provider: &str) -> Result<()> {
        told("on-signin", user, provider)
    }

    fn on_signout(user: &User) -> Result<()> {
        told("on-signout", user, "")
    }

    fn on_token_refresh(user: &User) -> Result<()> {
        told("on-token-refresh", user, "")
    }

    fn on_email_verify(user: &User) -> Result<()> {
        told("on-email-verify", user, "")
    }

    fn on_password_reset(user: &User) -> Result<()> {
        told("on-password-reset", user, "")
    }

    fn on_oauth_link(user: &User, provider: &str) -> Result<()> {
        told("on-oauth-link", user, provider)
    }

    fn on_magic_link_sent(user: &User) -> Result<()> {
        told("on-magic-link-sent", user, "")
    }

    fn on_passkey_registered(user: &User, passkey: &Passkey) -> Result<()> {
        told("on-passkey-registered", user, &describe(passkey))
    }

    fn on_passkey_deleted(user: &User, passkey: &Passkey) -> Result<()> {
        told("on-passkey-deleted", user, &describe(passkey))
    }

    fn on_signin_failed(user: &User, reason: &str) -> Result<()> {
        told("on-signin-failed", user, reason)
    }

    fn on_lockout(user: &User) -> Result<()> {
        told("on-lockout", user, "")
    }

    fn on_password_change(user: &User) -> Result<()> {
        told("on-password-change", user, "")
    }

    fn on_email_change(user: &User, previous: &str) -> Result<()> {
        told("on-email-change", user, previous)
    }

    fn on_account_delete(user: &User) -> Result<()> {
        told("on-account-delete", user, "")
    }

    fn on_session_revoke(user: &User, session_id: &str) -> Result<()> {
        told("on-session-revoke", user, session_id)
    }

    fn on_refresh_reuse(user: &User) -> Result<()> {
        told("on-refresh-reuse", user, "")
    }

    fn validate_config() -> Result<()> {
        let seats = config::get("seats").ok_or("`seats` is missing")?;
        match seats.parse::<u32>() {
            Ok(1..) => Ok(()),
            _ => Err(format!("`seats` is {seats}: it must be a number from 1 on").into()),
        }
    }
}

/// What `clock`, `random`, `kv`, `http` and `secrets` answer.
fn asked() -> Result<Value> {
    let got = |key: &str| -> Result<Option<String>> { Ok(kv::get(key)?.map(String::from_utf8).transpose()?) };
    let answer = http::post("https://api.example/echo")
        .header("x-test", "yes")
        .bearer_secret("signing")
        .body("hello")
        .timeout(std::time::Duration::from_millis(50))
        .send()?;
    let mut kept = vec![json!(got("absent")?)];
    kv::set("k", "v ü", kv::Ttl::secs(60))?;
    kept.push(json!(got("k")?));
    kept.push(json!(kv::increment("n", 2, kv::Ttl::secs(60))?));
    kept.push(json!(kv::increment("n", -5, kv::Ttl::FOREVER)?));
    for (expected, value) in [("v ü", "w"), ("x", "y")] {
        let was = kv::compare_and_set("k", Some(expected.as_bytes()), Some(value.as_bytes()), kv::Ttl::FOREVER)?;
        kept.push(json!(was));
    }
    kept.push(json!(got("k")?));
    let errors = [
        matches!(kv::increment("k", 1, kv::Ttl::FOREVER), Err(kv::Error::NotANumber)).then_some("not-a-number"),
        matches!(kv::get(""), Err(kv::Error::Invalid(_))).then_some("invalid"),
        matches!(http::get("https://denied.example/").send(), Err(http::Error::Denied(_))).then_some("denied"),
    ];
    kv::delete("k")?;
    kv::delete("n")?;
    kept.push(json!(got("k")?));
    let signed = |name| secrets::hmac_sha256_hex(name, "data");
    Ok(json!({
        "clock": clock::now(), "later": clock::elapsed().as_secs() < 3600, "bytes": random::bytes(8),
        "number": random::number().to_string(), "kv": kept, "errors": errors,
        "http": [answer.status(), answer.header("x-answer"), answer.text()],
        "secrets": [secrets::names(), signed("signing"), signed("other")],
    }))
}

fn refuse_errors(user: &User) -> Result<()> {
    if user.email.starts_with("error") {
        return Err(format!("boom {}", user.email).into());
    }
    Ok(())
}

fn told(hook: &str, user: &User, about: &str) -> Result<()> {
    refuse_errors(user)?;
    let event_id = request::event_id().unwrap_or_default();
    log::info!(
        hook = hook, user.id = user.id, event.id = event_id, attempt = request::attempt(), about = about;
        "{hook} {}", user.id
    );
    Ok(())
}

fn describe(passkey: &Passkey) -> String {
    let Passkey { id, user_id, name, sign_count, created_at, last_used_at, .. } = passkey;
    let last = last_used_at.map_or("never".to_owned(), |at| at.to_string());
    format!("{id} of {user_id}: {name}, {sign_count}, {created_at}, {last}")
}
