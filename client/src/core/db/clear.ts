// Takes a chat's messages off this device where they can be had again. What cannot be had again stays: what is unsent, the
// draft, what says how the chat is called and what is pinned in it. The newest message stays for the list of chats, and so
// does what is unread.

import { closedName } from "../crypto/history/names.ts";
import type { Database } from "./database.ts";
import { isNews } from "./ingest.ts";
import { PENDING, type CursorRow } from "./schema.ts";
import { dropSegments } from "./segments.ts";
import type { StoredChat, StoredMessage } from "./stored.ts";
import { walk } from "./walk.ts";

/** From this place on everything stays: the newest message, and what is unread. It is never before what is here. */
export async function keptFrom(db: Database, me: string, chat: StoredChat, cursor: CursorRow): Promise<number> {
  const unread = chat.unread > 0 ? await db.messagesIn(chat.id, chat.readSeq + 0.1, PENDING).filter((row) => isNews(row, me)).first() : undefined;
  const end = cursor.to + 1;
  return Math.max(cursor.from, Math.min(chat.preview?.seq ?? end, unread?.order ?? end, end));
}

/** Rows below `keptFrom` that stay all the same, by key. */
export async function keptBelow(db: Database, chatId: string): Promise<ReadonlySet<string>> {
  const pins = await db.messages.where("pinIn").equals(chatId).toArray();
  const targets = [...new Set(pins.flatMap((pin) => pin.about ?? []))];
  const [named, notes] = await Promise.all([
    db.messages.where("named").equals(chatId).primaryKeys(),
    db.messages.where("about").anyOf(targets).primaryKeys(),
  ]);
  return new Set([...named, ...targets, ...notes]);
}

/** Whether the row is gone for good when it is removed from here: it is in no log. */
export const isOnlyHere = (row: Pick<StoredMessage, "seq" | "failure">): boolean => row.seq === null || row.failure !== null;
/** Whether it is a message that was not sent; the other rows that are only here are news that this device noticed. */
export const isUnsentRow = (row: StoredMessage): boolean => row.kind === "message" && isOnlyHere(row);

/**
 * Clears the chat. Answers how many rows are gone from here; the messages come back as older ones do. Can be stopped until
 * it begins, and done again.
 */
export async function clearChat(db: Database, me: string, chatId: string, signal?: AbortSignal): Promise<number> {
  const onlyHere: string[] = [];
  for await (const rows of walk(db, chatId)) {
    if (signal?.aborted) return 0;
    for (const row of rows) if (isOnlyHere(row)) onlyHere.push(row.key);
  }
  const tables = [db.messages, db.outbox, db.chats, db.cursors, db.segments, db.meta, db.vault];
  return db.transaction("rw", tables, async () => {
    const [chat, cursor] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId)]);
    if (!chat || !cursor) return 0;
    const from = await keptFrom(db, me, chat, cursor);
    const above = await db.messagesIn(chatId, from).primaryKeys();
    const unsent = (await db.outboxOf(chatId).toArray()).map((row) => row.key);
    const gone = await removeBut(db, chatId, new Set([...onlyHere, ...unsent, ...above, ...(await keptBelow(db, chatId))]));
    if (from > cursor.from) await db.cursors.put({ ...cursor, from, complete: false });
    await dropSegments(db, chatId);
    // They are found closed, or open, when they come again.
    await db.vault.where("key").between(closedName(chatId, 0), closedName(chatId, from), true, false).delete();
    return gone;
  });
}

/**
 * Removes all rows of the chat but these. Their keys begin with the chat's id, so what lies between two that stay goes as
 * one range: a hundred times faster than row by row.
 */
async function removeBut(db: Database, chatId: string, stay: ReadonlySet<string>): Promise<number> {
  const own = [...stay].filter((key) => key.startsWith(`${chatId}/`)).toSorted();
  // "0" is the character after "/".
  const ends = [`${chatId}/`, ...own, `${chatId}0`];
  let gone = 0;
  for (const [index, end] of ends.slice(1).entries()) gone += await db.messages.where("key").between(ends[index], end, false, false).delete();
  return gone;
}
