/** The server's clock: the component has none of its own. */

import * as host from "#clock";

// WIT's u64 is a number in one engine and a BigInt in the other.
export const now = () => Number(host.now());
export const monotonic = () => Number(host.monotonic());
