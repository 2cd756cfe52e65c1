/** `kv` of the server. */
export { compareAndSet, delete as remove, get, increment, set } from "hookgate:hooks/kv@0.1.0";
