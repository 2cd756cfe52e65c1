/**
 * Writes to the server's log. Needs the grant `log`.
 *
 * Each line carries the plugin, the hook and the request id without the plugin's doing. Do not write
 * secrets or addresses: a log is read by many.
 */

/** How much a line matters. */
export type Level = "trace" | "debug" | "info" | "warn" | "error";

/** Structured context. Text is written as it is, everything else as JSON. The server keeps 16. */
export type Fields = Record<string, unknown>;

/** Writes one line; the server cuts it at 8 KiB. */
export function write(level: Level, message: string, fields?: Fields): void;
export function trace(message: string, fields?: Fields): void;
export function debug(message: string, fields?: Fields): void;
export function info(message: string, fields?: Fields): void;
export function warn(message: string, fields?: Fields): void;
export function error(message: string, fields?: Fields): void;
