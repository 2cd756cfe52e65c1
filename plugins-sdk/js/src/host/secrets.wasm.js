/** `secrets` of the server. */
export { hmacSha256, names } from "hookgate:hooks/secrets@0.1.0";
