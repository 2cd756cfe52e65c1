"""The server's clock. Needs the grant `clock`, as do the modules `time` and `datetime` in a plugin, which ask it."""

from . import _server


def now() -> int:
    """Milliseconds since the Unix epoch."""
    return _server.current.clock_now()


def monotonic() -> int:
    """Nanoseconds since the call began; never goes back."""
    return _server.current.clock_monotonic()
