// Whose keys these are, for the screens. What it is done with is fetched when somebody asks.

import type { Rest } from "../api/http.ts";
import type { TrustWays } from "../crypto/trust/ways.ts";
import { isClosed } from "../db/live-query.ts";
import { ApiError } from "../errors.ts";
import { fetched } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import type { TrustService } from "../services.ts";
import type { Current } from "./current.ts";

export interface Trust extends TrustService {
  /** Somebody's invitation was followed; the link carried this behind "#". */
  invited(userId: string, fragment: string): Promise<void>;
  /** Lets them know the same of this person, as soon as there are keys. Never rejects. */
  introduce(userId: string, chatId: string, fragment: string): Promise<void>;
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
    invitation: async (single) => (await ways()).invitation(single),
    invited: async (userId, fragment) => (await ways()).invited(userId, fragment),
    introduce: async (userId, chatId, fragment) => {
      try {
        await (await ways()).introduce(userId, chatId, fragment);
      } catch (error) {
        // Signed out, or the chat is gone by now. Numbers can be compared all the same.
        if (!(error instanceof ApiError) && !isClosed(error)) reportError(error);
      }
    },
  };
}
