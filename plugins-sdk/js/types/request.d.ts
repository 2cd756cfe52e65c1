/** What is known of the request that caused this call. Needs the grant `request`. */

/** The request's id, as in the server's log and in the answer's `X-Request-Id`. */
export function id(): string;
/** When the request came in: milliseconds since the Unix epoch, by the server's clock. */
export function time(): number;
/** The peer's address as text, if there is a peer. */
export function ip(): string | null;
/** The `User-Agent` header, at most 512 bytes. */
export function userAgent(): string | null;
/** The way in, as for `allowSignin`; null where there is none (a refresh, say). */
export function provider(): string | null;
/** Whether the user was created by this very request. */
export function isNew(): boolean;
/** Which token is about to be signed. Set in `modifyJwt` only. */
export function tokenKind(): "access" | "refresh" | null;
/** In an event: its id, the same at each attempt. Null elsewhere. */
export function eventId(): string | null;
/** In an event: 1 at the first delivery. Elsewhere 0. */
export function attempt(): number;
