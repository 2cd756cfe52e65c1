"""What the SDK promises, without a component where possible."""

import dataclasses
import datetime
import json
import pickle
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest.mock import Mock

from hookgate_plugin import (
    Denial,
    EventHooks,
    HostError,
    User,
    _component,
    _server,
    clock,
    config,
    http,
    kv,
    log,
    random,
    request,
    secrets,
    testing,
)
from hookgate_plugin.build import SDK, BuildError, build
from hookgate_plugin.hooks import NAMES, overridden

USER = testing.user("ada@example.com")


class Err(Exception):
    """As componentize-py's, as far as it matters."""


class WitTypes:
    """The same for the contract's types."""

    @staticmethod
    def Decision_Allow():  # noqa: N802
        return "allow"

    @staticmethod
    def Decision_Deny(denial):  # noqa: N802
        return ("deny", denial)

    @staticmethod
    def Denial(*texts):  # noqa: N802
        return texts


def exports(plugin):
    server = _component.ComponentServer(Err)
    return _component.Exports(plugin, server, WitTypes, Err)


class Hooks(unittest.TestCase):
    def test_the_names_are_those_of_the_contract(self):
        world = (SDK / "wit" / "world.wit").read_text()
        everything = world[world.index("world event-hooks") :].split("}")[0]
        exported = [line.split()[1].rstrip(";") for line in everything.splitlines() if "export" in line and "validate" not in line]
        self.assertEqual([name.replace("_", "-") for name in NAMES], exported)

    def test_what_is_overridden_counts_also_in_a_base_class(self):
        class Base(EventHooks):
            def on_signup(self, user):
                pass

        class Derived(Base):
            def allow_signin(self, user, provider):
                return True

        self.assertEqual(overridden(Derived), ["allow_signin", "on_signup"])

    def test_a_misspelt_hook_is_named_with_the_one_that_was_meant(self):
        with self.assertRaisesRegex(TypeError, "no hook `allow_sign_in`; did you mean `allow_signin`"):
            type("Bad", (EventHooks,), {"allow_sign_in": lambda self, user, provider: True})


class Data(unittest.TestCase):
    def test_a_user_is_also_a_mapping(self):
        ada = testing.user("ada@example.com", name="Ada")
        self.assertEqual((ada["email"], ada.get("name"), ada.get("nope", 1)), ("ada@example.com", "Ada", 1))
        self.assertEqual(dict(ada)["is_active"], True)
        self.assertEqual(len(ada), 6)
        with self.assertRaises(KeyError):
            ada["email_domain"]
        with self.assertRaises(AttributeError):
            ada.email = "other@example.com"
        self.assertEqual(ada.email_domain, "example.com")


