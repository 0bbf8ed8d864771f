// What a person does with what this browser keeps: see what it takes, export a chat, clear one.

import type { Account } from "../account.ts";
import type { Current } from "../actions/current.ts";
import type { Api } from "../api/api.ts";
import type { Rest } from "../api/http.ts";
import { clearChat } from "../db/clear.ts";
import { ApiError } from "../errors.ts";
import { exportChat } from "../export/run.ts";
import { firstSince } from "../queries/day.ts";
import type { Runtime } from "../runtime.ts";
import { loadOlder } from "../sync/backfill.ts";
import { fateOf } from "./fate.ts";
import type { ChatSize, LocalDesk } from "./model.ts";
import { sizeOf } from "./sizes.ts";

/** Messages that are fetched at once. */
const PAGE = 500;

export function localDesk(current: Current, api: Api, rest: Rest, runtime: Runtime): LocalDesk {
  const holdings = async ({ db, me }: Account, chatId: string) => {
    const { holdingsOf } = await import("../crypto/history/holdings.ts");
    return holdingsOf({ db, me, rest, runtime }, chatId);
  };
  const olderIn =
    ({ db, me, crypto }: Account) =>
    (chatId: string): Promise<boolean> =>
      loadOlder(db, me, api, crypto, chatId, PAGE);
  return {
    async measure(tell, signal) {
      const { db } = current.require();
      const chatIds = await db.chats.toCollection().primaryKeys();
      const sizes: ChatSize[] = [];
      for (const chatId of chatIds) {
        const size = await sizeOf(db, chatId, signal);
        if (signal.aborted) throw ApiError.local("cancelled");
        sizes.push(size);
        tell(sizes.toSorted((one, other) => other.bytes - one.bytes), { done: sizes.length, total: chatIds.length });
      }
      if (chatIds.length === 0) tell([], { done: 0, total: 0 });
    },

    fate: (chatId, step, signal) => {
      const account = current.require();
      return fateOf(account.db, account.me, chatId, () => holdings(account, chatId), step, signal);
    },

    clear: async (chatId, signal) => {
      const { db, me } = current.require();
      return clearChat(db, me, chatId, signal);
    },

    day: (chatId, at, fetching, signal) => {
      const account = current.require();
      return firstSince(account.db, chatId, { at, now: runtime.now(), older: olderIn(account), fetching, signal });
    },

    export: (chatId, wish) => {
      const account = current.require();
      const { db, me, people } = account;
      return exportChat({ db, me, people, older: olderIn(account) }, chatId, { ...wish, at: runtime.now() });
    },
  };
}
