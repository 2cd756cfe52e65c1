"""Secrets that the operator lent to this plugin: it can use them and never read them. Needs the grant `secrets`."""

from . import _server


def names() -> list[str]:
    """Their names, in order. For putting one into a request see `http.SecretHeader`."""
    return list(_server.current.secrets_names())


def hmac_sha256(name: str, data: str | bytes) -> bytes | None:
    """HMAC-SHA-256 with a secret as the key, for signing webhooks; None if there is no such secret."""
    digest = _server.current.secrets_hmac_sha256(name, data.encode() if isinstance(data, str) else data)
    return None if digest is None else bytes(digest)
