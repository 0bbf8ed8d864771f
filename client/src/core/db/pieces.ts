// What the server's log does to the local database: rows and cursor move together, in one transaction, exactly once.

import type { VaultWrite } from "../crypto/interface.ts";
import { namesOf } from "../talk/project.ts";
import type { Database } from "./database.ts";
import { checkTerm, commitWrites, isNews, mentionedBy, newestPreview, unreadOf } from "./ingest.ts";
import type { CursorRow, MessageRow } from "./schema.ts";
import { wipeDeleted } from "./wipe.ts";

export interface Piece {
  chatId: string;
  /** The rows are everything visible after this seq, up to the last of them. */
  after: number;
  rows: readonly MessageRow[];
  writes: readonly VaultWrite[];
}

/**
 * Adds what follows the cursor and moves the cursor. Rows that are here already change nothing; a piece that does not
 * touch the cursor is left out. Own messages leave the outbox. Returns the cursor as it is now, or null when the chat is
 * not here. Rejects with `Deposed` when the term is over.
 */
export async function appendPiece(db: Database, me: string, term: number, piece: Piece): Promise<number | null> {
  const { chatId } = piece;
  const tables = [db.messages, db.outbox, db.cursors, db.chats, db.vault, db.segments, db.meta];
  const stored = await db.words.sealMessages(piece.rows);
  return db.transaction("rw", tables, async () => {
    await checkTerm(db, term);
    const [cursor, chat] = await Promise.all([db.cursors.get(chatId), db.chats.get(chatId)]);
    if (!cursor || !chat) return null;
    const rows = stored.filter((row) => row.order > cursor.to);
    const last = rows.at(-1);
    if (!last || piece.after > cursor.to) return cursor.to;

    await db.messages.bulkPut(rows);
    await db.outbox.bulkDelete(rows.filter((row) => row.senderId === me).map((row) => row.clientId));
    await commitWrites(db, piece.writes);
    await db.cursors.update(chatId, { to: last.order });
    const news = rows.filter((row) => isNews(row, me) && row.order > chat.readSeq).length;
    const notes = rows.flatMap((row) => row.about ?? []);
    const preview = await wipeDeleted(db, notes, newestPreview(chat.preview, rows));
    const activeAt = Math.max(chat.activeAt, preview?.timestamp ?? 0);
    const unread = chat.unread + news;
    await db.chats.update(chatId, { preview, activeAt, unread, ...mentionedBy(chat, me, piece.rows) });
    return last.order;
  });
}

/** A page of older messages: everything visible in `from ≤ seq < before`. */
export interface OlderPiece {
  chatId: string;
  before: number;
  rows: readonly MessageRow[];
  /** There is nothing older. */
  complete: boolean;
  writes: readonly VaultWrite[];
}

/** Adds what precedes the oldest message here. Returns false when another tab was faster and nothing was added. */
export async function prependPiece(db: Database, me: string, piece: OlderPiece): Promise<boolean> {
  const { chatId, complete } = piece;
  const rows = await db.words.sealMessages(piece.rows);
  return db.transaction("rw", [db.messages, db.cursors, db.chats, db.vault, db.segments, db.meta], async () => {
    const [cursor, chat] = await Promise.all([db.cursors.get(chatId), db.chats.get(chatId)]);
    if (!cursor || !chat || cursor.from !== piece.before) return false;
    // What stayed when the rest was cleared is here as it was opened then; perhaps it opens no more.
    const here = new Map((await db.messages.bulkGet(rows.map((row) => row.key))).flatMap((row) => (row ? [[row.key, row.order]] : [])));
    await db.messages.bulkPut(rows.filter((row) => here.get(row.key) !== row.order));
    await commitWrites(db, piece.writes);
    const from = rows[0]?.order ?? cursor.from;
    // What was counted by the server only is now counted here.
    const news = rows.filter((row) => isNews(row, me) && row.order > chat.readSeq).length;
    const below = complete || from <= chat.readSeq + 1 ? 0 : Math.max(0, cursor.unreadBelow - news);
    const next: CursorRow = { ...cursor, from, complete, unreadBelow: below };
    await db.cursors.put(next);
    // A deletion is here before what it deletes.
    const names = rows.flatMap((row) => [...namesOf(row), row.about ?? []].flat());
    await db.chats.update(chatId, {
      unread: await unreadOf(db, me, chat, next),
      ...mentionedBy(chat, me, piece.rows),
      preview: await wipeDeleted(db, names, newestPreview(chat.preview, rows)),
    });
    return true;
  });
}
