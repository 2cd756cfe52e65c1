import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { config, defineHooks, Denial, log, request } from "@hookgate/plugin";
import { build } from "@hookgate/plugin/build";
import * as testing from "@hookgate/plugin/testing";

// Inside the package, so that plugins of tests find it by its own name.
const HERE = path.dirname(fileURLToPath(import.meta.url));
let folder;
before(async () => void (folder = await mkdtemp(path.join(HERE, "tmp-"))));
after(() => rm(folder, { recursive: true }));

async function buildOf(source, options = {}) {
  const input = path.join(folder, options.file ?? "plugin.js");
  await writeFile(input, source);
  return build({ input, output: path.join(folder, "plugin.wasm"), ...options });
}

test("a misspelt hook is named, with the one that was meant", () => {
  assert.throws(() => defineHooks({ allow_sign_in() {} }), /no hook `allow_sign_in`; did you mean `allowSignin`\?/);
  assert.throws(() => defineHooks({ whatever() {} }), /no hook `whatever`$/);
  assert.throws(() => defineHooks({ onSignup: true }), /`onSignup` is not a function/);
});

test("the host of tests answers what it was told and keeps the log", () => {
  const host = new testing.Host({ config: { plan: "pro", seats: 3 }, request: { ip: null, eventId: "e1" } });
  log.info("hello", { seats: 3, nested: { a: [1] }, absent: undefined, text: "as it is" });
  assert.deepEqual(host.logs, [
    { level: "info", message: "hello", fields: { seats: "3", nested: '{"a":[1]}', absent: "", text: "as it is" } },
  ]);
  assert.equal(config.get("plan"), "pro");
  assert.equal(config.get("seats"), "3");
  assert.equal(config.get("toString"), null);
  assert.deepEqual(config.all(), { plan: "pro", seats: 3 });
  assert.equal(request.ip(), null);
  assert.equal(request.eventId(), "e1");
  assert.equal(request.provider(), "credentials");
});

test("a denial may have no code", () => {
  assert.deepEqual({ ...new Denial() }, { code: null, message: null, reason: null });
});

test("a component has the hooks that are defined and imports what is used", async () => {
  const source = (body) => `
    import { config, defineHooks, log, request } from "@hookgate/plugin";
    export default defineHooks({ allowSignin(user) { ${body} return true; } });`;
  const grants = async (body) => (await buildOf(source(body))).capabilities;
  assert.deepEqual(await grants(""), []);
  assert.deepEqual(await grants("log.info('x');"), ["log"]);
  assert.deepEqual(await grants("console.log(config.get('x'));"), ["log", "config"]);
  assert.deepEqual(await grants("request.id();"), ["request"]);
  assert.deepEqual(await grants("new Date();"), ["clock"]);
  assert.deepEqual(await grants("log.info(String(Math.random()) + crypto.randomUUID());"), ["log", "random"]);
  assert.deepEqual((await buildOf(source(""))).hooks, ["allow-signin"]);
});

test("TypeScript is understood", async () => {
  const source = `
    import { type Claims, defineHooks, type User } from "@hookgate/plugin";
    export default defineHooks({ modifyJwt(claims: Claims, user: User): void { claims.plan = "pro" as const; } });`;
  assert.deepEqual((await buildOf(source, { file: "plugin.ts" })).hooks, ["modify-jwt"]);
});

test("what does not build is said in one sentence", async () => {
  await assert.rejects(buildOf("export const x = 1;"), /has no hooks: it should `export default defineHooks/);
  await assert.rejects(buildOf("throw new Error('at the top');"), /can't be loaded: at the top/);
  await assert.rejects(
    buildOf('import { config } from "@hookgate/plugin"; const early = config.all(); export default {};'),
    /config\.all\(\) is used outside of the hooks/,
  );
  await assert.rejects(buildOf("const now = Date.now(); export default {};"), /the current date\) is used outside/);
  await assert.rejects(buildOf("export default {};", { engine: "v8" }), /no engine `v8`/);
  await assert.rejects(
    buildOf("export default { onSignup() {} };", { engine: "spidermonkey" }),
    /`@bytecodealliance\/componentize-js` is missing: run `npm install --save-dev @bytecodealliance\/componentize-js@/,
  );
  await assert.rejects(build({ input: "absent.js", output: "x.wasm" }), /there is no file absent.js/);
});
