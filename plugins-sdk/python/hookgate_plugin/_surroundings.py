"""What Python expects of its surroundings and a component without WASI does not have.

To be called before the plugin is imported, so that `from time import time` gets these.
"""

import datetime
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from . import _server


def replace_clock() -> None:
    """The component has no clock of its own: the server's."""

    def now_ms() -> int:
        return _server.current.clock_now()

    def elapsed_ns() -> int:
        return _server.current.clock_monotonic()

    time.time = lambda: now_ms() / 1000
    time.time_ns = lambda: now_ms() * 1_000_000
    time.monotonic = time.perf_counter = lambda: elapsed_ns() / 1e9
    time.monotonic_ns = time.perf_counter_ns = elapsed_ns

    def kind_of(original: type) -> type:
        """Also what C made without asking is an instance."""
        return type("Kind", (type(original),), {"__instancecheck__": lambda cls, value: isinstance(value, original)})

    class Date(datetime.date, metaclass=kind_of(datetime.date)):
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(time.time())

    class DateTime(datetime.datetime, metaclass=kind_of(datetime.datetime)):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    for replacement, name in ((Date, "date"), (DateTime, "datetime")):
        replacement.__name__ = replacement.__qualname__ = name
        replacement.__module__ = "datetime"
        setattr(datetime, name, replacement)


def refuse_randomness() -> None:
    """Every call starts from the same snapshot: the numbers would be the same each time."""

    def refuse(*_: object, **__: object) -> Any:
        raise RuntimeError("random numbers would be the same in every call of a plugin; do not use them")

    for name in random.__all__:
        if not isinstance(getattr(random, name), type):
            setattr(random, name, refuse)
    import os

    os.urandom = refuse
    random.SystemRandom.random = random.SystemRandom.getrandbits = random.SystemRandom.randbytes = refuse


def replace_randomness() -> Callable[[], None]:
    """Every call starts from the same snapshot: the server's numbers instead. What is answered is to be done first."""
    import os

    def urandom(length: int) -> bytes:
        chunks = range(0, length, 4096)
        return b"".join(bytes(_server.current.random_bytes(min(4096, length - at))) for at in chunks)

    os.urandom = urandom
    random._urandom = urandom  # type: ignore[attr-defined]
    # Without a number it would ask the system, which is not there.
    return lambda: random.seed(int.from_bytes(urandom(32), "big"))


def replace_print(write: Callable[[str], None]) -> None:
    """What is printed goes to the server's log, line by line."""

    class Lines:
        encoding = "utf-8"
        errors = "replace"
        rest = ""

        def write(self, text: str) -> int:
            *lines, self.rest = (self.rest + text).split("\n")
            for line in lines:
                write(line)
            return len(text)

        def flush(self) -> None:
            pass

        def isatty(self) -> bool:
            return False

    sys.stdout = sys.stderr = Lines()  # type: ignore[assignment]
