/** HTTP requests to the hosts that the operator allowed. */

import * as host from "#http";
import { ask } from "./host-error.js";
import { decode, toBytes, wellFormed } from "./text.js";

export function fetch(url, { method, headers = {}, secretHeaders = [], body, json, timeout } = {}) {
  const pairs = Object.entries(headers).map(([name, value]) => [name, wellFormed(String(value))]);
  let content = body == null ? undefined : toBytes(body);
  if (json !== undefined) {
    content = toBytes(JSON.stringify(json));
    if (!pairs.some(([name]) => name.toLowerCase() === "content-type")) pairs.push(["content-type", "application/json"]);
  }
  const request = {
    method: method ?? (content === undefined ? "GET" : "POST"),
    url: wellFormed(String(url)),
    headers: pairs,
    secretHeaders: secretHeaders.map(({ name, prefix = "", secret }) => ({ name, prefix, secret })),
    body: content,
    timeoutMs: timeout ?? undefined,
  };
  return new Response(ask("http", () => host.send(request)));
}

class Response {
  constructor({ status, headers, body }) {
    this.status = status;
    this.ok = status >= 200 && status < 300;
    this.headers = {};
    for (const [name, value] of headers) {
      this.headers[name] = Object.hasOwn(this.headers, name) ? `${this.headers[name]}, ${value}` : value;
    }
    this.body = Uint8Array.from(body);
  }

  text() {
    return decode(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }
}
