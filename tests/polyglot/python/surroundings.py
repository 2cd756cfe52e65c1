"""What Python expects of its surroundings: see `surroundings` in ../tests/suite.rs."""

import random
import uuid
from datetime import datetime, timezone

from hookgate_plugin import Claims, EventHooks, User


class Surroundings(EventHooks):
    def modify_jwt(self, claims: Claims, user: User) -> None:
        print("printed", "line")
        claims["now"] = int(datetime.now(timezone.utc).timestamp() * 1000)
        claims["random"] = [drawn(random.random), drawn(uuid.uuid4)]


def drawn(draw) -> str:
    try:
        return str(draw())
    except RuntimeError:
        return "refused"
