/** `random` of tests: it is random there too. */
import { randomBytes } from "node:crypto";

export const bytes = (length) => new Uint8Array(randomBytes(length));
export const number = () => randomBytes(8).readBigUInt64LE();
