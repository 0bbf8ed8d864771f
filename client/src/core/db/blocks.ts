// Whom this person blocks: the server's word, and over it what was changed here and the server does not know yet. Ids
// only; it is one row, so that it is read with everything that depends on it.

import { FIRST } from "../first.ts";
import type { Database } from "./database.ts";
import type { ReceiptRow } from "./schema.ts";

const KEY = "blocks";

export interface Blocks {
  /** By user id: since when, in milliseconds since the epoch. */
  told: Record<string, number>;
  /** By user id: whether the person is to be blocked from then on, and since when that was wanted. */
  asked: Record<string, { on: boolean; at: number }>;
}

/** By user id: since when. */
export type Blocked = ReadonlyMap<string, number>;

export async function readBlocks(db: Database): Promise<Blocks> {
  const row = await db.meta.get(KEY);
  return (row?.value as Blocks | undefined) ?? { told: {}, asked: {} };
}

/** What is true for the person on this device; the newest block first. Pure. */
export function blockedIn({ told, asked }: Blocks): Blocked {
  const all = new Map(Object.entries(told));
  for (const [userId, { on, at }] of Object.entries(asked)) {
    if (!on) all.delete(userId);
    else if (!all.has(userId)) all.set(userId, at);
  }
  return new Map([...all].toSorted((one, other) => other[1] - one[1]));
}

export const readBlocked = async (db: Database): Promise<Blocked> => blockedIn(await readBlocks(db));

/** Changes the row in one transaction. */
export async function changeBlocks(db: Database, change: (blocks: Blocks) => Blocks): Promise<void> {
  await db.transaction("rw", db.meta, async () => {
    await db.meta.put({ key: KEY, value: change(await readBlocks(db)) });
    // What the next start shows at once may hold words of theirs.
    await db.meta.delete(FIRST);
  });
}

/** Notes that somebody is to be blocked, or not any more; it is told when there is a network (sync/blocks.ts). */
export const askBlock = (db: Database, userId: string, on: boolean, at: number): Promise<void> =>
  changeBlocks(db, ({ told, asked }) => ({ told, asked: { ...asked, [userId]: { on, at } } }));

/** Of what there is to tell, what somebody whom one blocks alone would learn is left out: it waits. */
export async function tellable(db: Database, rows: ReceiptRow[]): Promise<ReceiptRow[]> {
  const blocked = await readBlocked(db);
  if (blocked.size === 0) return rows;
  const chats = await db.chats.bulkGet(rows.map((row) => row.chatId));
  return rows.filter((_, index) => !blocked.has(chats[index]?.partnerId ?? ""));
}
