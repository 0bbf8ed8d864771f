// What the screens may do with messages. Nothing here waits for the network but `loadOlder`.

import type { Account } from "../account.ts";
import type { Api } from "../api/api.ts";
import { query } from "../db/live-query.ts";
import { replace, requeue, withdraw } from "../db/queue.ts";
import type { Body, Mention, MessageRow, Ref } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import { timerIn } from "../queries/titles.ts";
import { readItems, readPinned, readWindow } from "../queries/window.ts";
import type { Runtime } from "../runtime.ts";
import type { MessageService } from "../services.ts";
import { isNote, type Message, type Note, type Said } from "../talk/bodies.ts";
import type { Current } from "./current.ts";
import { say as sayIn, write } from "./say.ts";

const OLDER_PAGE = 50;
/** Looking for a message far above: so many at once, and not more often. */
const FAR_PAGE = 500;
const MAX_PAGES = 40;

export function messageService(current: Current, api: Api, runtime: Runtime): MessageService {
  const loading = new Map<string, Promise<boolean>>();

  const say = async (chatId: string, body: Said): Promise<string> => {
    const account = current.require();
    const key = await sayIn(account, runtime, chatId, body);
    if (!isNote(body)) account.typed(chatId);
    return key;
  };

  /** Says a message that lasts as long as messages of the chat do now: whoever reads it needs to know nothing else. */
  const sayMessage = async (chatId: string, body: Message): Promise<string> => {
    const { db, me } = current.require();
    const chat = await db.chats.get(chatId);
    const lasts = chat ? await timerIn(db, me, chat) : null;
    return say(chatId, lasts ? { ...body, lasts } : body);
  };

  /** Says something about a message that is here and stored; false when it is not. */
  const note = async (row: MessageRow | undefined, about: (of: Ref) => Note): Promise<boolean> => {
    if (!row || row.seq === null || row.kind !== "message") return false;
    await say(row.chatId, about({ senderId: row.senderId, clientId: row.clientId }));
    return true;
  };
  const rowAt = (key: string): Promise<MessageRow | undefined> => current.require().db.words.message(key);
  const noteAt = async (key: string, about: (of: Ref) => Note): Promise<void> => {
    if (!(await note(await rowAt(key), about))) throw ApiError.local("not_found");
  };
  const own = async (key: string): Promise<MessageRow | undefined> => {
    const row = await rowAt(key);
    return row?.senderId === current.require().me ? row : undefined;
  };

  const older = (chatId: string, limit = OLDER_PAGE): Promise<boolean> => {
    const running = loading.get(chatId);
    if (running) return running;
    const job = loadMore(current.require(), api, chatId, limit).finally(() => loading.delete(chatId));
    loading.set(chatId, job);
    return job;
  };

  return {
    window: (chatId, what) => current.live(({ db, me }) => query(() => readWindow(db, me, chatId, what))),
    pinned: (chatId) => current.live(({ db, me }) => query(() => readPinned(db, me, chatId))),
    loadOlder: older,

    async send(chatId, text, replyTo, mentions) {
      const target = replyTo === undefined ? undefined : await rowAt(replyTo);
      const re = target && { senderId: target.senderId, clientId: target.clientId };
      return sayMessage(chatId, { t: "text", ...wordsOf(text, mentions), ...(re ? { re } : {}) });
    },

    async retry(key) {
      const account = current.require();
      if (!(await requeue(account.db, key))) throw ApiError.local("not_found");
      account.wake();
    },

    cancel: async (key) => withdraw(current.require().db, key),

    async edit(key, text, mentions) {
      const account = current.require();
      const [row, words] = [await own(key), wordsOf(text, mentions)];
      if (row?.seq !== null) return note(row, (of) => ({ t: "edit", of, ...words }));
      const said = instead(row.body, words);
      const { written, writes } = await write(account, runtime, row.chatId, said);
      return replace(account.db, key, written, writes);
    },

    deleteForAll: async (key) => note(await own(key), (of) => ({ t: "delete", of })),
    react: (key, emoji, on) => noteAt(key, (of) => ({ t: "reaction", of, emoji, on })),
    pin: (key, on) => noteAt(key, (of) => ({ t: "pin", of, on })),

    ask: (chatId, { question, options, several }) => {
      const lines = options.map((option) => option.trim());
      return sayMessage(chatId, { t: "poll", question: question.trim(), options: lines, ...(several ? { several } : {}) });
    },
    vote: (key, choices) => noteAt(key, (of) => ({ t: "vote", of, choices })),
    closePoll: (key) => noteAt(key, (of) => ({ t: "close", of })),

    async moderate(key) {
      const row = await rowAt(key);
      if (!row || row.seq === null) throw ApiError.local("not_found");
      await api.redact(row.chatId, row.seq);
    },

    async forward(key, chatIds) {
      const { db, me } = current.require();
      const row = await rowAt(key);
      const [shown] = row ? await readItems(db, me, [row]) : [];
      if (shown?.body.t !== "text") throw ApiError.local("not_found");
      for (const chatId of chatIds) await sayMessage(chatId, { t: "text", text: shown.body.text, forwarded: true });
    },

    async locate(key) {
      const { db } = current.require();
      const [chatId = ""] = key.split("/");
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const row = await rowAt(key);
        if (row) return row.body.t === "expired" ? null : row.order;
        if ((await db.cursors.get(chatId))?.complete || !(await older(chatId, FAR_PAGE))) return null;
      }
      return null;
    },
  };
}

type Worded = Pick<Extract<Said, { t: "edit" }>, "text" | "mentions">;

const wordsOf = (text: string, mentions: readonly Mention[] = []): Worded =>
  mentions.length > 0 ? { text: text.trim(), mentions: [...mentions] } : { text: text.trim() };

/** A message that is on its way with other words. */
function instead(body: Body, words: Worded): Said {
  if (body.t !== "text" && body.t !== "edit") return { t: "text", ...words };
  const { mentions: _before, ...rest } = body;
  return { ...rest, ...words };
}

/** The engine needs it, too; the first screen does not wait for it. */
async function loadMore({ db, me, crypto }: Account, api: Api, chatId: string, limit: number): Promise<boolean> {
  const { loadOlder } = await import("../sync/backfill.ts");
  return loadOlder(db, me, api, crypto, chatId, limit);
}
