/** What a plugin is made of: its hooks, and what they may ask of the server. */

export { defineHooks } from "./hooks.js";
export { Denial } from "./denial.js";
export * as config from "./config.js";
export * as log from "./log.js";
export * as request from "./request.js";
