// What chats are called, from the local database.

import type { Database } from "../db/database.ts";
import type { ChatType, Encryption } from "../db/schema.ts";
import { titleOf } from "../talk/titles.ts";

/** The names of these chats as far as they were said inside of their encryption, by the chats' ids. */
export async function titlesOf(
  db: Database,
  chats: readonly { id: string; type: ChatType; encryption: Encryption }[],
): Promise<Map<string, string>> {
  const ids = chats.flatMap((chat) => (chat.type === "group" && chat.encryption === "mls" ? [chat.id] : []));
  if (ids.length === 0) return new Map();
  const rows = await db.words.openMessages(await db.messages.where("named").anyOf(ids).toArray());
  const members = await db.members.bulkGet(rows.map((row): [string, string] => [row.chatId, row.senderId]));
  const roles = new Map(members.flatMap((each) => (each ? [[`${each.chatId}/${each.userId}`, each.role] as const] : [])));
  return new Map(
    ids.flatMap((id) => {
      const title = titleOf(rows.filter((row) => row.chatId === id), (userId) => roles.get(`${id}/${userId}`));
      return title === null ? [] : [[id, title] as const];
    }),
  );
}
