/** `clock` of tests: it stands still until the test moves it. */
import { state } from "./fake.js";

export const now = () => state.now ?? state.request.time;
export const monotonic = () => (now() - state.request.time) * 1_000_000;
