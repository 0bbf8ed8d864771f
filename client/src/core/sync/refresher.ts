// Brings chats and their rosters from the server into the local database.

import type { Api, ChatView } from "../api/api.ts";
import type { MessageCrypto } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";
import { putChat } from "../db/roster.ts";
import type { MessageRow } from "../db/schema.ts";
import { openRows } from "./rows.ts";

/** Stores a chat as the server sees it. */
export async function storeView(db: Database, me: string, crypto: MessageCrypto, view: ChatView): Promise<void> {
  await putChat(db, me, view, await lastRow(crypto, view));
}

async function lastRow(crypto: MessageCrypto, view: ChatView): Promise<MessageRow | null> {
  // An encrypted log is opened strictly in order (e2ee.md, client state machine 1): its preview comes from the rows.
  if (!view.lastMessage || view.encryption !== "none") return null;
  const { rows } = await openRows(crypto, view, [view.lastMessage]);
  return rows[0] ?? null;
}

interface Job {
  current: Promise<void>;
  /** Asked for while `current` was on its way. */
  next: Promise<void> | null;
}

/** Reads chats again, each at most once at a time: an answer that was asked for earlier can never overtake a later one. */
export class Refresher {
  readonly #jobs = new Map<string, Job>();
  readonly #store: (view: ChatView) => Promise<void>;
  readonly #api: Pick<Api, "chat" | "chats">;

  constructor(db: Database, me: string, crypto: MessageCrypto, api: Pick<Api, "chat" | "chats">) {
    this.#api = api;
    this.#store = (view) => storeView(db, me, crypto, view);
  }

  /** All chats, page by page; resolves when they are stored. Rejects with `ApiError`. */
  async all(): Promise<void> {
    for (let before: string | undefined, more = true; more; ) {
      const { chats, hasMore } = await this.#api.chats(before);
      for (const view of chats) await this.#store(view);
      before = chats.at(-1)?.id;
      more = hasMore && before !== undefined;
    }
  }

  /** One chat, asked for after this call; resolves when it is stored. Rejects with `ApiError`. */
  one(chatId: string): Promise<void> {
    const job = this.#jobs.get(chatId);
    if (!job) return this.#start(chatId);
    // What is on its way may have been read before the change that we are told of.
    job.next ??= job.current.catch(() => {}).then(() => this.#start(chatId));
    return job.next;
  }

  #start(chatId: string): Promise<void> {
    const current = this.#api.chat(chatId).then(this.#store);
    const job: Job = { current, next: null };
    this.#jobs.set(chatId, job);
    void this.#finish(chatId, job);
    return current;
  }

  async #finish(chatId: string, job: Job): Promise<void> {
    await job.current.catch(() => {});
    if (this.#jobs.get(chatId) === job && !job.next) this.#jobs.delete(chatId);
  }
}
