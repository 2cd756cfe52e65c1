import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, defineHooks, HostError, http, kv, random, secrets } from "@hookgate/plugin";
import * as testing from "@hookgate/plugin/testing";

import { check, event, gate, mutation } from "../src/glue.js";
import { decode, encode } from "../src/text.js";

test("the store of tests keeps, counts and forgets", () => {
  const host = new testing.Host({ kv: { there: "1" } });
  assert.equal(kv.get("there"), "1");
  kv.setJson("k", { a: ["ü 🦊"] }, { ttl: 5 });
  assert.deepEqual(kv.getJson("k"), { a: ["ü 🦊"] });
  assert.throws(() => kv.increment("k"), (error) => error instanceof HostError && error.code === "not-a-number");
  host.advance(5);
  assert.equal(kv.get("k"), null);
  assert.equal(kv.increment("k", 2, { ttl: 9 }), 2);
  assert.equal(kv.increment("k", -3), -1);
  host.advance(9);
  assert.equal(kv.compareAndSet("k", "-1", "x"), false);
  assert.equal(kv.compareAndSet("k", null, Uint8Array.of(0, 255)), true);
  assert.deepEqual(kv.getBytes("k"), Uint8Array.of(0, 255));
  assert.equal(kv.compareAndSet("k", Uint8Array.of(0, 255), null), true);
  assert.equal(kv.get("k"), null);
  assert.throws(() => kv.delete(""), /^HostError: kv: invalid: the key must have 1 to 256 bytes$/);
  assert.throws(() => kv.set("k", 1), /a text or a Uint8Array is wanted, not number/);
  assert.throws(() => kv.set("k", "", { ttl: 0.5 }), /ttl is whole seconds, not 0.5/);
});

test("requests are answered by the test", () => {
  const host = new testing.Host({
    http: ({ url }) => {
      if (url.endsWith("/slow")) throw { tag: "timeout" };
      return { status: 404, headers: { "X-A": "b" }, json: { url } };
    },
  });
  const secretHeaders = [{ name: "authorization", prefix: "Bearer ", secret: "api" }];
  const response = http.fetch("https://a.example/", { json: { n: 1 }, secretHeaders, timeout: 50 });
  assert.deepEqual([response.status, response.ok, response.headers["x-a"]], [404, false, "b"]);
  assert.deepEqual(response.json(), { url: "https://a.example/" });
  assert.deepEqual(host.requests[0], {
    method: "POST",
    url: "https://a.example/",
    headers: [["content-type", "application/json"]],
    secretHeaders,
    body: '{"n":1}',
    timeoutMs: 50,
  });
  assert.throws(() => http.fetch("https://a.example/slow"), /^HostError: http: timeout: no answer in time$/);
  new testing.Host();
  assert.throws(() => http.fetch("https://a.example/"), (error) => error.code === "denied");
});

test("clock, random numbers and secrets", () => {
  const host = new testing.Host({ secrets: { signing: "key" } });
  host.advance(1.5);
  assert.equal(clock.now(), 1_767_225_601_500);
  assert.equal(clock.monotonic(), 1_500_000_000);
  assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const number = random.number();
  assert.ok(number >= 0 && number < 1 && random.bytes(20).length === 20);
  assert.deepEqual(secrets.names(), ["signing"]);
  const digest = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
  assert.equal(secrets.hmacSha256Hex("signing", "The quick brown fox jumps over the lazy dog"), digest);
  assert.equal(secrets.hmacSha256("other", ""), null);
});

test("what validateConfig throws is what is wrong", () => {
  const asked = (validateConfig) => check(defineHooks({ validateConfig }), "validateConfig");
  assert.equal(asked(() => {})(), undefined);
  assert.throws(asked(() => { throw new Error("`plan` must be set"); }), (text) => text === "`plan` must be set");
  assert.throws(asked(async () => {}), (text) => text.includes("it can't wait"));
});

test("text becomes bytes and back", () => {
  for (const text of ["", "ascii", "ü 世 🦊 \u0000", "\uffff\u{10ffff}"]) {
    assert.deepEqual(encode(text), new TextEncoder().encode(text));
    assert.equal(decode(encode(text)), text);
  }
  assert.equal(decode(encode("\ud800")), "\ufffd");
  for (const bytes of [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 1], [0x80, 65], [0xf0, 0x9f, 65]]) {
    const array = Uint8Array.from(bytes);
    assert.equal(decode(array).includes("A"), bytes.includes(65));
    assert.throws(() => decode(array, true), /no UTF-8/);
  }
});

/** As the engine that has `undefined` makes it. */
const witUser = () => ({ id: "u", email: "a@example.com", name: undefined, image: undefined, emailVerified: true, isActive: true });

test("a mutation changes in place or returns", () => {
  const answer = (hook) => mutation({ modifyJwt: hook }, "modifyJwt")('{"a":1}', witUser());
  assert.equal(answer((claims) => void (claims.b = 2)), '{"a":1,"b":2}');
  assert.equal(answer((claims, user) => user), JSON.stringify({ ...witUser(), name: null, image: null }));
  // The server reads it as U+FFFD.
  assert.equal(answer(() => ({ half: "\ud800" })), '{"half":"\\ud800"}');
  const throwsText = (hook, text) => assert.throws(() => answer(hook), (error) => typeof error === "string" && text.test(error));
  throwsText(() => [], /^TypeError: modifyJwt returned an array; it must be an object or nothing/);
  throwsText(async () => {}, /modifyJwt returned a promise/);
  throwsText(() => 1, /modifyJwt returned a value of type number/);
  throwsText(() => ({ toJSON() {} }), /modifyJwt returned what JSON can't say/);
  throwsText(() => { throw new Error("half \ud800"); }, /^half \ufffd$/);
});

test("hooks are methods, and what they throw is their error text", () => {
  const hooks = {
    open: true,
    allowSignin(user, provider) {
      if (user.name !== null) throw new Error("a name");
      return this.open && provider === "credentials";
    },
    onPasskeyDeleted(user, passkey) {
      throw new Error(`${passkey.signCount} ${passkey.createdAt} ${passkey.lastUsedAt}`);
    },
  };
  assert.deepEqual(gate(hooks, "allowSignin")(witUser(), "credentials"), { tag: "allow" });
  assert.equal(gate(hooks, "allowSignin")(witUser(), "passkey").tag, "deny");
  const passkey = { signCount: -1, createdAt: 5n, lastUsedAt: undefined };
  assert.throws(() => event(hooks, "onPasskeyDeleted")(witUser(), passkey), (error) => error === "4294967295 5 null");
});
