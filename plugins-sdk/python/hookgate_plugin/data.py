"""What hooks take and answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

#: The claims of a token, just before it is signed.
#:
#: `sub`, `iss`, `aud`, `iat`, `nbf`, `jti`, `type` and `sid` must stay as they are and `exp` may only
#: become earlier, or no token is issued.
Claims = dict[str, Any]

#: The payload of a session before it is stored; it starts with `ip_address` and `user_agent`.
#:
#: `id`, `user_id` and `expires_at` are the server's and must stay as they are, or no session begins.
Session = dict[str, Any]


class _Record(Mapping[str, Any]):
    """Attributes that can also be read like a dict's, as FastAuth's hooks do."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        if key not in self.__dataclass_fields__:  # type: ignore[attr-defined]
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return (field.name for field in fields(self))  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class User(_Record):
    """The account that a hook is about, as stored at the moment of the call."""

    #: Opaque and stable; the `sub` of every token of this user.
    id: str
    #: Normalised: trimmed and case-folded.
    email: str
    #: The display name, if the user gave one.
    name: str | None
    #: The URL of a picture, if there is one.
    image: str | None
    #: Whether the user has proven that the address is theirs.
    email_verified: bool
    #: False for a deactivated account.
    is_active: bool

    @property
    def email_domain(self) -> str:
        """What follows the last `@` of the address; empty if there is none."""
        _, at, domain = self.email.rpartition("@")
        return domain if at else ""


class UserDraft(_Record):
    """Becomes a `User` when it is made: each call makes one, and a frozen dataclass is slow to fill in."""

    __slots__ = tuple(field.name for field in fields(User))

    def __init__(
        self, id: str, email: str, name: str | None, image: str | None, email_verified: bool, is_active: bool
    ) -> None:
        self.id = id
        self.email = email
        self.name = name
        self.image = image
        self.email_verified = email_verified
        self.is_active = is_active
        self.__class__ = User  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Passkey(_Record):
    """A registered WebAuthn credential."""

    #: The credential id, base64url without padding.
    id: str
    #: The id of the user it belongs to.
    user_id: str
    #: The name that the user gave it.
    name: str
    #: The authenticator's model, or the nil UUID.
    aaguid: str
    #: The authenticator's signature counter.
    sign_count: int
    #: Seconds since the Unix epoch.
    created_at: int
    #: Seconds since the Unix epoch; None before the first use.
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class Denial:
    """A refusal, as the one who is refused and the one who reads the log see it."""

    #: Stable and machine-readable, for the client: at most 64 bytes of `a-z`, `0-9`, `_`, `.`, `-`.
    code: str | None = None
    #: For the user's eyes, at most 512 bytes. Without one, the server's own text is shown.
    message: str | None = None
    #: For the operator's log alone; it never leaves the server. At most 2048 bytes.
    reason: str | None = None
