/** Secrets that the operator lent to this plugin: it can use them and never read them. Needs the grant `secrets`. */

/** Their names. For putting one into a request see `http.fetch`'s `secretHeaders`. */
export function names(): string[];
/** HMAC-SHA-256 with a secret as the key, for signing webhooks; null if there is no such secret. */
export function hmacSha256(name: string, data: string | Uint8Array): Uint8Array | null;
/** The same in hexadecimal digits. */
export function hmacSha256Hex(name: string, data: string | Uint8Array): string | null;
