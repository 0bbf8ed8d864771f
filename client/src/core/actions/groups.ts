// Making, naming and picturing groups, and how long messages last. In encrypted chats these are said inside; the name of
// other groups is the server's.

import type { Account } from "../account.ts";
import type { Api, ChatView } from "../api/api.ts";
import type { Rest } from "../api/http.ts";
import { readKeysState } from "../crypto/devices/state.ts";
import { toBase64 } from "../crypto/mls/bytes.ts";
import { ApiError } from "../errors.ts";
import { looksOf, timerIn, titlesOf } from "../queries/titles.ts";
import type { Runtime } from "../runtime.ts";
import { saySettings } from "./again.ts";
import { store } from "./chats.ts";
import type { Once } from "./once.ts";
import { say } from "./say.ts";
import { successorOfOld, successorOfSealed } from "./successor.ts";

export interface Around {
  account: Account;
  api: Api;
  rest: Rest;
  runtime: Runtime;
  once: Once;
}

/**
 * Makes the group, once however often it is asked for; its id. Where the server cannot read it, its name and its picture are
 * said inside; else it has no picture. Rejects with `ApiError`.
 */
export async function createGroup(around: Around, name: string, userIds: string[], picture?: Blob): Promise<string> {
  const { account, api, once } = around;
  const { state } = await readKeysState(account.db);
  const key = [account.me, name, ...userIds.toSorted()];
  const make = (named: { name?: string }): Promise<ChatView> =>
    once.ask(key, (id) => api.createChat({ type: "group", participants: userIds, ...named, id }));
  const view = await make(state === "off" ? { name } : {}).catch((error: unknown) => {
    // Right after the sign-in nobody has asked yet whether this server encrypts; it wants the name because it does not.
    if (state === "unknown" && error instanceof ApiError && error.fields["name"] !== undefined) return make({ name });
    throw error;
  });
  const chatId = await store(account, view);
  if (view.encryption !== "mls") return chatId;
  await sayName(around, chatId, name);
  if (picture) await setPicture(around, chatId, picture);
  return chatId;
}

/** Rejects with `ApiError`. In an encrypted group it is said like a message: at once here, and elsewhere when it is sent. */
export async function renameGroup(around: Around, chatId: string, name: string): Promise<void> {
  const { account, api } = around;
  const chat = await account.db.chats.get(chatId);
  if (chat?.encryption !== "mls") return void (await store(account, await api.rename(chatId, name)));
  // Somebody may not know it, or nobody would give it anew.
  if ((await titlesOf(account.db, account.me, [chat])).get(chatId) === name) await saySettings(account, around.runtime, chat);
  else await sayName(around, chatId, name);
}

/**
 * Says how long messages last that are written from now on. Nothing is said when they do already. Rejects with `not_found`
 * where the server can read them: what it keeps does not disappear.
 */
export async function setTimer({ account, runtime }: Around, chatId: string, lasts: number): Promise<void> {
  const chat = await account.db.chats.get(chatId);
  if (chat?.encryption !== "mls") throw ApiError.local("not_found");
  if (((await timerIn(account.db, account.me, chat)) ?? 0) === lasts) return;
  await say(account, runtime, chatId, { t: "timer", lasts });
}

type Said = Pick<Around, "account" | "runtime">;

/**
 * Gives the group a picture; null takes it away. Rejects with `not_found` where the server would see it, and `too_long`.
 */
export async function setPicture(around: Said, chatId: string, picture: Blob | null): Promise<void> {
  await sayPicture(around, chatId, picture === null ? "" : toBase64(new Uint8Array(await picture.arrayBuffer())));
}

async function sayPicture({ account, runtime }: Said, chatId: string, image: string): Promise<void> {
  const chat = await account.db.chats.get(chatId);
  if (chat?.encryption !== "mls" || chat.type !== "group") throw ApiError.local("not_found");
  const look = (await looksOf(account.db, account.me, [chat])).get(chatId);
  if ((look?.image ?? "") !== image) await say(account, runtime, chatId, { t: "picture", image });
}

/** The encrypted chat that takes this one's place, a group under its name; its id. Rejects with `ApiError`. */
export async function continueChat(around: Around, chatId: string): Promise<string> {
  const { account, api, rest } = around;
  const chat = await account.db.chats.get(chatId);
  if (!chat) throw ApiError.local("not_found");
  const sealed = chat.encryption === "mls";
  const { view, name, image, lasts } = await (sealed ? successorOfSealed(account, rest, chat) : successorOfOld(account, api, chatId));
  const id = await store(account, view);
  if (name !== null) await sayName(around, id, name);
  if (image !== null) await sayPicture(around, id, image);
  if (lasts !== null) await setTimer(around, id, lasts);
  return id;
}

/** Nothing is said when it is called so already. */
async function sayName({ account, runtime }: Around, chatId: string, name: string): Promise<void> {
  const chat = await account.db.chats.get(chatId);
  if (!chat) throw ApiError.local("not_found");
  if ((await titlesOf(account.db, account.me, [chat])).get(chatId) === name) return;
  await say(account, runtime, chatId, { t: "name", name });
}
