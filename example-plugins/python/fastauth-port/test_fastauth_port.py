"""`python -m unittest`, or pytest."""

import asyncio
import unittest

from hookgate_plugin import Denial, testing

from fastauth_port import AppHooks

SETTINGS = {"staff_domain": "example.com", "suspended": ["eve@example.org"], "plans": {"example.com": "pro"}}


def run(hook):
    """As FastAuth's tests do it; a component needs no event loop."""
    return asyncio.run(hook)


class FastAuthPort(unittest.TestCase):
    def setUp(self):
        self.host = testing.Host(config=SETTINGS)
        self.hooks = AppHooks()

    def test_only_staff_comes_in_by_google(self):
        ada, bob = testing.user("ada@example.com"), testing.user("bob@elsewhere.example")
        self.assertIs(run(self.hooks.allow_signin(ada, "google")), True)
        self.assertIs(run(self.hooks.allow_signin(bob, "google")), False)
        self.assertIs(run(self.hooks.allow_signin(bob, "credentials")), True)

    def test_the_suspended_read_why(self):
        answer = run(self.hooks.allow_signin(testing.user("eve@example.org"), "credentials"))
        self.assertIsInstance(answer, Denial)
        self.assertEqual(answer.code, "suspended")

    def test_claims_go_by_domain_and_name(self):
        ada = testing.user("ada@example.com")
        token = run(self.hooks.modify_jwt(testing.claims(ada), ada))
        self.assertEqual((token["plan"], token["display_name"], token["sub"]), ("pro", "ada", "user-ada"))
        bob = testing.user("bob@elsewhere.example", name="Bob")
        token = run(self.hooks.modify_jwt(testing.claims(bob), bob))
        self.assertEqual((token["plan"], token["display_name"]), ("free", "Bob"))

    def test_events_are_logged_without_the_address(self):
        ada = testing.user("ada@example.com")
        run(self.hooks.on_signup(ada))
        run(self.hooks.on_signin(ada, "passkey"))
        self.assertEqual([line.message for line in self.host.logs], ["signup", "signin"])
        self.assertEqual(self.host.logs[1].fields, {"user": "user-ada", "provider": "passkey"})
        self.assertNotIn("ada@", str(self.host.logs))


if __name__ == "__main__":
    unittest.main()
