// What clearing a chat would mean, told before anything is cleared.

import type { Holdings } from "../crypto/history/holdings.ts";
import { isOnlyHere, isUnsentRow, keptBelow, keptFrom } from "../db/clear.ts";
import type { Database } from "../db/database.ts";
import type { StoredMessage } from "../db/stored.ts";
import { walk } from "../db/walk.ts";
import { ApiError } from "../errors.ts";
import type { Fate, Step } from "./model.ts";

/** Whether a row is what people call a message. */
export const isMessage = (row: StoredMessage): boolean => row.kind === "message" && row.about === undefined && row.expired !== true;

const WORDLESS: ReadonlySet<string> = new Set(["sealed", "unknown", "deleted", "expired"]);

/**
 * Looks at every message that would go. `holdings`: what of an encrypted chat comes back; null: nothing. Rejects with
 * `ApiError`: `not_found`, `cancelled`, and as `holdings` does.
 */
export async function fateOf(
  db: Database,
  me: string,
  chatId: string,
  holdings: () => Promise<Holdings | null>,
  step: (step: Step) => void,
  signal: AbortSignal,
): Promise<Fate> {
  const [chat, cursor, draft] = await Promise.all([db.chats.get(chatId), db.cursors.get(chatId), db.drafts.get(chatId)]);
  if (!chat || !cursor) throw ApiError.local("not_found");
  const [from, stay] = await Promise.all([keptFrom(db, me, chat, cursor), keptBelow(db, chatId)]);
  const held = chat.membership === "member" && chat.encryption === "mls" ? await holdings() : null;
  const source = chat.membership === "gone" ? "nowhere" : chat.encryption === "none" ? "server" : held ? "archive" : "nowhere";
  const fate: Fate = { from: source, lost: 0, cleared: 0, unsent: 0, draft: draft !== undefined };
  const total = await db.messagesIn(chatId).count();
  let done = 0;
  for await (const rows of walk(db, chatId)) {
    if (signal.aborted) throw ApiError.local("cancelled");
    const doubtful: StoredMessage[] = [];
    for (const row of rows) {
      if (isUnsentRow(row)) fate.unsent += 1;
      if (isOnlyHere(row) || row.order >= from || stay.has(row.key) || !isMessage(row)) continue;
      fate.cleared += 1;
      if (source !== "server" && !(await held?.holds(row))) doubtful.push(row);
    }
    // What has no words here has none to lose.
    const opened = await db.words.openMessages(doubtful);
    fate.lost += opened.filter(({ body }) => !WORDLESS.has(body.t)).length;
    done += rows.length;
    step({ done: Math.min(done, total), total: Math.max(1, total) });
  }
  return fate;
}
