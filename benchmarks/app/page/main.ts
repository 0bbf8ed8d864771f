// Fills the local database with what a person would have after years: run inside the app's own page.

import { Database } from "@/core/db/database.ts";
import { appendPiece } from "@/core/db/pieces.ts";
import type { MessageRow } from "@/core/db/schema.ts";

export interface Filling {
  me: string;
  other: string;
  chatId: string;
  messages: number;
}

/** Rows of one transaction. */
const PIECE = 2_000;
const MINUTE = 60_000;
const WORDS = ["chai", "the train", "is late", "tomorrow", "नमस्ते", "call me", "where are you", "it rained", "at home", "घर पर", "yes", "😀"];

/** Messages of all lengths, most of them short. */
function said(index: number): string {
  const length = [2, 3, 4, 6, 9, 60][(index * 7) % 6] ?? 2;
  const words = Array.from({ length }, (_, at) => WORDS[(index * 31 + at * 17) % WORDS.length]);
  return `${index}: ${words.join(" ")}`;
}

/** Appends the messages as the sync engine does, and takes them for read. */
export async function fill({ me, other, chatId, messages }: Filling): Promise<number> {
  const db = new Database(me);
  const term = (await db.meta.get("term"))?.value;
  const cursor = await db.cursors.get(chatId);
  if (typeof term !== "number" || !cursor) throw new Error("the app has not begun yet");
  const end = cursor.to + messages;
  await db.chats.update(chatId, { readSeq: end });
  const began = Date.now() - messages * MINUTE;
  for (let after = cursor.to; after < end; after += PIECE) {
    const rows = Array.from({ length: Math.min(PIECE, end - after) }, (_, index): MessageRow => {
      const seq = after + index + 1;
      const [senderId, clientId] = [seq % 3 === 0 ? me : other, `filled-${seq}`];
      const body = { t: "text", text: said(seq) } as const;
      const place = { order: seq, seq, id: `01a20428-0000-7000-8000-${String(seq).padStart(12, "0")}` };
      const key = `${chatId}/${senderId}/${clientId}`;
      return {
        key, chatId, ...place, senderId, clientId, kind: "message", body,
        notify: true, timestamp: began + seq * MINUTE, failure: null,
      };
    });
    await appendPiece(db, me, term, { chatId, after, rows, writes: [] });
  }
  const count = await db.messagesIn(chatId).count();
  db.close();
  return count;
}
