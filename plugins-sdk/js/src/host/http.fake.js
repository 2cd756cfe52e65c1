/** `http` of tests: the test answers. */
import { encode } from "../text.js";
import { state } from "./fake.js";

export function send(request) {
  state.requests.push(request);
  if (state.http === undefined) throw { tag: "denied", val: `nothing answers ${request.url}: give the Host an \`http\`` };
  const { status = 200, headers = {}, body = "", json } = state.http(request) ?? {};
  const content = json === undefined ? body : JSON.stringify(json);
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { status, headers: pairs, body: typeof content === "string" ? encode(content) : content };
}
