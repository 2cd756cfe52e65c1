// The reference plugin, see ../README.md.
import { config, defineHooks, Denial, log, request } from "@hookgate/plugin";

const LANG = "javascript";

export default defineHooks({
  allowSignin(user, provider) {
    refuseErrors(user);
    if (user.email.startsWith("denied")) {
      return new Denial("reference.denied", {
        message: `No entry, ${user.name ?? "stranger"}. 🦊`,
        reason: `${user.email} by ${provider}`,
      });
    }
    return !user.email.startsWith("bare");
  },

  modifyJwt(claims, user) {
    refuseErrors(user);
    delete claims.remove_me;
    const { id, email, name, image, emailVerified, isActive } = user;
    Object.assign(claims, {
      lang: LANG,
      n: 42,
      nested: { list: [1, "two", true, null], ratio: 0.5 },
      greeting: config.get("greeting"),
      seats: Number(config.get("seats")),
      missing: config.get("missing"),
      now: Date.now(),
      config: config.all(),
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
    });
  },

  modifySession(session, user) {
    refuseErrors(user);
    return { ...session, lang: LANG, seen: { request: request.id(), verified: user.emailVerified } };
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
});

function refuseErrors(user) {
  if (user.email.startsWith("error")) throw new Error(`boom ${user.email}`);
}

function told(hook, user, about = "") {
  refuseErrors(user);
  log.info(`${hook} ${user.id}`, {
    hook,
    "user.id": user.id,
    "event.id": request.eventId(),
    attempt: request.attempt(),
    about,
  });
}

function describe({ id, userId, name, signCount, createdAt, lastUsedAt }) {
  return `${id} of ${userId}: ${name}, ${signCount}, ${createdAt}, ${lastUsedAt ?? "never"}`;
}
