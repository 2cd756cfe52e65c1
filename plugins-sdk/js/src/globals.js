/**
 * What JavaScript expects of its surroundings and a component does not have. `build.js` puts each of
 * these where the plugin's code uses the global of that name, and leaves out those that it doesn't.
 */

import * as log from "./log.js";
import * as request from "./request.js";

/** The component has no clock of its own: now is when the request came in. */
const FrozenDate = /* @__PURE__ */ (() => {
  const SystemDate = globalThis.Date;
  return class Date extends SystemDate {
    constructor(...parts) {
      if (parts.length === 0) super(request.time());
      else super(...parts);
    }

    static now() {
      return request.time();
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

/** Every call starts from the same snapshot, so that the "random" numbers would be the same each time. */
export function hookgateRandom() {
  throw new Error("Math.random() gives every call the same numbers in a plugin; do not use it");
}
