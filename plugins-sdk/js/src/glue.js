/**
 * Between the component's exports and an author's hooks: JSON becomes objects and back, an exception
 * becomes the hook's error text. Used by the file that `build.js` writes; no part of the public API.
 */

import { Denial } from "./denial.js";
import { HostError } from "./host-error.js";
import { wellFormed } from "./text.js";

const ALLOW = { tag: "allow" };

export function gate(hooks, name) {
  return (user, provider) => {
    try {
      const answer = hooks[name](toUser(user), provider);
      if (answer === true) return ALLOW;
      if (answer === false) return deny(new Denial());
      if (answer instanceof Denial) return deny(answer);
      throw new TypeError(`${name} returned ${kindOf(answer)}; it must be true, false or a Denial`);
    } catch (error) {
      throw failure(error);
    }
  };
}

export function mutation(hooks, name) {
  return (json, user) => {
    try {
      const payload = JSON.parse(json);
      const answer = hooks[name](payload, toUser(user)) ?? payload;
      if (answer !== payload && (typeof answer !== "object" || Array.isArray(answer) || isPromise(answer))) {
        throw new TypeError(`${name} returned ${kindOf(answer)}; it must be an object or nothing`);
      }
      const text = JSON.stringify(answer);
      if (text === undefined) throw new TypeError(`${name} returned what JSON can't say`);
      return text;
    } catch (error) {
      throw failure(error);
    }
  };
}

export function event(hooks, name) {
  return (user, about) => {
    try {
      const answer = hooks[name](toUser(user), typeof about === "object" ? toPasskey(about) : about);
      if (isPromise(answer)) {
        throw new TypeError(`${name} returned ${kindOf(answer)}; hooks can't wait`);
      }
    } catch (error) {
      throw failure(error);
    }
  };
}

/** `validateConfig`: what it throws is what is wrong with the settings. */
export function check(hooks, name) {
  return () => {
    try {
      const answer = hooks[name]();
      if (isPromise(answer)) throw new TypeError(`${name} returned ${kindOf(answer)}; it can't wait`);
    } catch (error) {
      throw failure(error);
    }
  };
}

function deny({ code, message, reason }) {
  const text = (value) => (value === null ? undefined : wellFormed(String(value)));
  return { tag: "deny", val: { code: text(code), message: text(message), reason: text(reason) } };
}

/**
 * The engines differ: what isn't there is `undefined` in one and `null` in the other, u64 is a number or a
 * BigInt, and QuickJS gets large u32 as negative numbers. The objects are made for this call.
 */
function toUser(user) {
  user.name ??= null;
  user.image ??= null;
  return user;
}

function toPasskey(passkey) {
  const { signCount, createdAt, lastUsedAt } = passkey;
  return {
    ...passkey,
    signCount: signCount >>> 0,
    createdAt: Number(createdAt),
    lastUsedAt: lastUsedAt == null ? null : Number(lastUsedAt),
  };
}

/** A thrown string is WIT's `err` in both engines. */
function failure(error) {
  return wellFormed(textOf(error));
}

/** What the operator reads. The place is of use where the author did not write the text. */
function textOf(error) {
  if (!(error instanceof Error)) return String(error);
  if ((error.constructor === Error || error instanceof HostError) && error.message) return error.message;
  const place = String(error.stack ?? "").split("\n").map((line) => line.trim()).find((line) => line.startsWith("at "));
  return String(error) + (place ? ` (${place})` : "");
}

function kindOf(value) {
  if (isPromise(value)) return "a promise";
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

function isPromise(value) {
  return typeof value?.then === "function";
}
