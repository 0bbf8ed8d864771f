// Measures what chats take on this device.

import type { Database } from "../db/database.ts";
import { segmentsOf } from "../db/segments.ts";
import { isUnsentRow } from "../db/clear.ts";
import { walk } from "../db/walk.ts";
import { isMessage } from "./fate.ts";
import type { ChatSize } from "./model.ts";

/** Bytes that the browser stores of a number, and around each value of a row. */
const NUMBER = 8;
const AROUND = 2;
/** Rows between two looks at whether somebody still waits. */
const PIECE = 2_000;

/** About what a row takes: the texts in it, its bytes, and its numbers. The browser tells no such thing. */
export function weigh(row: object): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(row)) {
    bytes += name.length + AROUND;
    if (typeof value === "string") bytes += value.length;
    else if (value instanceof Uint8Array) bytes += value.byteLength;
    else if (value !== null && typeof value === "object") bytes += weigh(value);
    else bytes += NUMBER;
  }
  return bytes;
}

/** Stops between pieces, with what was measured so far, after `signal`. */
export async function sizeOf(db: Database, chatId: string, signal?: AbortSignal): Promise<ChatSize> {
  const size: ChatSize = { chatId, messages: 0, bytes: 0, unsent: 0, draft: (await db.drafts.get(chatId)) !== undefined };
  for await (const rows of walk(db, chatId, -Infinity, PIECE)) {
    for (const row of rows) {
      size.bytes += weigh(row);
      if (isMessage(row)) size.messages += 1;
      if (isUnsentRow(row)) size.unsent += 1;
    }
    if (signal?.aborted) return size;
  }
  await segmentsOf(db, chatId).each((segment) => void (size.bytes += weigh(segment)));
  return size;
}
