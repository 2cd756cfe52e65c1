"""Inside the component: between its exports and the plugin's class.

The module that `build` writes imports this first, then the plugin, then defines the exports.
"""

import functools
import json
import re
import types
from collections.abc import Callable
from typing import Any

from . import _server
from ._host_error import HostError
from ._server import HttpRequest
from .data import Denial, Passkey, User
from .hooks import EventHooks


class ComponentServer:
    """The real server, as far as the plugin imports it."""

    def __init__(self, err: type[Exception], **interfaces: Any) -> None:
        self._err, self._interfaces = err, interfaces

    def log(self, level: str, message: str, fields: list[tuple[str, str]]) -> None:
        log = self._interfaces["log"]
        pairs = [(_unicode(key), _unicode(value)) for key, value in fields]
        log.log(log.Level[level.upper()], _unicode(message), pairs)

    def request_token_kind(self) -> str | None:
        kind = self._interfaces["request"].token_kind()
        return None if kind is None else kind.name.lower()

    def http_send(self, request: HttpRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        http = self._interfaces["http"]
        secret_headers = [http.SecretHeader(*(_unicode(text) for text in header)) for header in request.secret_headers]
        headers = [(_unicode(name), _unicode(value)) for name, value in request.headers]
        url = _unicode(request.url)
        raw = http.Request(request.method, url, headers, secret_headers, request.body, request.timeout_ms)
        answer = self._asked("http", http.send, raw)
        return answer.status, answer.headers, bytes(answer.body)

    def __getattr__(self, name: str) -> Any:
        """`request_ip` is the function `ip` of the interface `request`."""
        interface, _, function = name.partition("_")
        asked = getattr(self._interfaces[interface], function)
        return functools.partial(self._asked, "kv", asked) if interface == "kv" else asked

    def _asked(self, capability: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """An error of WIT's as the SDK's own."""
        try:
            return function(*(_unicode(value) if isinstance(value, str) else value for value in arguments))
        except self._err as error:
            said = error.value  # type: ignore[attr-defined]
            code = re.sub("(?<!^)(?=[A-Z])", "-", type(said).__name__.removeprefix("Error_")).lower()
            raise HostError(capability, code, getattr(said, "value", None)) from None


class Exports:
    """The component's exports, in the binding's own types."""

    def __init__(self, plugin: type[EventHooks], server: ComponentServer, wit: Any, err: type[Exception]) -> None:
        self._plugin, self._server, self._wit, self._err = plugin, server, wit, err
        self._hooks: EventHooks | None = None
        self.before_first: list[Callable[[], None]] = []

    def gate(self, name: str, user: Any, provider: str) -> Any:
        return self._or_text(lambda: self._decision(name, self._call(name, _user(user), provider)))

    def mutation(self, name: str, text: str, user: Any) -> str:
        return self._or_text(lambda: self._changed(name, json.loads(text), _user(user)))

    def event(self, name: str, user: Any, *about: Any) -> None:
        self._or_text(lambda: self._call(name, _user(user), *(_about(value) for value in about)))

    def check(self, name: str) -> None:
        self._or_text(lambda: self._call(name))

    def _call(self, name: str, *arguments: Any) -> Any:
        if self._hooks is None:
            _server.use(self._server)
            for action in self.before_first:
                action()
            self._hooks = self._plugin()
        return _finished(name, getattr(self._hooks, name)(*arguments))

    def _decision(self, name: str, answer: object) -> Any:
        if answer is True:
            return self._wit.Decision_Allow()
        denial = Denial() if answer is False else answer
        if not isinstance(denial, Denial):
            raise TypeError(f"{name} returned {answer!r}; it must be True, False or a Denial")
        texts = (denial.code, denial.message, denial.reason)
        texts = tuple(text if text is None else _unicode(str(text)) for text in texts)
        return self._wit.Decision_Deny(self._wit.Denial(*texts))

    def _changed(self, name: str, payload: dict[str, Any], user: User) -> str:
        answer = self._call(name, payload, user)
        if answer is None:
            answer = payload
        if not isinstance(answer, dict):
            raise TypeError(f"{name} returned {type(answer).__name__}; it must be a dict or nothing")
        return _unicode(json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False))

    def _or_text(self, hook: Callable[[], Any]) -> Any:
        try:
            return hook()
        except Exception as error:
            raise self._err(_unicode(_text_of(error))) from None


def _user(user: Any) -> User:
    return User(user.id, user.email, user.name, user.image, user.email_verified, user.is_active)


def _about(value: Any) -> str | Passkey:
    """The text or the passkey that an event is about."""
    if isinstance(value, str):
        return value
    return Passkey(
        value.id,
        value.user_id,
        value.name,
        value.aaguid,
        value.sign_count,
        value.created_at,
        value.last_used_at,
    )


def _finished(name: str, answer: Any) -> Any:
    """What a hook answered, also if it is an `async def`: nothing here ever needs to wait."""
    if not isinstance(answer, types.CoroutineType):
        return answer
    try:
        answer.send(None)
    except StopIteration as stop:
        return stop.value
    answer.close()
    raise RuntimeError(f"{name} waits for something outside of the plugin, which never comes")


def _text_of(error: Exception) -> str:
    """What the operator reads. Kind and place are of use where the author did not write the text."""
    if type(error) in (Exception, RuntimeError, ValueError, HostError) and str(error):
        return str(error)
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" ({code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} in {code.co_name})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{place}"


def _unicode(text: str) -> str:
    """Python's strings may hold halves of surrogate pairs, WIT's may not."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
