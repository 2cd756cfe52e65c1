"""The class that a plugin is."""

import difflib
from typing import Any

from .data import Claims, Denial, Passkey, Session, User


class EventHooks:
    """Override what you need: the plugin has those hooks, and the server never calls the others.

    `async def` is fine too, as long as nothing really waits. An exception is a *failure*, not a denial:
    its text goes to the operator's log, and the client never sees it.
    """

    def allow_signin(self, user: User, provider: str) -> bool | Denial:
        """Asked before a user is let in: after the proof of identity, before any session or token exists.

        `provider` is `credentials`, `magic_link`, `passkey`, or the id of an OAuth provider.
        """
        return True

    def modify_jwt(self, claims: Claims, user: User) -> Claims | None:
        """Changes the claims of a token just before it is signed: in place, or by returning new ones.

        Called for the access token and for the refresh token; `claims["type"]` tells which.
        """

    def modify_session(self, session: Session, user: User) -> Session | None:
        """Changes the payload of a session before it is stored: in place, or by returning a new one."""

    def on_signup(self, user: User) -> None:
        """A user was created, in whatever way."""

    def on_signin(self, user: User, provider: str) -> None:
        """A user signed in and a session began."""

    def on_signout(self, user: User) -> None:
        """A user signed out; the refresh tokens are already revoked."""

    def on_token_refresh(self, user: User) -> None:
        """A refresh token was exchanged for a new pair."""

    def on_email_verify(self, user: User) -> None:
        """A user's address was proven for the first time."""

    def on_password_reset(self, user: User) -> None:
        """A password was reset by e-mail; the user's refresh tokens are already revoked."""

    def on_oauth_link(self, user: User, provider: str) -> None:
        """An account of an OAuth provider was linked to a signed-in user."""

    def on_magic_link_sent(self, user: User) -> None:
        """A magic link was handed to the mail transport, or there is none."""

    def on_passkey_registered(self, user: User, passkey: Passkey) -> None:
        """A passkey was added to a user."""

    def on_passkey_deleted(self, user: User, passkey: Passkey) -> None:
        """A passkey was removed from a user."""

    def on_signin_failed(self, user: User, reason: str) -> None:
        """A sign-in of a known user failed.

        `reason` is `password`, `unverified`, `inactive` or `denied`; the way in is `request.provider()`.
        """

    def on_lockout(self, user: User) -> None:
        """Too many wrong passwords: sign-in with one is locked for a while."""

    def on_password_change(self, user: User) -> None:
        """A user, or the operator, set another password. A reset by e-mail is `on_password_reset`."""

    def on_email_change(self, user: User, previous: str) -> None:
        """A user's address was changed, and the new one is proven. `previous` is the address before."""

    def on_account_delete(self, user: User) -> None:
        """An account was deleted or deactivated, by its user or by the operator."""

    def on_session_revoke(self, user: User, session_id: str) -> None:
        """A session was ended otherwise than by signing out. `session_id` is empty if all of the user's were."""

    def on_refresh_reuse(self, user: User) -> None:
        """A refresh token was presented that had been spent before. All sessions of the user are ended already."""

    def validate_config(self) -> None:
        """No hook, but asked once, when the plugin is loaded: raise `ValueError` if the settings are no good.

        The text says so to the operator, and the version before this one keeps serving.
        """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith(("allow_", "modify_", "on_", "validate_")) and name not in (*NAMES, CHECK):
                meant = difflib.get_close_matches(name, (*NAMES, CHECK), n=1)
                hint = f"; did you mean `{meant[0]}`?" if meant else ""
                raise TypeError(f"there is no hook `{name}`{hint}")


#: What is asked once, when the plugin is loaded.
CHECK = "validate_config"

#: The hooks' names, in the contract's order.
NAMES: tuple[str, ...] = tuple(name for name in vars(EventHooks) if not name.startswith("_") and name != CHECK)


def overridden(plugin: type[EventHooks]) -> list[str]:
    """The hooks that a plugin has."""
    return [name for name in NAMES if getattr(plugin, name) is not getattr(EventHooks, name)]


def has_check(plugin: type[EventHooks]) -> bool:
    """Whether it looks at its settings when it is loaded."""
    return getattr(plugin, CHECK) is not getattr(EventHooks, CHECK)
