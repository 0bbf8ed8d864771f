// What is being written, per chat. It is sealed first, which takes a moment: writes keep their order, and sending waits for
// them, or a draft could come back after it was sent.

import type { Database } from "./database.ts";
import type { StoredDraft } from "./stored.ts";

const last = new WeakMap<Database, Promise<void>>();
/** What was sealed ahead in each tab: of one chat, by the newest of `asked` wishes that is done. */
const ahead = new WeakMap<Database, { chatId: string; asked: number; done: number; text: string; row: StoredDraft | null }>();

/** Resolves when every draft that this tab was asked to keep is written. */
export const draftWritten = (db: Database): Promise<void> => last.get(db) ?? Promise.resolve();

export const readDraft = async (db: Database, chatId: string): Promise<string> =>
  (await db.words.openDrafts([await db.drafts.get(chatId)]))[0] ?? "";

/** Seals the text ahead: a page that is being closed has time to write, but none to seal. */
export async function prepareDraft(db: Database, chatId: string, text: string): Promise<void> {
  const known = ahead.get(db);
  const ours = known?.chatId === chatId ? known : { chatId, asked: 0, done: 0, text: "", row: null };
  ahead.set(db, ours);
  ours.asked += 1;
  const turn = ours.asked;
  try {
    const row = await db.words.sealDraft({ chatId, text, updatedAt: 0 });
    if (turn > ours.done) Object.assign(ours, { done: turn, text, row });
  } catch {
    // Writing it says what is wrong.
  }
}

/** Keeps the text; an empty one is no draft. */
export function writeDraft(db: Database, chatId: string, text: string, updatedAt: number): Promise<void> {
  const write = async (): Promise<void> => {
    const known = ahead.get(db);
    const sealed = known?.chatId === chatId ? known : null;
    if (text === "") {
      ahead.delete(db);
      return db.drafts.delete(chatId);
    }
    // At once, even if it lacks the last key: there may be no time for more.
    if (sealed?.row) await db.drafts.put({ ...sealed.row, updatedAt });
    if (!sealed?.row || sealed.text !== text) await db.drafts.put(await db.words.sealDraft({ chatId, text, updatedAt }));
  };
  const work = draftWritten(db).then(write);
  last.set(db, work.catch(() => {}));
  return work;
}
