/** Strings as WIT has them, Unicode without halves of surrogate pairs, and their bytes. */

export function wellFormed(text) {
  return text.isWellFormed?.() === false ? text.toWellFormed() : text;
}

/** UTF-8. QuickJS has no TextEncoder. */
export function encode(text) {
  const bytes = [];
  for (const character of text) {
    let code = character.codePointAt(0);
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(bytes);
}

/** The text of UTF-8; what is none becomes U+FFFD, or throws if `fatal`. */
export function decode(bytes, fatal = false) {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at];
    const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    let code = more === 0 ? first : first & (63 >> more);
    let taken = 1;
    while (taken <= more && (bytes[at + taken] & 0xc0) === 0x80) code = (code << 6) | (bytes[at + taken++] & 63);
    const least = [0, 0x80, 0x800, 0x10000][more];
    const isGood = more >= 0 && taken > more && code >= least && code < 0x110000 && !(code >= 0xd800 && code < 0xe000);
    if (!isGood && fatal) throw new TypeError("the bytes are no UTF-8 text");
    text += isGood ? String.fromCodePoint(code) : "\ufffd";
    at += isGood ? taken : Math.max(1, taken - (taken > more ? 1 : 0));
  }
  return text;
}

/** Text as its UTF-8, bytes as they are. */
export function toBytes(value) {
  if (typeof value === "string") return encode(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`a text or a Uint8Array is wanted, not ${value === null ? "null" : typeof value}`);
}

/** In small hexadecimal digits. */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
