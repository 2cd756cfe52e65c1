// The reference plugin, see ../README.md.
import {
  type Claims, config, defineHooks, Denial, log, type Passkey, request, type Session, type User, clock, HostError, http, kv, random, secrets } from "@hookgate/plugin";

const LANG = "typescript";

interface Settings {
  greeting: string;
  seats: number;
  nested: { list: (number | string | boolean)[] };
}

export default defineHooks({
  allowSignin(user: User, provider: string): boolean | Denial {
    refuseErrors(user);
    if (user.email.startsWith("denied")) {
      return new Denial("reference.denied", {
        message: `No entry, ${user.name ?? "stranger"}. 🦊`,
        reason: `${user.email} by ${provider}`,
      });
    }
    return !user.email.startsWith("bare");
  },

  modifyJwt(claims: Claims, user: User): Claims {
    refuseErrors(user);
    const { remove_me: _, ...kept } = claims;
    const { id, email, name, image, emailVerified, isActive } = user;
    const { greeting, seats, nested } = config.all<Settings>();
    return {
      ...kept,
      lang: LANG,
      n: 42,
      nested: { list: [1, "two", true, null], ratio: 0.5 },
      greeting: config.get("greeting"),
      seats: Number(config.get("seats")),
      missing: config.get("missing"),
      now: request.time(),
      config: { greeting, seats, nested },
      request: {
        id: request.id(),
        time: request.time(),
        ip: request.ip(),
        user_agent: request.userAgent(),
        provider: request.provider(),
        is_new: request.isNew(),
        event_id: request.eventId(),
        attempt: request.attempt(),
      },
      token: request.tokenKind(),
      user: { id, email, name, image, email_verified: emailVerified, is_active: isActive },
    };
  },

  modifySession(session: Session, user: User): void {
    refuseErrors(user);
    if (user.email.startsWith("host")) {
      session.host = asked() as Session;
      return;
    }
    session.lang = LANG;
    session.seen = { request: request.id(), verified: user.emailVerified };
  },

  onSignup: (user) => told("on-signup", user),
  onSignin: (user, provider) => told("on-signin", user, provider),
  onSignout: (user) => told("on-signout", user),
  onTokenRefresh: (user) => told("on-token-refresh", user),
  onEmailVerify: (user) => told("on-email-verify", user),
  onPasswordReset: (user) => told("on-password-reset", user),
  onOauthLink: (user, provider) => told("on-oauth-link", user, provider),
  onMagicLinkSent: (user) => told("on-magic-link-sent", user),
  onPasskeyRegistered: (user, passkey) => told("on-passkey-registered", user, describe(passkey)),
  onPasskeyDeleted: (user, passkey) => told("on-passkey-deleted", user, describe(passkey)),
  onSigninFailed: (user, reason) => told("on-signin-failed", user, reason),
  onLockout: (user) => told("on-lockout", user),
  onPasswordChange: (user) => told("on-password-change", user),
  onEmailChange: (user, previous) => told("on-email-change", user, previous),
  onAccountDelete: (user) => told("on-account-delete", user),
  onSessionRevoke: (user, sessionId) => told("on-session-revoke", user, sessionId),
  onRefreshReuse: (user) => told("on-refresh-reuse", user),

  validateConfig(): void {
    const seats = config.get("seats");
    if (seats === null) throw new Error("`seats` is missing");
    if (!(Number(seats) >= 1)) throw new Error(`\`seats\` is ${seats}: it must be a number from 1 on`);
  },
});

/** What `clock`, `random`, `kv`, `http` and `secrets` answer. */
function asked(): Record<string, unknown> {
  const secretHeaders = [{ name: "authorization", prefix: "Bearer ", secret: "signing" }];
  const options = { headers: { "x-test": "yes" }, secretHeaders, body: "hello", timeout: 50 };
  const answer = http.fetch("https://api.example/echo", options);
  const kept: unknown[] = [kv.get("absent")];
  kv.set("k", "v ü", { ttl: 60 });
  kept.push(kv.get("k"), kv.increment("n", 2, { ttl: 60 }), kv.increment("n", -5));
  kept.push(kv.compareAndSet("k", "v ü", "w"), kv.compareAndSet("k", "x", "y"), kv.get("k"));
  const errors = [code(() => kv.increment("k")), code(() => kv.get("")), code(() => http.fetch("https://denied.example/"))];
  kv.delete("k");
  kv.delete("n");
  kept.push(kv.get("k"));
  return {
    clock: Date.now() === clock.now() && clock.now(),
    later: clock.monotonic() >= 0 && performance.now() >= 0,
    bytes: Array.from(random.bytes(8)).join("."),
    number: String(Math.random()),
    kv: kept,
    errors,
    http: [answer.status, answer.headers["x-answer"], answer.text()],
    secrets: [secrets.names(), secrets.hmacSha256Hex("signing", "data"), secrets.hmacSha256("other", "data")],
  };
}

function code(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.code;
  }
}

function refuseErrors(user: User): void {
  if (user.email.startsWith("error")) throw new Error(`boom ${user.email}`);
}

function told(hook: string, user: User, about: string = ""): void {
  refuseErrors(user);
  log.info(`${hook} ${user.id}`, {
    hook,
    "user.id": user.id,
    "event.id": request.eventId(),
    attempt: request.attempt(),
    about,
  });
}

function describe({ id, userId, name, signCount, createdAt, lastUsedAt }: Passkey): string {
  return `${id} of ${userId}: ${name}, ${signCount}, ${createdAt}, ${lastUsedAt ?? "never"}`;
}
