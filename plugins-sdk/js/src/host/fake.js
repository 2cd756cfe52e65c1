/** The server of tests: see `testing.js`. */

/** A sign-in with a password from 192.0.2.1 at the start of 2026, without a user agent. */
export const REQUEST = {
  id: "request-1",
  time: 1_767_225_600_000,
  ip: "192.0.2.1",
  userAgent: null,
  provider: "credentials",
  isNew: false,
  tokenKind: null,
  eventId: null,
  attempt: 0,
};

export const state = {
  config: {},
  request: REQUEST,
  logs: [],
  now: undefined,
  kv: new Map(),
  http: undefined,
  requests: [],
  secrets: {},
};
