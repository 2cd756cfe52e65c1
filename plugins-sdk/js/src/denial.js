/** A refusal. */

export class Denial {
  constructor(code, { message, reason } = {}) {
    this.code = code ?? null;
    this.message = message ?? null;
    this.reason = reason ?? null;
    Object.freeze(this);
  }
}
