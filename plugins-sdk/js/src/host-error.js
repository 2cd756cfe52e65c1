/** What the server answers instead of doing what it was asked. */

const TEXTS = {
  "not-a-number": "the value is no decimal number, or the sum does not fit",
  unavailable: "the storage failed",
  timeout: "no answer in time",
  "too-large": "the request or the answer is larger than allowed",
};

export class HostError extends Error {
  constructor(capability, code, detail = null) {
    super(`${capability}: ${code}: ${detail ?? TEXTS[code] ?? "no more is known"}`);
    this.name = "HostError";
    this.capability = capability;
    this.code = code;
    this.detail = detail;
  }
}

/** Asks the server; the engines throw WIT's errors each in its own way. */
export function ask(capability, action) {
  try {
    return action();
  } catch (error) {
    const said = error?.payload ?? error;
    if (typeof said?.tag !== "string") throw error;
    throw new HostError(capability, said.tag, said.val ?? null);
  }
}
