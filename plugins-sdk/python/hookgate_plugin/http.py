"""HTTP requests to the hosts that the operator allowed for this plugin. Needs the grant `http`.

The hook waits for the answer, and the wait counts as its time. Without an answer there is a `HostError`. A redirect is
answered, not followed.
"""

import json as _json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import _server


@dataclass(frozen=True)
class SecretHeader:
    """A header whose value ends in a secret that the plugin never sees."""

    name: str
    #: The secret's name.
    secret: str
    #: What stands before it: `Bearer `, say.
    prefix: str = ""


@dataclass(frozen=True)
class Response:
    """An answer, whatever its status."""

    status: int
    #: Names in small letters.
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON."""
        return _json.loads(self.body)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    secret_headers: Iterable[SecretHeader] = (),
    body: str | bytes | None = None,
    json: Any = None,
    timeout: float | None = None,
) -> Response:
    """Sends one request. `json` is sent in place of `body`; `timeout` is in seconds."""
    pairs = list((headers or {}).items())
    if json is not None:
        body = _json.dumps(json)
        if not any(name.lower() == "content-type" for name, _ in pairs):
            pairs.append(("content-type", "application/json"))
    status, answered, content = _server.current.http_send(
        _server.HttpRequest(
            method,
            url,
            pairs,
            [(header.name, header.prefix, header.secret) for header in secret_headers],
            body.encode() if isinstance(body, str) else body,
            None if timeout is None else round(timeout * 1000),
        )
    )
    joined: dict[str, str] = {}
    for name, value in answered:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return Response(status, joined, content)


def get(url: str, **options: Any) -> Response:
    """Sends a GET."""
    return request("GET", url, **options)


def post(url: str, **options: Any) -> Response:
    """Sends a POST."""
    return request("POST", url, **options)
