// The first message of a day, or the next one after it.

import type { Database } from "../db/database.ts";
import type { StoredMessage } from "../db/stored.ts";
import { ApiError } from "../errors.ts";
import { isShown } from "./window.ts";

export interface DaySearch {
  /** Milliseconds since the epoch: nothing before it. */
  at: number;
  now: number;
  /** Fetches older messages; false: there are none. Rejects with `ApiError`. */
  older: (chatId: string) => Promise<boolean>;
  /** Something is being fetched. */
  fetching: () => void;
  signal: AbortSignal;
}

/**
 * The key of the first message since `at`; of the newest one when there is none. Null: the chat has no messages. Fetches
 * what is needed to know. Rejects with `ApiError`, `cancelled` after `signal`.
 */
export async function firstSince(db: Database, chatId: string, search: DaySearch): Promise<string | null> {
  for (;;) {
    const found = (await reaches(db, chatId, search.at)) ? await firstHere(db, chatId, search) : null;
    if (found !== null || (await db.cursors.get(chatId))?.complete !== false) return found;
    if (search.signal.aborted) throw ApiError.local("cancelled");
    search.fetching();
    if (!(await search.older(chatId))) return firstHere(db, chatId, search);
  }
}

async function firstHere(db: Database, chatId: string, { at, now }: DaySearch): Promise<string | null> {
  const cursor = await db.cursors.get(chatId);
  const isThere = (row: StoredMessage): boolean => isShown(row) && (row.expiresAt ?? Infinity) > now;
  const from = cursor ? await placeOf(db, chatId, cursor, at) : Infinity;
  const first = await db.messagesIn(chatId, from).filter(isThere).first();
  return (first ?? (await db.messagesIn(chatId).reverse().filter(isThere).first()))?.key ?? null;
}

/** Whether what is here begins before that moment, or is all there is. */
async function reaches(db: Database, chatId: string, at: number): Promise<boolean> {
  const cursor = await db.cursors.get(chatId);
  if (!cursor || cursor.complete) return true;
  const oldest = await db.messagesIn(chatId, cursor.from, cursor.to).first();
  return oldest !== undefined && oldest.timestamp < at;
}

/** The place from which on everything was stored at that moment or later: times grow with places. */
async function placeOf(db: Database, chatId: string, { from, to }: { from: number; to: number }, at: number): Promise<number> {
  let [low, high] = [from, to + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await db.messagesIn(chatId, middle, to).filter((each) => each.seq !== null).first();
    if (!row || row.timestamp >= at) high = middle;
    else low = row.order + 1;
  }
  return low;
}
