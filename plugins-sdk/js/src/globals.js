/**
 * What JavaScript expects of its surroundings and a component does not have. `build.js` puts each of
 * these where the plugin's code uses the global of that name, and leaves out those that it doesn't.
 */

import * as clock from "./clock.js";
import * as log from "./log.js";
import * as random from "./random.js";
import { decode, encode } from "./text.js";

/** The component has no clock of its own: the server's. */
const FrozenDate = /* @__PURE__ */ (() => {
  const SystemDate = globalThis.Date;
  return class Date extends SystemDate {
    constructor(...parts) {
      if (parts.length === 0) super(clock.now());
      else super(...parts);
    }

    static now() {
      return clock.now();
    }
  };
})();
export { FrozenDate as Date };

/** Into the server's log. */
export const console = {
  log: (...values) => log.info(line(values)),
  info: (...values) => log.info(line(values)),
  debug: (...values) => log.debug(line(values)),
  trace: (...values) => log.trace(line(values)),
  warn: (...values) => log.warn(line(values)),
  error: (...values) => log.error(line(values)),
};

function line(values) {
  const plain = (value) =>
    typeof value === "string" || value instanceof Error ? String(value) : (JSON.stringify(value) ?? String(value));
  return values.map(plain).join(" ");
}

/** `Math.random`: every call starts from the same snapshot, so that the engine's own would repeat. */
export const hookgateRandom = () => random.number();

/** As far as it is random numbers. */
export const crypto = {
  getRandomValues(array) {
    const bytes = random.bytes(array.byteLength);
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes);
    return array;
  },
  randomUUID: () => random.uuid(),
};

export const performance = { now: () => clock.monotonic() / 1e6 };

/** UTF-8 alone. */
export class TextEncoder {
  encode(text = "") {
    return encode(String(text));
  }
}

export class TextDecoder {
  constructor(label = "utf-8", { fatal = false } = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`there is no decoder for ${label} in a plugin`);
    this.fatal = fatal;
  }

  decode(bytes = new Uint8Array()) {
    return decode(ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes), this.fatal);
  }
}
