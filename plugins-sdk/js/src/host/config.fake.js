/** `config` of tests. */
import { state } from "./fake.js";

export function get(key) {
  const value = Object.hasOwn(state.config, key) ? state.config[key] : undefined;
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}

export const all = () => JSON.stringify(state.config);
