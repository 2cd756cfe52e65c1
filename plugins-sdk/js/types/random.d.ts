/**
 * The server's random numbers, fit for secrets. Needs the grant `random`, as do `Math.random()`,
 * `crypto.getRandomValues()` and `crypto.randomUUID()` in a plugin, which ask it.
 */

/** So many random bytes, at most 4096. */
export function bytes(length: number): Uint8Array;
/** A number from 0 up to 1, 1 excluded. */
export function number(): number;
/** A random UUID (version 4). */
export function uuid(): string;
