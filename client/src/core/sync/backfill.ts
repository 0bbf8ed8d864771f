// Older messages on demand, from any tab: the transaction decides when two ask for the same page.

import type { Api } from "../api/api.ts";
import type { MessageCrypto } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";
import { prependPiece } from "../db/pieces.ts";
import { openRows } from "./rows.ts";

const MAX_PAGE = 500;

/** Fetches up to `limit` messages before the oldest one here. False: there are none. Rejects with `ApiError`. */
export async function loadOlder(
  db: Database,
  me: string,
  api: Api,
  crypto: MessageCrypto,
  chatId: string,
  limit: number,
): Promise<boolean> {
  const [chat, cursor] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId)]);
  if (!chat || !cursor || cursor.complete) return false;
  const page = await api.page(chatId, { before: cursor.from, limit: Math.min(limit, MAX_PAGE) });
  const { rows, writes } = await openRows(crypto, chat, page.messages);
  const added = await prependPiece(db, me, { chatId, before: cursor.from, rows, complete: !page.hasMore, writes });
  return !added || rows.length > 0;
}
