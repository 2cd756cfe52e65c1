"""A server in memory, so that hooks can be tested with plain `pytest` or `unittest`.

    host = testing.Host(config={"plan": "pro"})
    claims = testing.claims(testing.user("ada@example.com"))
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from . import _server
from ._host_error import HostError
from ._server import HttpRequest
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
    #: What the store holds: texts or bytes at first, bytes afterwards.
    kv: dict[str, str | bytes] = field(default_factory=dict)
    #: The secrets that are lent to the plugin.
    secrets: dict[str, str] = field(default_factory=dict)
    #: Answers requests; it may raise `HostError("http", "timeout")`.
    http: Callable[[HttpRequest], "HttpAnswer"] | None = None
    #: The requests that the plugin sent so far.
    requests: list[HttpRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = _Server(self)
        _server.use(self._server)

    def advance(self, seconds: float) -> None:
        """Moves the clock on, which stands still; what `kv` keeps ends by it."""
        self._server.now += round(seconds * 1000)


@dataclass
class HttpAnswer:
    """What a test answers."""

    status: int = 200
    body: str | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    #: In place of `body`.
    json: Any = None


class _Server:
    def __init__(self, host: Host) -> None:
        self._host = host
        self.now = host.request.time
        self._ends: dict[str, int] = {}

    def log(self, level: str, message: str, fields: list[tuple[str, str]]) -> None:
        self._host.logs.append(LogLine(level, message, dict(fields)))

    def config_get(self, key: str) -> str | None:
        value = self._host.config.get(key)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def config_all(self) -> str:
        return json.dumps(self._host.config)

    def clock_now(self) -> int:
        return self.now

    def clock_monotonic(self) -> int:
        return (self.now - self._host.request.time) * 1_000_000

    def random_bytes(self, length: int) -> bytes:
        return os.urandom(length)

    def random_number(self) -> int:
        return int.from_bytes(os.urandom(8), "big")

    def kv_get(self, key: str) -> bytes | None:
        if not 0 < len(key.encode()) <= 256:
            raise HostError("kv", "invalid", "the key must have 1 to 256 bytes")
        if self._ends.get(key, self.now + 1) <= self.now:
            self._forget(key)
        value = self._host.kv.get(key)
        return value.encode() if isinstance(value, str) else value

    def kv_set(self, key: str, value: bytes, ttl: int | None) -> None:
        self.kv_get(key)
        self._host.kv[key] = value
        self._ends.pop(key, None)
        if ttl is not None:
            self._ends[key] = self.now + ttl * 1000

    def kv_delete(self, key: str) -> None:
        self.kv_get(key)
        self._forget(key)

    def _forget(self, key: str) -> None:
        self._host.kv.pop(key, None)
        self._ends.pop(key, None)

    def kv_increment(self, key: str, by: int, ttl: int | None) -> int:
        before = self.kv_get(key)
        try:
            total = int(before or b"0") + by
        except ValueError:
            raise HostError("kv", "not-a-number") from None
        if before is None:
            self.kv_set(key, b"", ttl)
        self._host.kv[key] = str(total).encode()
        return total

    def kv_compare_and_set(self, key: str, expected: bytes | None, value: bytes | None, ttl: int | None) -> bool:
        if self.kv_get(key) != expected:
            return False
        if value is None:
            self.kv_delete(key)
        else:
            self.kv_set(key, value, ttl)
        return True

    def http_send(self, request: HttpRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        self._host.requests.append(request)
        if self._host.http is None:
            raise HostError("http", "denied", f"nothing answers {request.url}: give the Host an `http`")
        answer = self._host.http(request)
        body = answer.body if answer.json is None else json.dumps(answer.json)
        headers = [(name.lower(), value) for name, value in answer.headers.items()]
        return answer.status, headers, body.encode() if isinstance(body, str) else body

    def secrets_names(self) -> list[str]:
        return sorted(self._host.secrets)

    def secrets_hmac_sha256(self, name: str, data: bytes) -> bytes | None:
        secret = self._host.secrets.get(name)
        return None if secret is None else hmac.new(secret.encode(), data, hashlib.sha256).digest()

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
