// Tells the server what this person has got and seen. What has to be told is in the table `receipts`, so that it survives
// a reload and comes from any tab; it is told by the leader, gathered, and removed when the server confirmed it.

import { tellable } from "../db/blocks.ts";
import type { Database } from "../db/database.ts";
import { isClosed, query } from "../db/live-query.ts";
import type { ReceiptRow } from "../db/schema.ts";
import { asApiError } from "../errors.ts";
import type { Live } from "../live.ts";
import type { Connection } from "../realtime/connection.ts";
import type { Runtime } from "../runtime.ts";

/** Milliseconds in which receipts are gathered: scrolling through a screen is one receipt. */
const GATHER = 300;
/** Milliseconds until receipts that failed are told again, unless the connection comes back first. */
const AGAIN = 10_000;

/** Notes that everything up to `seq` of the chat has arrived here. */
export async function noteDelivered(db: Database, me: string, chatId: string, seq: number): Promise<void> {
  await db.transaction("rw", db.receipts, db.members, async () => {
    const mine = await db.members.get([chatId, me]);
    if (!mine || mine.deliveredSeq >= seq) return;
    await db.members.update([chatId, me], { deliveredSeq: seq });
    const row = await db.receipts.get(chatId);
    await db.receipts.put({ chatId, read: row?.read ?? 0, delivered: Math.max(seq, row?.delivered ?? 0) });
  });
}

/** What is left to tell after `told` was confirmed; null: nothing. */
export function remaining(now: ReceiptRow, told: { delivered: number; read: number }): ReceiptRow | null {
  const read = now.read > told.read ? now.read : 0;
  // Reading is having: the server moves both cursors on a read.
  const delivered = now.delivered > Math.max(told.delivered, told.read) ? now.delivered : 0;
  return read === 0 && delivered === 0 ? null : { chatId: now.chatId, read, delivered };
}

export class ReceiptSender {
  readonly #db: Database;
  readonly #connection: Pick<Connection, "link" | "emit">;
  readonly #runtime: Runtime;
  readonly #waiting: Live<ReceiptRow[] | undefined>;
  #stopWatching: (() => void) | null = null;
  #cancel: (() => void) | null = null;
  #telling = false;

  constructor(db: Database, connection: Pick<Connection, "link" | "emit">, runtime: Runtime) {
    this.#db = db;
    this.#connection = connection;
    this.#runtime = runtime;
    this.#waiting = query(() => db.receipts.toArray());
  }

  start(): void {
    this.#stopWatching = this.#waiting.subscribe(() => this.#schedule(GATHER));
  }

  stop(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#cancel?.();
  }

  /** The connection is there (again). */
  resume(): void {
    this.#schedule(0);
  }

  #schedule(wait: number): void {
    if (this.#cancel || this.#telling || !this.#stopWatching) return;
    this.#cancel = this.#runtime.after(wait, () => {
      this.#cancel = null;
      void this.#tell();
    });
  }

  async #tell(): Promise<void> {
    if (this.#connection.link.get().state !== "connected") return;
    this.#telling = true;
    let again: number | null = null;
    try {
      const rows = await this.#due();
      const results = await Promise.all(rows.map((row) => this.#tellOne(row)));
      const left = await this.#due();
      if (left.length > 0) again = results.every(Boolean) ? GATHER : AGAIN;
    } catch (error) {
      if (!isClosed(error)) throw error;
    } finally {
      this.#telling = false;
    }
    if (again !== null) this.#schedule(again);
  }

  async #due(): Promise<ReceiptRow[]> {
    return tellable(this.#db, await this.#db.receipts.toArray());
  }

  /** Returns false when it has to be told again later. */
  async #tellOne(row: ReceiptRow): Promise<boolean> {
    const { chatId, read, delivered } = row;
    try {
      if (read > 0) await this.#connection.emit("read_receipt", { chatId, seq: read });
      if (delivered > read) await this.#connection.emit("delivery_receipt", { chatId, seq: delivered });
    } catch (error) {
      const { retryable, code } = asApiError(error);
      if (retryable || code === "rate_limited" || code === "unauthenticated") return false;
    }
    await this.#db.transaction("rw", this.#db.receipts, async () => {
      const now = await this.#db.receipts.get(chatId);
      const rest = now ? remaining(now, row) : null;
      if (rest) await this.#db.receipts.put(rest);
      else await this.#db.receipts.delete(chatId);
    });
    return true;
  }
}
