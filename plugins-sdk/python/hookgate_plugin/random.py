"""The server's random numbers, fit for secrets.

Needs the grant `random`, as do Python's own `random`, `secrets`, `uuid` and `os.urandom` in a plugin, which ask it.
"""

import builtins

from . import _server


def bytes(length: int) -> builtins.bytes:  # noqa: A001
    """So many random bytes, at most 4096."""
    return builtins.bytes(_server.current.random_bytes(length))


def number() -> int:
    """Any of the 2^64 numbers."""
    return _server.current.random_number()
