// Chats and their members as the server tells them, merged with what is known here.

import type { ChatView } from "../contracts/index.ts";
import { millis } from "../contracts/index.ts";
import { namesOf } from "../talk/project.ts";
import { countUnread, newestPreview } from "./ingest.ts";
import type { Database } from "./database.ts";
import type { CursorRow, MemberRow, MessageRow } from "./schema.ts";
import { dropSegments } from "./segments.ts";
import type { StoredChat } from "./stored.ts";
import { newerWants } from "./wants.ts";
import { wipeDeleted } from "./wipe.ts";

/**
 * Takes a chat as the server sees it. A chat that is new here starts with an empty piece of its log: at the server's head,
 * and older messages come on demand; an encrypted one at the beginning. `last` is the opened `lastMessage`, for the
 * preview. Cursors of members never go back, so an answer that was overtaken by a live receipt does no harm.
 *
 * What is here already is not written again: every start hears of all chats, and each write has the screens read anew.
 */
export async function putChat(db: Database, me: string, view: ChatView, last: MessageRow | null): Promise<void> {
  const tables = [db.messages, db.chats, db.cursors, db.members, db.segments, db.meta];
  const { title, newest } = await sealedOf(db, view, last);
  await db.transaction("rw", tables, async () => {
    const [old, oldCursor, oldMembers] = await Promise.all([
      db.chats.get(view.id),
      db.cursors.get(view.id),
      db.membersOf(view.id),
    ]);
    const known = new Map(oldMembers.map((member) => [member.userId, member]));
    const members = view.participants.map((each): MemberRow => {
      const before = known.get(each.userId);
      const read = each.readSeq ?? each.sharedReadSeq ?? 0;
      return {
        chatId: view.id,
        userId: each.userId,
        role: each.role,
        deliveredSeq: Math.max(each.deliveredSeq, before?.deliveredSeq ?? 0),
        readSeq: Math.max(read, before?.readSeq ?? 0),
      };
    });
    const mine = members.find((member) => member.userId === me);
    const readSeq = Math.max(old?.readSeq ?? 0, mine?.readSeq ?? 0);
    const cursor = oldCursor ?? firstCursor(view);
    const settled = readSeq >= cursor.from - 1 && cursor.unreadBelow > 0 ? { ...cursor, unreadBelow: 0 } : cursor;
    const shown = newestPreview(old?.preview ?? null, newest);
    const preview = await wipeDeleted(db, newest.flatMap(namesOf), shown);
    const createdAt = millis(view.createdAt);
    const chat: StoredChat = {
      id: view.id,
      type: view.type,
      encryption: view.encryption,
      title,
      partnerId: view.type === "direct" ? (members.find((each) => each.userId !== me)?.userId ?? me) : null,
      createdAt,
      activeAt: Math.max(createdAt, old?.activeAt ?? 0, preview?.timestamp ?? 0),
      preview,
      readSeq,
      unread: (await countUnread(db, me, view.id, readSeq)) + settled.unreadBelow,
      ...(old?.mentionedSeq === undefined ? {} : { mentionedSeq: old.mentionedSeq }),
      membership: "member",
      readOnly: view.readOnly,
      ...(old?.frozen ? { frozen: true } : {}),
      wants: newerWants(old?.wants, view.preferences),
      asked: old?.asked,
      memberCount: members.length,
      counts: old?.counts ?? { delivered: null, read: null },
    };
    const gone = oldMembers.filter((each) => !members.some((member) => member.userId === each.userId));
    const changed = members.filter((each) => !alike(known.get(each.userId), each));
    if (settled !== oldCursor) await db.cursors.put(settled);
    if (!alike(old, chat)) await db.chats.put(chat);
    if (gone.length > 0) await db.members.bulkDelete(gone.map((each): [string, string] => [each.chatId, each.userId]));
    if (changed.length > 0) await db.members.bulkPut(changed);
  });
}

