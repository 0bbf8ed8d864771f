// What search reads instead of every message (`core/search`): the words of up to some hundred messages each, sealed. They
// follow from the messages and are made again where they are missing, so whoever changes messages in place only takes the
// segments away, in the same transaction.

import type { Database } from "./database.ts";
import type { MessageFrame } from "./stored.ts";

/** The searchable words of a piece of a chat's log. Segments of a chat never overlap. */
export interface SegmentRow {
  chatId: string;
  /** Every stored message with `from ≤ seq ≤ to` is in it, as far as it has words. */
  from: number;
  to: number;
  /** Rows of the log in it, with words or without. */
  rows: number;
  /** `core/search/segment.ts` */
  words: Uint8Array;
}

/** In `meta`: counts how often segments were taken away. What was read before must not become a segment after. */
const COUNT = "segments";

export async function takenAway(db: Database): Promise<number> {
  const count = (await db.meta.get(COUNT))?.value;
  return typeof count === "number" ? count : 0;
}

/** Of one chat, in the order of the log. */
export const segmentsOf = (db: Database, chatId: string, from = -Infinity, to = Infinity) =>
  db.segments.where("[chatId+from]").between([chatId, from], [chatId, to], true, true);

/** All of a chat. Call it in a transaction with `segments` and `meta`. */
export async function dropSegments(db: Database, chatId: string): Promise<void> {
  await segmentsOf(db, chatId).delete();
  await db.meta.put({ key: COUNT, value: (await takenAway(db)) + 1 });
}

/** Those with these rows and with the messages that these are about. Call it with `messages`, `segments` and `meta`. */
export async function dropSegmentsWith(db: Database, chatId: string, rows: readonly MessageFrame[]): Promise<void> {
  const orders = new Set(rows.map((row) => row.order));
  for (const { about } of rows) {
    const target = about === undefined ? undefined : await db.messages.get(about);
    if (target) orders.add(target.order);
  }
  for (const order of orders) {
    const row = await segmentsOf(db, chatId, -Infinity, order).last();
    if (row && row.to >= order) await db.segments.delete([chatId, row.from]);
  }
  await db.meta.put({ key: COUNT, value: (await takenAway(db)) + 1 });
}
