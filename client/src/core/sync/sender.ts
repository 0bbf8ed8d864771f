// Sends the outbox: by the socket when there is one, else by PUT. Runs in the leader only. The rules are in outbox.ts.

import { placeOf, type Place } from "../api/api.ts";
import type { MessagesApi } from "../api/messages.ts";
import type { LeadingCrypto } from "../crypto/interface.ts";
import { refusal } from "../crypto/refusals.ts";
import type { Database } from "../db/database.ts";
import { claim, readHeads, settleFailed, settleHeld, settleLater, settleSent, settleStale } from "../db/settling.ts";
import { isClosed, onWrite } from "../db/live-query.ts";
import type { OutboxRow } from "../db/schema.ts";
import { ApiError, asApiError } from "../errors.ts";
import type { Connection } from "../realtime/connection.ts";
import type { Runtime } from "../runtime.ts";
import { due, judge, type Verdict } from "./outbox.ts";

export interface SenderOptions {
  db: Database;
  api: Pick<MessagesApi, "put">;
  connection: Pick<Connection, "link" | "emit">;
  runtime: Runtime;
  crypto: LeadingCrypto;
  /** Whether the browser says that there is a network at all. */
  online: () => boolean;
  /** The server wants a new sign-in; sending goes on after `resume`. */
  unauthenticated: () => void;
  /** Whether what the crypto refuses so is left as it is, with all that follows it in the chat, to the next sender. */
  leaves?: (error: ApiError, chatId: string) => boolean;
}

/** Chats that are sent to at the same time. */
const PARALLEL = 6;

export class Sender {
  readonly #options: SenderOptions;
  /** Chats with a message on its way, and those that are left to another sender. */
  readonly #busy = new Set<string>();
  readonly #left = new Set<string>();
  #pausedUntil = 0;
  #running = false;
  #looking = false;
  #lookAgain = false;
  #stopWatching: (() => void) | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.#stopWatching = onWrite(this.#options.db, this.#options.db.outbox, () => void this.#look());
    void this.#look();
  }

  stop(): void {
    this.#running = false;
    this.#stopWatching?.();
    this.#cancelTimer?.();
  }

  /** The way is free again (connected, online, signed in): waiting times that were for trouble on the way are over. */
  async resume(): Promise<void> {
    if (this.#pausedUntil === Infinity) this.#pausedUntil = 0;
    await this.#guarded(async () => {
      await this.#options.db.outbox.filter((row) => row.nextAt > 0).modify({ nextAt: 0 });
    });
    void this.#look();
  }

  /** Starts what is due. One look at a time; a call in between makes it look once more. */
  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    while (this.#lookAgain && this.#running && this.#options.online()) {
      this.#lookAgain = false;
      await this.#guarded(() => this.#startDue());
    }
    this.#looking = false;
  }

  async #startDue(): Promise<void> {
    const { db, runtime } = this.#options;
    const heads = await readHeads(db);
    if (!this.#running) return;
    const now = runtime.now();
    const { ready, wakeAt } = due(heads, this.#busy, now, this.#pausedUntil);
    for (const row of ready.slice(0, Math.max(0, PARALLEL - this.#busy.size + this.#left.size))) {
      this.#busy.add(row.chatId);
      void this.#guarded(() => this.#send(row.clientId)).finally(() => {
        if (!this.#left.has(row.chatId)) this.#busy.delete(row.chatId);
        void this.#look();
      });
    }
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (wakeAt !== null && wakeAt !== Infinity) this.#cancelTimer = runtime.after(wakeAt - now, () => void this.#look());
  }

  async #send(clientId: string): Promise<void> {
    const { db, runtime } = this.#options;
    if (!(await this.#prepare(clientId))) return;
    const row = await claim(db, clientId, runtime.now());
    if (!row) return;
    const opened = await db.words.openOutbox(row);
    if (!opened) return settleFailed(db, clientId, refusal("words_lost"));
    let place: Place;
    try {
      place = await this.#post(opened);
    } catch (error) {
      return this.#settle(row, judge(asApiError(error), row.attempts, runtime.random()));
    }
    await settleSent(db, clientId, place);
  }

  /** Has the crypto make what it makes only when a message is sent. False: not now. */
  async #prepare(clientId: string): Promise<boolean> {
    const { db, runtime, crypto, leaves } = this.#options;
    const row = await db.outbox.get(clientId);
    const chat = row && (await db.chats.get(row.chatId));
    if (!row || !chat) return row !== undefined;
    try {
      await crypto.prepare(chat, row);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (leaves?.(error, row.chatId)) {
        this.#left.add(row.chatId);
        return false;
      }
      const attempts = row.attempts + 1;
      const verdict = judge(error, attempts, runtime.random());
      if (verdict.do === "fail") await settleFailed(db, clientId, verdict.failure);
      else await settleHeld(db, clientId, { code: error.code, attempts, nextAt: runtime.now() + verdict.wait });
      if (verdict.do === "later") await this.#settle(row, { ...verdict, posted: row.posted });
      return false;
    }
  }

  async #settle(row: OutboxRow, verdict: Verdict): Promise<void> {
    const { db, runtime } = this.#options;
    if (verdict.do === "again") return settleStale(db, row.clientId, runtime.now() + verdict.wait);
    if (verdict.do === "fail") return settleFailed(db, row.clientId, verdict.failure);
    const nextAt = runtime.now() + verdict.wait;
    if (verdict.holds === "all") this.#pausedUntil = Math.max(this.#pausedUntil, nextAt);
    if (verdict.holds === "session") this.#pausedUntil = Infinity;
    await settleLater(db, row.clientId, nextAt, verdict.posted);
    if (verdict.holds === "session") this.#options.unauthenticated();
  }

  async #post({ chatId, clientId, sealed }: OutboxRow): Promise<Place> {
    const { api, connection } = this.#options;
    if (connection.link.get().state !== "connected") return api.put(chatId, clientId, sealed);
    return placeOf(await connection.emit("send_message", { chatId, clientId, ...sealed }));
  }

  /** Signing out closes the database under whatever runs; that is no error, and the end of sending. */
  async #guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.stop();
    }
  }
}
