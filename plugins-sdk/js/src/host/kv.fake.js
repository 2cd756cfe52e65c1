/** `kv` of tests: a map, whose entries end by the clock of tests. */
import { decode, encode } from "../text.js";
import { now } from "./clock.fake.js";
import { state } from "./fake.js";

const LONGEST_KEY = 256;

function entry(key) {
  if (key === "" || encode(key).length > LONGEST_KEY) {
    throw { tag: "invalid", val: `the key must have 1 to ${LONGEST_KEY} bytes` };
  }
  const found = state.kv.get(key);
  return found === undefined || (found.ends !== null && found.ends <= now()) ? undefined : found;
}

const ending = (ttl) => (ttl === undefined ? null : now() + ttl * 1000);

export const get = (key) => entry(key)?.value;

export function set(key, value, ttl) {
  entry(key);
  state.kv.set(key, { value: Uint8Array.from(value), ends: ending(ttl) });
}

export function remove(key) {
  entry(key);
  state.kv.delete(key);
}

export function increment(key, by, ttl) {
  const found = entry(key);
  const before = found === undefined ? "0" : decode(found.value);
  if (!/^[+-]?\d+$/.test(before)) throw { tag: "not-a-number" };
  const sum = BigInt(before) + BigInt(by);
  state.kv.set(key, { value: encode(String(sum)), ends: found === undefined ? ending(ttl) : found.ends });
  return sum;
}

export function compareAndSet(key, expected, value, ttl) {
  const present = entry(key)?.value;
  const isExpected = present === undefined ? expected === undefined : expected !== undefined && same(present, expected);
  if (!isExpected) return false;
  if (value === undefined) remove(key);
  else set(key, value, ttl);
  return true;
}

const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
