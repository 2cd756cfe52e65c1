/** The engines that a component can hold, and the packages that put it there. */
export const ENGINES: { quickjs: string; spidermonkey: string };

/** Something that the author can mend. */
export class BuildError extends Error {}

/** Makes a component of a file's default export, and says what is in it. */
export function build(options: {
  input: string;
  output: string;
  engine?: "quickjs" | "spidermonkey";
}): Promise<{ bytes: number; hooks: string[]; capabilities: string[] }>;
