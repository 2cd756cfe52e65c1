/** `kv` of the server. */
import { increment as incrementOfHost } from "hookgate:hooks/kv@0.1.0";

export { compareAndSet, delete as remove, get, set } from "hookgate:hooks/kv@0.1.0";

/** The build says what WIT's s64 is in the engine: Number or BigInt. */
export const increment = (key, by, ttl) => incrementOfHost(key, hookgateInt64(by), ttl);
