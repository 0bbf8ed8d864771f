// What chats are called, from the local database.

import type { Database } from "../db/database.ts";
import type { ChatType, Encryption, MessageRow, Role } from "../db/schema.ts";
import { namesOfChat, titleOf, type View } from "../talk/titles.ts";

/** The names of these chats as far as they were said inside of their encryption, by the chats' ids. */
export async function titlesOf(
  db: Database,
  me: string,
  chats: readonly { id: string; type: ChatType; encryption: Encryption }[],
): Promise<Map<string, string>> {
  const ids = chats.flatMap((chat) => (chat.type === "group" && chat.encryption === "mls" ? [chat.id] : []));
  if (ids.length === 0) return new Map();
  const { rows, viewOf } = await namings(db, me, ids);
  return new Map(
    ids.flatMap((id) => {
      const title = titleOf(rows.filter((row) => row.chatId === id), viewOf(id));
      return title === null ? [] : [[id, title] as const];
    }),
  );
}

/** The keys of the messages of this chat that name it, by somebody who might. */
export async function givenNames(db: Database, me: string, chatId: string): Promise<ReadonlySet<string>> {
  const { rows, viewOf } = await namings(db, me, [chatId]);
  return new Set(namesOfChat(rows, viewOf(chatId)).map((row) => row.key));
}

async function namings(
  db: Database,
  me: string,
  ids: readonly string[],
): Promise<{ rows: MessageRow[]; viewOf: (chatId: string) => View }> {
  const rows = await db.words.openMessages(await db.messages.where("named").anyOf(ids).toArray());
  const members = await db.members.bulkGet(rows.map((row): [string, string] => [row.chatId, row.senderId]));
  const roles = new Map<string, Role>(members.flatMap((each) => (each ? [[`${each.chatId}/${each.userId}`, each.role] as const] : [])));
  return { rows, viewOf: (chatId) => ({ me, roleOf: (userId) => roles.get(`${chatId}/${userId}`) }) };
}
