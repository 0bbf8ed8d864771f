// The outbox: what the person has written and the server has not confirmed. Every step is one transaction, so a crash at
// any point leaves a message that is either waiting, or stored, and never both or neither.

import type { VaultWrite } from "../crypto/interface.ts";
import type { Database } from "./database.ts";
import { aboutOf } from "../talk/project.ts";
import { commitWrites, newestPreview, previewOf, standsAlone } from "./ingest.ts";
import { PENDING, type Failure, type MessageRow, type OutboxRow, type SealedBody } from "./schema.ts";

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
  await db.transaction("rw", tables, async () => {
    const last = await db.outboxOf(written.chatId).last();
    const order = Math.max(PENDING + written.at, (last?.order ?? 0) + 1);
    await insert(db, written, order);
    if (written.body.t === "text") await db.drafts.delete(written.chatId);
    await commitWrites(db, writes);
  });
}

async function insert(db: Database, written: Written, order: number): Promise<void> {
  const { key, chatId, senderId, clientId, body, sealed, at } = written;
  const row: MessageRow = {
    key,
    chatId,
    order,
    seq: null,
    id: null,
    senderId,
    clientId,
    kind: "message",
    body,
    notify: sealed.notify,
    timestamp: at,
    failure: null,
    ...aboutOf({ chatId, body }),
  };
  await db.messages.add(row);
  await db.outbox.add({ clientId, key, chatId, order, sealed, attempts: 0, posted: false, nextAt: 0, state: "waiting" });
  await show(db, row);
}

/** The chat list shows the row if it is the newest; `own` writing also lifts the chat. */
async function show(db: Database, row: MessageRow): Promise<void> {
  const chat = await db.chats.get(row.chatId);
  if (!chat || !standsAlone(row)) return;
  const preview = newestPreview(chat.preview, [row]);
  await db.chats.update(row.chatId, { preview, activeAt: Math.max(chat.activeAt, row.timestamp) });
}

const isWaiting = (row: OutboxRow): boolean => row.state === "waiting";

/** The first waiting message of every chat: all that sending needs to know, however much waits behind. */
export async function readHeads(db: Database): Promise<OutboxRow[]> {
  const chatIds = (await db.outbox.orderBy("chatId").uniqueKeys()) as string[];
  const heads = await Promise.all(chatIds.map((chatId) => db.outboxOf(chatId).filter(isWaiting).first()));
  return heads.flatMap((row) => row ?? []);
}

/** Whether anything is still to be sent; what failed for good is not. */
export const waits = async (db: Database): Promise<boolean> => (await db.outbox.filter(isWaiting).first()) !== undefined;

/** The `order` of the newest message that waits; null: none does. */
export async function newestWaiting(db: Database): Promise<number | null> {
  const rows = await db.outbox.filter(isWaiting).toArray();
  return rows.length > 0 ? Math.max(...rows.map((row) => row.order)) : null;
}

/**
 * Call before posting: from here on the server may have it. Returns the row as it is now, or null when it is not to be
 * posted (taken back, stored, or held back by what came of another attempt).
 */
export async function claim(db: Database, clientId: string, now: number): Promise<OutboxRow | null> {
  return db.transaction("rw", db.outbox, async () => {
    const row = await db.outbox.get(clientId);
    if (!row || row.state !== "waiting" || row.nextAt > now) return null;
    const claimed: OutboxRow = { ...row, posted: true, attempts: row.attempts + 1 };
    await db.outbox.put(claimed);
    return claimed;
  });
}

/** The server has stored it at that place. If the log brought it first, nothing is left to do. */
export async function settleSent(
  db: Database,
  clientId: string,
  place: { id: string; seq: number; timestamp: number },
): Promise<void> {
  await db.transaction("rw", [db.messages, db.outbox, db.chats], async () => {
    const waiting = await db.outbox.get(clientId);
    if (!waiting) return;
    await db.outbox.delete(clientId);
    const row = await db.messages.get(waiting.key);
    if (!row) return;
    const stored: MessageRow = { ...row, ...place, order: place.seq, failure: null };
    await db.messages.put(stored);
    await show(db, stored);
  });
}

/** Not now: try again at `nextAt`. `posted`: whether the server may have it all the same. */
export async function settleLater(db: Database, clientId: string, nextAt: number, posted: boolean): Promise<void> {
  await db.outbox.update(clientId, { nextAt, posted });
}

/** It cannot be posted as it is yet: try again at `nextAt`. Nothing reached the server. */
export async function settleHeld(
  db: Database,
  clientId: string,
  held: { code: string; attempts: number; nextAt: number },
): Promise<void> {
  const { code, attempts, nextAt } = held;
  await db.outbox.update(clientId, { nextAt, attempts, held: code });
}

/** The server will not take the group's envelope around it any more: it is made again at `nextAt`. */
export async function settleStale(db: Database, clientId: string, nextAt: number): Promise<void> {
  await db.transaction("rw", db.outbox, async () => {
    const row = await db.outbox.get(clientId);
    if (row) await db.outbox.put({ ...row, sealed: { ...row.sealed, mls: null }, posted: false, nextAt });
  });
}

/** Never: the message stays where it is in the conversation and offers retry, edit and cancel. */
export async function settleFailed(db: Database, clientId: string, failure: Failure): Promise<void> {
  await db.transaction("rw", [db.messages, db.outbox, db.chats, db.cursors], async () => {
    const waiting = await db.outbox.get(clientId);
    if (!waiting) return;
    await db.outbox.update(clientId, { state: "failed", posted: false });
    const row = await db.messages.get(waiting.key);
    if (!row) return;
    const cursor = await db.cursors.get(waiting.chatId);
    const failed: MessageRow = { ...row, order: (cursor?.to ?? 0) + 0.5, failure };
    await db.messages.put(failed);
    await show(db, failed);
  });
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
    const again: MessageRow = { ...row, order, failure: null };
    await db.messages.put(again);
    await show(db, again);
    return true;
  });
}

const mayBeTakenBack = (waiting: OutboxRow): boolean => waiting.state === "failed" || !waiting.posted;

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
  return db.transaction("rw", [db.messages, db.outbox, db.chats, db.vault], async () => {
    const old = await db.messages.get(key);
    const waiting = old && (await db.outbox.get(old.clientId));
    if (!waiting || !(await remove(db, key))) return false;
    const last = await db.outboxOf(written.chatId).last();
    const atEnd = Math.max(PENDING + written.at, (last?.order ?? 0) + 1);
    await insert(db, written, waiting.state === "waiting" ? waiting.order : atEnd);
    await commitWrites(db, writes);
    return true;
  });
}
