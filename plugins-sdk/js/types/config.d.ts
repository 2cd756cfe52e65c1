/**
 * The operator's settings for this plugin: the `[config]` table of `NAME.toml` beside `NAME.wasm`. Needs
 * the grant `config`.
 */

/** One setting. Text comes as it is, everything else as JSON text; null if it is not set. */
export function get(key: string): string | null;

/** The whole table; an empty object if there is none. */
export function all<Settings extends object = Record<string, unknown>>(): Settings;
