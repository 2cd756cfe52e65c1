"""The reference plugin, see ../README.md."""

from datetime import datetime, timezone

from hookgate_plugin import (
    Claims,
    Denial,
    EventHooks,
    HostError,
    Passkey,
    Session,
    User,
    clock,
    config,
    http,
    kv,
    log,
    random,
    request,
    secrets,
)

LANG = "python"


class Reference(EventHooks):
    def allow_signin(self, user: User, provider: str) -> bool | Denial:
        refuse_errors(user)
        if user.email.startswith("denied"):
            return Denial(
                "reference.denied",
                message=f"No entry, {user.name or 'stranger'}. 🦊",
                reason=f"{user.email} by {provider}",
            )
        return not user.email.startswith("bare")

    def modify_jwt(self, claims: Claims, user: User) -> Claims:
        refuse_errors(user)
        claims.pop("remove_me", None)
        claims |= {
            "lang": LANG,
            "n": 42,
            "nested": {"list": [1, "two", True, None], "ratio": 0.5},
            "greeting": config.get("greeting"),
            "seats": int(config.get("seats")),
            "missing": config.get("missing"),
            "config": config.all(),
            "now": request.time(),
            "request": {
                "id": request.id(),
                "time": request.time(),
                "ip": request.ip(),
                "user_agent": request.user_agent(),
                "provider": request.provider(),
                "is_new": request.is_new(),
                "event_id": request.event_id(),
                "attempt": request.attempt(),
            },
            "token": request.token_kind(),
            "user": dict(user),
        }
        return claims

    def modify_session(self, session: Session, user: User) -> None:
        refuse_errors(user)
        if user.email.startswith("host"):
            session["host"] = asked()
            return
        session["lang"] = LANG
        session["seen"] = {"request": request.id(), "verified": user.email_verified}

    def on_signup(self, user: User) -> None:
        told("on-signup", user)

    def on_signin(self, user: User, provider: str) -> None:
        told("on-signin", user, provider)

    def on_signout(self, user: User) -> None:
        told("on-signout", user)

    def on_token_refresh(self, user: User) -> None:
        told("on-token-refresh", user)

    def on_email_verify(self, user: User) -> None:
        told("on-email-verify", user)

    def on_password_reset(self, user: User) -> None:
        told("on-password-reset", user)

    def on_oauth_link(self, user: User, provider: str) -> None:
        told("on-oauth-link", user, provider)

    async def on_magic_link_sent(self, user: User) -> None:
        told("on-magic-link-sent", user)

    def on_passkey_registered(self, user: User, passkey: Passkey) -> None:
        told("on-passkey-registered", user, describe(passkey))

    def on_passkey_deleted(self, user: User, passkey: Passkey) -> None:
        told("on-passkey-deleted", user, describe(passkey))

    def on_signin_failed(self, user: User, reason: str) -> None:
        told("on-signin-failed", user, reason)

    def on_lockout(self, user: User) -> None:
        told("on-lockout", user)

    def on_password_change(self, user: User) -> None:
        told("on-password-change", user)

    def on_email_change(self, user: User, previous: str) -> None:
        told("on-email-change", user, previous)

    def on_account_delete(self, user: User) -> None:
        told("on-account-delete", user)

    def on_session_revoke(self, user: User, session_id: str) -> None:
        told("on-session-revoke", user, session_id)

    def on_refresh_reuse(self, user: User) -> None:
        told("on-refresh-reuse", user)

    def validate_config(self) -> None:
        seats = config.get("seats")
        if seats is None:
            raise ValueError("`seats` is missing")
        if not seats.isdecimal() or int(seats) < 1:
            raise ValueError(f"`seats` is {seats}: it must be a number from 1 on")


def asked() -> dict:
    """What `clock`, `random`, `kv`, `http` and `secrets` answer."""
    answer = http.post(
        "https://api.example/echo",
        body="hello",
        headers={"x-test": "yes"},
        secret_headers=[http.SecretHeader("authorization", prefix="Bearer ", secret="signing")],
        timeout=0.05,
    )
    kept = [kv.get("absent")]
    kv.set("k", "v ü", ttl=60)
    kept += [kv.get("k"), kv.increment("n", 2, ttl=60), kv.increment("n", -5)]
    kept += [kv.compare_and_set("k", "v ü", "w"), kv.compare_and_set("k", "x", "y"), kv.get("k")]
    errors = [code(kv.increment, "k"), code(kv.get, ""), code(http.get, "https://denied.example/")]
    kv.delete("k")
    kv.delete("n")
    kept.append(kv.get("k"))
    signed = secrets.hmac_sha256("signing", "data")
    return {
        "clock": round(datetime.now(timezone.utc).timestamp() * 1000) == clock.now() and clock.now(),
        "later": clock.monotonic() >= 0,
        "bytes": random.bytes(8).hex(),
        "number": str(random.number()),
        "kv": kept,
        "errors": errors,
        "http": [answer.status, answer.headers["x-answer"], answer.text],
        "secrets": [secrets.names(), signed.hex(), secrets.hmac_sha256("other", "data")],
    }


def code(action, *arguments) -> str:
    try:
        action(*arguments)
    except HostError as error:
        return error.code
    return "none"


def refuse_errors(user: User) -> None:
    if user.email.startswith("error"):
        raise ValueError(f"boom {user.email}")


def told(hook: str, user: User, about: str = "") -> None:
    refuse_errors(user)
    about_event = {"user.id": user.id, "event.id": request.event_id(), "attempt": request.attempt()}
    log.info(f"{hook} {user.id}", hook=hook, **about_event, about=about)


def describe(passkey: Passkey) -> str:
    last = "never" if passkey.last_used_at is None else passkey.last_used_at
    return f"{passkey.id} of {passkey.user_id}: {passkey.name}, {passkey.sign_count}, {passkey.created_at}, {last}"
