/** Secrets that the operator lent to this plugin: it can use them and never read them. */

import * as host from "#secrets";
import { hex, toBytes } from "./text.js";

export const names = () => Array.from(host.names());

export function hmacSha256(name, data) {
  const digest = host.hmacSha256(name, toBytes(data));
  return digest == null ? null : Uint8Array.from(digest);
}

export function hmacSha256Hex(name, data) {
  const digest = hmacSha256(name, data);
  return digest === null ? null : hex(digest);
}
