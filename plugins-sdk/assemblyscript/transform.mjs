/**
 * Runs inside the compiler (`asc --transform`): writes the component's exports for the hooks that the author's file has,
 * and gives them the names of the contract.
 */

import path from "node:path";
import { fileURLToPath } from "node:url";

const USER = "a: usize, b: usize, c: usize, d: usize, e: u32, f: usize, g: usize, h: u32, i: usize, j: usize, k: u32, l: u32";
const LIFTED = "abi.liftUser(a, b, c, d, e, f, g, h, i, j, k, l)";
const SPILLED = "abi.spilledUser(at), abi.spilledPasskey(at)";

/** Parameters and body of an export, by the kind of hook. */
const KINDS = {
  gate: [`${USER}, m: usize, n: usize`, (hook) => `return abi.gate(${hook}(${LIFTED}, abi.lift(m, n)));`],
  mutation: [
    `m: usize, n: usize, ${USER}`,
    (hook) => `const object = new JsonObject(abi.lift(m, n)); ${hook}(object, ${LIFTED}); return abi.changed(object);`,
  ],
  event: [USER, (hook) => `${hook}(${LIFTED}); return abi.taken();`],
  text: [`${USER}, m: usize, n: usize`, (hook) => `${hook}(${LIFTED}, abi.lift(m, n)); return abi.taken();`],
  passkey: ["at: usize", (hook) => `${hook}(${SPILLED}); return abi.taken();`],
  check: ["", (hook) => `${hook}(); return abi.taken();`],
};

const HOOKS = {
  allowSignin: "gate",
  modifyJwt: "mutation",
  modifySession: "mutation",
  onSignup: "event",
  onSignin: "text",
  onSignout: "event",
  onTokenRefresh: "event",
  onEmailVerify: "event",
  onPasswordReset: "event",
  onOauthLink: "text",
  onMagicLinkSent: "event",
  onPasskeyRegistered: "passkey",
  onPasskeyDeleted: "passkey",
  onSigninFailed: "text",
  onLockout: "event",
  onPasswordChange: "event",
  onEmailChange: "text",
  onAccountDelete: "event",
  onSessionRevoke: "text",
  onRefreshReuse: "event",
  validateConfig: "check",
};

const USER_ENTRY = 1;
const EXPORTED = "hookgate_";

export default class {
  afterParse(parser) {
    const entry = parser.sources.find(({ sourceKind, internalPath }) => sourceKind === USER_ENTRY && !internalPath.startsWith("~"));
    this.authors = [...entry.text.matchAll(/^export function (\w+)\s*[(<]/gm)].map((match) => match[1]);
    const wrong = this.authors.find((name) => /^(allow|modify|on|validate)[A-Z]/.test(name) && !Object.hasOwn(HOOKS, name));
    if (wrong) throw new Error(`there is no hook \`${wrong}\`; functions of other names should not be exported like one`);
    this.hooks = this.authors.filter((name) => Object.hasOwn(HOOKS, name));
    if (this.hooks.length === 0) throw new Error("there is no hook: export a function such as `allowSignin`");

    const sdk = path.relative(this.baseDir, path.dirname(fileURLToPath(import.meta.url))).split(path.sep).join("/");
    const at = (file) => JSON.stringify(/^\.\.?\//.test(file) ? file : `./${file}`);
    const lines = [
      `import * as abi from ${at(`${sdk}/abi`)};`,
      `import { JsonObject } from ${at(`${sdk}/json`)};`,
      `import { ${this.hooks.join(", ")} } from ${at(entry.internalPath)};`,
      `export { cabi_realloc, afterwards as ${EXPORTED}afterwards } from ${at(`${sdk}/abi`)};`,
    ];
    for (const hook of this.hooks) {
      const [parameters, body] = KINDS[HOOKS[hook]];
      lines.push(`export function ${EXPORTED}${hook}(${parameters}): usize { ${body(hook)} }`);
    }
    parser.parseFile(lines.join("\n"), "hookgate-exports.ts", true);
  }

  afterCompile(module) {
    const internal = (name) => this.binaryen.getExportInfo(module.getExport(name)).value;
    const afterwards = internal(`${EXPORTED}afterwards`);
    for (const hook of this.hooks) {
      const wit = hook.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
      const name = `hookgate:hooks/${wit}@0.1.0#${wit}`;
      module.addFunctionExport(internal(EXPORTED + hook), name);
      module.addFunctionExport(afterwards, `cabi_post_${name}`);
      module.removeExport(EXPORTED + hook);
    }
    module.removeExport(`${EXPORTED}afterwards`);
    for (const name of this.authors) module.removeExport(name);
  }
}
