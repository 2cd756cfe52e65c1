/** What a plugin is made of: its hooks, and what they may ask of the server. */

export { defineHooks } from "./hooks.js";
export { Denial } from "./denial.js";
export { HostError } from "./host-error.js";
export * as clock from "./clock.js";
export * as config from "./config.js";
export * as http from "./http.js";
export * as kv from "./kv.js";
export * as log from "./log.js";
export * as random from "./random.js";
export * as request from "./request.js";
export * as secrets from "./secrets.js";
