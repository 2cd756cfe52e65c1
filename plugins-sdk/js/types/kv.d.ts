/**
 * A small store that outlives the call: this plugin's alone, in the server's database. Needs the grant `kv`.
 *
 * Keys have 1 to 256 bytes; `ttl` is in seconds, and without one a value is kept until it is deleted. What the
 * server refuses is a `HostError` with the code `invalid`, `quota`, `not-a-number` or `unavailable`.
 */

/** How long a value is kept. */
export interface Keep {
  /** Whole seconds. */
  ttl?: number;
}

/** The value as text; null if there is none. */
export function get(key: string): string | null;
/** The value as it is; null if there is none. */
export function getBytes(key: string): Uint8Array | null;
/** What `setJson` stored; null if there is none. */
export function getJson<T = unknown>(key: string): T | null;
export function set(key: string, value: string | Uint8Array, options?: Keep): void;
export function setJson(key: string, value: unknown, options?: Keep): void;
declare function remove(key: string): void;
export { remove as delete };
/**
 * Adds to a decimal number (absent counts as 0) and answers the sum, as one step. An entry that is there keeps its
 * end, so that a key with a `ttl` is the window of a rate limit.
 */
export function increment(key: string, by?: number, options?: Keep): number;
/** Sets the value (null deletes it) if the present one is `expected` (null: absent). Whether it was. */
export function compareAndSet(
  key: string,
  expected: string | Uint8Array | null,
  value: string | Uint8Array | null,
  options?: Keep,
): boolean;
