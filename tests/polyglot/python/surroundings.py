"""What Python expects of its surroundings: see `surroundings` in ../tests/suite.rs."""

import random
import secrets
import uuid
from datetime import datetime, timezone

from hookgate_plugin import Claims, EventHooks, User


class Surroundings(EventHooks):
    def modify_jwt(self, claims: Claims, user: User) -> None:
        print("printed", "line")
        claims["now"] = int(datetime.now(timezone.utc).timestamp() * 1000)
        claims["random"] = [random.random(), str(uuid.uuid4()), secrets.token_hex(8)]
