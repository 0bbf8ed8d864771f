// What the screens may do with chats.

import type { Account } from "../account.ts";
import type { Api, ChatView } from "../api/api.ts";
import type { Rest } from "../api/http.ts";
import { ApiError } from "../errors.ts";
import { moveRead } from "../db/ingest.ts";
import { isClosed, query } from "../db/live-query.ts";
import type { Live } from "../live.ts";
import { readChatDetail, readChatList } from "../queries/chats.ts";
import type { Runtime } from "../runtime.ts";
import type { ChatDetail, ChatService } from "../services.ts";
import { newestOf } from "../talk/successors.ts";
import type { Current } from "./current.ts";
import { Once } from "./once.ts";

/** What the engine needs, too; the first screen does not wait for it. */
export async function store(account: Account, view: ChatView): Promise<string> {
  const { storeView } = await import("../sync/refresher.ts");
  await storeView(account.db, account.me, account.crypto, view);
  void account.people.want(view.participants.map((each) => each.userId));
  return view.id;
}

async function forget({ db }: Account, chatId: string): Promise<void> {
  const { forgetChat } = await import("../db/roster.ts");
  await forgetChat(db, chatId);
}

export function chatService(current: Current, api: Api, rest: Rest, runtime: Runtime): ChatService {
  const once = new Once(runtime.newId);
  // Many parts of the screen show the same: it is read once for all of them.
  const list = current.live(({ db, me }) => query(() => readChatList(db, me, runtime.now())));
  const details = new Map<string, Live<ChatDetail | null | undefined>>();

  return {
    list: () => list,

    detail(chatId) {
      const known = details.get(chatId);
      if (known) return known;
      const detail = current.live(({ db, me }) => query(() => readChatDetail(db, me, runtime.now(), chatId)));
      details.set(chatId, detail);
      return detail;
    },

    async createDirect(userId) {
      const account = current.require();
      // A conversation that is here opens without a network, too.
      const known = await account.db.chats.filter((chat) => chat.partnerId === userId).toArray();
      const sealed = await newestOf(known.filter((chat) => chat.encryption === "mls"));
      if (sealed) return sealed.id;
      try {
        return await store(account, await api.createChat({ type: "direct", participants: [userId] }));
      } catch (error) {
        // Whether an older chat is still the one, only the server can say.
        const [older] = known;
        if (older && error instanceof ApiError && error.retryable) return older.id;
        throw error;
      }
    },

    async continueSealed(chatId) {
      const account = current.require();
      const chat = await account.db.chats.get(chatId);
      if (chat?.partnerId && chat.encryption === "none") return this.createDirect(chat.partnerId);
      const { continueChat } = await import("./groups.ts");
      return continueChat({ account, api, rest, runtime, once }, chatId);
    },

    async createGroup(name, userIds, picture) {
      const account = current.require();
      const { createGroup } = await import("./groups.ts");
      return createGroup({ account, api, rest, runtime, once }, name.trim(), userIds, picture);
    },

    async rename(chatId, name) {
      const account = current.require();
      const { renameGroup } = await import("./groups.ts");
      await renameGroup({ account, api, rest, runtime, once }, chatId, name.trim());
    },

    async setTimer(chatId, lasts) {
      const account = current.require();
      const { setTimer } = await import("./groups.ts");
      await setTimer({ account, api, rest, runtime, once }, chatId, lasts);
    },

    async setPicture(chatId, picture) {
      const account = current.require();
      const { setPicture } = await import("./groups.ts");
      await setPicture({ account, runtime }, chatId, picture);
    },

    async addMembers(chatId, userIds) {
      const account = current.require();
      await store(account, await api.addMembers(chatId, userIds));
    },

    async removeMember(chatId, userId) {
      const account = current.require();
      await api.removeMember(chatId, userId);
      await store(account, await api.chat(chatId));
    },

    async setRole(chatId, userId, role) {
      const account = current.require();
      await store(account, await api.setRole(chatId, userId, role));
    },

    async leave(chatId) {
      const account = current.require();
      await api.leave(chatId);
      await forget(account, chatId);
    },

    async forget(chatId) {
      const account = current.require();
      const chat = await account.db.chats.get(chatId);
      if (chat?.membership === "gone") await forget(account, chatId);
    },

    async wish(chatId, wanted) {
      const { db } = current.require();
      const { wish } = await import("./wants.ts");
      await wish(db, chatId, wanted, runtime.now());
    },

    open: (chatId) => {
      const account = current.get();
      if (!account) return () => {};
      void account.people.wantMembers(chatId);
      return account.openChat(chatId);
    },

    markRead: (chatId, seq) => {
      const account = current.get();
      if (account) void quietly(moveRead(account.db, account.me, chatId, seq, false));
    },

    typing: (chatId) => current.get()?.typing(chatId),
  };
}

/** Nobody waits for these; a database that was closed by signing out is the only thing that may happen. */
async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
}
