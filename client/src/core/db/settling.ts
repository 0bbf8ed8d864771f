// Sending what waits in the outbox, and what came of it. Every step is one transaction, as in `queue.ts`. Only who sends
// needs it, so it is not in the first load.

import type { Database } from "./database.ts";
import { show } from "./queue.ts";
import { PENDING, type Failure } from "./schema.ts";
import type { StoredMessage, StoredOutbox } from "./stored.ts";

const isWaiting = (row: StoredOutbox): boolean => row.state === "waiting";

/** The first waiting message of every chat: all that sending needs to know, however much waits behind. */
export async function readHeads(db: Database): Promise<StoredOutbox[]> {
  const chatIds = (await db.outbox.orderBy("chatId").uniqueKeys()) as string[];
  const heads = await Promise.all(chatIds.map((chatId) => db.outboxOf(chatId).filter(isWaiting).first()));
  return heads.flatMap((row) => row ?? []);
}

/** The `order` of the newest message that waits; null: none does. */
export async function newestWaiting(db: Database): Promise<number | null> {
  const rows = await db.outbox.filter(isWaiting).toArray();
  return rows.length > 0 ? Math.max(...rows.map((row) => row.order)) : null;
}

/**
 * Call before posting: from here on the server may have it. Returns the row as it is now, or null when it is not to be
 * posted (taken back, stored, or held back by what came of another attempt).
 */
export async function claim(db: Database, clientId: string, now: number): Promise<StoredOutbox | null> {
  return db.transaction("rw", db.outbox, async () => {
    const row = await db.outbox.get(clientId);
    if (!row || row.state !== "waiting" || row.nextAt > now) return null;
    const claimed: StoredOutbox = { ...row, posted: true, attempts: row.attempts + 1 };
    await db.outbox.put(claimed);
    return claimed;
  });
}

/** The server has stored it at that place. If the log brought it first, nothing is left to do. */
export async function settleSent(
  db: Database,
  clientId: string,
  place: { id: string; seq: number; timestamp: number },
): Promise<void> {
  await db.transaction("rw", [db.messages, db.outbox, db.chats], async () => {
    const waiting = await db.outbox.get(clientId);
    if (!waiting) return;
    await db.outbox.delete(clientId);
    const row = await db.messages.get(waiting.key);
    if (!row) return;
    const stored: StoredMessage = { ...row, ...place, order: place.seq, failure: null };
    await db.messages.put(stored);
    await show(db, stored);
  });
}

/** Not now: try again at `nextAt`. `posted`: whether the server may have it all the same. */
export async function settleLater(db: Database, clientId: string, nextAt: number, posted: boolean): Promise<void> {
  await db.outbox.update(clientId, { nextAt, posted });
}

/** It cannot be posted as it is yet: try again at `nextAt`. Nothing reached the server. */
export async function settleHeld(
  db: Database,
  clientId: string,
  held: { code: string; attempts: number; nextAt: number },
): Promise<void> {
  const { code, attempts, nextAt } = held;
  await db.outbox.update(clientId, { nextAt, attempts, held: code });
}

/** The server will not take the group's envelope around it any more: it is made again at `nextAt`. */
export async function settleStale(db: Database, clientId: string, nextAt: number): Promise<void> {
  await db.transaction("rw", db.outbox, async () => {
    const row = await db.outbox.get(clientId);
    if (row) await db.outbox.put({ ...row, sealed: { ...row.sealed, mls: null }, posted: false, nextAt });
  });
}

/** Never: the message stays where it is in the conversation and offers retry, edit and cancel. */
export async function settleFailed(db: Database, clientId: string, failure: Failure): Promise<void> {
  await db.transaction("rw", [db.messages, db.outbox, db.chats, db.cursors], async () => {
    const waiting = await db.outbox.get(clientId);
    if (!waiting) return;
    await db.outbox.update(clientId, { state: "failed", posted: false });
    const row = await db.messages.get(waiting.key);
    if (!row) return;
    const cursor = await db.cursors.get(waiting.chatId);
    // What was sent before it has its place already, and the log may bring it later.
    const last = await db.messagesIn(waiting.chatId, -Infinity, PENDING - 1).last();
    const order = Math.max(cursor?.to ?? 0, Math.floor(last?.order ?? 0)) + 0.5;
    const failed: StoredMessage = { ...row, order, failure };
    await db.messages.put(failed);
    await show(db, failed);
  });
}
