/** A small store that outlives the call: this plugin's alone. */

import * as host from "#kv";
import { ask } from "./host-error.js";
import { decode, toBytes, wellFormed } from "./text.js";

export function getBytes(key) {
  const value = ask("kv", () => host.get(wellFormed(key)));
  return value == null ? null : Uint8Array.from(value);
}

export function get(key) {
  const value = getBytes(key);
  return value === null ? null : decode(value);
}

export function getJson(key) {
  const text = get(key);
  return text === null ? null : JSON.parse(text);
}

export function set(key, value, { ttl } = {}) {
  ask("kv", () => host.set(wellFormed(key), toBytes(value), seconds(ttl)));
}

export function setJson(key, value, options) {
  set(key, JSON.stringify(value), options);
}

function remove(key) {
  ask("kv", () => host.remove(wellFormed(key)));
}
export { remove as delete };

export function increment(key, by = 1, { ttl } = {}) {
  return Number(ask("kv", () => host.increment(wellFormed(key), BigInt(by), seconds(ttl))));
}

export function compareAndSet(key, expected, value, { ttl } = {}) {
  const bytes = (text) => (text == null ? undefined : toBytes(text));
  return ask("kv", () => host.compareAndSet(wellFormed(key), bytes(expected), bytes(value), seconds(ttl)));
}

/** Whole seconds; nothing is for ever. */
function seconds(ttl) {
  if (ttl == null) return undefined;
  if (!Number.isInteger(ttl) || ttl < 0 || ttl >= 2 ** 32) throw new RangeError(`ttl is whole seconds, not ${ttl}`);
  return ttl;
}
