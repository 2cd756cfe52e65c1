"""What is known of the request that caused this call. Needs the grant `request`."""

from typing import Literal

from . import _server


def id() -> str:  # noqa: A001
    """The request's id, as in the server's log and in the answer's `X-Request-Id`."""
    return _server.current.request_id()


def time() -> int:
    """When the request came in: milliseconds since the Unix epoch, by the server's clock."""
    return _server.current.request_time()


def ip() -> str | None:
    """The peer's address as text, if there is a peer."""
    return _server.current.request_ip()


def user_agent() -> str | None:
    """The `User-Agent` header, at most 512 bytes."""
    return _server.current.request_user_agent()


def provider() -> str | None:
    """The way in, as for `allow_signin`; None where there is none (a refresh, say)."""
    return _server.current.request_provider()


def is_new() -> bool:
    """Whether the user was created by this very request."""
    return _server.current.request_is_new()


def token_kind() -> Literal["access", "refresh"] | None:
    """Which token is about to be signed. Set in `modify_jwt` only."""
    return _server.current.request_token_kind()  # type: ignore[return-value]


def event_id() -> str | None:
    """In an event: its id, the same at each attempt. None elsewhere."""
    return _server.current.request_event_id()


def attempt() -> int:
    """In an event: 1 at the first delivery. Elsewhere 0."""
    return _server.current.request_attempt()
