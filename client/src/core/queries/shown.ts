// Messages as they are shown: what was said about each is read with it and applied (`core/talk/project.ts`).

import type { Database } from "../db/database.ts";
import type { MessageRow, Preview } from "../db/schema.ts";
import type { Quote } from "../services.ts";
import { shortened } from "../talk/marks.ts";
import { saidIn } from "../talk/polls.ts";
import { namesOf, project, type Shown } from "../talk/project.ts";

/** Characters of a quoted message. */
const EXCERPT = 200;

/** What was said about these rows, by their keys. */
export async function notesOn(db: Database, rows: readonly Pick<MessageRow, "key" | "chatId" | "seq">[]): Promise<Map<string, MessageRow[]>> {
  const keys = new Map(rows.flatMap((row) => namesOf(row).map((name) => [name, row.key] as const)));
  const found = new Map<string, MessageRow[]>();
  if (keys.size === 0) return found;
  const notes = await db.messages.where("about").anyOf([...keys.keys()]).toArray();
  for (const note of await db.words.openMessages(notes)) {
    const key = keys.get(note.about ?? "") ?? "";
    found.set(key, [...(found.get(key) ?? []), note]);
  }
  return found;
}

/** Each row as it is shown. */
export async function showRows(db: Database, rows: readonly MessageRow[]): Promise<(Shown & { replyTo: Quote | null })[]> {
  const [notes, quotes] = await Promise.all([notesOn(db, rows), quotesOf(db, rows)]);
  return rows.map((row) => {
    const shown = project(row, notes.get(row.key) ?? []);
    return { ...shown, replyTo: shown.body.t === "text" ? (quotes.get(row.key) ?? null) : null };
  });
}

/** The messages that these rows answer, by the rows' keys; one that is not here says so. */
async function quotesOf(db: Database, rows: readonly MessageRow[]): Promise<Map<string, Quote>> {
  const wanted = new Map<string, { key: string; senderId: string }>();
  for (const { key, chatId, body } of rows) {
    if (body.t !== "text" || !body.re) continue;
    wanted.set(key, { key: `${chatId}/${body.re.senderId}/${body.re.clientId}`, senderId: body.re.senderId });
  }
  const stored = await db.messages.bulkGet([...new Set([...wanted.values()].map((each) => each.key))]);
  const targets = await db.words.openMessages(stored.flatMap((row) => row ?? []));
  const notes = await notesOn(db, targets);
  const bodies = new Map(targets.map((row) => [row.key, project(row, notes.get(row.key) ?? []).body]));
  return new Map(
    [...wanted].map(([from, { key, senderId }]) => {
      const body = bodies.get(key) ?? null;
      const said = body && saidIn(body);
      return [from, { key, senderId, gone: body?.t === "deleted", excerpt: said === null ? null : shortened(said, EXCERPT) }];
    }),
  );
}

/** The newest messages of chats as the chat list shows them. */
export async function showPreviews(db: Database, previews: readonly (Preview & { chatId: string })[]): Promise<Map<string, Preview["body"]>> {
  const notes = await notesOn(db, previews);
  return new Map(
    previews.map((preview) => {
      const row: MessageRow = { ...preview, id: null, clientId: "", kind: "message", notify: true, failure: null };
      return [preview.key, project(row, notes.get(preview.key) ?? []).body];
    }),
  );
}
