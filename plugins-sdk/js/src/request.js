/** What is known of the request that caused this call. */

import * as host from "#request";

export const id = () => host.id();
// WIT's u64 is a number in one engine and a BigInt in the other, and QuickJS gets large u32 as negative numbers.
export const time = () => Number(host.time());
export const ip = () => host.ip() ?? null;
export const userAgent = () => host.userAgent() ?? null;
export const provider = () => host.provider() ?? null;
export const isNew = () => host.isNew();
export const tokenKind = () => host.tokenKind() ?? null;
export const eventId = () => host.eventId() ?? null;
export const attempt = () => host.attempt() >>> 0;
