/** From an author's file to a component: find its hooks, bundle, choose the world, componentize. */

import { cp, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import * as esbuild from "esbuild";

import { CAPABILITIES, CHECKS, HOOKS, PACKAGE, VERSION, witName } from "./contract.js";

const SDK = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The engines that a component can hold, and the packages that put it there. */
export const ENGINES = { quickjs: "componentize-qjs", spidermonkey: "@bytecodealliance/componentize-js" };

/** What installs them, in versions that go together: npm does not put the second one where the first can find it. */
const INSTALL = {
  quickjs: "npm install",
  spidermonkey: "npm install --save-dev @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/preview2-shim@0.25.0",
};

/** Something that the author can mend: the command line shows the message alone. */
export class BuildError extends Error {}

export async function build({ input: file, output, engine = "quickjs" }) {
  const input = path.resolve(file);
  if (!Object.hasOwn(ENGINES, engine)) {
    throw new BuildError(`there is no engine \`${engine}\`; there are ${Object.keys(ENGINES).join(" and ")}`);
  }
  await stat(input).catch(() => {
    throw new BuildError(`there is no file ${file}`);
  });
  const folder = await mkdtemp(path.join(tmpdir(), "hookgate-plugin-"));
  try {
    const { hooks, exports } = await findHooks(input, folder);
    const { source, capabilities } = await bundle(input, exports, engine);
    const witPath = await writeWorld(folder, exports, capabilities);
    const component = await componentize(engine, source, folder, witPath);
    await mkdir(path.dirname(path.resolve(output)), { recursive: true });
    await writeFile(output, component);
    return { bytes: component.length, hooks: hooks.map(witName), capabilities };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the author's file here, without a server, and looks at what it exports. */
async function findHooks(input, folder) {
  const file = path.join(folder, "inspect.mjs");
  await run({ entryPoints: [input], outfile: file, conditions: ["hookgate-inspect"] });
  const { default: hooks } = await import(pathToFileURL(file).href).catch((error) => {
    throw new BuildError(`${path.basename(input)} can't be loaded: ${error.message}`);
  });
  const names = Object.keys(HOOKS).filter((name) => typeof hooks?.[name] === "function");
  if (names.length === 0) {
    throw new BuildError(
      `${path.basename(input)} has no hooks: it should \`export default defineHooks({ … })\` with at least one`,
    );
  }
  const checks = Object.keys(CHECKS).filter((name) => typeof hooks[name] === "function");
  return { hooks: names, exports: [...names, ...checks] };
}

/** All in one file, in which only what is used is left; what it still imports is what must be granted. */
async function bundle(input, exports, engine) {
  const lines = exports.map(
    (name) => `export const ${name} = { ${name}: ${{ ...HOOKS, ...CHECKS }[name]}(hooks, ${JSON.stringify(name)}) };`,
  );
  const result = await run({
    stdin: {
      contents: [
        `import { check, event, gate, mutation } from ${JSON.stringify(path.join(SDK, "src/glue.js"))};`,
        `import hooks from ${JSON.stringify(input)};`,
        ...lines,
      ].join("\n"),
      resolveDir: path.dirname(input),
      sourcefile: "hookgate-entry.js",
    },
    write: false,
    metafile: true,
    conditions: ["hookgate"],
    minifySyntax: true,
    minifyWhitespace: true,
    define: { ...DEFINED, hookgateIsQuickjs: String(engine === "quickjs") },
  });
  const imports = new Set(Object.values(result.metafile.outputs).flatMap(({ imports }) => imports.map((i) => i.path)));
  const capabilities = CAPABILITIES.filter((name) => imports.has(`${PACKAGE}/${name}@${VERSION}`));
  return { source: result.outputFiles[0].text, capabilities };
}

/** Globals by other names: see `globals.js`. */
const DEFINED = { "Math.random": "hookgateRandom" };

/** esbuild prints by itself what is wrong with the author's code. */
async function run(options) {
  const settings = {
    bundle: true,
    logLevel: "error",
    platform: "neutral",
    mainFields: ["module", "main"],
    format: "esm",
    target: "es2023",
    inject: [path.join(SDK, "src/globals.js")],
    define: DEFINED,
    plugins: [SERVER],
  };
  try {
    return await esbuild.build({ ...settings, ...options });
  } catch {
    throw new BuildError("the plugin does not build, see above");
  }
}

/** The server's functions stay imports, those that are used. */
const SERVER = {
  name: "hookgate-server",
  setup(build) {
    const filter = new RegExp(`^${PACKAGE}/(${CAPABILITIES.join("|")})@`);
    build.onResolve({ filter }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

/** A world of exactly these exports and imports, beside the contract. */
async function writeWorld(folder, exports, capabilities) {
  const wit = path.join(folder, "wit");
  await cp(path.join(SDK, "wit"), wit, { recursive: true });
  const items = [
    ...capabilities.map((name) => `    import ${name};\n`),
    ...exports.map((name) => `    export ${witName(name)};\n`),
  ];
  await writeFile(path.join(wit, "plugin.wit"), `package ${PACKAGE}@${VERSION};\n\nworld plugin {\n${items.join("")}}\n`);
  return wit;
}

async function componentize(engine, source, folder, witPath) {
  const { componentize } = await load(engine);
  const sourcePath = path.join(folder, "plugin.js");
  await writeFile(sourcePath, source);
  const settings = {
    // `optSize` would save a third of the size, and a call of a kept instance would take half as long again.
    quickjs: { jsSource: source, world: "plugin", stubWasi: true, sync: true },
    spidermonkey: {
      sourcePath,
      worldName: "plugin",
      disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
    },
  };
  try {
    return (await componentize({ witPath, ...settings[engine] })).component;
  } catch (error) {
    throw new BuildError(`${engine} can't load the plugin: ${error.message}`);
  }
}

/** An engine's package, which is loaded only where it is needed. */
async function load(engine) {
  const { default: fallback, ...named } = await import(ENGINES[engine]).catch((error) => {
    const missing = error.code === "ERR_MODULE_NOT_FOUND" && /package '([^']+)'/.exec(error.message)?.[1];
    if (!missing) throw error;
    throw new BuildError(`the package \`${missing}\` is missing: run \`${INSTALL[engine]}\``);
  });
  return { ...fallback, ...named };
}
