/** The operator's settings for this plugin. */

import { all as allOfHost, get as getOfHost } from "#config";

export function get(key) {
  return getOfHost(key) ?? null;
}

export function all() {
  return JSON.parse(allOfHost());
}
