/** What the types allow and what they don't; compiled, never run. */

import { type Claims, config, defineHooks, Denial, log, request, type User } from "@hookgate/plugin";
import * as testing from "@hookgate/plugin/testing";

const plugin = defineHooks({
  allowSignin(user, provider) {
    if (provider === "passkey") return new Denial("no_passkeys", { message: "Sorry.", reason: user.id });
    return user.emailVerified;
  },
  modifyJwt(claims, user) {
    claims.plan = "pro";
    claims.nested = { roles: ["a", "b"], name: user.name };
  },
  modifySession: (session) => ({ ...session, device: "phone" }),
  onPasskeyRegistered: (user, passkey) => log.info("added", { id: passkey.id, at: request.time() }),
});

const host = new testing.Host({ config: { plan: "pro" }, request: { isNew: true } });
const user: User = testing.user("ada@example.com");
const answer: boolean | Denial = plugin.allowSignin(user, "credentials");
const claims: Claims = testing.claims(user);
plugin.modifyJwt(claims, user);
const settings: { plan?: string } = config.all<{ plan?: string }>();
const plan: string | null = config.get("plan");
const first: string = host.logs[0].message;
export default { answer, settings, plan, first };

// @ts-expect-error: no such hook
defineHooks({ allowSignIn: () => true });
// @ts-expect-error: a gate answers with true, false or a Denial
defineHooks({ allowSignin: () => "yes" });
// @ts-expect-error: hooks can't wait
defineHooks({ allowSignin: async () => true });
// @ts-expect-error: this plugin does not define it
plugin.onSignup(user);
// @ts-expect-error: the user is not the plugin's to change
defineHooks({ onSignup: (user) => void (user.email = "") });
