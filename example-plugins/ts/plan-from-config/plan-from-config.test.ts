import assert from "node:assert/strict";
import { test } from "node:test";

import type { Claims, User } from "@hookgate/plugin";
import { claims, Host, user } from "@hookgate/plugin/testing";

import plugin from "./plan-from-config.js";

const NOON = Date.parse("2026-06-15T12:00:00Z");
const contracts = {
  "example.com": { plan: "pro", seats: 25 },
  "example.org": { plan: "trial", until: "2026-06-15" },
};

function issue(email: string, changes: Partial<User> = {}, time = NOON): Claims {
  new Host({ config: { contracts }, request: { tokenKind: "access", time } });
  const ada = user(email, changes);
  const token = claims(ada, { exp: NOON / 1000 + 86_400 });
  plugin.modifyJwt(token, ada);
  return token;
}

test("a company's plan goes to its people", () => {
  const token = issue("ada@example.com");
  assert.equal(token.plan, "pro");
  assert.equal(token.seats, 25);
  assert.equal(token.plan_until, undefined);
});

test("everybody else, and whoever has not proven the address, is on the default plan", () => {
  assert.equal(issue("ada@elsewhere.example").plan, "free");
  assert.equal(issue("ada@example.com", { emailVerified: false }).plan, "free");
  assert.equal(issue("ada@toString").plan, "free");
});

test("a token does not outlive the plan", () => {
  const token = issue("ada@example.org");
  assert.equal(token.plan, "trial");
  assert.equal(token.exp, Date.parse("2026-06-16T00:00:00Z") / 1000);
});

test("a plan ends with its last day", () => {
  const midnight = Date.parse("2026-06-16T00:00:00Z");
  assert.equal(issue("ada@example.org", {}, midnight - 1).plan, "trial");
  assert.equal(issue("ada@example.org", {}, midnight).plan, "free");
});

test("refresh tokens stay as they are", () => {
  new Host({ config: { contracts }, request: { tokenKind: "refresh" } });
  const ada = user("ada@example.com");
  const token = claims(ada);
  plugin.modifyJwt(token, ada);
  assert.deepEqual(token, claims(ada));
});

test("a day that is none is a failure", () => {
  new Host({ config: { contracts: { "example.com": { plan: "x", until: "soon" } } } });
  const ada = user("ada@example.com");
  assert.throws(() => plugin.modifyJwt(claims(ada), ada), /must be a day such as 2026-12-31, not `soon`/);
});
