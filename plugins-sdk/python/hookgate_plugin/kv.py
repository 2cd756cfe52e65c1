"""A small store that outlives the call: this plugin's alone, in the server's database. Needs the grant `kv`.

Keys have 1 to 256 bytes; `ttl` is in seconds, and without one a value is kept until it is deleted. What the server
refuses is a `HostError`.
"""

import json
from typing import Any

from . import _server


def get(key: str) -> str | None:
    """The value as text; None if there is none."""
    value = get_bytes(key)
    return None if value is None else value.decode()


def get_bytes(key: str) -> bytes | None:
    """The value as it is; None if there is none."""
    value = _server.current.kv_get(key)
    return None if value is None else bytes(value)


def get_json(key: str) -> Any:
    """What `set_json` stored; None if there is none."""
    value = get_bytes(key)
    return None if value is None else json.loads(value)


def set(key: str, value: str | bytes, *, ttl: int | None = None) -> None:  # noqa: A001
    """Sets a value, and for how long."""
    _server.current.kv_set(key, _bytes(value), ttl)


def set_json(key: str, value: Any, *, ttl: int | None = None) -> None:
    """Sets a value as JSON."""
    set(key, json.dumps(value), ttl=ttl)


def delete(key: str) -> None:
    """Deletes a value. Fine if there is none."""
    _server.current.kv_delete(key)


def increment(key: str, by: int = 1, *, ttl: int | None = None) -> int:
    """Adds to a decimal number (absent counts as 0) and answers the sum, as one step.

    An entry that is there keeps its end, so that a key with a `ttl` is the window of a rate limit.
    """
    return _server.current.kv_increment(key, by, ttl)


def compare_and_set(
    key: str, expected: str | bytes | None, value: str | bytes | None, *, ttl: int | None = None
) -> bool:
    """Sets the value (None deletes it) if the present one is `expected` (None: absent). Whether it was."""
    return _server.current.kv_compare_and_set(
        key, None if expected is None else _bytes(expected), None if value is None else _bytes(value), ttl
    )


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
