// How something new is said in a chat: sealed, then put into the outbox.

import type { Account } from "../account.ts";
import type { SealedBatch } from "../crypto/interface.ts";
import { enqueue, type Written } from "../db/queue.ts";
import { ApiError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { keyOf } from "../sync/rows.ts";
import type { Said } from "../talk/bodies.ts";

/** What of an account it takes. */
export type Speaker = Pick<Account, "db" | "me" | "crypto">;

export interface Sealed {
  written: Written;
  writes: SealedBatch["writes"];
}

/** Seals a body under a new clientId. Rejects when the chat cannot be written into. */
export async function write(account: Speaker, runtime: Runtime, chatId: string, body: Said): Promise<Sealed> {
  const chat = await account.db.chats.get(chatId);
  if (!chat || chat.membership === "gone") throw ApiError.local("not_found");
  // Before the transaction: awaiting anything but the database inside it would commit it early.
  const clientId = runtime.newId();
  const { sealed, writes } = await account.crypto.seal(chat, [{ clientId, body }]);
  const [first] = sealed;
  if (!first) throw new TypeError("seal answers one per draft");
  const key = keyOf(chatId, account.me, clientId);
  return { written: { key, chatId, senderId: account.me, clientId, body, sealed: first, at: runtime.now() }, writes };
}

/** Says it as soon as that can be; its key. Rejects when the chat cannot be written into. */
export async function say(account: Speaker, runtime: Runtime, chatId: string, body: Said): Promise<string> {
  const { written, writes } = await write(account, runtime, chatId, body);
  await enqueue(account.db, written, writes);
  return written.key;
}
