#!/usr/bin/env node
/** The command line of `build.js`. */

import { parseArgs } from "node:util";

// What npm did not install is one sentence, too.
const { BuildError, build } = await import("../src/build.js").catch((error) => {
  const missing = error.code === "ERR_MODULE_NOT_FOUND" && /package '([^']+)'/.exec(error.message);
  if (!missing) throw error;
  console.error(
    `hookgate-plugin-build: the package \`${missing[1]}\` is missing: run \`npm install\` (\`npm install --install-links\` where the SDK is outside of the project)`,
  );
  process.exit(1);
});

const USAGE = `\
usage: hookgate-plugin-build plugin.js|plugin.ts -o NAME.wasm [--engine quickjs|spidermonkey]

Makes a component of the file's default export. The engine is QuickJS unless said otherwise;
SpiderMonkey needs the package @bytecodealliance/componentize-js.`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: "string", short: "o" },
      engine: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE);
  if (positionals.length !== 1 || !values.output) throw new BuildError(USAGE);
  const { output, engine } = values;
  const { bytes, hooks, capabilities } = await build({ input: positionals[0], output, engine });
  const list = (names) => (names.length > 0 ? names.join(", ") : "none");
  console.log(`${output}: ${bytes} bytes\n  hooks: ${list(hooks)}\n  grants: ${list(capabilities)}`);
}

main().catch((error) => {
  const mendable = error instanceof BuildError || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(mendable ? `hookgate-plugin-build: ${error.message}` : error);
  process.exitCode = 1;
});
