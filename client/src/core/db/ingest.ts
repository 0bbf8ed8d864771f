// What follows from the rows of a chat: its preview, what is unread, who may write. `pieces.ts` adds rows.

import type { VaultWrite } from "../crypto/interface.ts";
import { EVERYONE } from "../limits.ts";
import type { Database } from "./database.ts";
import { PENDING, type CursorRow, type MessageRow } from "./schema.ts";
import type { MessageFrame, StoredChat, StoredMessage, StoredPreview } from "./stored.ts";

/** Whether a row counts as news for the person: a message of somebody else that wants to be noticed (design D5). */
export const isNews = (row: MessageFrame, me: string): boolean =>
  row.kind === "message" && row.notify && row.about === undefined && row.senderId !== me && row.seq !== null;

/** Where these rows name the person, or everybody of a group, further down the chat than anything before, as far as they are news. */
export function mentionedBy(chat: StoredChat, me: string, rows: readonly MessageRow[]): Pick<StoredChat, "mentionedSeq"> {
  let { mentionedSeq: newest = 0 } = chat;
  for (const row of rows) {
    const names = row.body.t === "text" && row.body.mentions?.some(({ id }) => id === me || (id === EVERYONE && chat.type === "group"));
    if (names && isNews(row, me) && row.order > Math.max(newest, chat.readSeq)) newest = row.order;
  }
  return newest > 0 ? { mentionedSeq: newest } : {};
}

/** Its words stay sealed as they are. */
export function previewOf(row: StoredMessage): StoredPreview {
  const { id: _id, chatId: _chatId, clientId: _clientId, kind: _kind, notify: _notify, failure, ...shown } = row;
  return { ...shown, failed: failure !== null };
}

/** Whether the row has a place of its own in the conversation: it is a message, not about another one or the chat. */
export const standsAlone = (row: MessageFrame): boolean =>
  row.kind === "message" && row.about === undefined && row.named === undefined && row.expired !== true;

/** The preview after these rows: the message furthest down the chat. A row that is shown already is taken anew. */
export function newestPreview(current: StoredPreview | null, rows: readonly StoredMessage[]): StoredPreview | null {
  let best = current;
  for (const row of rows)
    if (standsAlone(row) && (!best || row.key === best.key || row.order > best.order)) best = previewOf(row);
  return best;
}

/** Puts (or, with `undefined`, deletes) the crypto's own rows; call it inside the transaction that includes `vault`. */
export async function commitWrites(db: Database, writes: readonly VaultWrite[]): Promise<void> {
  const put = writes.filter((write) => write.value !== undefined);
  const gone = writes.filter((write) => write.value === undefined).map((write) => write.key);
  if (put.length > 0) await db.vault.bulkPut(put);
  if (gone.length > 0) await db.vault.bulkDelete(gone);
}

/** Unread messages that are here, above one's read cursor. */
export async function countUnread(db: Database, me: string, chatId: string, readSeq: number): Promise<number> {
  return db
    .messagesIn(chatId, readSeq + 0.1, PENDING)
    .filter((row) => isNews(row, me))
    .count();
}

/** The unread count by what is here, plus the server's count of what is not. */
export async function unreadOf(db: Database, me: string, chat: StoredChat, cursor: CursorRow): Promise<number> {
  return (await countUnread(db, me, chat.id, chat.readSeq)) + cursor.unreadBelow;
}

/** Another engine has taken over this database: whoever sees this must stop writing. */
export class Deposed extends Error {
  override readonly name = "Deposed";
}

/** The term of the engine that may write; each new leader takes the next (e2ee.md, client state machine 13). */
export async function checkTerm(db: Database, term: number): Promise<void> {
  const stored = (await db.meta.get("term"))?.value;
  if (stored !== term) throw new Deposed();
}

/** Begins a new term and returns it. */
export async function takeTerm(db: Database): Promise<number> {
  return db.transaction("rw", db.meta, async () => {
    const stored = (await db.meta.get("term"))?.value;
    const term = typeof stored === "number" ? stored + 1 : 1;
    await db.meta.put({ key: "term", value: term });
    return term;
  });
}

/**
 * Everything up to `seq` has been seen, here or (with `told`) on another device. Notes what the server has to be told.
 * Cursors never go back.
 */
export async function moveRead(db: Database, me: string, chatId: string, seq: number, told: boolean): Promise<void> {
  await db.transaction("rw", [db.messages, db.cursors, db.chats, db.receipts, db.members], async () => {
    const [cursor, chat] = await Promise.all([db.cursors.get(chatId), db.chats.get(chatId)]);
    if (!cursor || !chat) return;
    const readSeq = told ? seq : Math.min(seq, cursor.to);
    if (readSeq <= chat.readSeq) return;
    const next = readSeq >= cursor.from - 1 ? { ...cursor, unreadBelow: 0 } : cursor;
    if (next !== cursor) await db.cursors.put(next);
    await db.chats.update(chatId, { readSeq, unread: await unreadOf(db, me, { ...chat, readSeq }, next) });
    await db.members.update([chatId, me], { readSeq });
    if (told) return;
    const waiting = await db.receipts.get(chatId);
    await db.receipts.put({ chatId, delivered: waiting?.delivered ?? 0, read: readSeq });
  });
}
