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
from .data import Claims, Denial, Passkey, User, UserDraft
from .hooks import EventHooks

# What `json.loads` and `json.dumps` end in, made once: the server's text is one object without white space around it.
_decode = json.JSONDecoder().scan_once
#: The containers that are being written, to see a circle.
_open: dict[int, object] = {}
_encode = json.encoder.c_make_encoder(  # type: ignore[misc]
    _open, json.JSONEncoder().default, json.encoder.encode_basestring, None, ":", ",", False, False, False
)


class ComponentServer:
    """The real server, as far as the plugin imports it."""

    def __init__(self, err: type[Exception], **interfaces: Any) -> None:
        self._err, self._interfaces = err, interfaces
        for name in vars(_server.Server):
            interface, _, function = name.partition("_")
            if interface in interfaces and not hasattr(self, name):
                setattr(self, name, self._function(interface, function))

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

    def _function(self, interface: str, name: str) -> Callable[..., Any]:
        """`request_ip` is the function `ip` of the interface `request`."""
        asked = getattr(self._interfaces[interface], name)
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
    """What makes the component's exports of the plugin's class: methods, in the binding's own types."""

    def __init__(self, plugin: type[EventHooks], server: ComponentServer, wit: Any, err: type[Exception]) -> None:
        self._plugin, self._server, self._wit, self._err = plugin, server, wit, err
        self._allow = wit.Decision_Allow()
        self._hooks: EventHooks | None = None
        self.before_first: list[Callable[[], None]] = []

    def gate(self, name: str) -> Callable[..., Any]:
        def call(_: object, user: User, provider: str) -> Any:
            try:
                answer = self._hook(name)(user, provider)
                if answer is True:
                    return self._allow
                return self._decision(name, _finished(name, answer))
            except Exception as error:
                raise self._failure(error) from None

        return call

    def mutation(self, name: str) -> Callable[..., str]:
        def call(_: object, text: str, user: User) -> str:
            try:
                payload, _end = _decode(text, 0)
                answer = self._hook(name)(payload, user)
                if answer is None:
                    answer = payload
                elif type(answer) is not dict:
                    answer = _changed(name, payload, _finished(name, answer))
                return _unicode("".join(_encode(answer, 0)))
            except Exception as error:
                _open.clear()
                raise self._failure(error) from None

        return call

    def event(self, name: str) -> Callable[..., None]:
        def call(_: object, user: User, *about: str | Passkey) -> None:
            try:
                _finished(name, self._hook(name)(user, *about))
            except Exception as error:
                raise self._failure(error) from None

        return call

    def check(self, name: str) -> Callable[..., None]:
        def call(_: object) -> None:
            try:
                _finished(name, self._hook(name)())
            except Exception as error:
                raise self._failure(error) from None

        return call

    def begin_early(self) -> None:
        """Makes the plugin's instance while the component is built, if no code of the author's runs in that."""
        is_plain = (self._plugin.__new__, self._plugin.__init__) == (object.__new__, object.__init__)
        if is_plain and type(self._plugin) is type and not self.before_first:
            self._begin()

    def _begin(self) -> None:
        _server.use(self._server)
        for action in self.before_first:
            action()
        self._hooks = self._plugin()

    def _hook(self, name: str) -> Callable[..., Any]:
        if self._hooks is None:
            self._begin()
        return getattr(self._hooks, name)

    def _decision(self, name: str, answer: object) -> Any:
        if answer is True:
            return self._allow
        denial = Denial() if answer is False else answer
        if not isinstance(denial, Denial):
            raise TypeError(f"{name} returned {answer!r}; it must be True, False or a Denial")
        texts = (denial.code, denial.message, denial.reason)
        texts = tuple(text if text is None else _unicode(str(text)) for text in texts)
        return self._wit.Decision_Deny(self._wit.Denial(*texts))

    def _failure(self, error: Exception) -> Exception:
        return self._err(_unicode(_text_of(error)))


def use_records(wit: Any) -> None:
    """The binding makes what hooks take in the SDK's own types. To be called before it looks its types up."""
    wit.User, wit.Passkey = UserDraft, Passkey


def warm_up(wit: Any, err: type[Exception]) -> None:
    """CPython rewrites code that runs often into quicker code: the snapshot is to have it, not every call to begin anew.

    The plugin's own code does not run, and what did run leaves nothing behind.
    """
    exports = Exports(_Neutral, ComponentServer(err), wit, err)
    mutation, gate, event = exports.mutation("modify_jwt"), exports.gate("allow_signin"), exports.event("on_signup")
    for _ in range(50):
        user = wit.User("id", "a@example.com", None, None, True, True)
        mutation(None, '{"sub":"id"}', user)
        gate(None, user, "credentials")
        event(None, user)
    _server.use(None)


class _Neutral(EventHooks):
    def modify_jwt(self, claims: Claims, user: User) -> None:
        claims["domain"] = user.email_domain


def _changed(name: str, payload: Claims, answer: object) -> Claims:
    if answer is None:
        return payload
    if not isinstance(answer, dict):
        raise TypeError(f"{name} returned {type(answer).__name__}; it must be a dict or nothing")
    return answer


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
