// Follows the logs of all chats: runs the effects of chat-log.ts. Runs in the leader only.

import pLimit from "p-limit";

import type { Api } from "../api/api.ts";
import type { Envelope } from "../contracts/index.ts";
import type { LeadingCrypto } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";
import { ApiError } from "../errors.ts";
import { backoff, type Runtime } from "../runtime.ts";
import { emptyLog, isSettled, step, type ChatLog, type LogEffect, type LogEvent, type Run } from "./chat-log.ts";
import { keeping } from "./keeping.ts";

export interface FollowerOptions {
  db: Database;
  me: string;
  term: number;
  api: Api;
  crypto: LeadingCrypto;
  runtime: Runtime;
  /** Fetch and store a chat that is not here; resolves when its cursor is. */
  learn: (chatId: string) => Promise<void>;
  /** These are stored now. */
  stored: (chatId: string, envelopes: readonly Envelope[]) => void;
  /** Something settled or began. */
  changed: () => void;
  /** The database cannot be written any more (another engine took over, it was closed, it is full). */
  broken: (error: unknown) => void;
}

const PAGE = 500;
/** Envelopes that are opened and stored as one: more would block the database, and the screen would wait longer. */
const PIECE = 200;
/** Pages that are asked for at the same time, over all chats. */
const PARALLEL = 4;

export class Follower {
  readonly #options: FollowerOptions;
  readonly #logs = new Map<string, ChatLog>();
  readonly #fetching = pLimit(PARALLEL);
  #failures = 0;
  #cancelRetry: (() => void) | null = null;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Chats whose cursor is in the database; known ones are passed over. */
  known(cursors: readonly { chatId: string; to: number }[]): void {
    for (const { chatId, to } of cursors)
      if ((this.#logs.get(chatId)?.applied ?? null) === null) this.#feed(chatId, { type: "known", applied: to });
  }

  live(envelope: Envelope): void {
    this.#feed(envelope.chatId, { type: "live", envelope });
  }

  /** The chat's log reaches this far on the server. */
  head(chatId: string, seq: number): void {
    this.#feed(chatId, { type: "head", seq });
  }

  /** The chat is gone from here. */
  forget(chatId: string): void {
    this.#logs.delete(chatId);
    this.#options.changed();
  }

  /** Try again what failed, now. */
  retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    for (const [chatId, log] of this.#logs) if (log.stalled) this.#feed(chatId, { type: "retry" });
  }

  get settled(): boolean {
    for (const log of this.#logs.values()) if (!isSettled(log)) return false;
    return true;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#fetching.clearQueue();
  }

  #feed(chatId: string, event: LogEvent): void {
    if (this.#stopped) return;
    const [log, effects] = step(this.#logs.get(chatId) ?? emptyLog, event);
    this.#logs.set(chatId, log);
    for (const effect of effects) void this.#run(chatId, effect);
    this.#options.changed();
  }

  async #run(chatId: string, effect: LogEffect): Promise<void> {
    switch (effect.do) {
      case "fetch":
        return this.#fetch(chatId, effect.after);
      case "write":
        return this.#write(chatId, effect.run);
      case "learn":
        return this.#learn(chatId);
    }
  }

  async #fetch(chatId: string, after: number): Promise<void> {
    const { api } = this.#options;
    try {
      const page = await this.#fetching(() => api.page(chatId, { after, limit: PAGE }));
      this.#failures = 0;
      this.#feed(chatId, { type: "page", after, envelopes: page.messages, hasMore: page.hasMore });
    } catch (error) {
      this.#failed(chatId, "fetch", error);
    }
  }

  async #write(chatId: string, run: Run): Promise<void> {
    const { db, me, term, crypto, stored, broken } = this.#options;
    try {
      const chat = await db.chats.get(chatId);
      if (!chat) return this.forget(chatId);
      let applied: number | null = run.after;
      for (let start = 0; start < run.envelopes.length; start += PIECE) {
        const after = applied;
        const piece = run.envelopes.slice(start, start + PIECE);
        const taken = { after, envelopes: piece };
        applied = await crypto.follow(chat, taken, keeping(db, me, term, chatId, taken));
        if (applied === null) return this.forget(chatId);
        stored(chatId, piece);
        if (applied !== piece.at(-1)?.seq) break;
      }
      this.#feed(chatId, { type: "written", applied });
    } catch (error) {
      // Encrypted chats may need the server to go on.
      if (error instanceof ApiError) return this.#failed(chatId, "write", error);
      this.#feed(chatId, { type: "failed", what: "write" });
      broken(error);
    }
  }

  async #learn(chatId: string): Promise<void> {
    try {
      await this.#options.learn(chatId);
      const cursor = await this.#options.db.cursors.get(chatId);
      if (cursor) this.#feed(chatId, { type: "known", applied: cursor.to });
      else this.forget(chatId);
    } catch (error) {
      // Somebody who is not in the chat gets no answer about it, and never will.
      if (error instanceof ApiError && error.code === "chat_not_found") this.forget(chatId);
      else this.#failed(chatId, "learn", error);
    }
  }

  #failed(chatId: string, what: "fetch" | "learn" | "write", error: unknown): void {
    if (this.#stopped) return;
    if (!(error instanceof ApiError)) {
      this.#options.broken(error);
      return;
    }
    if (error.code === "chat_not_found") return this.forget(chatId);
    this.#feed(chatId, { type: "failed", what });
    if (this.#cancelRetry) return;
    this.#failures += 1;
    const { runtime } = this.#options;
    const wait = Math.max(backoff(this.#failures, runtime.random()), (error.retryAfter ?? 0) * 1_000);
    this.#cancelRetry = runtime.after(wait, () => this.retry());
  }
}
