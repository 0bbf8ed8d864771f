// The outbox: what the person has written and the server has not confirmed. Every step is one transaction, so a crash at
// any point leaves a message that is either waiting, or stored, and never both or neither.

import type { VaultWrite } from "../crypto/interface.ts";
import type { Database } from "./database.ts";
import { aboutOf } from "../talk/project.ts";
import { commitWrites, newestPreview, previewOf, standsAlone } from "./ingest.ts";
import { draftWritten } from "./drafts.ts";
import { PENDING, type MessageRow, type OutboxRow, type SealedBody } from "./schema.ts";
import type { StoredMessage, StoredOutbox } from "./stored.ts";

/** A message as it was written, before it has a place. */
export interface Written {
  key: string;
  chatId: string;
  senderId: string;
  clientId: string;
  body: MessageRow["body"];
  sealed: SealedBody;
  at: number;
}

/** Puts the message behind everything that waits in its chat, shows it, and clears the chat's draft. */
export async function enqueue(db: Database, written: Written, writes: readonly VaultWrite[]): Promise<void> {
  const tables = [db.messages, db.outbox, db.chats, db.drafts, db.vault];
  const rows = await sealed(db, written);
  await draftWritten(db);
  await db.transaction("rw", tables, async () => {
    const last = await db.outboxOf(written.chatId).last();
    const order = Math.max(PENDING + written.at, (last?.order ?? 0) + 1);
    await insert(db, rows, order);
    if (written.body.t === "text") await db.drafts.delete(written.chatId);
    await commitWrites(db, writes);
  });
}

interface Rows {
  message: StoredMessage;
  outbox: StoredOutbox;
}

/** The rows of what was written, but for their place. */
async function sealed(db: Database, written: Written): Promise<Rows> {
  const { key, chatId, senderId, clientId, body, at } = written;
  const message: MessageRow = {
    key,
    chatId,
    order: 0,
    seq: null,
    id: null,
    senderId,
    clientId,
    kind: "message",
    body,
    notify: written.sealed.notify,
    timestamp: at,
    failure: null,
    ...aboutOf({ chatId, body }),
  };
  const waiting = { attempts: 0, posted: false, nextAt: 0, state: "waiting" as const };
  const outbox: OutboxRow = { clientId, key, chatId, order: 0, sealed: written.sealed, ...waiting };
  const [stored] = await db.words.sealMessages([message]);
  if (!stored) throw new TypeError("one row is sealed to one");
  return { message: stored, outbox: await db.words.sealOutbox(outbox) };
}

async function insert(db: Database, rows: Rows, order: number): Promise<void> {
  const row = { ...rows.message, order };
  await db.messages.add(row);
  await db.outbox.add({ ...rows.outbox, order });
  await show(db, row);
}

/** The chat list shows the row if it is the newest; `own` writing also lifts the chat. */
export async function show(db: Database, row: StoredMessage): Promise<void> {
  const chat = await db.chats.get(row.chatId);
  if (!chat || !standsAlone(row)) return;
  const preview = newestPreview(chat.preview, [row]);
  await db.chats.update(row.chatId, { preview, activeAt: Math.max(chat.activeAt, row.timestamp) });
}

/** Sends a failed message again, at the end of the conversation. False: it is not in the outbox. */
export async function requeue(db: Database, key: string): Promise<boolean> {
  return db.transaction("rw", [db.messages, db.outbox, db.chats], async () => {
    const row = await db.messages.get(key);
    const waiting = row && (await db.outbox.get(row.clientId));
    if (!waiting) return false;
    if (waiting.state === "waiting") {
      await db.outbox.update(row.clientId, { nextAt: 0 });
      return true;
    }
    const last = await db.outboxOf(row.chatId).last();
    const order = Math.max(waiting.order, last && last.clientId !== row.clientId ? last.order + 1 : 0);
    await db.outbox.update(row.clientId, { state: "waiting", nextAt: 0, attempts: 0, order });
    const again: StoredMessage = { ...row, order, failure: null };
    await db.messages.put(again);
    await show(db, again);
    return true;
  });
}

const mayBeTakenBack = (waiting: StoredOutbox): boolean => waiting.state === "failed" || !waiting.posted;

/** Takes a message out of the outbox and off the screen. False: the server has it, or may have it. */
export async function withdraw(db: Database, key: string): Promise<boolean> {
  return db.transaction("rw", [db.messages, db.outbox, db.chats], () => remove(db, key));
}

async function remove(db: Database, key: string): Promise<boolean> {
  const row = await db.messages.get(key);
  const waiting = row && (await db.outbox.get(row.clientId));
  if (!waiting || !mayBeTakenBack(waiting)) return false;
  await db.outbox.delete(row.clientId);
  await db.messages.delete(key);
  const chat = await db.chats.get(row.chatId);
  if (chat?.preview?.key !== key) return true;
  const newest = await db
    .messagesIn(row.chatId)
    .reverse()
    .filter(standsAlone)
    .first();
  await db.chats.update(row.chatId, { preview: newest ? previewOf(newest) : null });
  return true;
}

/** Puts a new message in the place of one that can be taken back; it is another one for the server. False: too late. */
export async function replace(
  db: Database,
  key: string,
  written: Written,
  writes: readonly VaultWrite[],
): Promise<boolean> {
  const rows = await sealed(db, written);
  return db.transaction("rw", [db.messages, db.outbox, db.chats, db.vault], async () => {
    const old = await db.messages.get(key);
    const waiting = old && (await db.outbox.get(old.clientId));
    if (!waiting || !(await remove(db, key))) return false;
    const last = await db.outboxOf(written.chatId).last();
    const atEnd = Math.max(PENDING + written.at, (last?.order ?? 0) + 1);
    await insert(db, rows, waiting.state === "waiting" ? waiting.order : atEnd);
    await commitWrites(db, writes);
    return true;
  });
}
