"""What the server answers instead of doing what it was asked."""

_TEXTS = {
    "not-a-number": "the value is no decimal number, or the sum does not fit",
    "unavailable": "the storage failed",
    "timeout": "no answer in time",
    "too-large": "the request or the answer is larger than allowed",
}


class HostError(RuntimeError):
    """The server did not do what a plugin asked for. Not caught, it makes the hook fail with its text.

    `capability` is `kv` or `http`. `code` is, of `kv`, `invalid`, `quota`, `not-a-number` or `unavailable`, and of
    `http` `invalid`, `denied`, `timeout`, `too-large` or `connection`.
    """

    def __init__(self, capability: str, code: str, detail: str | None = None) -> None:
        self.capability, self.code, self.detail = capability, code, detail
        super().__init__(f"{capability}: {code}: {detail or _TEXTS.get(code, 'no more is known')}")
