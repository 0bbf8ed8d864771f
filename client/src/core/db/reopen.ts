// Messages that were here without their words, and have them now.

import type { VaultWrite } from "../crypto/interface.ts";
import type { Database } from "./database.ts";
import { namesOf } from "../talk/project.ts";
import { checkTerm, commitWrites, mentionedBy, newestPreview, unreadOf } from "./ingest.ts";
import type { MessageRow } from "./schema.ts";
import { dropSegmentsWith } from "./segments.ts";
import { wipeDeleted } from "./wipe.ts";

export interface ReopenedPiece {
  chatId: string;
  rows: readonly MessageRow[];
  writes: readonly VaultWrite[];
}

/**
 * Puts the rows in the place of the closed ones, with what the crypto wants kept, in one transaction. Cursors stay where
 * they are; rows beyond them come by their own way. Rejects with `Deposed` when the term is over.
 */
export async function reopenPiece(db: Database, me: string, term: number, piece: ReopenedPiece): Promise<void> {
  const { chatId } = piece;
  const sealed = await db.words.sealMessages(piece.rows);
  await db.transaction("rw", [db.messages, db.cursors, db.chats, db.vault, db.meta, db.segments], async () => {
    await checkTerm(db, term);
    await commitWrites(db, piece.writes);
    const [cursor, chat] = await Promise.all([db.cursors.get(chatId), db.chats.get(chatId)]);
    if (!cursor || !chat) return;
    const rows = sealed.filter((row) => row.order >= cursor.from && row.order <= cursor.to);
    await db.messages.bulkPut(rows);
    await dropSegmentsWith(db, chatId, rows);
    const names = rows.flatMap((row) => [...namesOf(row), row.about ?? []].flat());
    const preview = await wipeDeleted(db, names, newestPreview(chat.preview, rows));
    await db.chats.update(chatId, { preview, unread: await unreadOf(db, me, chat, cursor), ...mentionedBy(chat, me, piece.rows) });
  });
}
