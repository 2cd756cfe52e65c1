import assert from "node:assert/strict";
import { test } from "node:test";

import { Denial } from "@hookgate/plugin";
import { Host, user } from "@hookgate/plugin/testing";

import plugin from "./disposable-mail-gate.js";

const ask = (email) => plugin.allowSignin(user(email), "credentials");

test("lasting addresses come in", () => {
  new Host();
  assert.equal(ask("ada@example.com"), true);
  assert.equal(ask("ada@notmailinator.com"), true);
});

test("disposable ones are refused, subdomains included", () => {
  const host = new Host({ config: { message: "No.", also: ["burner.example"] } });
  for (const email of ["eve@mailinator.com", "eve@x.mailinator.com", "eve@burner.example"]) {
    const answer = ask(email);
    assert.ok(answer instanceof Denial, email);
    assert.equal(answer.code, "disposable_email");
    assert.equal(answer.message, "No.");
  }
  assert.deepEqual(host.logs[1].fields, { "user.id": "user-eve", provider: "credentials", domain: "mailinator.com" });
});

test("exceptions come in", () => {
  new Host({ config: { except: ["mailinator.com"] } });
  assert.equal(ask("eve@x.mailinator.com"), true);
});

test("a misspelt setting is a failure", () => {
  new Host({ config: { exept: [] } });
  assert.throws(() => ask("ada@example.com"), /no setting `exept`/);
  new Host({ config: { also: "burner.example" } });
  assert.throws(() => ask("ada@example.com"), /`also` must be a list of domains/);
});
