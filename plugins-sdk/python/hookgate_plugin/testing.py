"""A server in memory, so that hooks can be tested with plain `pytest` or `unittest`.

    host = testing.Host(config={"plan": "pro"})
    claims = testing.claims(testing.user("ada@example.com"))
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from . import _server
from .data import Claims, Passkey, Session, User


@dataclass
class LogLine:
    """One line that the plugin wrote."""

    level: str
    message: str
    fields: dict[str, str]


@dataclass
class Request:
    """What `request` answers: a sign-in with a password from 192.0.2.1 at the start of 2026."""

    id: str = "request-1"
    time: int = 1_767_225_600_000
    ip: str | None = "192.0.2.1"
    user_agent: str | None = None
    provider: str | None = "credentials"
    is_new: bool = False
    token_kind: str | None = None
    event_id: str | None = None
    attempt: int = 0


@dataclass
class Host:
    """The server as the plugin sees it. The newest one counts, and its log starts empty."""

    config: dict[str, Any] = field(default_factory=dict)
    request: Request = field(default_factory=Request)
    logs: list[LogLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        _server.use(_Server(self))


class _Server:
    def __init__(self, host: Host) -> None:
        self._host = host

    def log(self, level: str, message: str, fields: list[tuple[str, str]]) -> None:
        self._host.logs.append(LogLine(level, message, dict(fields)))

    def config_get(self, key: str) -> str | None:
        value = self._host.config.get(key)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def config_all(self) -> str:
        return json.dumps(self._host.config)

    def __getattr__(self, name: str) -> Any:
        """`request_ip()` is `host.request.ip`."""
        kind, _, what = name.partition("_")
        if kind != "request":
            raise AttributeError(name)
        return lambda: getattr(self._host.request, what)


def user(email: str, **changes: Any) -> User:
    """An active user with a proven address and the id `user-NAME`, where NAME stands before the `@`."""
    name = email.partition("@")[0]
    return replace(User(f"user-{name}", email, None, None, True, True), **changes)


def passkey(user: User, **changes: Any) -> Passkey:
    """A passkey of this user that was never used."""
    nil = "00000000-0000-0000-0000-000000000000"
    return replace(Passkey("Y3JlZGVudGlhbC0x", user.id, "Laptop", nil, 0, 1_767_225_600, None), **changes)


def claims(user: User, **changes: Any) -> Claims:
    """The claims of an access token as the server hands them to the first plugin."""
    return {
        "sub": user.id,
        "jti": "token-1",
        "type": "access",
        "iat": 1_767_225_600,
        "exp": 1_767_226_500,
        "email": user.email,
        "name": user.name,
        "email_verified": user.email_verified,
        **changes,
    }


def session(user: User, **changes: Any) -> Session:
    """The payload of a session as the server hands it to the first plugin."""
    return {
        "id": "session-1",
        "user_id": user.id,
        "expires_at": 1_769_817_600,
        "ip_address": "192.0.2.1",
        "user_agent": None,
        **changes,
    }
