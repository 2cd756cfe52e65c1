/** A server in memory, so that hooks can be tested with plain `node --test`. */

import { REQUEST, state } from "./host/fake.js";
import { decode, toBytes } from "./text.js";

export class Host {
  constructor({ config = {}, request = {}, kv = {}, secrets = {}, http } = {}) {
    state.config = config;
    state.request = { ...REQUEST, ...request };
    state.logs = [];
    state.now = undefined;
    state.kv = new Map(Object.entries(kv).map(([key, value]) => [key, { value: toBytes(value), ends: null }]));
    state.secrets = secrets;
    state.http = http;
    state.requests = [];
  }

  get requests() {
    return state.requests.map((request) => ({ ...request, body: request.body && decode(request.body) }));
  }

  advance(seconds) {
    state.now = (state.now ?? state.request.time) + seconds * 1000;
  }

  get logs() {
    return state.logs;
  }
}

export function user(email, changes = {}) {
  const id = `user-${email.split("@")[0]}`;
  return { id, email, name: null, image: null, emailVerified: true, isActive: true, ...changes };
}

/** The claims of an access token as the server hands them to the first plugin. */
export function claims(user, changes = {}) {
  return {
    sub: user.id,
    jti: "token-1",
    type: "access",
    iat: 1_767_225_600,
    exp: 1_767_226_500,
    email: user.email,
    name: user.name,
    email_verified: user.emailVerified,
    ...changes,
  };
}

/** The payload of a session as the server hands it to the first plugin. */
export function session(user, changes = {}) {
  return {
    id: "session-1",
    user_id: user.id,
    expires_at: 1_769_817_600,
    ip_address: "192.0.2.1",
    user_agent: null,
    ...changes,
  };
}

/** A passkey of this user that was never used. */
export function passkey(user, changes = {}) {
  return {
    id: "Y3JlZGVudGlhbC0x",
    userId: user.id,
    name: "Laptop",
    aaguid: "00000000-0000-0000-0000-000000000000",
    signCount: 0,
    createdAt: 1_767_225_600,
    lastUsedAt: null,
    ...changes,
  };
}
