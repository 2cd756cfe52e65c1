/** `secrets` of tests. */
import { createHmac } from "node:crypto";

import { state } from "./fake.js";

export const names = () => Object.keys(state.secrets).sort();

export function hmacSha256(name, data) {
  if (!Object.hasOwn(state.secrets, name)) return undefined;
  return new Uint8Array(createHmac("sha256", state.secrets[name]).update(data).digest());
}
