// Seals what an earlier version stored in clear. Each step is a small transaction of its own, so it may be interrupted
// anywhere and goes on the next time; until it is through, rows of both kinds are read (`words.ts`).

import type { Database } from "./database.ts";
import type { Body, ChatRow, DraftRow, MessageRow, OutboxRow } from "./schema.ts";
import type { StoredChat, StoredMessage } from "./stored.ts";

const DONE = "words sealed";
const STEP = 200;

type Old<T> = Partial<T> & Record<string, unknown>;
const bodyOf = (row: object): Body | undefined => (row as Old<{ body: Body }>).body;

/** Resolves when nothing of content stands in clear any more. */
export async function sealOld(db: Database): Promise<void> {
  if ((await db.meta.get(DONE))?.value === true) return;
  await sealMessages(db);
  await sealChats(db);
  await sealDrafts(db);
  await sealOutbox(db);
  await db.meta.put({ key: DONE, value: true });
}

async function sealMessages(db: Database): Promise<void> {
  for (let after: string | null = ""; after !== null; ) {
    const rows: StoredMessage[] = await db.messages.where("key").above(after).limit(STEP).toArray();
    after = rows.at(-1)?.key ?? null;
    const sealed = await db.words.sealMessages(rows.filter(bodyOf) as unknown as MessageRow[]);
    if (sealed.length === 0) continue;
    await db.transaction("rw", db.messages, async () => {
      const now = await db.messages.bulkGet(sealed.map((row) => row.key));
      // Everything but the words may have changed meanwhile.
      const next = now.flatMap((row, index) => {
        const words = sealed[index]?.words;
        return row && bodyOf(row) && words ? [{ ...without(row, "body"), words }] : [];
      });
      await db.messages.bulkPut(next);
    });
  }
}

async function sealChats(db: Database): Promise<void> {
  for (const old of await db.chats.toArray()) {
    const { name, preview } = old as unknown as ChatRow;
    if (name === undefined && !(preview && bodyOf(preview))) continue;
    const title = await db.words.sealTitle(old.id, name ?? null);
    const shown = preview && (await db.words.sealPreview(preview));
    await db.transaction("rw", db.chats, async () => {
      const row = await db.chats.get(old.id);
      if (!row) return;
      const next: StoredChat = "name" in row ? { ...(without(row, "name") as StoredChat), title } : row;
      const same = row.preview?.key === shown?.key && row.preview !== null && bodyOf(row.preview);
      await db.chats.put(same && shown ? { ...next, preview: { ...without(next.preview ?? shown, "body"), words: shown.words } } : next);
    });
  }
}

async function sealDrafts(db: Database): Promise<void> {
  for (const old of (await db.drafts.toArray()) as unknown as DraftRow[]) {
    if (old.text === undefined) continue;
    const sealed = await db.words.sealDraft(old);
    await db.transaction("rw", db.drafts, async () => {
      const row = (await db.drafts.get(old.chatId)) as unknown as DraftRow | undefined;
      if (row?.text === old.text) await db.drafts.put(sealed);
    });
  }
}

async function sealOutbox(db: Database): Promise<void> {
  for (const old of await db.outbox.toArray()) {
    if (old.words || old.sealed.encrypted) continue;
    const { sealed, words } = await db.words.sealOutbox(old satisfies OutboxRow);
    await db.transaction("rw", db.outbox, async () => {
      const row = await db.outbox.get(old.clientId);
      if (row && !row.words && words) await db.outbox.put({ ...row, sealed, words });
    });
  }
}

function without<T extends object>(row: T, name: string): T {
  const { [name]: _gone, ...rest } = row as Record<string, unknown>;
  return rest as T;
}