/** The chat's name and newest message, sealed: as they are here already, where they say the same. */
async function sealedOf(db: Database, view: ChatView, last: MessageRow | null) {
  const old = await db.chats.get(view.id);
  const [was] = await db.words.openChats(old ? [old] : []);
  const told = last !== null && was?.preview?.key === last.key && alike(was.preview.body, last.body);
  const [title, newest] = await Promise.all([
    old?.title && was?.name === view.name ? old.title : db.words.sealTitle(view.id, view.name),
    db.words.sealMessages(last && !told ? [last] : []),
  ]);
  return { title, newest };
}

/** Rows of the same fields in the same order; sealed words are known by their nonces. */
const alike = (one: unknown, other: unknown): boolean => print(one) === print(other);
const print = (row: unknown): string | undefined =>
  JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? [...value.subarray(0, 12)] : value));

/** Where a chat that is new here begins. */
function firstCursor({ id, headSeq, unread, encryption }: ChatView): CursorRow {
  // An encrypted log is read from its beginning: what lets this device into the group stands somewhere in it.
  if (encryption === "mls") return { chatId: id, from: 1, to: 0, complete: true, unreadBelow: 0 };
  return { chatId: id, from: headSeq + 1, to: headSeq, complete: headSeq === 0, unreadBelow: unread };
}

/** The person is not in these chats any more: what was said stays readable, what waits to be sent fails. */
export async function markGone(db: Database, chatIds: readonly string[]): Promise<void> {
  await db.transaction("rw", [db.chats, db.outbox, db.messages, db.receipts], async () => {
    for (const chatId of chatIds) {
      await db.chats.update(chatId, { membership: "gone" });
      await db.receipts.delete(chatId);
      const failure = { code: "chat_not_found", message: "You are not in this chat any more." };
      for (const row of await db.outboxOf(chatId).toArray()) {
        await db.outbox.update(row.clientId, { state: "failed" });
        await db.messages.update(row.key, { failure });
      }
    }
  });
}

/** Removes everything of a chat from this device. */
export async function forgetChat(db: Database, chatId: string): Promise<void> {
  const tables = [db.messages, db.outbox, db.cursors, db.chats, db.members, db.drafts, db.receipts, db.segments, db.meta];
  await db.transaction("rw", tables, async () => {
    await db.messagesIn(chatId).delete();
    await dropSegments(db, chatId);
    await db.outboxOf(chatId).delete();
    await Promise.all([db.cursors.delete(chatId), db.chats.delete(chatId), db.drafts.delete(chatId), db.receipts.delete(chatId)]);
    await db.members.bulkDelete((await db.membersOf(chatId)).map((each): [string, string] => [chatId, each.userId]));
  });
}

/** Somebody else has got, or read, everything up to `seq`. */
export async function moveMember(
  db: Database,
  receipt: { chatId: string; userId: string; seq: number; read: boolean },
): Promise<void> {
  const { chatId, userId, seq, read } = receipt;
  await db.transaction("rw", db.members, async () => {
    const member = await db.members.get([chatId, userId]);
    if (!member) return;
    const deliveredSeq = Math.max(member.deliveredSeq, seq);
    const readSeq = read ? Math.max(member.readSeq, seq) : member.readSeq;
    if (deliveredSeq === member.deliveredSeq && readSeq === member.readSeq) return;
    await db.members.put({ ...member, deliveredSeq, readSeq });
  });
}

/** In a large group only numbers are told: `count` members have everything up to `seq`. */
export async function moveCount(
  db: Database,
  receipt: { chatId: string; seq: number; count: number; read: boolean },
): Promise<void> {
  const { chatId, seq, count, read } = receipt;
  await db.transaction("rw", db.chats, async () => {
    const chat = await db.chats.get(chatId);
    const which = read ? "read" : "delivered";
    const before = chat?.counts[which];
    if (!chat || (before && (before.seq > seq || (before.seq === seq && before.count >= count)))) return;
    await db.chats.update(chatId, { counts: { ...chat.counts, [which]: { seq, count } } });
  });
}
