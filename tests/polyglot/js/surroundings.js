// What JavaScript expects of its surroundings: see `surroundings` in ../tests/suite.rs.
import { defineHooks } from "@hookgate/plugin";

export default defineHooks({
  modifyJwt(claims) {
    console.log("printed", "line");
    claims.now = new Date().getTime();
    claims.random = [Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(2)).join(".")];
  },
});
