// Takes a chat's messages off this device where they can be had again. What cannot be had again stays: what is unsent, the
// draft, what says how the chat is called and what is pinned in it. The newest message stays for the list of chats, and so
// does what is unread.

import { closedName } from "../crypto/history/names.ts";
import type { Database } from "./database.ts";
import { isNews } from "./ingest.ts";
import { PENDING, type CursorRow } from "./schema.ts";
import { dropSegments } from "./segments.ts";
import type { StoredChat, StoredMessage } from "./stored.ts";

/** Rows that are removed in one transaction: others wait no longer than for that many. */
const AT_ONCE = 1_000;

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
 * Clears the chat. Answers how many messages are gone from here; they come back as older messages do. Can be stopped at
 * any moment, and done again.
 */
export async function clearChat(db: Database, me: string, chatId: string, signal?: AbortSignal): Promise<number> {
  const begun = await db.transaction("rw", [db.messages, db.chats, db.cursors, db.segments, db.meta, db.vault], async () => {
    const [chat, cursor] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId)]);
    if (!chat || !cursor) return false;
    const from = await keptFrom(db, me, chat, cursor);
    if (from > cursor.from) await db.cursors.put({ ...cursor, from, complete: false });
    await dropSegments(db, chatId);
    // They are found closed, or open, when they come again.
    await db.vault.where("key").between(closedName(chatId, 0), closedName(chatId, from), true, false).delete();
    return true;
  });
  if (!begun) return 0;
  let gone = 0;
  for (;;) {
    const removed = signal?.aborted ? 0 : await removeSome(db, chatId);
    gone += removed;
    if (removed === 0) return gone;
  }
}

/** Meanwhile somebody may have scrolled up and fetched some of it: what is within the cursor belongs there. */
async function removeSome(db: Database, chatId: string): Promise<number> {
  return db.transaction("rw", [db.messages, db.cursors], async () => {
    const cursor = await db.cursors.get(chatId);
    if (!cursor) return 0;
    const stay = await keptBelow(db, chatId);
    const rows = await db
      .messagesIn(chatId, -Infinity, cursor.from - 0.1)
      .filter((row) => !isOnlyHere(row) && !stay.has(row.key))
      .limit(AT_ONCE)
      .primaryKeys();
    await db.messages.bulkDelete(rows);
    return rows.length;
  });
}
