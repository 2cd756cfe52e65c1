/** `log` of tests. */
import { state } from "./fake.js";

export function write(level, message, fields) {
  state.logs.push({ level, message, fields: Object.fromEntries(fields) });
}
