// Whose keys these are, for the screens. What it is done with is fetched when somebody asks.

import type { Rest } from "../api/http.ts";
import type { TrustWays } from "../crypto/trust/ways.ts";
import { fetched } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import type { TrustService } from "../services.ts";
import type { Current } from "./current.ts";

export interface Trust extends TrustService {
  /** Somebody's invitation was followed; the link carried this behind "#". */
  invited(userId: string, fragment: string): Promise<void>;
}

const load = () => import("../crypto/trust/ways.ts");

export function trustService(current: Current, rest: Rest, runtime: Runtime): Trust {
  const ways = async (): Promise<TrustWays> => new (await load()).TrustWays(current.require(), rest, runtime);
  return {
    people: current.live((account) => fetched(async () => (await load()).people(account))),
    number: async (userId) => (await ways()).number(userId),
    compare: async (userId, scanned) => (await ways()).compare(userId, scanned),
    verify: async (userId, key) => (await ways()).verify(userId, key),
    unverify: async (userId) => (await ways()).unverify(userId),
    accept: async (userId) => (await ways()).accept(userId),
    invitation: async () => (await ways()).invitation(),
    invited: async (userId, fragment) => (await ways()).invited(userId, fragment),
  };
}
