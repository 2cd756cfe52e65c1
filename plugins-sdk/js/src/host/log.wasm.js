/** `log` of the server. */
export { log as write } from "hookgate:hooks/log@0.1.0";
