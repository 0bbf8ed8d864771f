// What was taken away for everybody leaves this device, too, and what has lasted its time: neither its words stay here nor
// those of its edits.

import { namesOf, placeName } from "../talk/project.ts";
import { FIRST } from "../first.ts";
import type { Database } from "./database.ts";
import { dropSegmentsWith } from "./segments.ts";
import type { MessageFrame, StoredMessage, StoredPreview } from "./stored.ts";
import { WIPED } from "./words.ts";

/**
 * Wipes what was deleted of the messages that have one of these names (`namesOf`), and what was said about those that have
 * lasted their time; returns the preview as it is then.
 * A deletion that waits to be sent, or could not be, wipes nothing. Call it after the rows were put, in a transaction with
 * `messages`, `segments` and `meta`.
 */
export async function wipeDeleted(
  db: Database,
  names: readonly string[],
  preview: StoredPreview | null,
): Promise<StoredPreview | null> {
  if (names.length === 0) return preview;
  const over = await db.messages.bulkGet([...new Set(names)]);
  await wipeNotes(db, over.flatMap((row) => (row?.expired ? row : [])));
  const deletions = await db.messages
    .where("about")
    .anyOf([...new Set(names)])
    .filter((each) => each.wipes === true && isStored(each))
    .toArray();
  if (deletions.length === 0) return preview;
  const found = await Promise.all(deletions.map((each) => targetOf(db, each)));
  const targets = found.flatMap((row) => row ?? []);
  await wipe(db, targets);
  await wipeNotes(db, targets);
  return preview && deletions.some((each) => takesAway(each, preview)) ? { ...preview, words: WIPED } : preview;
}

/** Wipes what was said about these messages. Call it in a transaction with `messages`, `segments` and `meta`. */
export async function wipeNotes(db: Database, targets: readonly MessageFrame[]): Promise<void> {
  if (targets.length === 0) return;
  const notes = await db.messages
    .where("about")
    .anyOf(targets.flatMap((row) => namesOf(row)))
    .filter((each) => each.wipes !== true && isStored(each))
    .toArray();
  await wipe(db, notes);
}

function forget(row: StoredMessage & { body?: unknown }): void {
  row.words = WIPED;
  // From before words were sealed (`seal-old.ts`).
  delete row.body;
}

/** Nothing is done where nothing is left: search would read it all again. */
async function wipe(db: Database, rows: readonly StoredMessage[]): Promise<void> {
  const worded = rows.filter((row) => "body" in row || row.words.length > 0);
  const [first] = worded;
  if (!first) return;
  await Promise.all(worded.map(({ key }) => db.messages.update(key, forget)));
  await db.meta.delete(FIRST);
  await dropSegmentsWith(db, first.chatId, worded);
}

const isStored = (row: StoredMessage): boolean => row.seq !== null && row.failure === null;

async function targetOf(db: Database, deletion: StoredMessage): Promise<StoredMessage | undefined> {
  const { about = "", chatId, kind } = deletion;
  const seq = Number(about.slice(placeName(chatId, 0).length - 1));
  const target = kind === "system" ? await db.messagesIn(chatId, seq, seq).first() : await db.messages.get(about);
  // What a chat is called is no message's words.
  return target?.kind === "message" && target.named === undefined && takesAway(deletion, target) ? target : undefined;
}

/** Who said it may take it away; the server tells of what an admin took away, by its place. */
const takesAway = (deletion: StoredMessage, of: Pick<StoredMessage, "key" | "seq" | "senderId">): boolean =>
  deletion.kind === "system"
    ? of.seq !== null && deletion.about === placeName(deletion.chatId, of.seq)
    : deletion.about === of.key && deletion.senderId === of.senderId;
