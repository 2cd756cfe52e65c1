"""The hooks as they were in FastAuth, for comparison. Nothing imports this file."""

import logging

from fastauth import EventHooks
from fastauth.types import UserData

logger = logging.getLogger(__name__)

STAFF_DOMAIN = "example.com"
SUSPENDED = {"eve@example.org"}
PLANS = {"example.com": "pro", "example.org": "trial"}


class AppHooks(EventHooks):
    async def allow_signin(self, user: UserData, provider: str) -> bool:
        if user["email"] in SUSPENDED:
            return False
        # The staff's Google accounts, and nobody else's.
        return provider != "google" or domain_of(user) == STAFF_DOMAIN

    async def modify_jwt(self, token: dict, user: UserData) -> dict:
        token["plan"] = PLANS.get(domain_of(user), "free")
        token["display_name"] = user["name"] or user["email"].split("@")[0]
        return token

    async def on_signup(self, user: UserData) -> None:
        logger.info("signup user=%s domain=%s", user["id"], domain_of(user))

    async def on_signin(self, user: UserData, provider: str) -> None:
        logger.info("signin user=%s provider=%s", user["id"], provider)


def domain_of(user: UserData) -> str:
    return user["email"].rpartition("@")[2]
