// Adds the claim `plan`, by the domain of a proven address and until a day that the operator sets.
import { type Claims, config, defineHooks, request, type User } from "@hookgate/plugin";

/** What a company has bought. */
interface Contract {
  plan: string;
  seats?: number;
  /** The last day, as in `2026-12-31` (UTC); without it there is no end. */
  until?: string;
}

interface Settings {
  default?: string;
  contracts?: Record<string, Contract>;
}

export default defineHooks({
  modifyJwt(claims: Claims, user: User): void {
    // Services look at access tokens; the refresh token is for the server alone.
    if (request.tokenKind() === "refresh") return;

    const settings = config.all<Settings>();
    const contract = contractOf(user, settings);
    claims.plan = contract?.plan ?? settings.default ?? "free";
    if (contract?.seats !== undefined) claims.seats = contract.seats;
    if (contract?.until !== undefined) {
      claims.plan_until = contract.until;
      // Who checks the token offline must not see the plan beyond its end.
      claims.exp = Math.min(Number(claims.exp), endOf(contract.until));
    }
  },
});

function contractOf(user: User, { contracts = {} }: Settings): Contract | undefined {
  // Anybody can claim to have an address somewhere.
  if (!user.emailVerified) return undefined;
  const domain = user.email.slice(user.email.lastIndexOf("@") + 1);
  const contract = Object.hasOwn(contracts, domain) ? contracts[domain] : undefined;
  const isOver = contract?.until !== undefined && endOf(contract.until) * 1000 <= request.time();
  return isOver ? undefined : contract;
}

/** The end of a day in seconds since the Unix epoch. */
function endOf(day: string): number {
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start)) throw new Error(`\`until\` must be a day such as 2026-12-31, not \`${day}\``);
  return start / 1000 + 24 * 60 * 60;
}
