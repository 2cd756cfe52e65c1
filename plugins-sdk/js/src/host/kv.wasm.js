/** `kv` of the server. */
import { increment as incrementOfHost } from "hookgate:hooks/kv@0.1.0";

export { compareAndSet, delete as remove, get, set } from "hookgate:hooks/kv@0.1.0";

/** WIT's s64 is a Number in QuickJS and a BigInt in SpiderMonkey. */
export const increment = hookgateIsQuickjs
  ? (key, by, ttl) => incrementOfHost(key, Number(by), ttl)
  : (key, by, ttl) => withoutSigns(() => incrementOfHost(key, by, ttl));

/**
 * SpiderMonkey's bindings trap when they hand over a negative s64, a known mistake of ComponentizeJS, but not when it is
 * the same 64 bits without a sign. They make it one with the `BigInt.asIntN` of a realm of their own.
 */
function withoutSigns(action) {
  const theirs = incrementOfHost.constructor("return BigInt")();
  const { asIntN, asUintN } = theirs;
  theirs.asIntN = asUintN;
  try {
    return action();
  } finally {
    theirs.asIntN = asIntN;
  }
}
