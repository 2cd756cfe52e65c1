"""Writes to the server's log. Needs the grant `log`.

Each line carries the plugin, the hook and the request id without the plugin's doing. Do not write
secrets or addresses: a log is read by many.
"""

import json
from typing import Literal

from . import _server

Level = Literal["trace", "debug", "info", "warn", "error"]


def write(level: Level, message: object, /, **fields: object) -> None:
    """Writes one line. `fields` are structured context: text as it is, everything else as JSON.

    The server keeps at most 16 fields and 8 KiB. For names with dots: `**{"user.id": user.id}`.
    """
    _server.current.log(level, str(message), [(key, _text(value)) for key, value in fields.items()])


def trace(message: object, /, **fields: object) -> None:
    """Writes one line at level `trace`."""
    write("trace", message, **fields)


def debug(message: object, /, **fields: object) -> None:
    """Writes one line at level `debug`."""
    write("debug", message, **fields)


def info(message: object, /, **fields: object) -> None:
    """Writes one line at level `info`."""
    write("info", message, **fields)


def warn(message: object, /, **fields: object) -> None:
    """Writes one line at level `warn`."""
    write("warn", message, **fields)


def error(message: object, /, **fields: object) -> None:
    """Writes one line at level `error`."""
    write("error", message, **fields)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (bool, int, float, list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
