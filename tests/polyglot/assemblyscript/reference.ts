// The reference plugin, see ../README.md.
import {
  clock, config, Decision, escape, fail, Field, Header, http, JsonObject, kv, log, Passkey, random, Request, request,
  SecretHeader, secrets, User,
} from "../../../plugins-sdk/assemblyscript/index";

const LANG = "assemblyscript";

export function allowSignin(user: User, provider: string): Decision {
  if (refusesErrors(user)) return Decision.allow();
  const name = user.name;
  if (user.email.startsWith("denied")) {
    return Decision.deny(
      "reference.denied", "No entry, " + (name === null ? "stranger" : name) + ". 🦊", user.email + " by " + provider,
    );
  }
  return user.email.startsWith("bare") ? Decision.deny() : Decision.allow();
}

export function modifyJwt(claims: JsonObject, user: User): void {
  if (refusesErrors(user)) return;
  const settings = config.all();
  claims.remove("remove_me");
  claims.setString("lang", LANG);
  claims.setInteger("n", 42);
  claims.set("nested", '{"list": [1, "two", true, null], "ratio": 0.5}');
  claims.setString("greeting", config.get("greeting"));
  claims.setInteger("seats", <i64>settings.getNumber("seats"));
  claims.setString("missing", config.get("missing"));
  claims.setObject("config", settings);
  claims.setInteger("now", request.time());
  claims.setString("token", request.tokenKind());
  const about = new JsonObject();
  about.setString("id", user.id);
  about.setString("email", user.email);
  about.setString("name", user.name);
  about.setString("image", user.image);
  about.setBool("email_verified", user.emailVerified);
  about.setBool("is_active", user.isActive);
  claims.setObject("user", about);
  const asked = new JsonObject();
  asked.setString("id", request.id());
  asked.setInteger("time", request.time());
  asked.setString("ip", request.ip());
  asked.setString("user_agent", request.userAgent());
  asked.setString("provider", request.provider());
  asked.setBool("is_new", request.isNew());
  asked.setString("event_id", request.eventId());
  asked.setInteger("attempt", request.attempt());
  claims.setObject("request", asked);
}

export function modifySession(session: JsonObject, user: User): void {
  if (refusesErrors(user)) return;
  if (user.email.startsWith("host")) {
    asked(session);
    return;
  }
  const seen = new JsonObject();
  seen.setString("request", request.id());
  seen.setBool("verified", user.emailVerified);
  session.setString("lang", LANG);
  session.setObject("seen", seen);
}

export function onSignup(user: User): void {
  told("on-signup", user, "");
}
export function onSignin(user: User, provider: string): void {
  told("on-signin", user, provider);
}
export function onSignout(user: User): void {
  told("on-signout", user, "");
}
export function onTokenRefresh(user: User): void {
  told("on-token-refresh", user, "");
}
export function onEmailVerify(user: User): void {
  told("on-email-verify", user, "");
}
export function onPasswordReset(user: User): void {
  told("on-password-reset", user, "");
}
export function onOauthLink(user: User, provider: string): void {
  told("on-oauth-link", user, provider);
}
export function onMagicLinkSent(user: User): void {
  told("on-magic-link-sent", user, "");
}
export function onSigninFailed(user: User, reason: string): void {
  told("on-signin-failed", user, reason);
}
export function onLockout(user: User): void {
  told("on-lockout", user, "");
}
export function onPasswordChange(user: User): void {
  told("on-password-change", user, "");
}
export function onEmailChange(user: User, previous: string): void {
  told("on-email-change", user, previous);
}
export function onAccountDelete(user: User): void {
  told("on-account-delete", user, "");
}
export function onSessionRevoke(user: User, sessionId: string): void {
  told("on-session-revoke", user, sessionId);
}
export function onRefreshReuse(user: User): void {
  told("on-refresh-reuse", user, "");
}
export function validateConfig(): void {
  const seats = config.get("seats");
  if (seats === null) return fail("`seats` is missing");
  if (!(parseFloat(seats) >= 1)) fail("`seats` is " + seats + ": it must be a number from 1 on");
}
export function onPasskeyRegistered(user: User, passkey: Passkey): void {
  told("on-passkey-registered", user, describe(passkey));
}
export function onPasskeyDeleted(user: User, passkey: Passkey): void {
  told("on-passkey-deleted", user, describe(passkey));
}

/** What `clock`, `random`, `kv`, `http` and `secrets` answer. */
function asked(session: JsonObject): void {
  const message = new Request("https://api.example/echo");
  message.method = "POST";
  message.headers.push(new Header("x-test", "yes"));
  message.secretHeaders.push(new SecretHeader("authorization", "Bearer ", "signing"));
  message.body = "hello";
  message.timeout = 50;
  const sent = http.send(message);
  if (!sent.ok) {
    fail(sent.text);
    return;
  }
  const answer = sent.value;
  const kept: string[] = [quoted(kv.get("absent").value)];
  const set = kv.set("k", "v ü", 60);
  if (!set.ok) fail(set.text);
  kept.push(quoted(kv.get("k").value));
  kept.push(kv.increment("n", 2, 60).value.toString());
  kept.push(kv.increment("n", -5).value.toString());
  kept.push(kv.compareAndSet("k", "v ü", "w").value ? "true" : "false");
  kept.push(kv.compareAndSet("k", "x", "y").value ? "true" : "false");
  kept.push(quoted(kv.get("k").value));
  const errors = [quoted(kv.increment("k").code), quoted(kv.get("").code), quoted(http.send(new Request("https://denied.example/")).code)];
  kv.remove("k");
  kv.remove("n");
  kept.push(quoted(kv.get("k").value));
  const names: string[] = [];
  const all = secrets.names();
  for (let n = 0; n < all.length; n++) names.push(escape(all[n]));
  const host = new JsonObject();
  host.setInteger("clock", clock.now());
  host.setBool("later", clock.monotonic() < <u64>i64.MAX_VALUE);
  host.setString("bytes", random.bytes(8).join("."));
  host.setString("number", random.number().toString());
  host.set("kv", "[" + kept.join(", ") + "]");
  host.set("errors", "[" + errors.join(", ") + "]");
  host.set("http", "[" + answer.status.toString() + ", " + quoted(answer.header("x-answer")) + ", " + escape(answer.text) + "]");
  const signature = quoted(secrets.hmacSha256Hex("signing", "data"));
  host.set("secrets", "[[" + names.join(", ") + "], " + signature + ", " + quoted(secrets.hmacSha256Hex("other", "data")) + "]");
  session.setObject("host", host);
}

function quoted(text: string | null): string {
  return text === null ? "null" : escape(text);
}

function refusesErrors(user: User): bool {
  const isError = user.email.startsWith("error");
  if (isError) fail("boom " + user.email);
  return isError;
}

function told(hook: string, user: User, about: string): void {
  if (refusesErrors(user)) return;
  log.info(hook + " " + user.id, [
    new Field("hook", hook),
    new Field("user.id", user.id),
    new Field("event.id", request.eventId()),
    new Field("attempt", request.attempt().toString()),
    new Field("about", about),
  ]);
}

function describe(passkey: Passkey): string {
  const last = passkey.wasUsed ? passkey.lastUsedAt.toString() : "never";
  return (
    passkey.id + " of " + passkey.userId + ": " + passkey.name + ", " + passkey.signCount.toString() + ", " +
    passkey.createdAt.toString() + ", " + last
  );
}
