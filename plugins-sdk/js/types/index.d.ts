/** The account that a hook is about, as stored at the moment of the call. */
export interface User {
  /** Opaque and stable; the `sub` of every token of this user. */
  readonly id: string;
  /** Normalised: trimmed and case-folded. */
  readonly email: string;
  /** The display name, if the user gave one. */
  readonly name: string | null;
  /** The URL of a picture, if there is one. */
  readonly image: string | null;
  /** Whether the user has proven that the address is theirs. */
  readonly emailVerified: boolean;
  /** False for a deactivated account. */
  readonly isActive: boolean;
}

/** A registered WebAuthn credential. */
export interface Passkey {
  /** The credential id, base64url without padding. */
  readonly id: string;
  /** The id of the user it belongs to. */
  readonly userId: string;
  /** The name that the user gave it. */
  readonly name: string;
  /** The authenticator's model, or the nil UUID. */
  readonly aaguid: string;
  /** The authenticator's signature counter. */
  readonly signCount: number;
  /** Seconds since the Unix epoch. */
  readonly createdAt: number;
  /** Seconds since the Unix epoch; null before the first use. */
  readonly lastUsedAt: number | null;
}

/** A JSON value. */
export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };

/** A JSON object. Numbers beyond 2^53 lose precision. */
export type JsonObject = { [key: string]: Json };

/**
 * The claims of a token, just before it is signed.
 *
 * `sub`, `iss`, `aud`, `iat`, `nbf`, `jti`, `type` and `sid` must stay as they are and `exp` may only
 * become earlier, or no token is issued.
 */
export type Claims = JsonObject;

/**
 * The payload of a session before it is stored; it starts with `ip_address` and `user_agent`.
 *
 * `id`, `user_id` and `expires_at` are the server's and must stay as they are, or no session begins.
 */
export type Session = JsonObject;

/** A refusal, as the one who is refused and the one who reads the log see it. */
export class Denial {
  /**
   * @param code Stable and machine-readable, for the client: at most 64 bytes of `a-z`, `0-9`, `_`, `.`, `-`.
   */
  constructor(code?: string | null, texts?: {
    /** For the user's eyes, at most 512 bytes. Without one, the server's own text is shown. */
    message?: string | null;
    /** For the operator's log alone; it never leaves the server. At most 2048 bytes. */
    reason?: string | null;
  });
  readonly code: string | null;
  readonly message: string | null;
  readonly reason: string | null;
}

/** The hooks. A plugin has those that it defines; the server never calls the others. */
export interface Hooks {
  /**
   * Asked before a user is let in: after the proof of identity and before any session or token exists.
   * An exception is a failure, not a denial: nobody is let in, and the client gets 503.
   *
   * @param provider `credentials`, `magic_link`, `passkey`, or the id of an OAuth provider.
   */
  allowSignin?(user: User, provider: string): boolean | Denial;
  /**
   * Changes the claims of a token just before it is signed: in place, or by returning new ones. Called
   * for the access token and for the refresh token; `claims.type` tells which.
   */
  modifyJwt?(claims: Claims, user: User): Claims | void;
  /** Changes the payload of a session before it is stored: in place, or by returning a new one. */
  modifySession?(session: Session, user: User): Session | void;
  /** A user was created, in whatever way. */
  onSignup?(user: User): void;
  /** A user signed in and a session began. */
  onSignin?(user: User, provider: string): void;
  /** A user signed out; the refresh tokens are already revoked. */
  onSignout?(user: User): void;
  /** A refresh token was exchanged for a new pair. */
  onTokenRefresh?(user: User): void;
  /** A user's address was proven for the first time. */
  onEmailVerify?(user: User): void;
  /** A password was reset by e-mail; the user's refresh tokens are already revoked. */
  onPasswordReset?(user: User): void;
  /** An account of an OAuth provider was linked to a signed-in user. */
  onOauthLink?(user: User, provider: string): void;
  /** A magic link was handed to the mail transport, or there is none. */
  onMagicLinkSent?(user: User): void;
  /** A passkey was added to a user. */
  onPasskeyRegistered?(user: User, passkey: Passkey): void;
  /** A passkey was removed from a user. */
  onPasskeyDeleted?(user: User, passkey: Passkey): void;
  /**
   * A sign-in of a known user failed. `reason` is `password`, `unverified`, `inactive` or `denied`; the way in is
   * `request.provider()`.
   */
  onSigninFailed?(user: User, reason: string): void;
  /** Too many wrong passwords: sign-in with one is locked for a while. */
  onLockout?(user: User): void;
  /** A user, or the operator, set another password. A reset by e-mail is `onPasswordReset`. */
  onPasswordChange?(user: User): void;
  /** A user's address was changed, and the new one is proven. `previous` is the address before. */
  onEmailChange?(user: User, previous: string): void;
  /** An account was deleted or deactivated, by its user or by the operator. */
  onAccountDelete?(user: User): void;
  /** A session was ended otherwise than by signing out. `sessionId` is empty if all of the user's were. */
  onSessionRevoke?(user: User, sessionId: string): void;
  /** A refresh token was presented that had been spent before. All sessions of the user are ended already. */
  onRefreshReuse?(user: User): void;
  /**
   * No hook, but asked once, when the plugin is loaded: throw if the settings are no good. The text says so to the
   * operator, and the version before this one keeps serving.
   */
  validateConfig?(): void;
}

/**
 * The plugin: `export default defineHooks({ … })`.
 *
 * A name that is no hook does not compile, and throws with the name that was meant.
 */
export function defineHooks<T extends Hooks>(hooks: T & { [Name in Exclude<keyof T, keyof Hooks>]: never }): T;

/** The server did not do what a plugin asked for. Not caught, it makes the hook fail with its text. */
export class HostError extends Error {
  /** The module that was asked. */
  readonly capability: "kv" | "http";
  /**
   * Of `kv`: `invalid`, `quota`, `not-a-number`, `unavailable`. Of `http`: `invalid`, `denied`, `timeout`,
   * `too-large`, `connection`.
   */
  readonly code: string;
  /** What is wrong, as far as there is more to say. */
  readonly detail: string | null;
}

export * as clock from "./clock.js";
export * as config from "./config.js";
export * as http from "./http.js";
export * as kv from "./kv.js";
export * as log from "./log.js";
export * as random from "./random.js";
export * as request from "./request.js";
export * as secrets from "./secrets.js";
