/** Collecting an author's hooks, with misspelt names caught. */

import { CHECKS, HOOKS } from "./contract.js";

const KNOWN = { ...HOOKS, ...CHECKS };

export function defineHooks(hooks) {
  for (const [name, hook] of Object.entries(hooks)) {
    if (!Object.hasOwn(KNOWN, name)) {
      const meant = nearest(name);
      throw new TypeError(`there is no hook \`${name}\`` + (meant ? `; did you mean \`${meant}\`?` : ""));
    }
    if (typeof hook !== "function") throw new TypeError(`the hook \`${name}\` is not a function`);
  }
  return hooks;
}

/** The hook that an author most likely meant, if one is close. */
function nearest(name) {
  const plain = (text) => text.replace(/[-_]/g, "").toLowerCase();
  const all = Object.keys(KNOWN).map((hook) => [distance(plain(name), plain(hook)), hook]);
  const [difference, hook] = all.sort(([a], [b]) => a - b)[0];
  return difference <= 3 ? hook : undefined;
}

/** Levenshtein's: how many letters to add, drop or change. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
