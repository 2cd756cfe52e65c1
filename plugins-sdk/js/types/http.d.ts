/**
 * HTTP requests to the hosts that the operator allowed for this plugin. Needs the grant `http`.
 *
 * Nothing here is a promise: the hook waits, and the wait counts as its time. Without an answer a `HostError` is
 * thrown with the code `invalid`, `denied`, `timeout`, `too-large` or `connection`. A redirect is answered, not followed.
 */

/** A header whose value ends in a secret that the plugin never sees. */
export interface SecretHeader {
  name: string;
  /** What stands before it: `Bearer `, say. */
  prefix?: string;
  /** The secret's name. */
  secret: string;
}

export interface Options {
  /** `GET`, or `POST` where there is a body, unless it is said. */
  method?: string;
  headers?: Record<string, string>;
  secretHeaders?: SecretHeader[];
  body?: string | Uint8Array;
  /** In place of `body`: sent as JSON. */
  json?: unknown;
  /** Milliseconds; never longer than what the call has left. */
  timeout?: number;
}

export interface Response {
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  /** Names in small letters. */
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  text(): string;
  json<T = any>(): T;
}

export function fetch(url: string, options?: Options): Response;
