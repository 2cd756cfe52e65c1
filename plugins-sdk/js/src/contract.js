/** The contract's hooks: their names here and in WIT, and the shape of what they take and answer. */

export const PACKAGE = "hookgate:hooks";
export const VERSION = "0.1.0";

/** What a plugin may import, if the operator grants it. */
export const CAPABILITIES = ["log", "config", "request", "clock", "random", "kv", "http", "secrets"];

/** Name in JavaScript → shape. */
export const HOOKS = {
  allowSignin: "gate",
  modifyJwt: "mutation",
  modifySession: "mutation",
  onSignup: "event",
  onSignin: "event",
  onSignout: "event",
  onTokenRefresh: "event",
  onEmailVerify: "event",
  onPasswordReset: "event",
  onOauthLink: "event",
  onMagicLinkSent: "event",
  onPasskeyRegistered: "event",
  onPasskeyDeleted: "event",
  onSigninFailed: "event",
  onLockout: "event",
  onPasswordChange: "event",
  onEmailChange: "event",
  onAccountDelete: "event",
  onSessionRevoke: "event",
  onRefreshReuse: "event",
};

/** No hook, but exported in the same way: asked once, when the plugin is loaded. */
export const CHECKS = { validateConfig: "check" };

/** `allowSignin` → `allow-signin`. */
export function witName(hook) {
  return hook.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}
