/** A server in memory, so that hooks can be tested with plain `node --test`. */

import type { Claims, Passkey, Session, User } from "./index.js";
import type { Level } from "./log.js";

/** What `request` answers. */
export interface Request {
  id: string;
  time: number;
  ip: string | null;
  userAgent: string | null;
  provider: string | null;
  isNew: boolean;
  tokenKind: "access" | "refresh" | null;
  eventId: string | null;
  attempt: number;
}

/** One line that the plugin wrote. */
export interface LogLine {
  level: Level;
  message: string;
  fields: Record<string, string>;
}

/** A request that a plugin sends. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: [string, string][];
  secretHeaders: { name: string; prefix: string; secret: string }[];
  body: Uint8Array | undefined;
  timeoutMs: number | undefined;
}

/** What a test answers. */
export interface HttpAnswer {
  /** 200 unless it is said. */
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** In place of `body`. */
  json?: unknown;
}

/**
 * The server as the plugin sees it. The newest one counts, and its log starts empty.
 *
 * The request is a sign-in with a password from 192.0.2.1 at the start of 2026, where nothing else is said.
 */
export class Host {
  constructor(settings?: {
    config?: Record<string, unknown>;
    request?: Partial<Request>;
    /** What the store holds at first. */
    kv?: Record<string, string | Uint8Array>;
    /** The secrets that are lent to the plugin. */
    secrets?: Record<string, string>;
    /** Answers requests. To have one fail, throw `{ tag: "timeout" }`, `{ tag: "connection", val: "…" }` … */
    http?: (request: HttpRequest) => HttpAnswer;
  });
  /** What the plugin has written so far. */
  readonly logs: LogLine[];
  /** The requests that it sent so far, their bodies as text. */
  readonly requests: (Omit<HttpRequest, "body"> & { body: string | undefined })[];
  /** Moves the clock on; what `kv` keeps ends by it. */
  advance(seconds: number): void;
}

/** An active user with a proven address and the id `user-NAME`, where NAME is what stands before the `@`. */
export function user(email: string, changes?: Partial<User>): User;
/** The claims of an access token as the server hands them to the first plugin. */
export function claims(user: User, changes?: Claims): Claims;
/** The payload of a session as the server hands it to the first plugin. */
export function session(user: User, changes?: Session): Session;
/** A passkey of this user that was never used. */
export function passkey(user: User, changes?: Partial<Passkey>): Passkey;
