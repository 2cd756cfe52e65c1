/**
 * The server's clock. Needs the grant `clock`, as do `Date` and `performance.now()` in a plugin, which ask it.
 */

/** Milliseconds since the Unix epoch. */
export function now(): number;
/** Nanoseconds since the call began; never goes back. */
export function monotonic(): number;
