"""Write Hookgate plugins in Python: one class with FastAuth's hooks.

    from hookgate_plugin import EventHooks, User

    class Hooks(EventHooks):
        def allow_signin(self, user: User, provider: str) -> bool:
            return user.email_verified

What a plugin may ask of the server is in the modules `log`, `config`, `request`, `clock`, `random`, `kv`, `http` and
`secrets`. Importing one of them makes the plugin ask the operator for the grant of that name, so import those that you need.
"""

from ._host_error import HostError
from .data import Claims, Denial, Passkey, Session, User
from .hooks import EventHooks

__all__ = ["Claims", "Denial", "EventHooks", "HostError", "Passkey", "Session", "User"]
