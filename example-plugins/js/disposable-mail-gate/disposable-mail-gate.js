// Refuses addresses of services that give out mailboxes for ten minutes.
import { config, defineHooks, Denial, log } from "@hookgate/plugin";

import { DISPOSABLE } from "./domains.js";

const MESSAGE = "Please use a lasting e-mail address.";

export default defineHooks({
  allowSignin(user, provider) {
    const { also = [], except = [], message = MESSAGE } = settings();
    const domain = user.email.slice(user.email.lastIndexOf("@") + 1);
    const listed = parentsOf(domain).find((name) => DISPOSABLE.has(name) || also.includes(name));
    if (!listed || parentsOf(domain).some((name) => except.includes(name))) return true;

    log.info("refused a disposable address", { "user.id": user.id, provider, domain: listed });
    return new Denial("disposable_email", { message, reason: `\`${listed}\` gives out disposable addresses` });
  },
});

/** A misspelt setting is a failure rather than a surprise: nobody is let in until it is right. */
function settings() {
  const all = config.all();
  for (const [name, value] of Object.entries(all)) {
    if (!["also", "except", "message"].includes(name)) throw new Error(`there is no setting \`${name}\``);
    const fits = name === "message" ? typeof value === "string" : Array.isArray(value);
    if (!fits) throw new Error(`\`${name}\` must be ${name === "message" ? "a text" : "a list of domains"}`);
  }
  return all;
}

/** `a.b.example` → `a.b.example`, `b.example`, `example`: a service's subdomains are its own. */
function parentsOf(domain) {
  const labels = domain.split(".");
  return labels.map((_, n) => labels.slice(n).join("."));
}
