// What JavaScript expects of its surroundings: see `surroundings` in ../tests/suite.rs.
import { defineHooks } from "@hookgate/plugin";

export default defineHooks({
  modifyJwt(claims) {
    console.log("printed", "line");
    claims.now = new Date().getTime();
    claims.random = [drawn(() => Math.random())];
  },
});

function drawn(draw) {
  try {
    return String(draw());
  } catch {
    return "refused";
  }
}
