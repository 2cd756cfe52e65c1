/** `http` of the server. */
export { send } from "hookgate:hooks/http@0.1.0";
