// Write Hookgate plugins in AssemblyScript: exported functions with the hooks' names.
//
//     import { Decision, User } from "./hookgate/index";
//
//     export function allowSignin(user: User, provider: string): Decision {
//       return user.emailVerified ? Decision.allow() : Decision.deny("unverified", "Please verify your address first.");
//     }
//
// `transform.mjs` makes the component's exports of them. The component has the hooks that are there, and imports what is
// called.

export { JsonObject, escape } from "./json";
export { clock, config, Field, Header, http, kv, log, random, Request, request, Response, Result, SecretHeader, secrets } from "./host";

/** The account that a hook is about, as stored at the moment of the call. */
export class User {
  constructor(
    /** Opaque and stable; the `sub` of every token of this user. */
    public id: string,
    /** Normalised: trimmed and case-folded. */
    public email: string,
    /** The display name, if the user gave one. */
    public name: string | null,
    /** The URL of a picture, if there is one. */
    public image: string | null,
    /** Whether the user has proven that the address is theirs. */
    public emailVerified: bool,
    /** False for a deactivated account. */
    public isActive: bool,
  ) {}

  /** What follows the last `@` of the address; empty if there is none. */
  get emailDomain(): string {
    const at = this.email.lastIndexOf("@");
    return at < 0 ? "" : this.email.substring(at + 1);
  }
}

/** A registered WebAuthn credential. */
export class Passkey {
  constructor(
    /** The credential id, base64url without padding. */
    public id: string,
    /** The id of the user it belongs to. */
    public userId: string,
    /** The name that the user gave it. */
    public name: string,
    /** The authenticator's model, or the nil UUID. */
    public aaguid: string,
    /** The authenticator's signature counter. */
    public signCount: u32,
    /** Seconds since the Unix epoch. */
    public createdAt: u64,
    /** Whether it ever signed in. */
    public wasUsed: bool,
    /** Seconds since the Unix epoch, if it was used. */
    public lastUsedAt: u64,
  ) {}
}

/** What a gate answers. */
export class Decision {
  private constructor(
    public isDenial: bool,
    public code: string | null,
    public message: string | null,
    public reason: string | null,
  ) {}

  static allow(): Decision {
    return new Decision(false, null, null, null);
  }

  /**
   * A refusal. `code` is stable and machine-readable, for the client: at most 64 bytes of `a-z`, `0-9`, `_`, `.`, `-`.
   * `message` is for the user's eyes, at most 512 bytes. `reason` is for the operator's log alone.
   */
  static deny(code: string | null = null, message: string | null = null, reason: string | null = null): Decision {
    return new Decision(true, code, message, reason);
  }

  /** A failure, which is not a denial: the text is for the operator's log alone. */
  static fail(text: string): Decision {
    fail(text);
    return Decision.allow();
  }
}

let failure: string | null = null;

/**
 * Makes the hook fail with a text for the operator's log, whatever it answers. AssemblyScript has no exceptions: `throw`
 * makes the hook fail too, but its text is lost.
 */
export function fail(text: string): void {
  failure = text;
}

/** For `abi.ts`. */
export function takeFailure(): string | null {
  const text = failure;
  failure = null;
  return text;
}
