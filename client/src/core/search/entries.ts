// From rows to what is searched: the words of each message as they are shown.

import type { Database } from "../db/database.ts";
import type { MessageRow } from "../db/schema.ts";
import type { StoredMessage } from "../db/stored.ts";
import { notesOn } from "../queries/shown.ts";
import { plain } from "../talk/marks.ts";
import { project } from "../talk/project.ts";
import { fold } from "./fold.ts";
import { hasLink } from "./match.ts";
import type { Entry } from "./segment.ts";

/** A message with the words that people see, without marks. */
export interface Worded {
  row: MessageRow;
  text: string;
}

/**
 * Of these rows those that stand for themselves and say something, with their words after everything that was said about
 * them. `settled`: only what is stored for good counts; else also what this device is about to send.
 */
export async function wordsOf(db: Database, stored: readonly StoredMessage[], settled: boolean): Promise<Worded[]> {
  const rows = await db.words.openMessages(stored.filter((row) => row.kind === "message" && row.about === undefined));
  const notes = await notesOn(db, rows);
  return rows.flatMap((row) => {
    const said = (notes.get(row.key) ?? []).filter((note) => !settled || note.seq !== null);
    const { body } = project(row, said);
    if (body.t === "poll") return [{ row, text: [body.question, ...body.options].join("\n") }];
    return body.t === "text" ? [{ row, text: plain(body.text, body.mentions) }] : [];
  });
}

export const entryOf = ({ row: { order, timestamp, senderId }, text }: Worded): Entry => ({
  order,
  timestamp,
  senderId,
  link: hasLink(text),
  text: fold(text),
});

/** The messages that these rows change or take away, by order. */
export async function changedBy(db: Database, stored: readonly StoredMessage[]): Promise<Map<number, StoredMessage>> {
  const notes = await db.words.openMessages(stored.filter((row) => row.about !== undefined));
  const changes = notes.filter(({ body }) => body.t === "edit" || body.t === "delete" || body.t === "system");
  const found = new Map<number, StoredMessage>();
  for (const { chatId, about = "" } of changes) {
    const target = (await db.messages.get(about)) ?? (await atPlace(db, chatId, about));
    if (target?.chatId === chatId) found.set(target.order, target);
  }
  return found;
}

/** What the server took away is named by its place (`core/talk/project.ts`). */
async function atPlace(db: Database, chatId: string, name: string): Promise<StoredMessage | undefined> {
  const seq = name.startsWith(`${chatId}@`) ? Number(name.slice(chatId.length + 1)) : Number.NaN;
  return Number.isFinite(seq) ? db.messagesIn(chatId, seq, seq).first() : undefined;
}
