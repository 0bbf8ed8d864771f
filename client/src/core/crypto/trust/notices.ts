// Lines in conversations that tell of people's keys. They are this device's own: no log has them.

import type { Database } from "../../db/database.ts";
import type { MessageRow } from "../../db/schema.ts";
import type { StoredChat } from "../../db/stored.ts";
import type { PersonNews } from "./store.ts";

/** Behind what is there, and before what comes: a message that failed stands at a half. */
const BEHIND = 0.25;
const STEP = 2 ** -10;

/**
 * The rows to be put. Other keys are told in every chat with the person; the first ones, and a further device, only where
 * one talks with them alone, or a big group would speak of little else.
 */
export async function noticesOf(db: Database, news: readonly PersonNews[], now: number): Promise<MessageRow[]> {
  const chats = await db.chats.filter((chat) => chat.encryption === "mls" && chat.membership === "member").toArray();
  const rows: MessageRow[] = [];
  for (const each of news) {
    for (const chat of chats) {
      if (!(await concerns(db, chat, each))) continue;
      rows.push(rowOf(chat.id, each, (await placeIn(db, chat.id)) + STEP * rows.length, now));
    }
  }
  return rows;
}

async function placeIn(db: Database, chatId: string): Promise<number> {
  const from = ((await db.cursors.get(chatId))?.to ?? 0) + BEHIND;
  const last = await db.messagesIn(chatId, from, from + BEHIND / 2).last();
  return last ? last.order + STEP : from;
}

async function concerns(db: Database, chat: StoredChat, { userId, news }: PersonNews): Promise<boolean> {
  if (chat.type === "direct") return chat.partnerId === userId;
  return news === "changed" && (await db.members.get([chat.id, userId])) !== undefined;
}

function rowOf(chatId: string, { userId, news }: PersonNews, order: number, now: number): MessageRow {
  const clientId = `keys-${news}-${now}`;
  return {
    key: `${chatId}/${userId}/${clientId}`,
    chatId,
    order,
    seq: null,
    id: null,
    senderId: userId,
    clientId,
    kind: "system",
    body: { t: "system", event: { what: "keys", news, userIds: [userId] } },
    notify: false,
    timestamp: now,
    failure: null,
  };
}
