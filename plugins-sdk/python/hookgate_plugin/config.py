"""The operator's settings for this plugin: the `[config]` table of `NAME.toml` beside `NAME.wasm`.

Needs the grant `config`.
"""

import json
from typing import Any

from . import _server


def get(key: str) -> str | None:
    """One setting. Text comes as it is, everything else as JSON text; None if it is not set."""
    return _server.current.config_get(key)


def all() -> dict[str, Any]:  # noqa: A001
    """The whole table; empty if there is none."""
    return json.loads(_server.current.config_all())
