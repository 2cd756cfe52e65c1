/** The server's random numbers, fit for secrets: the component has none of its own. */

import * as host from "#random";

export const bytes = (length) => Uint8Array.from(host.bytes(length));

/** From 0 up to 1, as Math.random(): 53 bits of the server's 64. */
export const number = () => Number(BigInt.asUintN(64, BigInt(host.number())) >> 11n) / 2 ** 53;

export function uuid() {
  const b = bytes(16);
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  const digits = Array.from(b, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
