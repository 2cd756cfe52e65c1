"""The hooks of before.py as a plugin of Hookgate."""

from hookgate_plugin import Claims, Denial, EventHooks, User, config, log


class AppHooks(EventHooks):
    async def allow_signin(self, user: User, provider: str) -> bool | Denial:
        settings = config.all()
        if user["email"] in settings.get("suspended", []):
            return Denial("suspended", message="Your account is suspended. Write to help@example.com.")
        # The staff's Google accounts, and nobody else's.
        return provider != "google" or domain_of(user) == settings["staff_domain"]

    async def modify_jwt(self, token: Claims, user: User) -> Claims:
        token["plan"] = config.all().get("plans", {}).get(domain_of(user), "free")
        token["display_name"] = user["name"] or user["email"].split("@")[0]
        return token

    async def on_signup(self, user: User) -> None:
        log.info("signup", user=user["id"], domain=domain_of(user))

    async def on_signin(self, user: User, provider: str) -> None:
        log.info("signin", user=user["id"], provider=provider)


def domain_of(user: User) -> str:
    return user["email"].rpartition("@")[2]
