// All messages of a chat that are here, in pieces: however long it is, little of it is in memory.

import type { Database } from "./database.ts";
import type { StoredMessage } from "./stored.ts";

/** Rows that are read at once. */
export const PIECE = 500;

/** The rows of a chat, ascending, each once. Between the pieces other things may happen to them. */
export async function* walk(db: Database, chatId: string, from = -Infinity, size = PIECE): AsyncGenerator<StoredMessage[]> {
  let next = from;
  /** Rows with the order `next` that were handed out already; an order is not quite an identity. */
  let handed = new Set<string>();
  for (;;) {
    const rows = await db.messagesIn(chatId, next).limit(size + handed.size).toArray();
    const fresh = rows.filter((row) => !handed.has(row.key));
    const last = fresh.at(-1);
    if (!last) return;
    const same = fresh.filter((row) => row.order === last.order).map((row) => row.key);
    handed = new Set(last.order === next ? [...handed, ...same] : same);
    next = last.order;
    yield fresh;
  }
}
