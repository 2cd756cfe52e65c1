/** Strings as WIT has them: Unicode, without halves of surrogate pairs. */

export function wellFormed(text) {
  return text.isWellFormed?.() === false ? text.toWellFormed() : text;
}
