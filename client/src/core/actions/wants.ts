// What a person does with a chat for themselves. It counts at once, and is told when there is a network (sync/wants.ts).

import type { Database } from "../db/database.ts";
import type { Wants } from "../db/schema.ts";
import { wantsOf } from "../db/wants.ts";
import { ApiError } from "../errors.ts";
import { MAX_PINNED } from "../limits.ts";
import { inOrder, placeOf } from "../queries/order.ts";
import type { Wish } from "../services.ts";

const FULL = new ApiError({ code: "pins_full", message: "Five chats are pinned. Unpin one first." });

/** Notes the wish. Rejects with `pins_full`: enough chats are on top. */
export async function wish(db: Database, chatId: string, wanted: Wish, now: number): Promise<void> {
  await db.transaction("rw", [db.chats, db.cursors], async () => {
    const [chat, cursor] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId)]);
    if (!chat || chat.membership === "gone") throw ApiError.local("not_found");
    const rows = await db.chats.filter((row) => row.membership === "member" && wantsOf(row).pinned !== null).toArray();
    const top = inOrder(rows.map((row) => Object.assign({ id: row.id }, placeOf(row, now)))).filter((row) => !row.archived);
    const others = top.filter((row) => row.id !== chatId);
    const ask = async (id: string, change: Partial<Wants>): Promise<void> => {
      const row = id === chatId ? chat : await db.chats.get(id);
      if (row) await db.chats.update(id, { asked: { ...row.asked, ...change } });
    };
    switch (wanted.do) {
      case "mute":
        return ask(chatId, { mutedUntil: wanted.until });
      case "archive":
        // A chat on top is not out of the way.
        if (!wanted.on) return ask(chatId, { archivedSeq: null });
        return ask(chatId, { archivedSeq: Math.max(cursor?.to ?? 0, chat.preview?.seq ?? 0), pinned: null });
      case "pin":
        if (!wanted.on) return ask(chatId, { pinned: null });
        if (others.length < top.length) return;
        if (others.length >= MAX_PINNED) throw FULL;
        return ask(chatId, { pinned: Math.max(-1, ...others.map((row) => row.pinned ?? 0)) + 1, archivedSeq: null });
      case "move": {
        // Numbered anew, because two devices may have given the same number.
        const order = top.map((row) => row.id);
        const from = order.indexOf(chatId);
        const to = from + wanted.by;
        if (from < 0 || to < 0 || to >= order.length) return;
        order.splice(to, 0, ...order.splice(from, 1));
        const before = new Map(top.map((row) => [row.id, row.pinned]));
        for (const [pinned, id] of order.entries()) if (before.get(id) !== pinned) await ask(id, { pinned });
      }
    }
  });
}
