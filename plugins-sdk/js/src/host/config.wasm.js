/** `config` of the server. */
export { all, get } from "hookgate:hooks/config@0.1.0";