class Server(unittest.TestCase):
    def test_the_host_of_tests_answers(self):
        host = testing.Host({"plan": "pro", "seats": 3}, testing.Request(ip=None, event_id="e1"))
        log.info("hello", seats=3, nested={"a": [1]}, absent=None, **{"user.id": "u"})
        fields = {"seats": "3", "nested": '{"a": [1]}', "absent": "", "user.id": "u"}
        self.assertEqual(host.logs, [testing.LogLine("info", "hello", fields)])
        self.assertEqual((config.get("plan"), config.get("seats"), config.get("nope")), ("pro", "3", None))
        self.assertEqual(config.all(), {"plan": "pro", "seats": 3})
        self.assertEqual((request.ip(), request.event_id(), request.attempt()), (None, "e1", 0))

    def test_without_a_server_it_says_so(self):
        _server.use(None)
        with self.assertRaisesRegex(RuntimeError, r"config\.get is used where there is no server"):
            config.get("plan")


    def test_the_store_keeps_counts_and_forgets(self):
        host = testing.Host(kv={"there": "1"})
        self.assertEqual(kv.get("there"), "1")
        kv.set_json("k", {"a": ["ü 🦊"]}, ttl=5)
        self.assertEqual(kv.get_json("k"), {"a": ["ü 🦊"]})
        with self.assertRaisesRegex(HostError, "kv: not-a-number: the value is no decimal number"):
            kv.increment("k")
        host.advance(5)
        self.assertIsNone(kv.get("k"))
        self.assertEqual([kv.increment("k", 2, ttl=9), kv.increment("k", -3)], [2, -1])
        host.advance(9)
        self.assertFalse(kv.compare_and_set("k", "-1", "x"))
        self.assertTrue(kv.compare_and_set("k", None, b"\0\xff"))
        self.assertEqual(kv.get_bytes("k"), b"\0\xff")
        self.assertTrue(kv.compare_and_set("k", b"\0\xff", None))
        self.assertEqual(host.kv, {"there": "1"})
        with self.assertRaises(HostError) as caught:
            kv.delete("")
        self.assertEqual((caught.exception.capability, caught.exception.code), ("kv", "invalid"))

    def test_requests_are_answered_by_the_test(self):
        host = testing.Host(http=lambda request: testing.HttpAnswer(404, json={"url": request.url}, headers={"X-A": "b"}))
        header = http.SecretHeader("authorization", secret="api", prefix="Bearer ")
        response = http.post("https://a.example/", json={"n": 1}, secret_headers=[header], timeout=0.05)
        self.assertEqual((response.status, response.ok, response.headers["x-a"]), (404, False, "b"))
        self.assertEqual(response.json(), {"url": "https://a.example/"})
        sent = host.requests[0]
        self.assertEqual((sent.method, sent.body, sent.timeout_ms), ("POST", b'{"n": 1}', 50))
        self.assertEqual(sent.headers, [("content-type", "application/json")])
        self.assertEqual(sent.secret_headers, [("authorization", "Bearer ", "api")])
        testing.Host()
        with self.assertRaisesRegex(HostError, "http: denied: nothing answers"):
            http.get("https://a.example/")

    def test_clock_random_numbers_and_secrets(self):
        host = testing.Host(secrets={"signing": "key"})
        host.advance(1.5)
        self.assertEqual((clock.now(), clock.monotonic()), (1_767_225_601_500, 1_500_000_000))
        self.assertEqual(len(random.bytes(20)), 20)
        self.assertLess(random.number(), 2**64)
        self.assertEqual(secrets.names(), ["signing"])
        digest = secrets.hmac_sha256("signing", "The quick brown fox jumps over the lazy dog")
        self.assertEqual(digest.hex(), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")
        self.assertIsNone(secrets.hmac_sha256("other", b""))


class Answers(unittest.TestCase):
    def gate(self, answer):
        plugin = type("Gate", (EventHooks,), {"allow_signin": lambda self, user, provider: answer})
        return exports(plugin).gate("allow_signin")(None, USER, "credentials")

    def test_gates(self):
        self.assertEqual(self.gate(True), "allow")
        self.assertEqual(self.gate(False), ("deny", (None, None, None)))
        self.assertEqual(self.gate(Denial("c", message="m\ud800")), ("deny", ("c", "m?", None)))
        with self.assertRaisesRegex(Err, "allow_signin returned None; it must be True, False or a Denial"):
            self.gate(None)

    def mutate(self, hook):
        plugin = type("Mutation", (EventHooks,), {"modify_jwt": hook})
        return exports(plugin).mutation("modify_jwt")(None, '{"a":1}', USER)

    def test_mutations_change_in_place_or_return(self):
        self.assertEqual(json.loads(self.mutate(lambda self, claims, user: claims.update(b=2))), {"a": 1, "b": 2})
        self.assertEqual(json.loads(self.mutate(lambda self, claims, user: {"c": user.id})), {"c": "user-ada"})
        with self.assertRaisesRegex(Err, "modify_jwt returned list; it must be a dict or nothing"):
            self.mutate(lambda self, claims, user: [])
        with self.assertRaisesRegex(Err, "Out of range float"):
            self.mutate(lambda self, claims, user: {"x": float("nan")})
        self.assertEqual(self.mutate(lambda self, claims, user: {"ü": "🦊\ud800"}), '{"ü":"🦊?"}')
        with self.assertRaisesRegex(Err, r"KeyError: 'nope' \(test_sdk.py:\d+ in <lambda>\)"):
            self.mutate(lambda self, claims, user: claims["nope"])

    def test_what_json_does_not_have_hurts_that_call_alone(self):
        inner = {}

        def modify_jwt(self, claims, user):
            claims["inner"] = inner

        mutate = exports(type("Mutation", (EventHooks,), {"modify_jwt": modify_jwt})).mutation("modify_jwt")
        for wrong, error in [(inner, "Circular reference"), ({1}, "Object of type set is not JSON serializable")]:
            inner["wrong"] = wrong
            with self.assertRaisesRegex(Err, error):
                mutate(None, "{}", USER)
            del inner["wrong"]
            self.assertEqual(mutate(None, "{}", USER), '{"inner":{}}')

    def test_users_are_made_as_the_binding_has_them(self):
        wit = type("Wit", (WitTypes,), {})
        _component.use_records(wit)
        ada = wit.User("user-ada", "ada@example.com", None, None, True, True)
        self.assertIs(type(ada), User)
        self.assertEqual((ada, hash(ada), repr(ada)), (USER, hash(USER), repr(USER)))
        self.assertEqual(dataclasses.replace(ada, name="Ada").name, "Ada")
        self.assertEqual(pickle.loads(pickle.dumps(ada)), USER)
        with self.assertRaises(AttributeError):
            ada.email = "other@example.com"

    def test_a_warm_up_leaves_no_trace(self):
        class Counts(EventHooks):
            made = 0

            def __init__(self):
                Counts.made += 1

            def modify_jwt(self, claims, user):
                claims["made"] = Counts.made

        wit = type("Wit", (WitTypes,), {})
        _component.use_records(wit)
        _server.use(None)
        mine = exports(Counts)
        mine.before_first.append(lambda: setattr(Counts, "made", Counts.made + 10))
        mutate = mine.mutation("modify_jwt")
        _component.warm_up(wit, Err)
        self.assertEqual((Counts.made, _component._open), (0, {}))
        with self.assertRaisesRegex(RuntimeError, "there is no server"):
            config.get("plan")
        self.assertEqual(mutate(None, "{}", USER), '{"made":11}')

    def test_only_an_instance_without_code_of_the_authors_is_made_early(self):
        class Plain(EventHooks):
            pass

        class Made(EventHooks):
            def __init__(self):
                self.plan = config.get("plan")

        class Kind(type):
            def __call__(cls):
                return super().__call__()

        class OfAKind(EventHooks, metaclass=Kind):
            pass

        for plugin, action, is_early in [
            (Plain, None, True),
            (Plain, print, False),
            (Made, None, False),
            (type("Derived", (Made,), {}), None, False),
            (OfAKind, None, False),
        ]:
            mine = exports(plugin)
            if action is not None:
                mine.before_first.append(action)
            _server.use(None)
            mine.begin_early()
            self.assertEqual(mine._hooks is not None, is_early, plugin)
            self.assertEqual(_server.current is mine._server, is_early, plugin)

    def test_what_is_wrong_with_the_settings_is_said(self):
        class Checked(EventHooks):
            def validate_config(self):
                raise ValueError("`plan` must be set")

        with self.assertRaisesRegex(Err, "^`plan` must be set$"):
            exports(Checked).check("validate_config")(None)
        exports(EventHooks).check("validate_config")(None)

    def test_the_servers_errors_are_the_sdks_own(self):
        class Quota:
            value = "100 entries"

        class WitErr(Exception):
            value = Quota()

        def fails(key):
            raise WitErr

        Quota.__name__ = "Error_Quota"
        server = _component.ComponentServer(WitErr, kv=Mock(get=fails))
        with self.assertRaisesRegex(HostError, "kv: quota: 100 entries"):
            server.kv_get("k")

    def test_async_hooks_are_run_to_their_end(self):
        class Async(EventHooks):
            async def allow_signin(self, user, provider):
                return await self.ask()

            async def ask(self):
                return False

            async def on_signup(self, user):
                import asyncio

                await asyncio.sleep(0)

        self.assertEqual(exports(Async).gate("allow_signin")(None, USER, "x"), ("deny", (None, None, None)))
        with self.assertRaisesRegex(Err, "on_signup waits for something"):
            exports(Async).event("on_signup")(None, USER)


class Build(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def build(self, source, name="app.py", **options):
        (self.folder / name).write_text(textwrap.dedent(source))
        return build(self.folder / name, self.folder / "out.wasm", **options)

    def test_a_component_has_what_is_overridden_and_imports_what_is_used(self):
        built = self.build(
            """
            from datetime import datetime, timezone
            from hookgate_plugin import EventHooks, config

            class Base(EventHooks):
                def on_signup(self, user):
                    print(datetime.now(timezone.utc))

            class App(Base):
                def allow_signin(self, user, provider):
                    return config.get("open") == "yes"
            """
        )
        self.assertEqual(built.hooks, ["allow-signin", "on-signup"])
        self.assertEqual(built.capabilities, ["log", "config", "clock"])
        self.assertEqual(built.bytes, (self.folder / "out.wasm").stat().st_size)

    def test_what_can_be_mended_is_said_in_one_sentence(self):
        for source, name, error in [
            ("x = 1", "app.py", "app.py must have one class that extends EventHooks; it has none"),
            ("import nope", "app.py", "app.py can't be imported: ModuleNotFoundError: No module named 'nope'"),
            ("x = 1", "my-app.py", "my-app.py can't be imported: name it like a Python module"),
            (
                "from hookgate_plugin import EventHooks, config\nconfig.all()",
                "app.py",
                "config.all is used where there is no server",
            ),
            ("from hookgate_plugin import EventHooks\nclass A(EventHooks): pass", "app.py", "A overrides no hook"),
        ]:
            with self.subTest(error), self.assertRaisesRegex(BuildError, error):
                self.build(source, name)
        with self.assertRaisesRegex(BuildError, "there is no file nowhere.py"):
            build("nowhere.py", "out.wasm")

    def test_the_command_line(self):
        command = [sys.executable, "-m", "hookgate_plugin", "build", "nowhere.py", "-o", "x.wasm"]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (1, "hookgate_plugin: there is no file nowhere.py\n"))


class Surroundings(unittest.TestCase):
    def test_time_and_randomness_are_the_servers(self):
        script = """
            from hookgate_plugin import _surroundings, testing
            testing.Host(request=testing.Request(time=1_767_225_600_500))
            _surroundings.replace_clock()
            import os
            asked = []
            os.urandom, real = None, os.urandom
            testing._Server.random_bytes = lambda self, length: asked.append(length) or real(length)
            _surroundings.replace_randomness()()
            assert len(os.urandom(5000)) == 5000 and asked[-2:] == [4096, 904], asked
            import random, secrets, uuid
            assert uuid.uuid4() != uuid.uuid4() and secrets.token_hex(8) and random.random() < 1
            _surroundings.refuse_randomness()
            import datetime, time, random, uuid
            from datetime import date, timezone
            now = datetime.datetime.now(timezone.utc)
            assert now.isoformat() == "2026-01-01T00:00:00.500000+00:00", now
            assert type(now - datetime.timedelta(1)) is datetime.datetime
            assert isinstance(now, datetime.datetime) and isinstance(now, date) and date.today().year >= 2025
            assert time.time_ns() == 1_767_225_600_500_000_000
            assert datetime.datetime.fromisoformat("2026-01-02") > datetime.datetime.utcnow()
            for roll in (random.random, uuid.uuid4, lambda: random.choice("ab"), random.SystemRandom().random):
                try:
                    roll()
                except RuntimeError:
                    continue
                raise AssertionError(roll)
            """
        run = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIsInstance(datetime.datetime.now(), datetime.datetime)


if __name__ == "__main__":
    unittest.main()
