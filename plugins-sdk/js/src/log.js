/** Lines in the server's log. */

import { write as toHost } from "#log";
import { wellFormed } from "./text.js";

export function write(level, message, fields = {}) {
  const pairs = Object.entries(fields).map(([key, value]) => [wellFormed(key), wellFormed(text(value))]);
  toHost(level, wellFormed(text(message)), pairs);
}

export const trace = (message, fields) => write("trace", message, fields);
export const debug = (message, fields) => write("debug", message, fields);
export const info = (message, fields) => write("info", message, fields);
export const warn = (message, fields) => write("warn", message, fields);
export const error = (message, fields) => write("error", message, fields);

/** Text as it is, everything else as JSON; nothing for what is not there. */
function text(value) {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  if (value instanceof Error) return String(value);
  return JSON.stringify(value) ?? String(value);
}
