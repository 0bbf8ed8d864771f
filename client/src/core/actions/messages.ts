// What the screens may do with messages. Nothing here waits for the network but `loadOlder`.

import type { Account } from "../account.ts";
import type { Api } from "../api/api.ts";
import type { SealedBatch } from "../crypto/interface.ts";
import { query } from "../db/live-query.ts";
import { enqueue, replace, requeue, withdraw, type Written } from "../db/queue.ts";
import type { Body } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import { readWindow } from "../queries/window.ts";
import type { Runtime } from "../runtime.ts";
import type { MessageService } from "../services.ts";
import { loadOlder } from "../sync/backfill.ts";
import { keyOf } from "../sync/rows.ts";
import type { Current } from "./current.ts";

const OLDER_PAGE = 50;

export function messageService(current: Current, api: Api, runtime: Runtime): MessageService {
  const loading = new Map<string, Promise<boolean>>();

  /** Seals a text under a new clientId. Rejects when the chat cannot be written into. */
  const write = async (account: Account, chatId: string, text: string): Promise<Sealed> => {
    const chat = await account.db.chats.get(chatId);
    if (!chat || chat.membership === "gone") throw ApiError.local("not_found");
    const body: Body = { t: "text", text: text.trim() };
    // Before the transaction: awaiting anything but the database inside it would commit it early.
    const clientId = runtime.newId();
    const { sealed, writes } = await account.crypto.seal(chat, [{ clientId, body }]);
    const [first] = sealed;
    if (!first) throw new TypeError("seal answers one per draft");
    const key = keyOf(chatId, account.me, clientId);
    return { written: { key, chatId, senderId: account.me, clientId, body, sealed: first, at: runtime.now() }, writes };
  };

  return {
    window: (chatId, what) => current.live(({ db, me }) => query(() => readWindow(db, me, chatId, what))),

    loadOlder(chatId, limit = OLDER_PAGE) {
      const running = loading.get(chatId);
      if (running) return running;
      const { db, me, crypto } = current.require();
      const job = loadOlder(db, me, api, crypto, chatId, limit).finally(() => loading.delete(chatId));
      loading.set(chatId, job);
      return job;
    },

    async send(chatId, text) {
      const account = current.require();
      const { written, writes } = await write(account, chatId, text);
      await enqueue(account.db, written, writes);
      account.typed(chatId);
      return written.key;
    },

    async retry(key) {
      const account = current.require();
      if (!(await requeue(account.db, key))) throw ApiError.local("not_found");
      account.wake();
    },

    cancel: async (key) => withdraw(current.require().db, key),

    async edit(key, text) {
      const account = current.require();
      const row = await account.db.messages.get(key);
      if (!row) return false;
      const { written, writes } = await write(account, row.chatId, text);
      return replace(account.db, key, written, writes);
    },
  };
}

interface Sealed {
  written: Written;
  writes: SealedBatch["writes"];
}
