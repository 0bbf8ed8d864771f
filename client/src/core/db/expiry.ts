// Wipes what has lasted its time. Nobody sees it from that moment on (`words.ts`), so nothing depends on when this runs:
// it takes the words off this device.

import { FIRST } from "../first.ts";
import { namesOf } from "../talk/project.ts";
import type { Database } from "./database.ts";
import { newestPreview, standsAlone, unreadOf } from "./ingest.ts";
import { withdraw } from "./queue.ts";
import { dropSegmentsWith } from "./segments.ts";
import type { StoredMessage } from "./stored.ts";
import { wipeNotes } from "./wipe.ts";
import { overOf } from "./words.ts";

/** Messages that are wiped in one transaction. */
const STEP = 200;

/** When the next message will have lasted its time; null: none will. */
export async function nextExpiry(db: Database): Promise<number | null> {
  return (await db.messages.orderBy("expiresAt").first())?.expiresAt ?? null;
}

/** Wipes everything that has lasted its time at the moment `now`, with what was said about it. */
export async function wipeExpired(db: Database, me: string, now: number): Promise<void> {
  for (;;) {
    const rows = await db.messages.where("expiresAt").belowOrEqual(now).limit(STEP).toArray();
    if (rows.length === 0) break;
    for (const chatId of new Set(rows.map((row) => row.chatId)))
      await wipeIn(db, me, chatId, rows.flatMap((row) => (row.chatId === chatId ? row.key : [])), now);
  }
  const shown = await db.chats.filter(({ preview }) => (preview?.expiresAt ?? Infinity) <= now).primaryKeys();
  for (const chatId of shown) await wipeIn(db, me, chatId, [], now);
}

async function wipeIn(db: Database, me: string, chatId: string, keys: string[], now: number): Promise<void> {
  const unsent = await db.transaction("rw", [db.messages, db.chats, db.cursors, db.segments, db.meta], async () => {
    const found = await db.messages.bulkGet(keys);
    const rows = found.flatMap((row) => row ?? []);
    await db.messages.bulkPut(rows.map(overOf));
    await db.meta.delete(FIRST);
    await dropSegmentsWith(db, chatId, rows);
    await wipeNotes(db, rows);
    const [chat, cursor] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId)]);
    if (chat && cursor) {
      const isOver = chat.preview !== null && (chat.preview.expiresAt ?? Infinity) <= now;
      const preview = isOver ? newestPreview(null, await newest(db, chatId)) : chat.preview;
      await db.chats.update(chatId, { preview, unread: await unreadOf(db, me, chat, cursor) });
    }
    return db.messages.where("about").anyOf(rows.flatMap(namesOf)).filter((row) => row.seq === null).primaryKeys();
  });
  // What was to be said about them does not matter any more; what may have left comes back by the log and is wiped then.
  for (const key of unsent) await withdraw(db, key);
}

/** The newest row that stands for itself, as a list of none or one. */
async function newest(db: Database, chatId: string): Promise<StoredMessage[]> {
  const row = await db.messagesIn(chatId).reverse().filter(standsAlone).first();
  return row ? [row] : [];
}
