/** `random` of the server. */
export { bytes, number } from "hookgate:hooks/random@0.1.0";
