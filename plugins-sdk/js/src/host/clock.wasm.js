/** `clock` of the server. */
export { monotonic, now } from "hookgate:hooks/clock@0.1.0";
